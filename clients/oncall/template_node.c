#include "clients/oncall/template_node.h"

#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "common/json_write.h"
#include "daemon/frameworks/nearest.h"

#define DEPTH_MAX 8

/* ---- Parsing -------------------------------------------------------------------- */

struct parser {
    const char *name;
    unsigned line;
    const char *at, *end;
    struct problems *problems;
    bool *failed;
    int depth;
    enum tag stopped; /* the tag that ended the last sequence; TAG_LITERAL: the end of the text */
};

static void complain(struct parser *parser, const char *what, const char *word, const char *expected) {
    problems_add(parser->problems, parser->name, parser->line, "%s%s%s%s, expected %s", what, word ? "\"" : "",
                 word ? word : "", word ? "\"" : "", expected);
    *parser->failed = true;
}

static void count_lines(struct parser *parser, const char *from, const char *to) {
    for (; from < to; from++)
        if (*from == '\n')
            parser->line++;
}

/* What a path may start with. */
static const char *const roots[] = {"event",  "origin", "status", "severity", "incident", "starts", "ends",    "key",
                                    "target", "route",  "page",   "test",     "now",      "secret", "instance"};

static void check_path(struct parser *parser, const char *path) {
    char root[64];
    struct text start = {path, strcspn(path, ".")};
    const size_t count = sizeof roots / sizeof roots[0];
    text_copy(root, sizeof root, start);
    for (size_t i = 0; i < count; i++)
        if (strcmp(roots[i], root) == 0)
            return;
    const char *nearest = nearest_word(root, roots, count);
    complain(parser, "unknown value ", root, nearest ? nearest : "event, status, severity or another of the manual");
}

static const struct {
    const char *name;
    enum tag tag;
} functions[] = {{"json", TAG_JSON}, {"slack", TAG_SLACK}, {"upto", TAG_UPTO}, {"map", TAG_MAP},
                 {"if", TAG_IF},     {"else", TAG_ELSE},   {"end", TAG_END}};

static size_t split(char *text, char **words, size_t max) {
    size_t count = 0;
    char *save = NULL;
    for (char *word = strtok_r(text, " \t", &save); word && count < max; word = strtok_r(NULL, " \t", &save))
        words[count++] = word;
    return count;
}

static void take_if(struct parser *parser, struct node *node, char *condition) {
    char *equals = strchr(condition, '=');
    node->path = condition;
    if (equals) {
        *equals = '\0';
        node->words[0] = equals + 1;
    }
    check_path(parser, node->path);
}

static void take_map(struct parser *parser, struct node *node, char **words, size_t count) {
    node->path = words[1];
    for (size_t i = 2; i < count; i++) {
        if (!strchr(words[i], '='))
            complain(parser, "got ", words[i], "FROM=TO in a map");
        node->words[node->word_count++] = words[i];
    }
    check_path(parser, node->path);
}

/* The words of a tag. */
static void take_tag(struct parser *parser, struct node *node) {
    char *words[NODE_WORDS_MAX];
    size_t count = split(node->text, words, NODE_WORDS_MAX);
    uint64_t max;

    node->tag = TAG_VALUE;
    for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++)
        if (count > 0 && strcmp(words[0], functions[i].name) == 0)
            node->tag = functions[i].tag;
    if (node->tag == TAG_VALUE && count == 1) {
        node->path = words[0];
        check_path(parser, node->path);
    } else if ((node->tag == TAG_JSON || node->tag == TAG_SLACK) && count == 2) {
        node->path = words[1];
        check_path(parser, node->path);
    } else if (node->tag == TAG_UPTO && count == 3 && text_to_uint64(text_of(words[1]), &max) && max > 0) {
        node->max = (size_t)max;
        node->path = words[2];
        check_path(parser, node->path);
    } else if (node->tag == TAG_MAP && count >= 3) {
        take_map(parser, node, words, count);
    } else if (node->tag == TAG_IF && count == 2) {
        take_if(parser, node, words[1]);
    } else if ((node->tag != TAG_ELSE && node->tag != TAG_END) || count != 1) {
        complain(parser, "a tag of another form: ", count > 0 ? words[0] : "",
                 "PATH, json PATH, slack PATH, upto N PATH, map PATH FROM=TO..., if PATH, else or end");
    }
}

static struct node *new_node(enum tag tag, const char *from, size_t len) {
    struct node *node = alloc_zero(1, sizeof *node);
    node->tag = tag;
    node->text = alloc_copy_bytes(from, len);
    return node;
}

static struct node *parse_sequence(struct parser *parser);

/* The branches of an if, after its tag. */
static void parse_branches(struct parser *parser, struct node *node) {
    if (parser->depth == DEPTH_MAX) {
        complain(parser, "too deep", NULL, "at most 8 ifs in each other");
        return;
    }
    parser->depth++;
    node->yes = parse_sequence(parser);
    if (parser->stopped == TAG_ELSE)
        node->no = parse_sequence(parser);
    if (parser->stopped != TAG_END && !*parser->failed)
        complain(parser, "an if without its end", NULL, "{{end}}");
    parser->stopped = TAG_LITERAL;
    parser->depth--;
}

/* Nodes up to an else, an end, or the end of the text. */
static struct node *parse_sequence(struct parser *parser) {
    struct node *first = NULL, **last = &first;

    parser->stopped = TAG_LITERAL;
    while (parser->at < parser->end && !*parser->failed) {
        const char *open = memmem(parser->at, (size_t)(parser->end - parser->at), "{{", 2);
        const char *until = open ? open : parser->end;
        if (until > parser->at) {
            *last = new_node(TAG_LITERAL, parser->at, (size_t)(until - parser->at));
            last = &(*last)->next;
        }
        count_lines(parser, parser->at, until);
        parser->at = until;
        if (!open)
            break;
        const char *close = memmem(open, (size_t)(parser->end - open), "}}", 2);
        if (!close) {
            complain(parser, "a tag without its end", NULL, "}}");
            break;
        }
        struct node *node = new_node(TAG_VALUE, open + 2, (size_t)(close - open) - 2);
        take_tag(parser, node);
        count_lines(parser, open, close);
        parser->at = close + 2;
        if (node->tag == TAG_ELSE || node->tag == TAG_END) {
            parser->stopped = node->tag;
            node_destroy(node);
            break;
        }
        *last = node;
        last = &node->next;
        if (node->tag == TAG_IF)
            parse_branches(parser, node);
    }
    return first;
}

struct node *node_parse(const char *name, unsigned line, struct text text, struct problems *problems, bool *failed) {
    struct parser parser = {
        .name = name, .line = line, .at = text.s, .end = text.s + text.len, .problems = problems, .failed = failed};
    struct node *node = parse_sequence(&parser);

    if (parser.stopped != TAG_LITERAL && !*failed)
        complain(&parser, "an end or else without its if", NULL, "{{if PATH}} before it");
    if (!*failed)
        return node;
    node_destroy(node);
    return NULL;
}

void node_destroy(struct node *node) {
    while (node) {
        struct node *next = node->next;
        node_destroy(node->yes);
        node_destroy(node->no);
        free(node->text);
        free(node);
        node = next;
    }
}

/* ---- Rendering ------------------------------------------------------------------ */

static const cJSON *find(const cJSON *value, const char *path) {
    while (value && *path) {
        char name[128];
        struct text part = {path, strcspn(path, ".")};
        uint64_t index;
        if (!text_copy(name, sizeof name, part))
            return NULL;
        path += part.len + (path[part.len] == '.');
        if (cJSON_IsArray(value))
            value =
                text_to_uint64(text_of(name), &index) && index < 10000 ? cJSON_GetArrayItem(value, (int)index) : NULL;
        else
            value = cJSON_GetObjectItemCaseSensitive(value, name);
    }
    return value;
}

/* A value as text; "" for what is absent. */
static void put_plain(const cJSON *value, struct buf *buf) {
    char number[NUMBER_SIZE];
    if (cJSON_IsString(value)) {
        buf_append_string(buf, value->valuestring);
    } else if (cJSON_IsNumber(value)) {
        buf_append_string(buf, text_from_double(value->valuedouble, number));
    } else if (value && !cJSON_IsNull(value)) {
        char *text = cJSON_PrintUnformatted(value);
        buf_append_string(buf, text ? text : "");
        cJSON_free(text);
    }
}

static void put_escaped(struct text text, enum escape escape, struct buf *buf) {
    if (escape == ESCAPE_JSON) {
        struct json_writer json;
        struct buf quoted;
        buf_init(&quoted);
        json_init(&json, &quoted);
        json_text(&json, NULL, text);
        buf_append(buf, quoted.data + 1, quoted.len - 2);
        buf_finish(&quoted);
        return;
    }
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.s[i];
        bool control = c < ' ' || c == 0x7f;
        if (!control || (c == '\n' && escape == ESCAPE_TEXT))
            buf_append_char(buf, (char)c);
        else
            buf_append_char(buf, ' ');
    }
}

/* The markup of Slack and its kin: three characters, as entities. */
static void put_slack(const char *text, struct buf *buf) {
    for (; *text; text++) {
        const char *entity = *text == '&' ? "&amp;" : *text == '<' ? "&lt;" : *text == '>' ? "&gt;" : NULL;
        if (entity)
            buf_append_string(buf, entity);
        else
            buf_append_char(buf, *text);
    }
}

static size_t cut_at(const struct buf *text, size_t max) {
    size_t len = text->len < max ? text->len : max;
    while (len < text->len && len > 0 && ((unsigned char)text->data[len] & 0xc0) == 0x80)
        len--;
    return len;
}

static const char *mapped(const struct node *node, const char *value) {
    for (size_t i = 0; i < node->word_count; i++) {
        const char *equals = strchr(node->words[i], '=');
        size_t len = (size_t)(equals - node->words[i]);
        if ((len == strlen(value) && memcmp(node->words[i], value, len) == 0) || (len == 1 && node->words[i][0] == '*'))
            return equals + 1;
    }
    return value;
}

static bool is_true(const struct node *node, const cJSON *value) {
    struct buf plain;
    buf_init(&plain);
    put_plain(value, &plain);
    bool result = node->words[0] ? strcmp(plain.data, node->words[0]) == 0
                                 : plain.len > 0 && !cJSON_IsFalse(value) && strcmp(plain.data, "[]") != 0;
    buf_finish(&plain);
    return result;
}

static void render_value(const struct node *node, const cJSON *value, enum escape escape, struct buf *buf) {
    struct buf plain, changed;
    buf_init(&plain);
    buf_init(&changed);
    put_plain(value, &plain);
    if (node->tag == TAG_UPTO)
        buf_truncate(&plain, cut_at(&plain, node->max));
    if (node->tag == TAG_SLACK)
        put_slack(plain.data, &changed);
    else
        buf_append_string(&changed, node->tag == TAG_MAP ? mapped(node, plain.data) : plain.data);
    put_escaped((struct text){changed.data, changed.len}, escape, buf);
    buf_finish(&changed);
    buf_finish(&plain);
}

static void render_json(const cJSON *value, struct buf *buf) {
    char *text = value ? cJSON_PrintUnformatted(value) : NULL;
    buf_append_string(buf, text ? text : "null");
    cJSON_free(text);
}

void node_render(const struct node *node, const cJSON *values, enum escape escape, struct buf *buf) {
    for (; node; node = node->next) {
        const cJSON *value = node->path ? find(values, node->path) : NULL;
        if (node->tag == TAG_LITERAL)
            buf_append_string(buf, node->text);
        else if (node->tag == TAG_IF)
            node_render(is_true(node, value) ? node->yes : node->no, values, escape, buf);
        else if (node->tag == TAG_JSON)
            render_json(value, buf);
        else
            render_value(node, value, escape, buf);
    }
}
