#include "clients/oncall/mail.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/alloc.h"

#define LINE_MAX_BYTES 900 /* RFC 5321 allows 998 */

static void put_base64(struct text text, struct buf *buf) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < text.len; i += 3) {
        unsigned long group = 0;
        for (size_t k = 0; k < 3; k++)
            group = group << 8 | (i + k < text.len ? (unsigned char)text.s[i + k] : 0);
        for (size_t k = 0; k < 4; k++)
            buf_append_char(buf, i + k > text.len ? '=' : digits[group >> (18 - 6 * k) & 63]);
    }
}

static bool is_plain(const char *text) {
    for (; *text; text++)
        if ((unsigned char)*text < ' ' || (unsigned char)*text > '~')
            return false;
    return true;
}

/* Words of RFC 2047, each a whole number of characters and at most 75 bytes. */
static void put_encoded(const char *text, struct buf *buf) {
    while (*text) {
        size_t len = 0;
        while (text[len] && len < 42) {
            uint32_t point;
            size_t step = text_utf8_sequence(text + len, strlen(text + len), &point);
            len += step > 0 ? step : 1;
        }
        buf_append_string(buf, "=?UTF-8?B?");
        put_base64((struct text){text, len}, buf);
        buf_append_string(buf, "?=");
        text += len;
        if (*text)
            buf_append_string(buf, "\n ");
    }
}

static void put_subject(const struct item *item, struct buf *buf) {
    const struct notice *notice = item->notice;
    char *subject = alloc_printf("[%s] %s%s", level_name(notice->level), item->test ? "TEST: " : "", notice->summary);
    buf_append_string(buf, "Subject: ");
    if (is_plain(subject))
        buf_append_string(buf, subject);
    else
        put_encoded(subject, buf);
    buf_append_char(buf, '\n');
    free(subject);
}

/* RFC 5322 wants English whatever the locale. */
static void put_date(int64_t ms, struct buf *buf) {
    static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    time_t seconds = (time_t)(ms / 1000);
    struct tm tm = {0};
    gmtime_r(&seconds, &tm);
    buf_printf(buf, "Date: %s, %d %s %d %02d:%02d:%02d +0000\n", days[tm.tm_wday], tm.tm_mday, months[tm.tm_mon],
               tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

static void put_body(struct text body, struct buf *buf) {
    size_t line = 0;
    for (size_t i = 0; i < body.len; i++) {
        unsigned char c = (unsigned char)body.s[i];
        if (line >= LINE_MAX_BYTES && (c & 0xc0) != 0x80) {
            buf_append_char(buf, '\n');
            line = 0;
        }
        buf_append_char(buf, (char)c);
        line = c == '\n' ? 0 : line + 1;
    }
    buf_append_char(buf, '\n');
}

void mail_message(const struct item *item, const char *from, const struct words *to, struct text body,
                  struct buf *buf) {
    char *key = values_key(item);
    buf_printf(buf, "From: %s\nTo: ", from);
    for (size_t i = 0; i < to->count; i++)
        buf_printf(buf, "%s%s", i > 0 ? ",\n " : "", to->items[i]);
    buf_append_char(buf, '\n');
    put_subject(item, buf);
    put_date(item->now, buf);
    buf_append_string(buf, "Message-Id: <");
    for (const char *c = key; *c; c++)
        buf_append_char(buf, *c == '/' ? '.' : *c);
    buf_append_string(buf, "@oversight-oncall>\nAuto-Submitted: auto-generated\n");
    if (item->notice->level == LEVEL_CRITICAL)
        buf_append_string(buf, "Importance: high\n");
    buf_printf(buf, "Idempotency-Key: %s\n", key);
    buf_append_string(buf, "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n"
                           "Content-Transfer-Encoding: 8bit\n\n");
    put_body(body, buf);
    free(key);
}
