/* oversightctl backtest: history through the engine, without a daemon. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "clients/oversightctl/alert_text.h"
#include "clients/oversightctl/command.h"
#include "clients/oversightctl/inputs.h"
#include "clients/oversightctl/rules_files.h"
#include "common/alloc.h"

#define DAY_MS 86400000LL
#define SHOWN 20 /* refusals */

struct arguments {
    struct rules_files rules;
    const char *map;
    struct input_options input;
    ov_day baseline_until, date;
};

enum { FRAMEWORK = 256, REGISTRY, MAP, PERIOD, BASELINE_UNTIL, DATE };

static const struct option options[] = {
    {"framework", required_argument, NULL, FRAMEWORK},
    {"registry", required_argument, NULL, REGISTRY},
    {"map", required_argument, NULL, MAP},
    {"period", required_argument, NULL, PERIOD},
    {"baseline-until", required_argument, NULL, BASELINE_UNTIL},
    {"date", required_argument, NULL, DATE},
    {NULL, 0, NULL, 0},
};

/* An update and the day on which it is played: a figure when its period is over. */
struct step {
    size_t index; /* in the updates */
    ov_day day;
    bool baseline;
};

struct backtest {
    const struct context *context;
    const struct arguments *arguments;
    struct engine *engine;
    struct updates *updates;
    struct step *steps;
    size_t count;
    struct changes changes;
    uint64_t seq;
    uint64_t messages, accepted, refused, kinds[ALERT_KIND_COUNT];
};

/* ---- Arguments --------------------------------------------------------------------- */

static int take_date(const char *name, const char *value, ov_day *ret_day) {
    if (!date_parse_period(value, strlen(value), ret_day))
        return complain_usage(&command_backtest, "--%s \"%s\" is not a date YYYY-MM-DD or YYYY-MM", name, value);
    return EX_OK;
}

static int take_option(struct arguments *arguments, int option, const char *value) {
    switch (option) {
    case FRAMEWORK:
        return rules_files_add(&arguments->rules, value) ? EX_OK : EX_USAGE;
    case REGISTRY:
        arguments->rules.registry = value;
        return EX_OK;
    case MAP:
        arguments->map = value;
        return EX_OK;
    case PERIOD:
        return take_date("period", value, &arguments->input.mapping_options.period);
    case BASELINE_UNTIL:
        return take_date("baseline-until", value, &arguments->baseline_until);
    default:
        return take_date("date", value, &arguments->date);
    }
}

static int parse_arguments(struct arguments *arguments, int argc, char **argv) {
    int option, status = EX_OK;

    optind = 0;
    while (status == EX_OK && (option = getopt_long(argc, argv, ":", options, NULL)) != -1) {
        if (option == '?' || option == ':')
            return complain_option(&command_backtest, option, argv);
        status = take_option(arguments, option, optarg);
    }
    if (status == EX_OK && arguments->rules.framework_count == 0)
        return complain_usage(&command_backtest, "backtest: --framework FILE is required");
    if (status == EX_OK && optind == argc)
        return complain_usage(&command_backtest, "backtest: no file given (\"-\" is standard input)");
    return status;
}

static int read_files(const struct arguments *arguments, char **files, struct updates *updates) {
    struct problems *problems = problems_create();
    struct input_options input = arguments->input;
    struct mapping *mapping = NULL;
    int status = EX_OK;

    if (arguments->map != NULL) {
        mapping = mapping_load(arguments->map, problems);
        if (mapping == NULL)
            status = EX_CONFIG;
    }
    input.mapping = mapping;
    for (; status == EX_OK && *files != NULL; files++)
        if (strcmp(*files, "-") != 0 && access(*files, R_OK) != 0)
            status = complain(EX_NOINPUT, "%s: %s", *files, strerror(errno));
        else
            inputs_read(*files, &input, updates, problems);
    print_problems(problems);
    if (status == EX_OK && problems_count(problems) > 0)
        status = EX_DATAERR;
    problems_destroy(problems);
    mapping_destroy(mapping);
    return status;
}

/* ---- The order of history -------------------------------------------------------------- */

static enum frequency frequency_of(const struct engine *engine, struct text measure) {
    for (uint16_t f = 0; f < engine_framework_count(engine); f++) {
        const struct framework *framework = engine_framework(engine, f);
        uint16_t m = framework_measure(framework, measure);

        if (m != INDEX_NONE)
            return framework->measures[m].frequency;
    }
    return FREQUENCY_DAY; /* it will be refused */
}

static struct step step_of(const struct backtest *backtest, size_t index) {
    const struct item *item = updates_at(backtest->updates, index);
    ov_day period = OV_DAY_NONE, until = backtest->arguments->baseline_until;
    struct step step = {.index = index};

    if (item->kind == ITEM_FIGURE) {
        period = item->figure.period;
        step.day = period_add(frequency_of(backtest->engine, item->figure.measure), period, 1);
    } else if (item->kind == ITEM_DECISION) {
        step.day = period = item->decision.effective;
    } else if (item->kind == ITEM_PROGRAMME) {
        step.day = period = item->programme.effective;
    }
    step.baseline = until != OV_DAY_NONE && period <= until;
    return step;
}

static int compare_steps(const void *a, const void *b) {
    const struct step *first = a, *second = b;

    if (first->baseline != second->baseline)
        return first->baseline ? -1 : 1;
    if (first->day != second->day)
        return first->day < second->day ? -1 : 1;
    return first->index < second->index ? -1 : 1;
}

/* ---- Playing ------------------------------------------------------------------------------ */

static int64_t now_of(const struct backtest *backtest) {
    ov_day date = engine_date(backtest->engine);

    return date == OV_DAY_NONE ? 0 : date * DAY_MS;
}

static void print_alerts(struct backtest *backtest) {
    for (size_t i = 0; i < backtest->changes.alert_count; i++) {
        cJSON *event = rules_files_event(backtest->changes.alerts[i]);
        struct buf text;

        backtest->kinds[backtest->changes.alerts[i]->kind]++;
        if (backtest->context->json) {
            print_json(event);
        } else {
            buf_init(&text);
            append_alert(&text, backtest->context->colour, event);
            fwrite(text.data, 1, text.len, stdout);
            buf_finish(&text);
        }
        cJSON_Delete(event);
    }
}

/* Moves the engine's date on, not beyond the one asked for. */
static void tick(struct backtest *backtest, ov_day day) {
    ov_day date = engine_date(backtest->engine), last = backtest->arguments->date;

    if (last != OV_DAY_NONE && day > last)
        day = last;
    if (date != OV_DAY_NONE && day <= date)
        return;
    engine_tick(backtest->engine, day, day * DAY_MS, &backtest->changes);
    print_alerts(backtest);
}

static void report_refusals(struct backtest *backtest, size_t first) {
    const struct changes *changes = &backtest->changes;

    for (size_t i = 0; i < changes->refusal_count; i++) {
        const struct refusal_report *refusal = &changes->refusals[i];
        struct update_origin origin = updates_origin(backtest->updates, backtest->steps[first + refusal->index].index);

        if (backtest->refused + i < SHOWN)
            fprintf(stderr, "%s:%u: %s: %s\n", origin.file, origin.line, refusal_code(refusal->code), refusal->message);
    }
    backtest->refused += changes->refused;
}

static void play_message(struct backtest *backtest, size_t first, size_t count) {
    struct message message = {.source = TEXT_OF("backtest"), .count = count};

    message.baseline = backtest->steps[first].baseline;
    message.items = alloc_zero(count, sizeof(*message.items));
    for (size_t i = 0; i < count; i++) {
        message.items[i] = *updates_at(backtest->updates, backtest->steps[first + i].index);
        message.items[i].seq = ++backtest->seq;
    }
    engine_apply(backtest->engine, &message, now_of(backtest), &backtest->changes);
    report_refusals(backtest, first);
    print_alerts(backtest);
    backtest->messages++;
    backtest->accepted += backtest->changes.accepted;
    free(message.items);
}

static void play(struct backtest *backtest) {
    size_t next;
    ov_day taken_over = OV_DAY_NONE;

    for (size_t i = 0; i < backtest->count && backtest->steps[i].baseline; i++)
        taken_over = backtest->steps[i].day;
    if (taken_over != OV_DAY_NONE)
        tick(backtest, taken_over); /* history is taken over as of its end */
    for (size_t i = 0; i < backtest->count; i = next) {
        const struct step *step = &backtest->steps[i];

        for (next = i + 1; next < backtest->count && backtest->steps[next].day == step->day &&
                           backtest->steps[next].baseline == step->baseline;)
            next++;
        tick(backtest, step->day);
        play_message(backtest, i, next - i);
    }
    if (backtest->arguments->date != OV_DAY_NONE)
        tick(backtest, backtest->arguments->date);
}

/* ---- The count at the end ----------------------------------------------------------------- */

static uint64_t alert_total(const struct backtest *backtest) {
    uint64_t total = 0;

    for (int kind = 0; kind < ALERT_KIND_COUNT; kind++)
        total += backtest->kinds[kind];
    return total;
}

static void print_count(const struct backtest *backtest) {
    char date[OV_DATE_SIZE];

    date_format(engine_date(backtest->engine), date);
    printf("%" PRIu64 " alerts until %s, from %" PRIu64 " updates in %" PRIu64 " messages", alert_total(backtest), date,
           backtest->accepted, backtest->messages);
    if (backtest->refused > 0)
        printf(" (%" PRIu64 " refused)", backtest->refused);
    putchar('\n');
    for (int kind = 0; kind < ALERT_KIND_COUNT; kind++)
        if (backtest->kinds[kind] > 0)
            printf("%8" PRIu64 "  %s\n", backtest->kinds[kind], alert_kind_name((enum alert_kind)kind));
}

static void print_count_json(const struct backtest *backtest) {
    cJSON *line = cJSON_CreateObject(), *count = cJSON_AddObjectToObject(line, "count");
    cJSON *kinds = cJSON_AddObjectToObject(count, "kinds");
    char date[OV_DATE_SIZE];

    cJSON_AddNumberToObject(count, "alerts", (double)alert_total(backtest));
    cJSON_AddStringToObject(count, "until", date_format(engine_date(backtest->engine), date));
    cJSON_AddNumberToObject(count, "messages", (double)backtest->messages);
    cJSON_AddNumberToObject(count, "accepted", (double)backtest->accepted);
    cJSON_AddNumberToObject(count, "refused", (double)backtest->refused);
    for (int kind = 0; kind < ALERT_KIND_COUNT; kind++)
        if (backtest->kinds[kind] > 0)
            cJSON_AddNumberToObject(kinds, alert_kind_name((enum alert_kind)kind), (double)backtest->kinds[kind]);
    print_json(line);
    cJSON_Delete(line);
}

static int run_backtest(struct backtest *backtest) {
    backtest->engine = rules_files_engine(&backtest->arguments->rules);
    if (backtest->engine == NULL)
        return EX_CONFIG;
    backtest->count = updates_count(backtest->updates);
    backtest->steps = alloc_zero(backtest->count + 1, sizeof(*backtest->steps));
    for (size_t i = 0; i < backtest->count; i++)
        backtest->steps[i] = step_of(backtest, i);
    qsort(backtest->steps, backtest->count, sizeof(*backtest->steps), compare_steps);
    engine_set_alert_id(backtest->engine, (struct alert_id){1, 0});
    changes_init(&backtest->changes);
    play(backtest);
    if (backtest->refused > SHOWN)
        complain(0, "%" PRIu64 " more refused", backtest->refused - SHOWN);
    if (backtest->context->json)
        print_count_json(backtest);
    else
        print_count(backtest);
    changes_finish(&backtest->changes);
    free(backtest->steps);
    engine_destroy(backtest->engine);
    return EX_OK;
}

static int run(const struct context *context, int argc, char **argv) {
    struct arguments arguments = {.baseline_until = OV_DAY_NONE, .date = OV_DAY_NONE};
    struct backtest backtest = {.context = context, .arguments = &arguments};
    int status;

    arguments.input.mapping_options.period = OV_DAY_NONE;
    status = parse_arguments(&arguments, argc, argv);
    if (status != EX_OK)
        return status;
    backtest.updates = updates_create();
    status = read_files(&arguments, argv + optind, backtest.updates);
    if (status == EX_OK)
        status = run_backtest(&backtest);
    updates_destroy(backtest.updates);
    return status;
}

const struct command command_backtest = {
    .name = "backtest",
    .usage = "--framework FILE [OPTION...] DATA...",
    .help = "Play history through the engine and print the alerts that would have come",
    .options = "      --framework FILE  the rules; several are several frameworks side by side\n"
               "      --registry FILE   the organisations [" DEFAULT_REGISTRY "]\n"
               "      --map FILE        the data are published files; this mapping says how to read them\n"
               "      --period PERIOD   of every row, for published files that do not say it\n"
               "      --baseline-until PERIOD\n"
               "                        take periods up to this one over without alerts\n"
               "      --date DATE       the engine's date at the end [the day after the newest period]\n",
    .run = run,
};
