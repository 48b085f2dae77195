#include "clients/oncall/syslog_line.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#define TEXT_MAX 1024

/* The shape glibc writes: RFC 3164 without the host, its month in English. */
void syslog_line(const struct item *item, int facility, struct buf *buf) {
    static const int priorities[] = {LOG_INFO, LOG_NOTICE, LOG_WARNING, LOG_CRIT};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const struct notice *notice = item->notice;
    char summary[TEXT_MAX], kind[128], subject[128];
    time_t seconds = (time_t)(item->now / 1000);
    struct tm tm = {0};
    localtime_r(&seconds, &tm);
    buf_printf(buf, "<%d>%s %2d %02d:%02d:%02d oversight-oncall[%ld]: ", facility | priorities[notice->level],
               months[tm.tm_mon], tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, (long)getpid());
    buf_printf(buf, "%salert %s %s %s: %s", item->test ? "TEST " : "", notice->id,
               text_escape(kind, sizeof kind, text_of(notice->kind)),
               text_escape(subject, sizeof subject, text_of(notice->subject)),
               text_escape(summary, sizeof summary, text_of(notice->summary)));
}

void syslog_send(const char *path, const struct buf *line, struct outcome *ret_outcome) {
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    *ret_outcome = (struct outcome){.result = RESULT_AGAIN};
    if (!text_copy(name.sun_path, sizeof name.sun_path, text_of(path))) {
        ret_outcome->result = RESULT_REFUSED;
        snprintf(ret_outcome->reason, REASON_SIZE, "the path of the socket is too long");
        return;
    }
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0 && sendto(fd, line->data, line->len, MSG_NOSIGNAL, (const struct sockaddr *)&name, sizeof name) >= 0) {
        ret_outcome->result = RESULT_DELIVERED;
        snprintf(ret_outcome->reason, REASON_SIZE, "written");
    } else {
        snprintf(ret_outcome->reason, REASON_SIZE, "%.100s: %s", path, strerror(errno));
    }
    if (fd >= 0)
        close(fd);
}
