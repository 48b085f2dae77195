/* The finance rules of the 2025/26 catalogue: two banded measures and the table of both. */
#ifndef OV_TESTS_UNIT_FINANCE_H
#define OV_TESTS_UNIT_FINANCE_H

#include <string.h>

#include "daemon/engine/framework.h"

/* Planned surplus or deficit: at least 0 is 1, above -1 is 2, at least -2 is 3, below 4. */
static inline struct score_rule finance_planned(void) {
    return (struct score_rule){.kind = SCORE_BANDS,
                               .weight = 1,
                               .band_count = 3,
                               .bands = {{.comparison = COMPARE_AT_LEAST, .bound = 0, .score = 1},
                                         {.comparison = COMPARE_ABOVE, .bound = -1, .score = 2},
                                         {.comparison = COMPARE_AT_LEAST, .bound = -2, .score = 3}},
                               .otherwise = 4};
}

/* Variance year to date: at least 0 is 1, above -0.5 is 2, above -1 is 3, else 4. */
static inline struct score_rule finance_variance(void) {
    return (struct score_rule){.kind = SCORE_BANDS,
                               .weight = 1,
                               .band_count = 3,
                               .bands = {{.comparison = COMPARE_AT_LEAST, .bound = 0, .score = 1},
                                         {.comparison = COMPARE_ABOVE, .bound = -0.5, .score = 2},
                                         {.comparison = COMPARE_ABOVE, .bound = -1, .score = 3}},
                               .otherwise = 4};
}

/* Rows by the planned score; cells never seen take the larger of the two. */
static inline struct score_rule finance_combined(void) {
    return (struct score_rule){
        .kind = SCORE_COMBINED, .weight = 1, .combined = {{1, 1, 2, 3}, {2, 2, 3, 4}, {2, 3, 3, 4}, {2, 3, 4, 4}}};
}

#endif
