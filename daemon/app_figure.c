#include <stdio.h>
#include <string.h>

#include "common/text.h"
#include "daemon/app_state.h"

static struct text text_of_value(const struct value *value, char number[NUMBER_SIZE]) {
    switch (value->type) {
    case VALUE_NUMBER:
        return text_of(text_from_double(value->number, number));
    case VALUE_BOOLEAN:
        return text_of(value->boolean ? "true" : "false");
    case VALUE_WORD:
        return (struct text){value->word.s, value->word.len < WORD_MAX ? value->word.len : WORD_MAX};
    case VALUE_NULL:
        break;
    }
    return TEXT_OF("null");
}

size_t app_figure_write(const struct value *value, uint32_t revision, char buf[FIGURE_BYTES]) {
    char number[NUMBER_SIZE];
    struct text text = text_of_value(value, number);
    size_t len = 0, quote = value->type == VALUE_WORD;

    buf[0] = '"';
    len += quote;
    if (text.len)
        memcpy(buf + len, text.s, text.len);
    len += text.len;
    buf[len] = '"';
    len += quote;
    buf[len++] = ';';
    text = text_of(text_from_uint64(revision, number));
    memcpy(buf + len, text.s, text.len + 1);
    return len + text.len;
}

static bool read_value(struct text t, struct value *ret_value) {
    if (text_equal(t, "null")) {
        ret_value->type = VALUE_NULL;
    } else if (text_equal(t, "true") || text_equal(t, "false")) {
        ret_value->type = VALUE_BOOLEAN;
        ret_value->boolean = t.s[0] == 't';
    } else if (t.len >= 2 && t.s[0] == '"' && t.s[t.len - 1] == '"') {
        ret_value->type = VALUE_WORD;
        ret_value->word = (struct text){t.s + 1, t.len - 2};
    } else {
        ret_value->type = VALUE_NUMBER;
        return text_to_double(t, &ret_value->number);
    }
    return true;
}

bool app_figure_read(struct text bytes, struct value *ret_value, uint32_t *ret_revision) {
    size_t at = bytes.len;
    uint64_t revision;

    while (at && bytes.s[at - 1] != ';')
        at--;
    if (!at || !text_to_uint64((struct text){bytes.s + at, bytes.len - at}, &revision) || revision > UINT32_MAX ||
        !read_value((struct text){bytes.s, at - 1}, ret_value))
        return false;
    *ret_revision = (uint32_t)revision;
    return true;
}
