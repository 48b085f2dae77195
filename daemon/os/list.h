/*
 * A circular list of records that carry their own links: a record leaves it
 * without anybody knowing which list it is on.
 */
#ifndef OV_OS_LIST_H
#define OV_OS_LIST_H

#include <stdbool.h>

struct list {
    struct list *next, *previous;
};

static inline void list_init(struct list *list) {
    list->next = list->previous = list;
}

static inline bool list_empty(const struct list *list) {
    return list->next == list;
}

/* Takes the record off its list; harmless when it is on none. */
static inline void list_remove(struct list *record) {
    record->next->previous = record->previous;
    record->previous->next = record->next;
    list_init(record);
}

static inline void list_append(struct list *list, struct list *record) {
    record->previous = list->previous;
    record->next = list;
    list->previous->next = record;
    list->previous = record;
}

/* Moves all records of from, in order, to the end of to. */
static inline void list_move_all(struct list *to, struct list *from) {
    if (list_empty(from))
        return;
    from->next->previous = to->previous;
    to->previous->next = from->next;
    from->previous->next = to;
    to->previous = from->previous;
    list_init(from);
}

#endif
