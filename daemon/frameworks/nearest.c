#include "daemon/frameworks/nearest.h"

#include <stdint.h>
#include <string.h>

#define LENGTH_MAX 64

static size_t smaller(size_t a, size_t b) {
    return a < b ? a : b;
}

/* Edit distance by rows; two rows back are kept for swaps. */
static size_t distance(const char *a, size_t a_len, const char *b, size_t b_len) {
    size_t rows[3][LENGTH_MAX + 1];
    for (size_t j = 0; j <= b_len; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a_len; i++) {
        size_t *row = rows[i % 3];
        const size_t *above = rows[(i - 1) % 3], *above2 = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= b_len; j++) {
            row[j] = smaller(above[j], row[j - 1]) + 1;
            row[j] = smaller(row[j], above[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = smaller(row[j], above2[j - 2] + 1);
        }
    }
    return rows[a_len % 3][b_len];
}

const char *nearest_word(const char *word, const char *const *words, size_t count) {
    size_t len = strlen(word);
    const char *best = NULL;
    size_t best_distance = SIZE_MAX;
    if (len > LENGTH_MAX)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        size_t other = strlen(words[i]);
        if (other > LENGTH_MAX)
            continue;
        size_t d = distance(word, len, words[i], other);
        if (d <= (len > other ? len : other) / 3 && d < best_distance) {
            best = words[i];
            best_distance = d;
        }
    }
    return best;
}
