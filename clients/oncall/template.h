/*
 * Templates: how an alert becomes a request to a service, so that a new service
 * needs a file and no code. oversight-oncall.conf(5), TEMPLATES, describes the
 * language. Pure: text and a JSON object in, text out.
 */
#ifndef OV_ONCALL_TEMPLATE_H
#define OV_ONCALL_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>

#include <cjson/cJSON.h>

#include "common/buf.h"
#include "common/problems.h"

#define TEMPLATE_HEADERS_MAX 16
#define TEMPLATE_BATCH_MAX 1000

struct node;

struct template {
    char *method, *content_type;
    struct template_header {
        char *name;
        struct node *value;
    } headers[TEMPLATE_HEADERS_MAX];
    size_t header_count;
    char *sign;  /* header of the signature; NULL: none */
    bool states; /* the service knows firing and resolved, and is told again and again */
    bool text;   /* the body is plain text, not JSON */
    int batch;   /* alerts in one request, as an array; 1: none, no array */
    unsigned accept_from, accept_to;
    struct node *body;
};

/* NULL after a problem with file and line. */
struct template *template_parse(const char *name, const char *text, struct problems *problems);
void template_destroy(struct template *template);

/* values: what the paths in the template lead into. */
void template_body(const struct template *template, const cJSON *values, struct buf *buf);
/* Without control characters: fit for a header. */
void template_header(const struct node *value, const cJSON *values, struct buf *buf);

#endif
