/*
 * A set of organisations in the order in which they were added: those that
 * must be looked at again.
 */
#ifndef OV_ENGINE_ORG_LIST_H
#define OV_ENGINE_ORG_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct org_list {
    uint32_t *orgs; /* each once */
    size_t count;
    bool *listed; /* by organisation */
};

void org_list_init(struct org_list *list, uint32_t org_count);
void org_list_finish(struct org_list *list);
void org_list_add(struct org_list *list, uint32_t org);
void org_list_clear(struct org_list *list);

#endif
