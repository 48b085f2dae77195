/* What a reload may change of the configuration, and what not. */
#include <stdlib.h>
#include <string.h>

#include "common/text.h"
#include "daemon/config.h"
#include "daemon/config_option.h"

static char *printed(const struct config *config, const struct option *option) {
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    if (!stream)
        abort();
    option->type->print((const char *)config + option->offset, stream);
    fclose(stream);
    return text;
}

bool config_check_fixed(const struct config *now, const struct config *next, const char *name,
                        struct problems *problems) {
    bool good = true;
    for (size_t i = 0; i < config_options_count; i++) {
        const struct option *option = &config_options[i];
        if (option->reloadable)
            continue;
        char *is = printed(now, option), *wanted = printed(next, option), shown[100], got[100];
        if (strcmp(is, wanted) != 0) {
            good = false;
            problems_add(problems, name, next->lines[i],
                         "option '%s': got %s, but a reload cannot change it from %s: the daemon must be restarted",
                         option->name, text_escape(got, sizeof got, text_of(wanted)),
                         text_escape(shown, sizeof shown, text_of(is)));
        }
        free(is);
        free(wanted);
    }
    return good;
}

/* memcpy() and not a callback per type: a field is moved as it is. */
static void swap(void *a, void *b, size_t size) {
    char bytes[64];
    if (size > sizeof bytes)
        abort();
    memcpy(bytes, a, size);
    memcpy(a, b, size);
    memcpy(b, bytes, size);
}

void config_take_reloadable(struct config *now, struct config *next) {
    for (size_t i = 0; i < config_options_count; i++) {
        const struct option *option = &config_options[i];
        if (option->reloadable)
            swap((char *)now + option->offset, (char *)next + option->offset, option->size);
    }
}
