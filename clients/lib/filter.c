#include "clients/lib/filter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"

struct filter {
    char **kinds, **organisations; /* NULL: all */
    int severity;
};

static const char *const severities[] = {"info", "notice", "warning", "critical"};

/* -1 when unknown. */
static int severity_rank(const char *name) {
    for (int i = 0; i < (int)(sizeof(severities) / sizeof(severities[0])); i++)
        if (strcmp(severities[i], name) == 0)
            return i;
    return -1;
}

static char **copy_list(const char *const *list) {
    size_t count = 0;
    char **copy;

    while (list != NULL && list[count] != NULL)
        count++;
    if (count == 0)
        return NULL;
    copy = alloc_zero(count + 1, sizeof(*copy));
    for (size_t i = 0; i < count; i++)
        copy[i] = alloc_copy(list[i]);
    return copy;
}

static void free_list(char **list) {
    for (size_t i = 0; list != NULL && list[i] != NULL; i++)
        free(list[i]);
    free(list);
}

struct filter *filter_create(const char *const *kinds, const char *const *organisations, const char *severity,
                             char *error, size_t size) {
    struct filter *filter;
    int rank = severity != NULL ? severity_rank(severity) : 0;

    if (rank < 0) {
        snprintf(error, size, "severity \"%.40s\" is not one of info, notice, warning, critical", severity);
        return NULL;
    }
    filter = alloc_zero(1, sizeof(*filter));
    filter->kinds = copy_list(kinds);
    filter->organisations = copy_list(organisations);
    filter->severity = rank;
    return filter;
}

void filter_destroy(struct filter *filter) {
    if (filter == NULL)
        return;
    free_list(filter->kinds);
    free_list(filter->organisations);
    free(filter);
}

/* "segment" names the family of "segment.worsened". */
static bool kind_matches(const char *wanted, const char *kind) {
    size_t len = strlen(wanted);

    return strncmp(wanted, kind, len) == 0 && (kind[len] == '\0' || kind[len] == '.');
}

bool filter_passes(const struct filter *filter, const struct oversight_event *event) {
    bool found = filter->kinds == NULL;
    int rank = severity_rank(event->severity);

    for (size_t i = 0; !found && filter->kinds[i] != NULL; i++)
        found = kind_matches(filter->kinds[i], event->kind);
    if (!found)
        return false;
    found = filter->organisations == NULL;
    for (size_t i = 0; !found && filter->organisations[i] != NULL; i++)
        found = strcmp(filter->organisations[i], event->subject) == 0;
    /* A severity we do not know is newer than us: better shown than hidden. */
    return found && (rank < 0 || rank >= filter->severity);
}
