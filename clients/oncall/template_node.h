/*
 * Inside of templates: the tree of literal text and tags, parsed and rendered.
 */
#ifndef OV_ONCALL_TEMPLATE_NODE_H
#define OV_ONCALL_TEMPLATE_NODE_H

#include <stdbool.h>
#include <stddef.h>

#include <cjson/cJSON.h>

#include "common/buf.h"
#include "common/problems.h"
#include "common/text.h"

#define NODE_WORDS_MAX 16

enum escape {
    ESCAPE_JSON, /* inside of the quotes of a JSON string */
    ESCAPE_TEXT, /* without control characters but line breaks */
    ESCAPE_LINE  /* without any */
};

enum tag { TAG_LITERAL, TAG_VALUE, TAG_JSON, TAG_SLACK, TAG_UPTO, TAG_MAP, TAG_IF, TAG_ELSE, TAG_END };

struct node {
    struct node *next;
    enum tag tag;
    char *text;                  /* of a literal; of a tag its words, cut into pieces */
    char *path;                  /* within text */
    char *words[NODE_WORDS_MAX]; /* "from=to" of a map; [0]: what an if compares with, or NULL */
    size_t word_count;
    size_t max;            /* of upto */
    struct node *yes, *no; /* of an if */
};

/* NULL for an empty text, or after a problem (then *failed is set). */
struct node *node_parse(const char *name, unsigned line, struct text text, struct problems *problems, bool *failed);
void node_destroy(struct node *node);
void node_render(const struct node *node, const cJSON *values, enum escape escape, struct buf *buf);

#endif
