#include "common/scratch.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/alloc.h"

#define BLOCK_SIZE 65536

struct scratch_block {
    struct scratch_block *older;
    size_t used, size;
    _Alignas(max_align_t) char bytes[];
};

void scratch_init(struct scratch *scratch) {
    scratch->blocks = NULL;
}

static void free_blocks(struct scratch_block *block, const struct scratch_block *until) {
    while (block != until) {
        struct scratch_block *older = block->older;
        free(block);
        block = older;
    }
}

void scratch_finish(struct scratch *scratch) {
    free_blocks(scratch->blocks, NULL);
    scratch->blocks = NULL;
}

void scratch_reset(struct scratch *scratch) {
    struct scratch_block *first = scratch->blocks;
    while (first && first->older)
        first = first->older;
    free_blocks(scratch->blocks, first);
    scratch->blocks = first;
    if (first)
        first->used = 0;
}

void *scratch_alloc(struct scratch *scratch, size_t size) {
    struct scratch_block *block = scratch->blocks;
    size_t step = _Alignof(max_align_t);
    size = (size + step - 1) / step * step;
    if (!block || block->size - block->used < size) {
        size_t capacity = size > BLOCK_SIZE ? size : BLOCK_SIZE;
        block = alloc_resize(NULL, sizeof(*block) + capacity, 1);
        block->older = scratch->blocks;
        block->used = 0;
        block->size = capacity;
        scratch->blocks = block;
    }
    void *memory = block->bytes + block->used;
    block->used += size;
    return memory;
}

struct text scratch_printf(struct scratch *scratch, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int len = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (len < 0)
        return (struct text){"", 0};
    char *text = scratch_alloc(scratch, (size_t)len + 1);
    va_start(arguments, format);
    vsnprintf(text, (size_t)len + 1, format, arguments);
    va_end(arguments);
    return (struct text){text, (size_t)len};
}
