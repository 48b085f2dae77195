/* The fields of one map of an update, as wire.c collects them and wire_item.c
 * judges them: in a fixed order, so that the encoding and the order of the keys
 * change nothing about what is reported. */
#ifndef OV_COMMON_WIRE_FIELDS_H
#define OV_COMMON_WIRE_FIELDS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/message.h"
#include "common/reader.h"
#include "common/scratch.h"

enum wire_field {
    FIELD_V,
    FIELD_SOURCE,
    FIELD_SEQ,
    FIELD_MORE,
    FIELD_BASELINE,
    FIELD_SKIP,
    FIELD_ORG,
    FIELD_MEASURE,
    FIELD_PERIOD,
    FIELD_VALUE,
    FIELD_REVISION,
    FIELD_DECISION,
    FIELD_EFFECTIVE,
    FIELD_DECIDED_BY,
    FIELD_REASON,
    FIELD_FRAMEWORK,
    FIELD_TRIGGER,
    FIELD_PROGRAMME,
    FIELD_ACTION,
    FIELD_REVIEW_BY,
    FIELD_LIMIT,
    FIELD_EXIT_CRITERIA,
    FIELD_COUNT
};

/* The last period read: most updates of a source are of the same. */
struct wire_period {
    char text[10];
    size_t len; /* 0 = none yet */
    ov_day day;
};

struct wire_fields {
    uint32_t present; /* a bit per field */
    struct token tokens[FIELD_COUNT];
    struct wire_period period;
};

const char *wire_field_name(enum wire_field field);
bool wire_field_is(enum wire_field field, struct text key);
enum wire_field wire_field_find(struct text name); /* FIELD_COUNT: unknown */

static inline bool wire_has(const struct wire_fields *fields, enum wire_field field) {
    return (fields->present >> field & 1) != 0;
}

/* "period "2024-13": expected YYYY-MM-DD or YYYY-MM"; the text lives in scratch. */
struct text wire_complaint(const struct wire_fields *fields, enum wire_field field, const char *expected,
                           struct scratch *scratch);

/* An integer from least to most. */
bool wire_integer(const struct wire_fields *fields, enum wire_field field, uint64_t least, uint64_t most,
                  uint64_t *ret_number);

/* Fills kind, org and what belongs to the kind; seq is the caller's. */
void wire_item(struct wire_fields *fields, struct scratch *scratch, struct item *ret_item);

/* Makes the item a refused one. */
void wire_refuse(struct item *item, enum refusal code, struct text message);

#endif
