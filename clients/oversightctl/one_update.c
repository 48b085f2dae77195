#include "clients/oversightctl/one_update.h"

#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#define TIMEOUT_MS 60000

void one_update_default_source(struct one_update *update) {
    const struct passwd *user = getpwuid(getuid());
    const char *name = user != NULL ? user->pw_name : "";

    snprintf(update->source, sizeof(update->source), "decide-%s", name);
    if (name[0] == '\0' || !text_is_source(text_of(update->source)))
        snprintf(update->source, sizeof(update->source), "decide-%lu", (unsigned long)getuid());
}

int one_update_date(const struct command *command, const char *option, const char *value, ov_day *ret_day) {
    if (!date_parse(value, strlen(value), ret_day))
        return complain_usage(command, "--%s \"%s\" is not a date YYYY-MM-DD", option, value);
    return EX_OK;
}

int one_update_text(const struct command *command, const char *value, struct text *ret_text) {
    if (!text_is_free(text_of(value), FREE_TEXT_MAX))
        return complain_usage(command, "a text of more than %d bytes, not UTF-8, or with control characters",
                              FREE_TEXT_MAX);
    *ret_text = text_of(value);
    return EX_OK;
}

int one_update_source(const struct command *command, const char *value, struct one_update *update) {
    if (!text_is_source(text_of(value)))
        return complain_usage(command, "--source \"%s\" is not 1 to %d of A-Z a-z 0-9 . _ -", value, SOURCE_MAX);
    text_copy(update->source, sizeof(update->source), text_of(value));
    return EX_OK;
}

int one_update_send(const struct context *context, struct one_update *update, const char *what,
                    struct sending_result *result) {
    struct sending sending = {.source = update->source, .batch = 1};
    struct updates *updates;
    uint64_t last = 0;
    int status = sending_position(context, update->source, &last);

    if (status != EX_OK)
        return status;
    sending.first = last + 1; /* it is news, so it comes after everything its source has said */
    sending.timeout_ms = context->timeout_ms > 0 ? context->timeout_ms : TIMEOUT_MS;
    updates = updates_create();
    updates_add(updates, &update->item, what, 1);
    status = sending_run(context, &sending, updates, result);
    updates_destroy(updates);
    update->item.seq = sending.first;
    return status;
}
