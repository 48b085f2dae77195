#include "daemon/engine/org_list.h"

#include <stdlib.h>

#include "daemon/engine/mem.h"

void org_list_init(struct org_list *list, uint32_t org_count) {
    *list = (struct org_list){.orgs = mem_alloc(org_count, sizeof *list->orgs),
                              .listed = mem_alloc(org_count, sizeof *list->listed)};
}

void org_list_finish(struct org_list *list) {
    free(list->orgs);
    free(list->listed);
}

void org_list_add(struct org_list *list, uint32_t org) {
    if (list->listed[org])
        return;
    list->listed[org] = true;
    list->orgs[list->count++] = org;
}

void org_list_clear(struct org_list *list) {
    for (size_t i = 0; i < list->count; i++)
        list->listed[list->orgs[i]] = false;
    list->count = 0;
}
