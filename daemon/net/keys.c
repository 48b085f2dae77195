#include "daemon/net/keys.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/alloc.h"

#define KEYS_FILE_MAX (4 * 1024 * 1024) /* bytes */
#define BLANK " \t\r"
#define COLUMNS 4

struct keys {
    struct key *items;
    size_t count;
};

/* What a line is read with. */
struct place {
    const char *path;
    unsigned line;
    struct problems *problems;
};

static const struct {
    const char *word;
    enum key_role role;
} roles[] = {
    {"feed", KEY_FEED}, {"submit", KEY_SUBMIT}, {"consume", KEY_CONSUME}, {"query", KEY_QUERY}, {"admin", KEY_ADMIN},
};

/* ---- One line --------------------------------------------------------------------- */

static void expect(const struct place *place, const char *what, const char *got, const char *expected) {
    char shown[128];
    problems_add(place->problems, place->path, place->line, "%s: got \"%s\", expected %s", what,
                 text_escape(shown, sizeof shown, text_of(got)), expected);
}

static bool read_roles(const struct place *place, const char *list, unsigned *ret_roles) {
    char *copy = alloc_copy(list), *rest = copy;
    bool good = true;
    for (char *word = strsep(&rest, ","); word != NULL && good; word = strsep(&rest, ",")) {
        size_t i = 0, count = sizeof roles / sizeof roles[0];
        while (i < count && strcmp(roles[i].word, word) != 0)
            i++;
        good = i < count;
        if (good)
            *ret_roles |= roles[i].role;
        else
            expect(place, "role", word, "feed, submit, consume, query or admin");
    }
    free(copy);
    return good;
}

static bool read_sources(const struct place *place, const char *list, unsigned granted, char **ret_sources) {
    bool wanted = (granted & KEY_SUBMIT) != 0;
    if (list == NULL && wanted)
        expect(place, "sources", "", "the sources that a key with the role submit may speak for, or *");
    else if (list != NULL && !wanted)
        expect(place, "sources", list, "nothing: only the role submit has sources");
    if ((list == NULL) == wanted)
        return false;
    if (list == NULL)
        return true;
    char *copy = alloc_copy(list), *rest = copy;
    bool good = true;
    if (strcmp(list, "*") != 0)
        for (char *word = strsep(&rest, ","); word != NULL && good; word = strsep(&rest, ",")) {
            good = text_is_source(text_of(word));
            if (!good)
                expect(place, "source", word, "1 to 64 of A-Z a-z 0-9 . _ -");
        }
    free(copy);
    if (good)
        *ret_sources = alloc_copy(list);
    return good;
}

static bool read_line(const struct place *place, char *line, struct key *key) {
    char *columns[COLUMNS + 1] = {NULL}, *rest = NULL;
    size_t count = 0;
    for (char *word = strtok_r(line, BLANK, &rest); word != NULL && count <= COLUMNS;
         word = strtok_r(NULL, BLANK, &rest))
        columns[count++] = word;
    if (count < 3 || count > COLUMNS) {
        problems_add(place->problems, place->path, place->line,
                     "got %s%zu columns, expected 3 or 4: name, public key, roles, sources",
                     count > COLUMNS ? "more than " : "", count > COLUMNS ? COLUMNS : count);
        return false;
    }
    struct text name = text_of(columns[0]), public_key = text_of(columns[1]);
    bool good = true;
    if (!text_is_source(name) || !text_copy(key->name, sizeof key->name, name)) {
        expect(place, "name", columns[0], "1 to 39 of A-Z a-z 0-9 . _ -");
        good = false;
    }
    if (!zkey_is_valid(public_key) || !text_copy(key->public_key, sizeof key->public_key, public_key)) {
        expect(place, "public key", columns[1], "40 characters of Z85");
        good = false;
    }
    key->line = place->line;
    good = read_roles(place, columns[2], &key->roles) && good;
    return good && read_sources(place, columns[3], key->roles, &key->sources);
}

/* ---- The whole ---------------------------------------------------------------------- */

static int compare(const void *a, const void *b) {
    return strcmp(((const struct key *)a)->public_key, ((const struct key *)b)->public_key);
}

static int compare_names(const void *a, const void *b) {
    const struct key *const *x = a, *const *y = b;
    int order = strcmp((*x)->name, (*y)->name);
    return order != 0 ? order : ((*x)->line > (*y)->line) - ((*x)->line < (*y)->line);
}

/* A name or key that stands twice leaves open which line counts. */
static void check_unique(const char *path, const struct keys *keys, struct problems *problems) {
    const struct key **named = alloc_zero(keys->count + 1, sizeof *named);
    for (size_t i = 0; i < keys->count; i++)
        named[i] = &keys->items[i];
    qsort(named, keys->count, sizeof *named, compare_names);
    for (size_t i = 1; i < keys->count; i++) {
        const struct key *a = &keys->items[i - 1], *b = &keys->items[i];
        if (strcmp(a->public_key, b->public_key) == 0)
            problems_add(problems, path, a->line > b->line ? a->line : b->line,
                         "public key: the key of %s is also that of %s, expected one line per key", b->name, a->name);
        if (strcmp(named[i - 1]->name, named[i]->name) == 0)
            problems_add(problems, path, named[i]->line, "name: %s stands in line %u already", named[i]->name,
                         named[i - 1]->line);
    }
    free(named);
}

struct keys *keys_parse(const char *path, char *text, struct problems *problems) {
    size_t before = problems_count(problems), capacity = 0;
    struct keys *keys = alloc_zero(1, sizeof *keys);
    struct place place = {path, 0, problems};
    char *rest = text;
    for (char *line = strsep(&rest, "\n"); line != NULL; line = strsep(&rest, "\n")) {
        place.line++;
        line += strspn(line, BLANK);
        if (*line == '\0' || *line == '#')
            continue;
        if (keys->count == KEYS_MAX) {
            problems_add(problems, path, place.line, "got more than %d keys", KEYS_MAX);
            break;
        }
        if (keys->count == capacity) {
            capacity = capacity == 0 ? 16 : capacity * 2;
            keys->items = alloc_resize(keys->items, capacity, sizeof *keys->items);
        }
        keys->items[keys->count] = (struct key){0};
        keys->count += read_line(&place, line, &keys->items[keys->count]);
    }
    if (keys->count > 0) {
        qsort(keys->items, keys->count, sizeof *keys->items, compare);
        check_unique(path, keys, problems);
    }
    if (problems_count(problems) == before)
        return keys;
    keys_destroy(keys);
    return NULL;
}

struct keys *keys_load(const char *path, struct problems *problems) {
    struct stat info;
    const char *reason = NULL;
    FILE *stream = fopen(path, "re");
    if (stream == NULL || fstat(fileno(stream), &info) != 0)
        reason = strerror(errno);
    else if (!S_ISREG(info.st_mode) || info.st_size > KEYS_FILE_MAX)
        reason = "expected a file of at most 4 MiB";
    else if ((info.st_mode & S_IWOTH) != 0)
        reason = "everybody may write it";
    char *text = reason == NULL ? alloc_zero(1, KEYS_FILE_MAX + 1) : NULL;
    size_t len = text != NULL ? fread(text, 1, KEYS_FILE_MAX, stream) : 0;
    if (text != NULL && (ferror(stream) || memchr(text, '\0', len) != NULL))
        reason = "expected text";
    struct keys *keys = NULL;
    if (reason != NULL)
        problems_add(problems, path, 0, "cannot be read: %s", reason);
    else
        keys = keys_parse(path, text, problems);
    free(text);
    if (stream != NULL)
        fclose(stream);
    return keys;
}

void keys_destroy(struct keys *keys) {
    if (keys == NULL)
        return;
    for (size_t i = 0; i < keys->count; i++)
        free(keys->items[i].sources);
    free(keys->items);
    free(keys);
}

/* ---- Questions ------------------------------------------------------------------------ */

size_t keys_count(const struct keys *keys) {
    return keys->count;
}

const struct key *keys_at(const struct keys *keys, size_t index) {
    return &keys->items[index];
}

const struct key *keys_find(const struct keys *keys, const char *public_key) {
    struct key wanted = {0};
    if (keys->count == 0 || !text_copy(wanted.public_key, sizeof wanted.public_key, text_of(public_key)))
        return NULL;
    return bsearch(&wanted, keys->items, keys->count, sizeof *keys->items, compare);
}

const struct key *keys_named(const struct keys *keys, const char *name) {
    for (size_t i = 0; i < keys->count; i++)
        if (strcmp(keys->items[i].name, name) == 0)
            return &keys->items[i];
    return NULL;
}

bool key_may_speak_for(const struct key *key, struct text source) {
    if ((key->roles & KEY_SUBMIT) == 0 || key->sources == NULL)
        return false;
    if (strcmp(key->sources, "*") == 0)
        return true;
    for (const char *word = key->sources; *word != '\0';) {
        size_t len = strcspn(word, ",");
        if (len == source.len && memcmp(word, source.s, len) == 0)
            return true;
        word += len + (word[len] == ',');
    }
    return false;
}
