/*
 * "Did you mean": the known word nearest to a mistyped one.
 */
#ifndef OV_FRAMEWORKS_NEAREST_H
#define OV_FRAMEWORKS_NEAREST_H

#include <stddef.h>

/* The word with the smallest edit distance (insertion, deletion, substitution,
 * swap of neighbours), if at most a third of the longer word's letters differ;
 * otherwise NULL. Of several the first. */
const char *nearest_word(const char *word, const char *const *words, size_t count);

#endif
