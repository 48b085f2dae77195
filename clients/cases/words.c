#include "clients/cases/words.h"

#include <string.h>

void words_add(struct buf *list, const char *name) {
    buf_printf(list, "%s%s", list->len ? "," : "", name);
}

void words_put(struct buf *out, struct buf *list) {
    buf_append_string(out, list->len ? list->data : "-");
    buf_finish(list);
}

void words_add_alert(const struct play *play, struct buf *list, struct alert_id id) {
    char text[ALERT_ID_SIZE];

    for (size_t i = 0; i < play->label_count; i++)
        if (!alert_id_compare(play->labels[i].id, id)) {
            words_add(list, play->labels[i].name);
            return;
        }
    words_add(list, alert_id_format(id, text));
}

const char *words_after(const struct line *line, const char *name) {
    for (size_t i = 1; i + 1 < line->count; i++)
        if (!strcmp(line->words[i], name))
            return line->words[i + 1];
    return NULL;
}

void words_of_line(struct buf *out, const struct line *line) {
    for (size_t i = 0; i < line->count; i++) {
        if (!strcmp(line->words[0], "alert") && !strcmp(line->words[i], "as")) {
            i++; /* a label is given, not compared */
            continue;
        }
        buf_printf(out, "%s%s", i ? " " : "", line->words[i]);
    }
}
