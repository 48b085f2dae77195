/*
 * Memory of the engine. An allocation that fails ends the process: no caller
 * could go on with half an update. Growth doubles, so appending is O(1).
 */
#ifndef OV_ENGINE_MEM_H
#define OV_ENGINE_MEM_H

#include <stddef.h>
#include <stdint.h>

void *mem_alloc(size_t count, size_t size); /* zeroed; never NULL */
void *mem_resize(void *memory, size_t count, size_t size);
char *mem_copy(const char *text);

/* Makes room for one more element; array is a pointer variable. */
#define MEM_GROW(array, count, capacity)                                                                               \
    ((count) < (capacity) ? (void)0 : (void)((array) = mem_grown((array), &(capacity), sizeof *(array))))
void *mem_grown(void *memory, size_t *capacity, size_t size);

/* An arena: many small allocations given back together. */
struct arena;
struct arena *arena_create(void);
void arena_destroy(struct arena *arena);
void arena_reset(struct arena *arena);
void *arena_alloc(struct arena *arena, size_t count, size_t size); /* zeroed, aligned; never NULL */
void *arena_room(struct arena *arena, size_t count, size_t size);  /* the same, but not zeroed */

/* Makes room for element number `count` of an array that has only ever grown
 * through this macro: the capacity is the next power of two. */
#define ARENA_GROW(arena, array, count) ((array) = arena_grown((arena), (array), (count), sizeof *(array)))
void *arena_grown(struct arena *arena, void *array, size_t count, size_t size);

char *arena_copy(struct arena *arena, const char *text, size_t len);
char *arena_printf(struct arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A text that grows at its end; starts as {.arena = arena}. */
struct arena_text {
    struct arena *arena;
    char *s; /* NULL while nothing was added */
    size_t len, room;
};
void arena_add(struct arena_text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
