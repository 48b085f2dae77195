/* What the two ways to the check of an event share. */
#ifndef OV_RENDER_CHECK_MIX_H
#define OV_RENDER_CHECK_MIX_H

#include <cjson/cJSON.h>
#include <stddef.h>
#include <stdint.h>

#define CHECK_MIX_START UINT64_C(0xcbf29ce484222325)
#define CHECK_DEPTH_DATA 1 /* the members of the object under "data" */

static inline void check_mix(uint64_t *hash, const char *bytes, size_t len) {
    for (size_t i = 0; i < len; i++)
        *hash = (*hash ^ (unsigned char)bytes[i]) * UINT64_C(0x100000001b3);
}

void check_mix_tree(uint64_t *hash, const cJSON *event);

#endif
