/* Programmes in cases. */
#ifndef OV_CLIENTS_CASES_PROGRAMMES_H
#define OV_CLIENTS_CASES_PROGRAMMES_H

#include "clients/cases/play.h"

/* programme ORG ID enter|review|leave from DATE [review-by DATE] [limit DATE] [exit-criteria TEXT] */
void programmes_take(const struct play *play, const struct line *line, struct item *item);

/* ID/ENTERED/REVIEW-BY/LIMIT/LEFT of each stay, "-" for a date that is not there; "-" for none. */
void programmes_put(const struct play *play, struct buf *out, uint16_t framework, uint32_t org);

/* Every step of an organisation into another engine; ends the program when one does not fit. */
void programmes_load(const struct engine *from, struct engine *to, uint32_t org);

#endif
