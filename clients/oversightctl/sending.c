#include "clients/oversightctl/sending.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "clients/oversightctl/progress.h"
#include "common/alloc.h"
#include "common/wire.h"

#define RESEND_MS 3000
#define SLICE_MS 200 /* between looks at the progress bar */

struct run {
    const struct sending *sending;
    struct updates *updates;
    struct sending_result *result;
    struct oversight_submit *submit;
    struct progress progress;
    size_t *starts; /* of message n (from 1): index of its first update */
    size_t sent, done;
};

static struct item *copy_items(struct run *run, size_t start, size_t count) {
    struct item *items = alloc_zero(count, sizeof(*items));

    for (size_t i = 0; i < count; i++) {
        items[i] = *updates_at(run->updates, start + i);
        items[i].seq = run->sending->first + start + i;
    }
    return items;
}

static bool send_batch(struct run *run, size_t start, size_t count) {
    const struct sending *sending = run->sending;
    bool last = start + count == updates_count(run->updates);
    struct message message = {.source = text_of(sending->source),
                              .baseline = sending->baseline,
                              .more = sending->as_one && !last,
                              .count = count,
                              .items = copy_items(run, start, count)};
    struct buf payload;
    bool good;

    buf_init(&payload);
    good = sending->msgpack ? wire_encode_msgpack(&message, &payload) : wire_encode_json(&message, &payload);
    if (good) {
        uint64_t number = oversight_submit_send(run->submit, payload.data, payload.len);

        run->starts[number] = start;
        run->sent = start + count;
    }
    buf_finish(&payload);
    free(message.items);
    return good;
}

static uint64_t member_count(const cJSON *reply, const char *name) {
    const cJSON *member = cJSON_GetObjectItemCaseSensitive(reply, name);

    return cJSON_IsNumber(member) && member->valuedouble > 0 ? (uint64_t)member->valuedouble : 0;
}

static const char *member_string(const cJSON *object, const char *name, const char *fallback) {
    const cJSON *member = cJSON_GetObjectItemCaseSensitive(object, name);

    return cJSON_IsString(member) ? member->valuestring : fallback;
}

/* "file:line: code: message", so that an editor can jump there. */
static void report_refusals(struct run *run, const cJSON *reply, size_t start) {
    const cJSON *refused = cJSON_GetObjectItemCaseSensitive(reply, "refused"), *entry;
    uint64_t total = member_count(reply, "refused_total"), listed = 0;

    progress_finish(&run->progress);
    cJSON_ArrayForEach(entry, refused) {
        size_t index = start + (size_t)member_count(entry, "index");
        struct update_origin origin = {"?", 0};

        listed++;
        if (index < updates_count(run->updates))
            origin = updates_origin(run->updates, index);
        fprintf(stderr, "%s:%u: %s: %s\n", origin.file, origin.line, member_string(entry, "code", "refused"),
                member_string(entry, "message", ""));
    }
    if (total > listed)
        fprintf(stderr, "%s: and %" PRIu64 " more refused among these updates\n",
                updates_origin(run->updates, start).file, total - listed);
    run->result->refused += total > listed ? total : listed;
}

/* A message refused whole: nothing after it can be applied. */
static int report_error(struct run *run, const cJSON *error, size_t start) {
    const char *code = member_string(error, "code", "error");
    struct update_origin origin = updates_origin(run->updates, start);

    progress_finish(&run->progress);
    fprintf(stderr, "%s:%u: %s: %s\n", origin.file, origin.line, code, member_string(error, "message", ""));
    if (strcmp(code, "gap") == 0)
        return complain(EX_TEMPFAIL,
                        "source %s is at another position than expected: is something else sending for it?",
                        run->sending->source);
    if (strcmp(code, "not-allowed") == 0)
        return EX_NOPERM;
    return strcmp(code, "busy") == 0 || strcmp(code, "abandoned") == 0 ? EX_TEMPFAIL : EX_DATAERR;
}

static int take_reply(struct run *run, uint64_t number, const char *text) {
    cJSON *reply = cJSON_Parse(text);
    const cJSON *error = cJSON_GetObjectItemCaseSensitive(reply, "error");
    size_t start = run->starts[number];
    int status = EX_OK;

    if (!cJSON_IsObject(reply)) {
        status = complain(EX_PROTOCOL, "an answer that is not JSON");
    } else if (cJSON_IsObject(error)) {
        status = report_error(run, error, start);
    } else {
        struct sending_result *result = run->result;
        uint64_t through = member_count(reply, "through");

        result->messages++;
        result->accepted += member_count(reply, "accepted");
        result->duplicate += member_count(reply, "duplicate");
        result->superseded += member_count(reply, "superseded");
        snprintf(result->durability, sizeof(result->durability), "%s", member_string(reply, "durability", "?"));
        if (through > result->through)
            result->through = through;
        report_refusals(run, reply, start);
    }
    cJSON_Delete(reply);
    return status;
}

/* Waits for one answer. */
static int await_reply(struct run *run) {
    const char *note = "";

    for (int waited = 0; waited < run->sending->timeout_ms; waited += SLICE_MS) {
        uint64_t number;
        char *reply;
        int status;

        if (oversight_submit_wait(run->submit, SLICE_MS, &number, &reply) == OVERSIGHT_OK) {
            status = take_reply(run, number, reply);
            free(reply);
            return status;
        }
        if (oversight_submit_resent(run->submit) > run->result->repeats)
            note = "no answer, sent again";
        progress_update(&run->progress, run->done, note);
    }
    progress_finish(&run->progress);
    return complain(EX_TEMPFAIL,
                    "no acknowledgement within %g s: %zu of %zu updates are known to be stored; --resume goes on",
                    run->sending->timeout_ms / 1000.0, run->done, updates_count(run->updates));
}

static int run_batches(struct run *run) {
    const struct sending *sending = run->sending;
    size_t total = updates_count(run->updates);
    int status = EX_OK;

    while (status == EX_OK && run->sent < total) {
        size_t start = run->sent, count = total - start < sending->batch ? total - start : sending->batch;

        if (!send_batch(run, start, count)) {
            struct update_origin origin = updates_origin(run->updates, start);

            return complain(EX_SOFTWARE, "%s:%u: cannot be encoded", origin.file, origin.line);
        }
        /* One at a time, so that nothing overtakes a message that has to be sent
         * again. Parts of one whole are answered only together. */
        if (!sending->as_one) {
            status = await_reply(run);
            if (status == EX_OK)
                run->done = run->sent;
            progress_update(&run->progress, run->done, "");
        }
    }
    while (status == EX_OK && oversight_submit_pending(run->submit) > 0)
        status = await_reply(run);
    return status;
}

int sending_position(const struct context *context, const char *source, uint64_t *ret_last) {
    cJSON *request = cJSON_CreateObject(), *reply;
    const cJSON *last;
    int status;

    cJSON_AddStringToObject(request, "get", "source");
    cJSON_AddStringToObject(request, "source", source);
    status = ask_daemon(context, request, &reply);
    if (status != EX_OK)
        return status;
    last = cJSON_GetObjectItemCaseSensitive(reply, "last");
    if (cJSON_IsNumber(last) && last->valuedouble >= 0)
        *ret_last = (uint64_t)last->valuedouble;
    else
        status = complain(EX_PROTOCOL, "the daemon did not say the position of source %s", source);
    cJSON_Delete(reply);
    return status;
}

int sending_run(const struct context *context, const struct sending *sending, struct updates *updates,
                struct sending_result *result) {
    struct run run = {.sending = sending, .updates = updates, .result = result};
    char error[512] = "";
    int status;

    memset(result, 0, sizeof(*result));
    run.sent = run.done = sending->skip;
    run.submit = oversight_submit_create((const char *const *)context->submit.list, context->keys, RESEND_MS, error,
                                         sizeof(error));
    if (run.submit == NULL)
        return complain(EX_USAGE, "%s", error);
    run.starts = alloc_zero(updates_count(updates) / sending->batch + 2, sizeof(*run.starts));
    progress_init(&run.progress, updates_count(updates), sending->progress);
    status = run_batches(&run);
    progress_finish(&run.progress);
    result->repeats = oversight_submit_resent(run.submit);
    oversight_submit_destroy(run.submit);
    free(run.starts);
    return status == EX_OK && result->refused > 0 ? EX_DATAERR : status;
}
