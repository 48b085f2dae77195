/* Looking ahead in rankings that are larger than the caches. */
#include "daemon/engine/ranking_tree.h"

#define LINE 64

static void fetch(const void *memory, size_t bytes) {
    for (size_t at = 0; at < bytes; at += LINE)
        __builtin_prefetch((const char *)memory + at, 1);
}

static bool arrive(struct ranking_cursor *cursor, const void *node) {
    bool leaf = cursor->level == cursor->ranking->height;

    cursor->node = node;
    fetch(node, leaf ? leaf_size(LEAF_MAX) : sizeof(struct inner));
    return !leaf;
}

bool ranking_ahead_start(struct ranking_cursor *cursor, struct ranking *ranking, double key) {
    *cursor = (struct ranking_cursor){.ranking = ranking, .key = key};
    return ranking->height && arrive(cursor, ranking->root.inner);
}

bool ranking_ahead_step(struct ranking_cursor *cursor) {
    const struct inner *inner = cursor->node;
    uint32_t child = inner_search(cursor->ranking, inner, (struct place){cursor->key + 0.0, 0});

    cursor->level++;
    return arrive(cursor, cursor->level == cursor->ranking->height ? (const void *)inner->children[child].leaf
                                                                   : inner->children[child].inner);
}
