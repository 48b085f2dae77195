#include "daemon/store/flight.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/alloc.h"
#include "daemon/os/loop.h"
#include "daemon/store/library.h"

#define BYTES_PER_MS 4096 /* a large step may take this much longer */

#define REFILL_AHEAD 2 /* refill steps that wait or are under way */

/* first to before unstored: stored while the store was written anew, to be told when it is whole. */
struct step_list {
    struct store_step *first, *last;
    struct store_step *unstored; /* the first not known to be stored, NULL = none */
    struct store_step *unsent;   /* the first not under way, NULL = none */
    struct store_step *held;     /* the last before unstored, NULL = none */
};

struct flight {
    struct loop *loop;
    struct redis_link *link;
    uint32_t in_flight_max;
    struct flight_callbacks callbacks;
    void *context;
    char epoch[24];

    struct step_list steps;
    bool refilling;          /* nothing is told before the store is whole again */
    bool refill_done;        /* no more steps will be added to the refill; the last of it closes it */
    uint32_t refill_waiting; /* steps of it that are not stored */
    bool open;
    bool failed; /* an error came back: wait for the other replies */
    enum trouble trouble;
    char text[TROUBLE_TEXT_SIZE];

    uint64_t number;    /* of the last confirmed step */
    uint64_t in_flight; /* numbers in flight follow it */
    uint64_t queued, bytes, confirmed, repeated;
};

/* ---- Lists --------------------------------------------------------------------------- */

static void list_add(struct step_list *list, struct store_step *step) {
    if (list->last)
        list->last->next = step;
    else
        list->first = step;
    list->last = step;
    if (!list->unstored)
        list->unstored = step;
    if (!list->unsent)
        list->unsent = step;
}

static struct store_step *list_pop(struct step_list *list) {
    struct store_step *step = list->first;
    list->first = step->next;
    if (!list->first)
        list->last = NULL;
    if (list->unstored == step)
        list->unstored = step->next;
    if (list->unsent == step)
        list->unsent = step->next;
    if (list->held == step)
        list->held = NULL;
    return step;
}

/* Takes a step out whose predecessor is known. */
static void list_remove(struct step_list *list, struct store_step *before, struct store_step *step) {
    if (!before) {
        list_pop(list);
        return;
    }
    before->next = step->next;
    if (list->last == step)
        list->last = before;
    if (list->unstored == step)
        list->unstored = step->next;
    if (list->unsent == step)
        list->unsent = step->next;
    if (list->held == step)
        list->held = before;
}

static void list_clear(struct step_list *list) {
    while (list->first)
        step_destroy(list_pop(list));
}

static void forget(struct flight *flight, struct store_step *step) {
    flight->queued--;
    flight->bytes -= step->size;
    flight->refill_waiting -= step->refill;
}

/* ---- Confirm -------------------------------------------------------------------------- */

static void tell(struct flight *flight) {
    while (flight->steps.first != flight->steps.unstored) {
        struct store_step *step = list_pop(&flight->steps);
        forget(flight, step);
        flight->confirmed++;
        flight->callbacks.on_step(flight->context, step);
        step_destroy(step);
    }
}

/* The first that was not stored is. While the store is written anew nobody is
 * told: should it lose its data again, all of it is to be written once more. */
static void confirm_first(struct flight *flight) {
    struct step_list *list = &flight->steps;
    struct store_step *step = list->unstored;
    bool closes = flight->refilling && flight->refill_done && step->refill && flight->refill_waiting == 1;

    flight->number = step->number;
    if (!flight->refilling) {
        list->unstored = step->next;
        tell(flight);
        return;
    }
    if (step->refill) {
        list_remove(list, list->held, step);
        forget(flight, step);
        flight->confirmed++;
        step_destroy(step);
    } else {
        list->unstored = step->next;
        list->held = step;
    }
    if (closes) {
        flight->refilling = false;
        flight->callbacks.on_refilled(flight->context);
        tell(flight);
    } else if (flight_wants_refill(flight)) {
        flight->callbacks.on_refill(flight->context);
    }
}

/* ---- Send ------------------------------------------------------------------------------ */

static void pump(struct flight *flight);

static void fail(struct flight *flight) {
    flight->failed = false;
    flight->open = false;
    flight->steps.unsent = flight->steps.unstored;
    flight->callbacks.on_trouble(flight->context, flight->trouble, flight->text);
}

static void on_reply(void *context, const redisReply *reply) {
    struct flight *flight = context;
    if (!reply)
        return; /* unknown: flight_close() follows */
    flight->in_flight--;
    char text[TROUBLE_TEXT_SIZE];
    enum trouble trouble = trouble_of(reply, text, sizeof(text));
    if (trouble != TROUBLE_NONE && !flight->failed) {
        /* The steps after it are refused as out of order: only the first error counts. */
        flight->failed = true;
        flight->trouble = trouble;
        snprintf(flight->text, sizeof(flight->text), "%s", text);
    } else if (trouble == TROUBLE_NONE && !flight->failed) {
        confirm_first(flight);
    }
    if (flight->failed && flight->in_flight == 0)
        fail(flight);
    else
        pump(flight);
}

static bool send_step(struct flight *flight, struct store_step *step) {
    char key_count[24], number[24];
    snprintf(key_count, sizeof(key_count), "%zu", step->part_count + 3);
    snprintf(number, sizeof(number), "%" PRIu64, step->number);
    size_t count = 0;
    struct text *args = alloc_zero(step->part_count * 2 + 9, sizeof(*args));
    args[count++] = TEXT_OF("FCALL");
    args[count++] = TEXT_OF(FUNCTION_STEP);
    args[count++] = text_of(key_count);
    args[count++] = TEXT_OF(KEY_META);
    args[count++] = TEXT_OF(KEY_STANDBY);
    args[count++] = TEXT_OF(KEY_CHANGES);
    for (size_t i = 0; i < step->part_count; i++)
        args[count++] = text_of(step->parts[i].key);
    args[count++] = text_of(flight->epoch);
    args[count++] = text_of(number);
    args[count++] = (struct text){step->kinds.data, step->kinds.len};
    for (size_t i = 0; i < step->part_count; i++)
        args[count++] = (struct text){step->parts[i].content.data, step->parts[i].content.len};
    bool sent = redis_link_send(flight->link, args, count, (int64_t)(step->size / BYTES_PER_MS), on_reply, flight);
    free(args);
    return sent;
}

static void pump(struct flight *flight) {
    struct step_list *list = &flight->steps;
    bool sent = false;
    while (flight->open && !flight->failed && list->unsent && flight->in_flight < flight->in_flight_max) {
        struct store_step *step = list->unsent;
        if (step->number)
            flight->repeated++;
        step->number = flight->number + flight->in_flight + 1;
        if (!send_step(flight, step))
            break;
        sent = true;
        flight->in_flight++;
        list->unsent = step->next;
    }
    if (sent)
        redis_link_flush(flight->link);
}

/* ---- Calls ------------------------------------------------------------------------------ */

void flight_add(struct flight *flight, struct store_step *step) {
    step_seal(step);
    step->committed = loop_monotonic(flight->loop);
    flight->queued++;
    flight->bytes += step->size;
    flight->refill_waiting += step->refill;
    list_add(&flight->steps, step);
    pump(flight);
}

void flight_open(struct flight *flight, struct text epoch, uint64_t at) {
    text_copy(flight->epoch, sizeof(flight->epoch), epoch);
    struct step_list *list = &flight->steps;
    while (list->unstored && list->unstored->number && list->unstored->number <= at)
        confirm_first(flight);
    flight_reopen(flight);
}

void flight_reopen(struct flight *flight) {
    flight->steps.unsent = flight->steps.unstored;
    flight->open = true;
    pump(flight);
}

void flight_close(struct flight *flight) {
    flight->open = false;
    flight->failed = false;
    flight->in_flight = 0;
    flight->steps.unsent = flight->steps.unstored;
}

void flight_behind(struct flight *flight) {
    struct step_list *list = &flight->steps;
    struct store_step *before = NULL, *next;
    /* A second loss in the middle of a refill starts it anew. */
    for (struct store_step *step = list->first; step; step = next) {
        next = step->next;
        if (step->refill) {
            list_remove(list, before, step);
            forget(flight, step);
            step_destroy(step);
        } else {
            step->number = 0;
            before = step;
        }
    }
    list->unstored = list->unsent = list->first;
    list->held = NULL;
    flight->refilling = true;
    flight->refill_done = false;
}

void flight_refilled(struct flight *flight) {
    flight->refill_done = true;
}

bool flight_is_refilling(const struct flight *flight) {
    return flight->refilling;
}

bool flight_wants_refill(const struct flight *flight) {
    return flight->refilling && !flight->refill_done && flight->refill_waiting < REFILL_AHEAD;
}

void flight_count(const struct flight *flight, struct flight_counts *ret_counts) {
    const struct store_step *oldest = flight->steps.first;
    *ret_counts = (struct flight_counts){
        .queued = flight->queued,
        .bytes = flight->bytes,
        .in_flight = flight->in_flight,
        .confirmed = flight->confirmed,
        .repeated = flight->repeated,
        .oldest = oldest ? oldest->committed : 0,
    };
}

uint64_t flight_confirmed_number(const struct flight *flight) {
    return flight->number;
}

struct flight *flight_create(struct loop *loop, struct redis_link *link, uint32_t in_flight_max,
                             const struct flight_callbacks *callbacks, void *context) {
    struct flight *flight = alloc_zero(1, sizeof(*flight));
    flight->loop = loop;
    flight->link = link;
    flight->in_flight_max = in_flight_max;
    flight->callbacks = *callbacks;
    flight->context = context;
    return flight;
}

void flight_destroy(struct flight *flight) {
    if (!flight)
        return;
    list_clear(&flight->steps);
    free(flight);
}
