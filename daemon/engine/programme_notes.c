#include "daemon/engine/programme_notes.h"

#include <string.h>

#include "daemon/engine/mem.h"
#include "daemon/engine/programme.h"

struct programme_note *programme_note_of(struct verdict *verdict, uint16_t programme, ov_day entered, bool *ret_new) {
    struct programme_note *note;

    *ret_new = false;
    for (size_t i = 0; i < verdict->note_count; i++)
        if (verdict->notes[i].programme == programme && verdict->notes[i].entered == entered)
            return &verdict->notes[i];
    *ret_new = true;
    MEM_GROW(verdict->notes, verdict->note_count, verdict->note_capacity);
    note = &verdict->notes[verdict->note_count++];
    *note =
        (struct programme_note){.programme = programme, .entered = entered, .due = OV_DAY_NONE, .overdue = OV_DAY_NONE};
    return note;
}

void programme_notes_write(const struct verdict *verdict, const struct framework *framework, struct arena_text *text) {
    for (size_t i = 0; i < verdict->note_count; i++) {
        const struct programme_note *note = &verdict->notes[i];
        char entered[OV_DATE_SIZE], due[OV_DATE_SIZE], overdue[OV_DATE_SIZE];

        arena_add(text, "%s%s/%s/%s/%s/%s", i ? "," : " programmes=", framework->programmes[note->programme].id,
                  date_format(note->entered, entered), note->left ? "left" : "in", date_format(note->due, due),
                  date_format(note->overdue, overdue));
    }
    if (verdict->left[LIST_PROGRAMMES])
        arena_add(text, "%s%s", verdict->note_count ? "," : " programmes=", verdict->left[LIST_PROGRAMMES]);
}

#define PARTS 5

/* Cuts an item at its slashes; parts may be empty. */
static bool cut(struct text item, struct text parts[PARTS]) {
    for (size_t i = 0; i < PARTS; i++) {
        const char *slash = item.len ? memchr(item.s, '/', item.len) : NULL;

        if (!slash != (i == PARTS - 1))
            return false;
        parts[i] = (struct text){item.s, slash ? (size_t)(slash - item.s) : item.len};
        if (slash)
            item = (struct text){slash + 1, item.len - parts[i].len - 1};
    }
    return true;
}

/* A date, or nothing. */
static bool read_date(struct text text, ov_day *ret_day) {
    *ret_day = OV_DAY_NONE;
    return !text.len || date_parse(text.s, text.len, ret_day);
}

static bool read_note(struct text item, const struct framework *framework, struct verdict *verdict) {
    struct text parts[PARTS];
    struct programme_note note;
    bool is_new;

    if (!cut(item, parts) || !date_parse(parts[1].s, parts[1].len, &note.entered) || !read_date(parts[3], &note.due) ||
        !read_date(parts[4], &note.overdue))
        return false;
    note.left = text_equal(parts[2], "left");
    note.programme = framework_programme(framework, parts[0]);
    if (note.programme != INDEX_NONE)
        *programme_note_of(verdict, note.programme, note.entered, &is_new) = note;
    else
        verdict_leave(verdict, LIST_PROGRAMMES, item);
    return true;
}

bool programme_notes_read(struct verdict *verdict, const struct framework *framework, struct text list) {
    while (list.len) {
        const char *comma = memchr(list.s, ',', list.len);
        struct text item = {list.s, comma ? (size_t)(comma - list.s) : list.len};

        if (!read_note(item, framework, verdict))
            return false;
        list = comma ? (struct text){comma + 1, list.len - item.len - 1} : (struct text){list.s + item.len, 0};
    }
    return true;
}
