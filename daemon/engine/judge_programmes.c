#include "daemon/engine/judge_programmes.h"

#include "daemon/engine/announce.h"
#include "daemon/engine/mem.h"
#include "daemon/engine/programme.h"
#include "daemon/engine/programme_notes.h"

/* An alert about a stay; date is the part of the key that tells it from others of the kind. */
static struct alert *announce_stay(struct turn *turn, uint32_t org, const struct programme *rules,
                                   const struct programme_stay *stay, enum alert_kind kind, ov_day date) {
    struct alert *alert =
        announce(turn, kind, kind == ALERT_PROGRAMME_OVERDUE ? SEVERITY_WARNING : SEVERITY_NOTICE, org);
    char entered[OV_DATE_SIZE], day[OV_DATE_SIZE];

    announce_key(alert, "%s/%s/%s/%s/%s%s%s", alert_kind_name(kind), turn->assessment->framework->id,
                 alert->organisation->code, rules->id, date_format(stay->entered, entered),
                 date == OV_DAY_NONE ? "" : "/", date_format(date, day));
    return alert;
}

static const char *by_whom(struct arena *arena, const struct programme_record *step) {
    return arena_printf(arena, ", decided by %s: %s", step->decided_by, step->reason);
}

/* ". Review by 2017-07-20. Limit 2018-07-20. To leave: ..." as far as they are set. */
static const char *terms(struct arena *arena, const struct programme_stay *stay) {
    char review_by[OV_DATE_SIZE], limit[OV_DATE_SIZE];
    bool reviewed = stay->review_by != OV_DAY_NONE, limited = stay->limit != OV_DAY_NONE;
    bool criteria = stay->exit_criteria && *stay->exit_criteria;

    return arena_printf(arena, "%s%s. %s%s%s%s", reviewed ? ". Review by " : "",
                        date_format(stay->review_by, review_by), limited ? "Limit " : "No fixed limit",
                        date_format(stay->limit, limit), criteria ? ". To leave: " : "",
                        criteria ? stay->exit_criteria : "");
}

static void announce_entered(struct turn *turn, uint32_t org, const struct programme *rules,
                             const struct programme_stay *stay) {
    struct arena *arena = turn->changes->arena;
    struct alert *alert = announce_stay(turn, org, rules, stay, ALERT_PROGRAMME_ENTERED, OV_DAY_NONE);
    char entered[OV_DATE_SIZE];

    alert->attribution = ATTRIBUTION_DECISION;
    alert->cause = stay->first->cause;
    alert->detail = arena_printf(arena, "%s entered on %s%s%s", rules->name, date_format(stay->entered, entered),
                                 by_whom(arena, stay->first), terms(arena, stay));
    announce_say(turn, alert, org, " entered: %s", rules->name);
}

/* Leaving while the official segment is still the one that the programme goes with. */
static const char *left_behind(const struct turn *turn, uint32_t org, const struct programme *rules) {
    const struct assessment *assessment = turn->assessment;
    int official = assessment->verdicts[org].official;
    bool named;

    if (!rules->segment || official != rules->segment)
        return "";
    if (programme_covers(assessment->programmes, org, assessment->framework, official, assessment->date, &named))
        return arena_printf(turn->changes->arena, ". Still officially in segment %d, where another programme goes on",
                            official);
    return arena_printf(turn->changes->arena,
                        ". Still officially in segment %d, now without a programme that goes with it", official);
}

static void announce_left(struct turn *turn, uint32_t org, const struct programme *rules,
                          const struct programme_stay *stay) {
    struct arena *arena = turn->changes->arena;
    struct alert *alert = announce_stay(turn, org, rules, stay, ALERT_PROGRAMME_LEFT, OV_DAY_NONE);
    char entered[OV_DATE_SIZE], left[OV_DATE_SIZE];

    alert->attribution = ATTRIBUTION_DECISION;
    alert->cause = stay->last->cause;
    alert->detail =
        arena_printf(arena, "%s left on %s, after it was entered on %s%s%s", rules->name, date_format(stay->left, left),
                     date_format(stay->entered, entered), by_whom(arena, stay->last), left_behind(turn, org, rules));
    announce_say(turn, alert, org, " left: %s", rules->name);
}

static void announce_due(struct turn *turn, uint32_t org, const struct programme *rules,
                         const struct programme_stay *stay) {
    struct arena *arena = turn->changes->arena;
    struct alert *alert = announce_stay(turn, org, rules, stay, ALERT_PROGRAMME_DUE, stay->review_by);
    char entered[OV_DATE_SIZE], day[OV_DATE_SIZE];

    alert->cause = stay->dated->cause;
    alert->detail = arena_printf(arena, "%s was entered on %s%s", rules->name, date_format(stay->entered, entered),
                                 terms(arena, stay));
    announce_say(turn, alert, org, ": review due on %s: %s", date_format(stay->review_by, day), rules->name);
}

static void announce_overdue(struct turn *turn, uint32_t org, const struct programme *rules,
                             const struct programme_stay *stay) {
    struct arena *arena = turn->changes->arena;
    struct alert *alert = announce_stay(turn, org, rules, stay, ALERT_PROGRAMME_OVERDUE, stay->limit);
    char entered[OV_DATE_SIZE], day[OV_DATE_SIZE];

    alert->cause = stay->limited->cause;
    alert->detail = arena_printf(arena, "%s was entered on %s%s", rules->name, date_format(stay->entered, entered),
                                 terms(arena, stay));
    announce_say(turn, alert, org, ": past its limit of %s: %s", date_format(stay->limit, day), rules->name);
}

static void judge_stay(struct turn *turn, uint32_t org, uint16_t programme, const struct programme_stay *stay,
                       bool quiet) {
    const struct assessment *assessment = turn->assessment;
    const struct programme *rules = &assessment->framework->programmes[programme];
    struct verdict *verdict = &assessment->verdicts[org];
    bool entered;
    struct programme_note *note = programme_note_of(verdict, programme, stay->entered, &entered);
    bool left = stay->left != OV_DAY_NONE && !note->left;
    bool due = programme_due(stay, assessment->date) && stay->review_by > note->due;
    bool overdue = programme_overdue(stay, assessment->date) && stay->limit > note->overdue;
    /* New rules that name a programme make no news of who is in it already. */
    bool taken_over = quiet || (turn->reasons[org] & REASON_RULES);

    if (!entered && !left && !due && !overdue)
        return;
    verdict->changed = true;
    note->left |= left;
    if (due)
        note->due = stay->review_by;
    if (overdue)
        note->overdue = stay->limit;
    if (entered && !taken_over)
        announce_entered(turn, org, rules, stay);
    if (due && !quiet)
        announce_due(turn, org, rules, stay);
    if (overdue && !quiet)
        announce_overdue(turn, org, rules, stay);
    if (left && !taken_over)
        announce_left(turn, org, rules, stay);
}

void judge_programmes(struct turn *turn, uint32_t org, bool quiet) {
    const struct assessment *assessment = turn->assessment;

    for (size_t i = 0; i < programme_book_count(assessment->programmes, org); i++) {
        const struct programme_log *log = programme_book_at(assessment->programmes, org, i);
        uint16_t programme = framework_programme(assessment->framework, text_of(log->id));
        struct programme_stay stay;

        if (programme == INDEX_NONE)
            continue;
        for (size_t at = 0;
             programme_stay_next(log, &assessment->framework->programmes[programme], assessment->date, &at, &stay);)
            judge_stay(turn, org, programme, &stay, quiet);
    }
}

const char *judge_programmes_lacking(const struct turn *turn, uint32_t org, int segment) {
    const struct assessment *assessment = turn->assessment;
    bool named;

    if (programme_covers(assessment->programmes, org, assessment->framework, segment, assessment->date, &named) ||
        !named)
        return "";
    return arena_printf(turn->changes->arena, ". No programme that goes with segment %d is running", segment);
}
