#include "clients/oversightctl/audit_chain.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "common/text.h"

#define SUBJECT_SIZE (NAME_MAX_LEN + ORG_CODE_MAX + 2)

struct move {
    int before, after;
    struct oversight_id alert;
};

struct subject {
    char name[SUBJECT_SIZE]; /* framework/code */
    int segment;
    bool complete;
    size_t first, count; /* moves */
};

struct alert {
    char name[SUBJECT_SIZE];
    struct oversight_id id;
    bool worsened, matched;
    int before, after;
    char *key;
};

struct audit_chain {
    struct subject *subjects;
    size_t subject_count, subject_capacity;
    struct move *moves;
    size_t move_count, move_capacity;
    struct alert *alerts;
    size_t alert_count, alert_capacity;
    audit_chain_report report;
    void *context;
};

struct audit_chain *audit_chain_create(void) {
    return alloc_zero(1, sizeof(struct audit_chain));
}

void audit_chain_destroy(struct audit_chain *chain) {
    if (chain == NULL)
        return;
    for (size_t i = 0; i < chain->alert_count; i++)
        free(chain->alerts[i].key);
    free(chain->subjects);
    free(chain->moves);
    free(chain->alerts);
    free(chain);
}

/* Room for one more. */
static void *grown(void *list, size_t count, size_t *capacity, size_t size) {
    if (count < *capacity)
        return list;
    *capacity = *capacity > 0 ? *capacity * 2 : 64;
    return alloc_resize(list, *capacity, size);
}

static void name_of(char name[SUBJECT_SIZE], const char *framework, const char *code) {
    snprintf(name, SUBJECT_SIZE, "%.*s/%.*s", NAME_MAX_LEN, framework, ORG_CODE_MAX, code);
}

void audit_chain_subject(struct audit_chain *chain, const char *framework, const char *code, int segment,
                         bool complete) {
    struct subject *subject;

    chain->subjects = grown(chain->subjects, chain->subject_count, &chain->subject_capacity, sizeof(*chain->subjects));
    subject = &chain->subjects[chain->subject_count++];
    *subject = (struct subject){.segment = segment, .complete = complete, .first = chain->move_count};
    name_of(subject->name, framework, code);
}

void audit_chain_move(struct audit_chain *chain, int before, int after, struct oversight_id alert) {
    chain->moves = grown(chain->moves, chain->move_count, &chain->move_capacity, sizeof(*chain->moves));
    chain->moves[chain->move_count++] = (struct move){before, after, alert};
    chain->subjects[chain->subject_count - 1].count++;
}

void audit_chain_alert(struct audit_chain *chain, const char *framework, const char *code, struct oversight_id id,
                       bool worsened, int before, int after, const char *key) {
    struct alert *alert;

    chain->alerts = grown(chain->alerts, chain->alert_count, &chain->alert_capacity, sizeof(*chain->alerts));
    alert = &chain->alerts[chain->alert_count++];
    *alert = (struct alert){.id = id, .worsened = worsened, .before = before, .after = after, .key = alloc_copy(key)};
    name_of(alert->name, framework, code);
}

struct oversight_id audit_chain_newest_move(const struct audit_chain *chain) {
    struct oversight_id newest = {0, 0};

    for (size_t i = 0; i < chain->move_count; i++)
        if (oversight_id_compare(chain->moves[i].alert, newest) > 0)
            newest = chain->moves[i].alert;
    return newest;
}

/* ---- Checks --------------------------------------------------------------------- */

static __attribute__((format(printf, 3, 4))) void tell(const struct audit_chain *chain, const char *subject,
                                                       const char *format, ...) {
    char text[256];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    chain->report(chain->context, subject, text);
}

static int by_name(const void *a, const void *b) {
    return strcmp(((const struct subject *)a)->name, ((const struct subject *)b)->name);
}

static int by_key(const void *a, const void *b) {
    return strcmp(((const struct alert *)a)->key, ((const struct alert *)b)->key);
}

static int by_id(const void *a, const void *b) {
    return oversight_id_compare(((const struct alert *)a)->id, ((const struct alert *)b)->id);
}

static struct alert *find_alert(const struct audit_chain *chain, struct oversight_id id) {
    const struct alert wanted = {.id = id};

    return chain->alert_count == 0 ? NULL
                                   : bsearch(&wanted, chain->alerts, chain->alert_count, sizeof(*chain->alerts), by_id);
}

static void check_move(struct audit_chain *chain, const struct subject *subject, const struct move *move,
                       struct oversight_id kept, struct audit_counts *counts) {
    char id[OVERSIGHT_ID_SIZE];
    struct alert *alert;

    if (move->alert.seq == 0) {
        counts->silent++;
        return;
    }
    oversight_id_format(move->alert, id);
    if (oversight_id_compare(move->alert, kept) < 0) {
        counts->not_kept++;
        return;
    }
    alert = find_alert(chain, move->alert);
    if (alert == NULL) {
        tell(chain, subject->name, "the move from %d to %d has no alert: %s is not there", move->before, move->after,
             id);
        return;
    }
    if (alert->matched || strcmp(alert->name, subject->name) != 0 || alert->before != move->before ||
        alert->after != move->after) {
        tell(chain, subject->name, "the move from %d to %d has alert %s, which says of %s %d to %d", move->before,
             move->after, id, alert->name, alert->before, alert->after);
        return;
    }
    alert->matched = true;
    counts->announced++;
}

static void check_subject(struct audit_chain *chain, const struct subject *subject, struct oversight_id kept,
                          struct audit_counts *counts) {
    const struct move *moves;

    if (subject->count == 0)
        return;
    moves = &chain->moves[subject->first];
    for (size_t i = 0; i < subject->count; i++) {
        check_move(chain, subject, &moves[i], kept, counts);
        if (i > 0 && moves[i - 1].after != moves[i].before)
            tell(chain, subject->name, "a move to %d is followed by one from %d", moves[i - 1].after, moves[i].before);
    }
    if (moves[subject->count - 1].after != subject->segment)
        tell(chain, subject->name, "the last move leads to %d, the segment is %d", moves[subject->count - 1].after,
             subject->segment);
    counts->moves += subject->count;
}

/* An alert that no move names: of a time before the history, too late, or one too many. */
static void check_alert(const struct audit_chain *chain, const struct alert *alert, struct oversight_id known) {
    char id[OVERSIGHT_ID_SIZE];
    struct subject wanted;
    const struct subject *subject;

    oversight_id_format(alert->id, id);
    if (alert->worsened != (alert->after > alert->before))
        tell(chain, alert->name, "alert %s from %d to %d is of the wrong kind", id, alert->before, alert->after);
    if (alert->matched || oversight_id_compare(alert->id, known) > 0)
        return;
    memcpy(wanted.name, alert->name, sizeof(wanted.name));
    subject = chain->subject_count == 0
                  ? NULL
                  : bsearch(&wanted, chain->subjects, chain->subject_count, sizeof(*chain->subjects), by_name);
    if (subject == NULL)
        return; /* a framework or an organisation that is no more */
    for (size_t i = 0; i < subject->count; i++)
        if (chain->moves[subject->first + i].alert.seq > 0) {
            if (!subject->complete && oversight_id_compare(alert->id, chain->moves[subject->first + i].alert) < 0)
                return;
            break;
        }
    tell(chain, alert->name, "alert %s from %d to %d belongs to no move", id, alert->before, alert->after);
}

void audit_chain_check(struct audit_chain *chain, struct oversight_id kept, struct oversight_id known,
                       audit_chain_report report, void *context, struct audit_counts *ret_counts) {
    struct audit_counts counts = {.subjects = chain->subject_count};

    chain->report = report;
    chain->context = context;
    if (chain->alert_count > 0) {
        qsort(chain->alerts, chain->alert_count, sizeof(*chain->alerts), by_key);
        for (size_t i = 1; i < chain->alert_count; i++)
            if (strcmp(chain->alerts[i - 1].key, chain->alerts[i].key) == 0)
                tell(chain, chain->alerts[i].name, "two alerts have the key %s", chain->alerts[i].key);
        qsort(chain->alerts, chain->alert_count, sizeof(*chain->alerts), by_id);
    }
    for (size_t i = 0; i < chain->subject_count; i++)
        check_subject(chain, &chain->subjects[i], kept, &counts);
    if (chain->subject_count > 0)
        qsort(chain->subjects, chain->subject_count, sizeof(*chain->subjects), by_name);
    for (size_t i = 0; i < chain->alert_count; i++)
        check_alert(chain, &chain->alerts[i], known);
    *ret_counts = counts;
}
