#include "daemon/engine/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK_SIZE ((size_t)64 * 1024)
#define ALIGNMENT sizeof(max_align_t)

struct chunk {
    struct chunk *next;
    size_t used, size;
    max_align_t bytes[];
};

struct arena {
    struct chunk *first;
};

void *mem_alloc(size_t count, size_t size) {
    void *memory = calloc(count ? count : 1, size ? size : 1);

    if (!memory)
        abort();
    return memory;
}

void *mem_resize(void *memory, size_t count, size_t size) {
    void *grown;

    if (!count || !size || count > SIZE_MAX / size)
        abort();
    grown = realloc(memory, count * size);
    if (!grown)
        abort();
    return grown;
}

void *mem_grown(void *memory, size_t *capacity, size_t size) {
    *capacity = *capacity ? *capacity * 2 : 4;
    return mem_resize(memory, *capacity, size);
}

char *mem_copy(const char *text) {
    size_t len = strlen(text ? text : "") + 1;
    char *copy = mem_alloc(len, 1);

    if (text)
        memcpy(copy, text, len);
    return copy;
}

static struct chunk *chunk_create(size_t size, struct chunk *next) {
    struct chunk *chunk = malloc(sizeof *chunk + size);

    if (!chunk)
        abort();
    chunk->next = next;
    chunk->used = 0;
    chunk->size = size;
    return chunk;
}

struct arena *arena_create(void) {
    struct arena *arena = mem_alloc(1, sizeof *arena);

    arena->first = chunk_create(CHUNK_SIZE, NULL);
    return arena;
}

void arena_reset(struct arena *arena) {
    struct chunk *chunk = arena->first;

    while (chunk->next) { /* the oldest chunk is the one of normal size */
        struct chunk *next = chunk->next;

        free(chunk);
        chunk = next;
    }
    chunk->used = 0;
    arena->first = chunk;
}

void arena_destroy(struct arena *arena) {
    if (!arena)
        return;
    arena_reset(arena);
    free(arena->first);
    free(arena);
}

void *arena_room(struct arena *arena, size_t count, size_t size) {
    struct chunk *chunk = arena->first;
    size_t bytes;
    void *memory;

    if (size && count > (SIZE_MAX - ALIGNMENT) / size)
        abort();
    bytes = (count * size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (bytes > chunk->size - chunk->used) {
        chunk = chunk_create(bytes > CHUNK_SIZE ? bytes : CHUNK_SIZE, chunk);
        arena->first = chunk;
    }
    memory = (char *)chunk->bytes + chunk->used;
    chunk->used += bytes;
    return memory;
}

void *arena_alloc(struct arena *arena, size_t count, size_t size) {
    return memset(arena_room(arena, count, size), 0, count * size);
}

void *arena_grown(struct arena *arena, void *array, size_t count, size_t size) {
    void *grown;

    if (count && (count < 4 || (count & (count - 1))))
        return array;
    grown = arena_alloc(arena, count ? count * 2 : 4, size);
    if (count)
        memcpy(grown, array, count * size);
    return grown;
}

char *arena_copy(struct arena *arena, const char *text, size_t len) {
    char *copy = arena_alloc(arena, len + 1, 1);

    if (len)
        memcpy(copy, text, len);
    return copy;
}

char *arena_printf(struct arena *arena, const char *format, ...) {
    va_list args, again;
    int len;
    char *text;

    va_start(args, format);
    va_copy(again, args);
    len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (len < 0)
        abort();
    text = arena_alloc(arena, (size_t)len + 1, 1);
    vsnprintf(text, (size_t)len + 1, format, again);
    va_end(again);
    return text;
}

void arena_add(struct arena_text *text, const char *format, ...) {
    va_list args, again;
    int len;

    va_start(args, format);
    va_copy(again, args);
    len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (len < 0)
        abort();
    if (text->room - text->len <= (size_t)len) {
        size_t room = 2 * (text->len + (size_t)len + 1);
        char *grown = arena_alloc(text->arena, room, 1);

        if (text->len)
            memcpy(grown, text->s, text->len);
        text->s = grown;
        text->room = room;
    }
    vsnprintf(text->s + text->len, (size_t)len + 1, format, again);
    va_end(again);
    text->len += (size_t)len;
}
