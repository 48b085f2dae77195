#include "clients/oncall/template.h"

#include <stdlib.h>
#include <string.h>

#include "clients/oncall/template_node.h"
#include "common/alloc.h"
#include "daemon/frameworks/nearest.h"

struct head {
    struct template *template;
    const char *name;
    unsigned line;
    struct problems *problems;
    bool failed;
};

static void expect(struct head *head, const char *key, struct text value, const char *expected) {
    char shown[80];
    problems_add(head->problems, head->name, head->line, "%s: got \"%s\", expected %s", key,
                 text_escape(shown, sizeof shown, value), expected);
    head->failed = true;
}

static bool is_token(struct text text) {
    for (size_t i = 0; i < text.len; i++)
        if (!strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", text.s[i]))
            return false;
    return text.len > 0 && text.len <= 64;
}

static struct text trimmed(struct text text) {
    while (text.len > 0 && (text.s[0] == ' ' || text.s[0] == '\t'))
        text = (struct text){text.s + 1, text.len - 1};
    while (text.len > 0 && strchr(" \t\r", text.s[text.len - 1]))
        text.len--;
    return text;
}

static void replace(char **field, struct text value) {
    free(*field);
    *field = alloc_copy_bytes(value.s, value.len);
}

static void take_method(struct head *head, struct text value) {
    if (text_equal(value, "POST") || text_equal(value, "PUT"))
        replace(&head->template->method, value);
    else
        expect(head, "method", value, "POST or PUT");
}

static void take_type(struct head *head, struct text value) {
    if (value.len > 0 && text_is_free(value, 200))
        replace(&head->template->content_type, value);
    else
        expect(head, "content-type", value, "a media type");
}

static void take_header(struct head *head, struct text value) {
    struct template *template = head->template;
    const char *colon = memchr(value.s, ':', value.len);
    struct text name = {value.s, colon ? (size_t)(colon - value.s) : 0};

    if (!is_token(name) || template->header_count == TEMPLATE_HEADERS_MAX) {
        expect(head, "header", value, "NAME: VALUE, at most 16 of them");
        return;
    }
    struct text rest = trimmed((struct text){colon + 1, value.len - name.len - 1});
    struct template_header *header = &template->headers[template->header_count++];
    header->name = alloc_copy_bytes(name.s, name.len);
    header->value = node_parse(head->name, head->line, rest, head->problems, &head->failed);
}

static void take_sign(struct head *head, struct text value) {
    if (is_token(value))
        replace(&head->template->sign, value);
    else
        expect(head, "sign", value, "the name of a header");
}

static void take_mode(struct head *head, struct text value) {
    if (text_equal(value, "states") || text_equal(value, "events"))
        head->template->states = text_equal(value, "states");
    else
        expect(head, "mode", value, "states or events");
}

static void take_format(struct head *head, struct text value) {
    if (text_equal(value, "text") || text_equal(value, "json"))
        head->template->text = text_equal(value, "text");
    else
        expect(head, "format", value, "json or text");
}

static void take_batch(struct head *head, struct text value) {
    uint64_t batch;
    if (text_to_uint64(value, &batch) && batch >= 1 && batch <= TEMPLATE_BATCH_MAX)
        head->template->batch = (int)batch;
    else
        expect(head, "batch", value, "a number from 1 to 1000");
}

static void take_accept(struct head *head, struct text value) {
    const char *dash = memchr(value.s, '-', value.len);
    struct text low = {value.s, dash ? (size_t)(dash - value.s) : value.len};
    struct text high = dash ? (struct text){dash + 1, value.len - low.len - 1} : low;
    uint64_t from, to;
    if (text_to_uint64(low, &from) && text_to_uint64(high, &to) && from >= 200 && to < 300 && from <= to) {
        head->template->accept_from = (unsigned)from;
        head->template->accept_to = (unsigned)to;
    } else {
        expect(head, "accept", value, "a status, or two with a dash between them, from 200 to 299");
    }
}

static const char *const names[] = {"method", "content-type", "header", "sign", "mode", "format", "batch", "accept"};
static void (*const takers[])(struct head *head, struct text value) = {
    take_method, take_type, take_header, take_sign, take_mode, take_format, take_batch, take_accept};

static void take_line(struct head *head, struct text line) {
    const char *colon = memchr(line.s, ':', line.len);
    struct text name = trimmed((struct text){line.s, colon ? (size_t)(colon - line.s) : line.len});
    const size_t count = sizeof names / sizeof names[0];
    char key[64];

    if (name.len == 0 || name.s[0] == '#')
        return;
    text_copy(key, sizeof key, name);
    for (size_t i = 0; colon && i < count; i++)
        if (strcmp(names[i], key) == 0) {
            takers[i](head, trimmed((struct text){colon + 1, line.len - (size_t)(colon - line.s) - 1}));
            return;
        }
    const char *nearest = nearest_word(key, names, count);
    problems_add(head->problems, head->name, head->line, "unknown key %s%s%s%s", key, nearest ? "; did you mean " : "",
                 nearest ? nearest : "", nearest ? "?" : "");
    head->failed = true;
}

/* Settings, up to the line of three dashes; then the body. */
static void parse(struct head *head, const char *text) {
    struct template *template = head->template;
    while (*text) {
        struct text line = {text, strcspn(text, "\n")};
        head->line++;
        text += line.len + (text[line.len] == '\n');
        if (text_equal(trimmed(line), "---")) {
            struct text body = text_of(text);
            while (body.len > 0 && body.s[body.len - 1] == '\n')
                body.len--;
            bool failed = false; /* a mistake above hides none below */
            template->body = node_parse(head->name, head->line + 1, body, head->problems, &failed);
            head->failed = head->failed || failed;
            if (!template->body && !failed)
                expect(head, "body", body, "text after the line of three dashes");
            return;
        }
        take_line(head, line);
    }
    expect(head, "body", text_of(""), "a line of three dashes, and the body after it");
}

struct template *template_parse(const char *name, const char *text, struct problems *problems) {
    struct template *template = alloc_zero(1, sizeof *template);
    struct head head = {.template = template, .name = name, .problems = problems};

    template->method = alloc_copy("POST");
    template->content_type = alloc_copy("application/json");
    template->batch = 1;
    template->accept_from = 200;
    template->accept_to = 299;
    parse(&head, text);
    if (!head.failed && template->text && template->batch > 1)
        expect(&head, "batch", text_of("with text"), "format json: only JSON has arrays");
    if (!head.failed)
        return template;
    template_destroy(template);
    return NULL;
}

void template_destroy(struct template *template) {
    if (!template)
        return;
    for (size_t i = 0; i < template->header_count; i++) {
        free(template->headers[i].name);
        node_destroy(template->headers[i].value);
    }
    free(template->method);
    free(template->content_type);
    free(template->sign);
    node_destroy(template->body);
    free(template);
}

void template_body(const struct template *template, const cJSON *values, struct buf *buf) {
    node_render(template->body, values, template->text ? ESCAPE_TEXT : ESCAPE_JSON, buf);
}

void template_header(const struct node *value, const cJSON *values, struct buf *buf) {
    node_render(value, values, ESCAPE_LINE, buf);
}
