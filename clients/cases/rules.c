#include "clients/cases/rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "common/problems.h"
#include "daemon/frameworks/framework_file.h"
#include "daemon/frameworks/source.h"

void rules_init(struct rules *rules, const struct case_file *file) {
    *rules = (struct rules){.file = file};
}

void rules_finish(struct rules *rules) {
    for (size_t i = 0; i < rules->framework_count; i++) {
        free(rules->frameworks[i].name);
        free(rules->frameworks[i].text);
    }
    free(rules->frameworks);
    free(rules->organisations);
}

/* framework FILE */
static void take_framework(struct rules *rules, const struct line *line) {
    struct problems *problems = problems_create();
    const char *name = line->words[1];
    char *path = *name == '/' ? alloc_copy(name) : alloc_printf("%s/%s", rules->file->folder, name);
    size_t len;
    char *text = source_read(path, FRAMEWORK_FILE_MAX, problems, &len);

    free(path);
    problems_destroy(problems);
    if (!text)
        case_error(rules->file, line->number, "framework '%s' cannot be read", line->words[1]);
    rules->frameworks = alloc_resize(rules->frameworks, rules->framework_count + 1, sizeof *rules->frameworks);
    rules->frameworks[rules->framework_count++] = (struct framework_text){alloc_copy(line->words[1]), text};
}

/* change "OLD" "NEW": the text of the newest framework, in which OLD stands exactly once */
static void take_change(struct rules *rules, const struct line *line) {
    const char *old = line->words[1], *new = line->words[2];
    struct framework_text *framework;
    char *at, *text;

    if (!rules->framework_count)
        case_error(rules->file, line->number, "'change' before 'framework'");
    framework = &rules->frameworks[rules->framework_count - 1];
    at = strstr(framework->text, old);
    if (!at || strstr(at + 1, old))
        case_error(rules->file, line->number, "'%s' does not stand exactly once in %s", old, framework->name);
    text = alloc_printf("%.*s%s%s", (int)(at - framework->text), framework->text, new, at + strlen(old));
    free(framework->text);
    framework->text = text;
}

static void put_organisation(struct rules *rules, const struct line *line, size_t word) {
    size_t i;

    for (i = 0; i < rules->organisation_count; i++)
        if (!strcmp(rules->organisations[i].code, line->words[word]))
            break;
    if (i == rules->organisation_count)
        rules->organisations =
            alloc_resize(rules->organisations, ++rules->organisation_count, sizeof *rules->organisations);
    rules->organisations[i].line = line;
    rules->organisations[i].word = word;
    if (!text_copy(rules->organisations[i].code, sizeof rules->organisations[i].code, text_of(line->words[word])))
        case_error(rules->file, line->number, "'%s' is too long for a code", line->words[word]);
}

/* without CODE...: they leave the registry */
static void take_out(struct rules *rules, const struct line *line) {
    for (size_t word = 1; word < line->count; word++) {
        size_t i = 0;

        while (i < rules->organisation_count && strcmp(rules->organisations[i].code, line->words[word]))
            i++;
        if (i == rules->organisation_count)
            case_error(rules->file, line->number, "no organisation '%s'", line->words[word]);
        rules->organisation_count--;
        memmove(rules->organisations + i, rules->organisations + i + 1,
                (rules->organisation_count - i) * sizeof *rules->organisations);
    }
}

bool rules_take(struct rules *rules, const struct line *line) {
    const char *what = line->words[0];

    if (!strcmp(what, "framework") && line->count == 2)
        take_framework(rules, line);
    else if (!strcmp(what, "change") && line->count == 3)
        take_change(rules, line);
    else if (!strcmp(what, "organisation") && line->count >= 3 && line->count % 2)
        put_organisation(rules, line, 2);
    else if (!strcmp(what, "without") && line->count >= 2)
        take_out(rules, line);
    else if (!strcmp(what, "organisations") && line->count >= 3)
        for (size_t i = 2; i < line->count; i++)
            put_organisation(rules, line, i);
    else
        return false;
    return true;
}

static ov_day day_of(const struct rules *rules, const struct line *line, const char *text) {
    ov_day day;

    if (!date_parse(text, strlen(text), &day))
        case_error(rules->file, line->number, "'%s' is no date", text);
    return day;
}

/* organisation TYPE CODE [opened DATE] [closed DATE] [successor CODE] [predecessors "CODES"] */
static void add_organisation(const struct rules *rules, struct registry *registry, size_t at) {
    const struct line *line = rules->organisations[at].line;
    char *name = alloc_printf("Trust %s", rules->organisations[at].code), none[] = "";
    struct organisation organisation = {.name = name,
                                        .type = line->words[1],
                                        .subtype = none,
                                        .region = none,
                                        .group = none,
                                        .opened = OV_DAY_NONE,
                                        .closed = OV_DAY_NONE,
                                        .predecessors = none};
    bool alone = !strcmp(line->words[0], "organisation");

    snprintf(organisation.code, sizeof organisation.code, "%s", rules->organisations[at].code);
    for (size_t i = 3; alone && i < line->count; i += 2) {
        char *value = line->words[i + 1];

        if (!strcmp(line->words[i], "opened"))
            organisation.opened = day_of(rules, line, value);
        else if (!strcmp(line->words[i], "closed"))
            organisation.closed = day_of(rules, line, value);
        else if (!strcmp(line->words[i], "successor"))
            snprintf(organisation.successor, sizeof organisation.successor, "%s", value);
        else if (!strcmp(line->words[i], "predecessors"))
            organisation.predecessors = value;
        else
            case_error(rules->file, line->number, "an organisation has no '%s'", line->words[i]);
    }
    if (registry_add(registry, &organisation) != REGISTRY_OK)
        case_error(rules->file, line->number, "organisation '%s' cannot be added", organisation.code);
    free(name);
}

struct engine *rules_engine(const struct rules *rules) {
    struct framework **frameworks = alloc_zero(rules->framework_count, sizeof(struct framework *));
    struct registry *registry = registry_create();
    struct problems *problems = problems_create();
    struct engine *engine;

    for (size_t i = 0; i < rules->framework_count; i++) {
        const struct framework_text *framework = &rules->frameworks[i];

        frameworks[i] = framework_parse(framework->name, framework->text, strlen(framework->text), problems);
        if (!frameworks[i])
            case_error(rules->file, 0, "%s", problems_format(problems));
    }
    if (!rules->framework_count)
        case_error(rules->file, 0, "a case without 'framework'");
    for (size_t i = 0; i < rules->organisation_count; i++)
        add_organisation(rules, registry, i);
    engine = engine_create(registry, frameworks, rules->framework_count);
    free(frameworks);
    problems_destroy(problems);
    return engine;
}
