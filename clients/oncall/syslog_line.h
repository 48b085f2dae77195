/* One alert as a datagram to the socket of syslog, without ever waiting for it. */
#ifndef OV_ONCALL_SYSLOG_LINE_H
#define OV_ONCALL_SYSLOG_LINE_H

#include "clients/oncall/send.h"
#include "common/buf.h"

void syslog_line(const struct item *item, int facility, struct buf *buf);
void syslog_send(const char *path, const struct buf *line, struct outcome *ret_outcome);

#endif
