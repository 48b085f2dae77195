/* The message of an alert as sendmail(1) takes it. Pure. */
#ifndef OV_ONCALL_MAIL_H
#define OV_ONCALL_MAIL_H

#include "clients/oncall/route.h"
#include "clients/oncall/values.h"
#include "common/buf.h"

/* body: UTF-8 text. The Message-Id is the same for every attempt. */
void mail_message(const struct item *item, const char *from, const struct words *to, struct text body, struct buf *buf);

#endif
