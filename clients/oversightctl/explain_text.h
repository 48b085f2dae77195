/*
 * Explanations in words: the numbered steps with every ground and measure, and
 * what would turn each over.
 */
#ifndef OV_CTL_EXPLAIN_TEXT_H
#define OV_CTL_EXPLAIN_TEXT_H

#include <stdbool.h>

#include <cjson/cJSON.h>

#include "clients/oversightctl/style.h"
#include "common/buf.h"

/* A whole reply to "explain". */
void append_explanation(struct buf *buf, bool colour, const cJSON *reply);

/* "access 2.00, quality 1.50": the list "domains" of a reply. */
void append_domains(struct buf *buf, const cJSON *domains);

/* One ground: what it asks, what it finds on each measure, what would turn it over. */
void append_ground(struct buf *buf, bool colour, const cJSON *ground, const char *indent);

/* "special cause concern (L)", "common cause": the icons of Making Data Count in words. */
const char *variation_text(const char *name);
/* The same for a narrow column: "concern (L)", "common cause". */
const char *variation_short(const char *name);
enum style style_of_variation(const char *name);

#endif
