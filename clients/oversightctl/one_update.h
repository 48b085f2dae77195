/*
 * One update that a person makes: a decision, a step of a programme.
 */
#ifndef OV_CTL_ONE_UPDATE_H
#define OV_CTL_ONE_UPDATE_H

#include "clients/oversightctl/command.h"
#include "clients/oversightctl/sending.h"

struct one_update {
    struct item item;
    char source[SOURCE_MAX + 1];
};

/* decide-USER: decisions of one person are numbered by themselves. */
void one_update_default_source(struct one_update *update);

/* Options that every such update has. EX_OK, or after a complaint EX_USAGE. */
int one_update_date(const struct command *command, const char *option, const char *value, ov_day *ret_day);
int one_update_text(const struct command *command, const char *value, struct text *ret_text);
int one_update_source(const struct command *command, const char *value, struct one_update *update);

/* Sends it as the next of its source; sets its seq. what names it in a refusal. */
int one_update_send(const struct context *context, struct one_update *update, const char *what,
                    struct sending_result *result);

#endif
