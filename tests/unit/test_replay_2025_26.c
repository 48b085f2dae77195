/*
 * The first three quarters of 2025/26 replayed: the published metric scores of
 * 61 trusts, one message a quarter, the first as baseline, under
 * conf/frameworks/nof-2025-26-published.conf. Segments and averages must be the published
 * ones, and the moves for the worse exactly those that happened.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/problems.h"
#include "daemon/engine/engine.h"
#include "daemon/engine/score.h"
#include "daemon/frameworks/framework_file.h"
#include "tests/unit/shared.h"

#define FILE_NAME "nof_2025_26_q1_q3_wide.csv"
#define QUARTERS 3
#define TRUSTS_MAX 100
#define COLUMN_MAX 32
#define NO_SEGMENT 0

static const char *const QUARTER_NAMES[QUARTERS] = {"Q1 2025/26", "Q2 2025/26", "Q3 2025/26"};
static const char *const QUARTER_STARTS[QUARTERS] = {"2025-04-01", "2025-07-01", "2025-10-01"};
static const char *const FLAGS[][2] = {{"of5004", "financial_override_OF5004"}, {"of5007", "in_rsp_OF5007"}};

/* What was published of one trust. */
struct published {
    char code[ORG_CODE_MAX + 1];
    double average;
    int unadjusted, adjusted, final;
    char cells[MEASURES_MAX][8]; /* by measure: the text of its figure; empty = none */
};

struct quarter {
    struct published trusts[TRUSTS_MAX];
    size_t count;
};

/* How the replay sends the recovery flag, which is not published for the third quarter. */
enum recovery { RECOVERY_AS_PUBLISHED, RECOVERY_ENDS, RECOVERY_NEVER };

/* ---- Reading ------------------------------------------------------------------- */

static const char *column_of(const struct measure *measure, char buf[COLUMN_MAX]) {
    for (size_t i = 0; i < sizeof(FLAGS) / sizeof(FLAGS[0]); i++) {
        if (strcmp(measure->id, FLAGS[i][0]) == 0)
            return FLAGS[i][1];
    }
    snprintf(buf, COLUMN_MAX, "score_OF%s", measure->id + 2);
    return buf;
}

/* Acute trusts' measures have no column. */
static const char *cell(const struct shared_csv *csv, const char *column) {
    for (size_t i = 0; i < csv->name_count; i++) {
        if (strcmp(csv->names[i], column) == 0)
            return shared_field(csv, column);
    }
    return "";
}

static void read_row(const struct shared_csv *csv, const struct framework *framework, struct published *trust) {
    char buf[COLUMN_MAX];

    snprintf(trust->code, sizeof(trust->code), "%s", shared_field(csv, "trust_code"));
    trust->average = strtod(shared_field(csv, "average_metric_score_OF5002"), NULL);
    trust->unadjusted = atoi(shared_field(csv, "unadjusted_segment_OF5003"));
    trust->adjusted = atoi(shared_field(csv, "adjusted_segment_OF5000"));
    trust->final = atoi(shared_field(csv, "final_segment_OF5005"));
    for (size_t m = 0; m < framework->measure_count; m++)
        snprintf(trust->cells[m], sizeof(trust->cells[m]), "%s", cell(csv, column_of(&framework->measures[m], buf)));
}

static bool read_quarters(const struct framework *framework, struct quarter *quarters) {
    struct shared_csv csv;

    if (!shared_open(&csv, FILE_NAME))
        return false;
    while (shared_next(&csv)) {
        for (int q = 0; q < QUARTERS; q++) {
            if (strcmp(shared_field(&csv, "quarter"), QUARTER_NAMES[q]) == 0) {
                assert_true(quarters[q].count < TRUSTS_MAX);
                read_row(&csv, framework, &quarters[q].trusts[quarters[q].count++]);
            }
        }
    }
    shared_close(&csv);
    return true;
}

/* ---- Sending ------------------------------------------------------------------- */

struct replay {
    struct framework *framework; /* the engine's */
    struct engine *engine;
    struct quarter *quarters;
    struct changes changes;
    uint64_t seq;
    char worsened[512], improved[2048]; /* "RAT 1-3 own, ..." */
    int unadjusted, adjusted, final, finals, averages, rows;
};

static void add_item(struct replay *replay, struct message *message, const struct published *trust, size_t measure,
                     ov_day period, enum recovery recovery) {
    const struct measure *m = &replay->framework->measures[measure];
    const char *text = trust->cells[measure];
    struct item *item = &message->items[message->count];

    if (strcmp(m->id, "of5007") == 0 && recovery == RECOVERY_NEVER)
        text = "";
    if (strcmp(m->id, "of5007") == 0 && recovery == RECOVERY_ENDS && !*text)
        text = "0";
    if (!*text)
        return;
    *item = (struct item){.kind = ITEM_FIGURE, .seq = ++replay->seq, .org = text_of(trust->code)};
    item->figure.measure = text_of(m->id);
    item->figure.period = period;
    item->figure.value.type = m->kind == MEASURE_FLAG ? VALUE_BOOLEAN : VALUE_NUMBER;
    if (m->kind == MEASURE_FLAG)
        item->figure.value.boolean = strtod(text, NULL) > 0;
    else
        item->figure.value.number = strtod(text, NULL);
    message->count++;
}

static void note_moves(struct replay *replay) {
    for (size_t i = 0; i < replay->changes.alert_count; i++) {
        const struct alert *alert = replay->changes.alerts[i];
        bool worse = alert->kind == ALERT_SEGMENT_WORSENED;
        char *text = worse ? replay->worsened : replay->improved;
        size_t size = worse ? sizeof(replay->worsened) : sizeof(replay->improved), len = strlen(text);

        assert_true(worse || alert->kind == ALERT_SEGMENT_IMPROVED);
        assert_true(alert->score.scored && alert->score.rank >= 1 && alert->score.rank <= alert->score.n);
        snprintf(text + len, size - len, "%s%s %d-%d %s", len ? ", " : "", alert->organisation->code, alert->before,
                 alert->after, attribution_name(alert->attribution));
    }
}

static void send_quarter(struct replay *replay, int q, bool whole, enum recovery recovery) {
    const struct quarter *quarter = &replay->quarters[q];
    size_t measures = replay->framework->measure_count;
    struct item *items = calloc(quarter->count * measures, sizeof(*items));
    struct message message = {.source = text_of("publication"), .items = items, .baseline = q == 0};
    ov_day period;

    assert_non_null(items);
    assert_true(date_parse(QUARTER_STARTS[q], strlen(QUARTER_STARTS[q]), &period));
    for (size_t i = 0; i < quarter->count; i++) {
        for (size_t m = 0; m < measures; m++)
            add_item(replay, &message, &quarter->trusts[i], m, period, recovery);
        if (whole && i + 1 < quarter->count)
            continue;
        engine_apply(replay->engine, &message, 0, &replay->changes);
        assert_int_equal(replay->changes.accepted, message.count);
        note_moves(replay);
        message.count = 0;
    }
    free(items);
}

/* ---- Comparing ------------------------------------------------------------------ */

/* ranks[] must be the competition ranks by adjusted segment, then average at two decimals. */
static void check_ranks(const struct replay *replay, const struct quarter *quarter) {
    struct standing standings[TRUSTS_MAX];

    for (size_t i = 0; i < quarter->count; i++)
        engine_standing(replay->engine, 0,
                        registry_find(engine_registry(replay->engine), text_of(quarter->trusts[i].code)),
                        &standings[i]);
    for (size_t i = 0; i < quarter->count; i++) {
        const struct score_verdict *a = &standings[i].score;
        uint32_t rank = 1;

        for (size_t k = 0; k < quarter->count; k++) {
            const struct score_verdict *b = &standings[k].score;

            rank += b->adjusted < a->adjusted ||
                    (b->adjusted == a->adjusted && score_hundredths(b->average) < score_hundredths(a->average));
        }
        assert_int_equal(a->rank, rank);
        assert_int_equal(a->n, quarter->count);
    }
}

static void compare(struct replay *replay, int q, enum recovery recovery) {
    const struct quarter *quarter = &replay->quarters[q];

    for (size_t i = 0; i < quarter->count; i++) {
        const struct published *trust = &quarter->trusts[i];
        struct standing standing;

        engine_standing(replay->engine, 0, registry_find(engine_registry(replay->engine), text_of(trust->code)),
                        &standing);
        assert_true(standing.score.scored);
        replay->rows++;
        replay->averages += fabs(standing.score.average - trust->average) <= 0.01;
        replay->unadjusted += standing.score.unadjusted == trust->unadjusted;
        replay->adjusted += standing.score.adjusted == trust->adjusted;
        if (trust->final != NO_SEGMENT && recovery != RECOVERY_NEVER) {
            replay->finals++;
            replay->final += standing.indicative == trust->final;
        }
    }
    check_ranks(replay, quarter);
}

static void check_moves(const struct replay *replay) {
    assert_string_equal(replay->worsened,
                        "RAT 1-3 own, RY5 3-4 own, RGD 2-3 own, RX3 2-3 own, RNK 3-4 own, R1L 3-4 own");
}

static struct framework *load(void) {
    const char *source = getenv("srcdir");
    char path[SHARED_LINE_MAX];
    struct problems *problems = problems_create();
    struct framework *framework;

    snprintf(path, sizeof(path), "%s/conf/frameworks/nof-2025-26-published.conf", source ? source : ".");
    framework = framework_load(path, problems);
    if (!framework)
        fprintf(stderr, "%s", problems_format(problems));
    problems_destroy(problems);
    assert_non_null(framework);
    return framework;
}

static struct registry *register_trusts(const struct quarter *quarter) {
    static char type[] = "mental-health", empty[] = "";
    struct registry *registry = registry_create();

    for (size_t i = 0; i < quarter->count; i++) {
        struct organisation organisation = {.name = (char *)(uintptr_t)quarter->trusts[i].code,
                                            .type = type,
                                            .subtype = empty,
                                            .region = empty,
                                            .group = empty,
                                            .predecessors = empty,
                                            .opened = OV_DAY_NONE,
                                            .closed = OV_DAY_NONE};

        memcpy(organisation.code, quarter->trusts[i].code, sizeof(organisation.code));
        assert_int_equal(registry_add(registry, &organisation), REGISTRY_OK);
    }
    return registry;
}

static void play(enum recovery recovery, bool whole) {
    struct replay replay = {.framework = load(), .quarters = calloc(QUARTERS, sizeof(struct quarter))};

    assert_non_null(replay.quarters);
    if (!read_quarters(replay.framework, replay.quarters)) {
        framework_destroy(replay.framework);
        free(replay.quarters);
        skip();
    }
    replay.engine = engine_create(register_trusts(&replay.quarters[0]), &replay.framework, 1);
    changes_init(&replay.changes);
    for (int q = 0; q < QUARTERS; q++) {
        send_quarter(&replay, q, whole, recovery);
        compare(&replay, q, recovery);
    }
    printf("%d rows: %d averages, %d unadjusted, %d adjusted, %d of %d final segments agree\n", replay.rows,
           replay.averages, replay.unadjusted, replay.adjusted, replay.final, replay.finals);
    printf("worsened: %s\nimproved: %s\n", replay.worsened, replay.improved);
    assert_int_equal(replay.rows, 183);
    assert_int_equal(replay.averages, replay.rows);
    assert_int_equal(replay.unadjusted, replay.rows);
    assert_int_equal(replay.adjusted, replay.rows);
    assert_int_equal(replay.finals, recovery == RECOVERY_NEVER ? 0 : 122);
    assert_int_equal(replay.final, replay.finals);
    if (whole)
        check_moves(&replay);
    changes_finish(&replay.changes);
    engine_destroy(replay.engine);
    free(replay.quarters);
}

/* The flags hold until replaced: who was in the programme stays in segment 5 in
 * the third quarter, for which the publication does not say. */
static void as_published(void **state) {
    (void)state;
    play(RECOVERY_AS_PUBLISHED, true);
}

/* Leaving segment 5 is an improvement wherever it leads. */
static void recovery_ends(void **state) {
    (void)state;
    play(RECOVERY_ENDS, true);
}

static void without_recovery(void **state) {
    (void)state;
    play(RECOVERY_NEVER, true);
}

/* One message a trust ends in the same segments. */
static void trust_by_trust(void **state) {
    (void)state;
    play(RECOVERY_AS_PUBLISHED, false);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_published),
        cmocka_unit_test(recovery_ends),
        cmocka_unit_test(without_recovery),
        cmocka_unit_test(trust_by_trust),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
