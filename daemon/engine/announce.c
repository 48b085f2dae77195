#include "daemon/engine/announce.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "daemon/engine/evidence.h"
#include "daemon/engine/mem.h"
#include "daemon/engine/scoreboard.h"
#include "daemon/engine/signal.h"
#include "daemon/engine/trigger.h"

struct alert *announce(struct turn *turn, enum alert_kind kind, enum severity severity, uint32_t org) {
    const struct assessment *assessment = turn->assessment;
    const struct verdict *verdict = &assessment->verdicts[org];
    struct changes *changes = turn->changes;
    struct alert *alert = arena_alloc(changes->arena, 1, sizeof *alert);

    turn->last_id->seq++;
    alert->id = *turn->last_id;
    alert->kind = kind;
    alert->severity = severity;
    alert->time = turn->now;
    alert->framework = assessment->framework;
    alert->organisation = registry_at(assessment->registry, org);
    alert->has_segment = true;
    alert->before = alert->after = verdict->segment;
    alert->official = verdict->official;
    alert->cause.period = OV_DAY_NONE;
    if (assessment->scoreboard)
        alert->score = scoreboard_verdict(assessment->scoreboard, org);
    ARENA_GROW(changes->arena, changes->alerts, changes->alert_count);
    changes->alerts[changes->alert_count++] = alert;
    return alert;
}

static void add_triggers(struct turn *turn, struct alert *alert, uint32_t org) {
    const struct assessment *assessment = turn->assessment;
    const struct framework *framework = assessment->framework;
    uint64_t on = assessment->verdicts[org].on;

    alert->triggers = arena_alloc(turn->changes->arena, (size_t)__builtin_popcountll(on), sizeof *alert->triggers);
    for (size_t i = 0; i < framework->trigger_count; i++) {
        ov_day until;
        bool unknown;

        if (!(on >> i & 1))
            continue;
        trigger_holds(assessment, org, &framework->triggers[i], &until, &unknown);
        evidence_of_trigger(assessment, org, &framework->triggers[i], until, turn->changes->arena,
                            &alert->triggers[alert->trigger_count++]);
    }
}

void announce_segments(struct turn *turn, struct alert *alert, uint32_t org, int before, int after) {
    const struct framework *framework = turn->assessment->framework;

    alert->before = before;
    alert->after = after;
    alert->consequence = framework->segments[after].consequence;
    add_triggers(turn, alert, org);
    if (turn->assessment->scoreboard)
        alert->score_grounds = scoreboard_grounds(turn->assessment->scoreboard, org, turn->changes->arena);
}

void announce_refers(struct turn *turn, struct alert *alert, struct alert_id id) {
    ARENA_GROW(turn->changes->arena, alert->refers, alert->refer_count);
    alert->refers[alert->refer_count++] = id;
}

static struct cause cause_of(const struct turn *turn, const struct touch *touch) {
    struct cause cause = {.seq = turn->seq, .period = OV_DAY_NONE};

    snprintf(cause.source, sizeof cause.source, "%s", turn->source);
    if (touch) {
        cause.seq = touch->seq;
        cause.period = touch->period;
        memcpy(cause.measure, turn->assessment->framework->measures[touch->measure].id, sizeof cause.measure);
    }
    return cause;
}

static bool looks_at(const struct framework *framework, const struct trigger *trigger, uint16_t measure) {
    for (size_t i = 0; i < trigger->measure_count; i++)
        if (trigger->measures[i] == measure || framework->measures[trigger->measures[i]].plan == measure)
            return true;
    if (trigger->signal.kind != SIGNAL_LONGSTANDING)
        return false;
    for (size_t i = 0; i < framework->trigger_count; i++) /* it asks whether these have cleared */
        if (framework->triggers[i].signal.kind != SIGNAL_LONGSTANDING &&
            framework->triggers[i].segment == trigger->requires_segment &&
            looks_at(framework, &framework->triggers[i], measure))
            return true;
    return false;
}

/* Do the triggers and conditions that changed look at the measure? */
static bool concerns(const struct framework *framework, uint64_t triggers, uint64_t conditions, uint16_t measure) {
    for (size_t i = 0; i < framework->trigger_count; i++)
        if (triggers >> i & 1 && looks_at(framework, &framework->triggers[i], measure))
            return true;
    for (size_t i = 0; i < framework->promotion_count; i++)
        if (conditions >> i & 1 && looks_at(framework, &framework->promotion[i], measure))
            return true;
    return false;
}

/* Does the measure show the signal of one of the triggers, as of a date? */
static bool shows(const struct assessment *assessment, uint32_t org, uint64_t triggers, uint16_t measure,
                  ov_day until) {
    const struct framework *framework = assessment->framework;

    for (size_t i = 0; i < framework->trigger_count; i++)
        if (triggers >> i & 1 && looks_at(framework, &framework->triggers[i], measure) &&
            signal_read(assessment, org, measure, &framework->triggers[i].signal, until).holds)
            return true;
    return false;
}

/* The organisation's own touch that made the change: of those that concern it
 * the last whose measure shows the signal, or else showed it until the touched
 * period, or else the last. */
static const struct touch *own_touch(const struct turn *turn, uint32_t org, uint64_t triggers, uint64_t conditions,
                                     bool correction) {
    const struct assessment *assessment = turn->assessment;
    const struct touch *last = NULL, *until = NULL;

    for (uint32_t i = turn->first_touch[org]; i != TOUCH_NONE; i = turn->touches[i].next) {
        const struct touch *touch = &turn->touches[i];

        if (touch->correction != correction || !concerns(assessment->framework, triggers, conditions, touch->measure))
            continue;
        if (shows(assessment, org, triggers, touch->measure, UNTIL_NOW))
            return touch;
        if (!until && shows(assessment, org, triggers, touch->measure, touch->period))
            until = touch;
        if (!last)
            last = touch;
    }
    return until ? until : last;
}

/* The last touch of a measure that concerns the change, or else the last of all. */
static const struct touch *any_touch(const struct turn *turn, uint64_t triggers, uint64_t conditions) {
    const struct framework *framework = turn->assessment->framework;
    uint32_t last = TOUCH_NONE;

    for (uint16_t m = 0; m < framework->measure_count; m++)
        if (turn->last_touch[m] != TOUCH_NONE && (last == TOUCH_NONE || turn->last_touch[m] > last) &&
            concerns(framework, triggers, conditions, m))
            last = turn->last_touch[m];
    if (last == TOUCH_NONE && turn->touch_count)
        last = (uint32_t)(turn->touch_count - 1);
    return last == TOUCH_NONE ? NULL : &turn->touches[last];
}

static bool period_moved(const struct turn *turn, uint32_t org, uint64_t triggers, uint64_t conditions) {
    for (size_t i = 0; i < turn->walk_count; i++) {
        const struct touched_table *walk = &turn->walks[i];
        const struct figures *figures = turn->assessment->figures[walk->measure];

        /* Who has no figure of it has not been moved by it. */
        if (figures_peer_set(figures, org) == walk->set && figures_newest(figures, org, UNTIL_NOW) &&
            concerns(turn->assessment->framework, triggers, conditions, walk->measure))
            return true;
    }
    return false;
}

/* The last of the organisation's own touches from which its score or its
 * override comes. */
static const struct touch *own_score_touch(const struct turn *turn, uint32_t org, bool correction) {
    for (uint32_t i = turn->first_touch[org]; i != TOUCH_NONE; i = turn->touches[i].next) {
        const struct touch *touch = &turn->touches[i];

        if (touch->correction == correction &&
            scoreboard_concerns(turn->assessment->scoreboard, org, touch->measure, touch->period))
            return touch;
    }
    return NULL;
}

/* The last touch of anybody's score. */
static const struct touch *any_score_touch(const struct turn *turn, uint32_t org) {
    for (size_t i = turn->touch_count; i-- > 0;)
        if (scoreboard_concerns(turn->assessment->scoreboard, org, turn->touches[i].measure, turn->touches[i].period))
            return &turn->touches[i];
    return NULL;
}

/* Why a segment moved where scores decide. */
static struct blame blame_scores(const struct turn *turn, uint32_t org) {
    uint8_t reasons = turn->reasons[org];
    const struct touch *touch;

    if ((touch = own_score_touch(turn, org, false)))
        return (struct blame){ATTRIBUTION_OWN, cause_of(turn, touch)};
    if ((touch = own_score_touch(turn, org, true)))
        return (struct blame){ATTRIBUTION_CORRECTION, cause_of(turn, touch)};
    if (reasons & REASON_RULES)
        return (struct blame){ATTRIBUTION_RULES, cause_of(turn, NULL)};
    if (reasons & REASON_DATE)
        return (struct blame){ATTRIBUTION_MISSING, cause_of(turn, NULL)};
    touch = any_score_touch(turn, org);
    return (struct blame){scoreboard_moved(turn->assessment->scoreboard) ? ATTRIBUTION_PERIOD : ATTRIBUTION_PEERS,
                          cause_of(turn, touch)};
}

struct blame announce_blame(const struct turn *turn, uint32_t org, const struct verdict *before,
                            const struct finding *after) {
    uint64_t triggers = before->on ^ after->on, conditions = before->met ^ after->met;
    uint8_t reasons = turn->reasons[org];
    const struct touch *touch;

    if (turn->assessment->scoreboard)
        return blame_scores(turn, org);
    if ((touch = own_touch(turn, org, triggers, conditions, false)))
        return (struct blame){ATTRIBUTION_OWN, cause_of(turn, touch)};
    if ((touch = own_touch(turn, org, triggers, conditions, true)))
        return (struct blame){ATTRIBUTION_CORRECTION, cause_of(turn, touch)};
    touch = any_touch(turn, triggers, conditions);
    if (turn->decided)
        return (struct blame){ATTRIBUTION_DECISION, turn->decided->cause};
    if (reasons & REASON_RULES)
        return (struct blame){ATTRIBUTION_RULES, cause_of(turn, NULL)};
    if (reasons & REASON_DATE)
        return (struct blame){ATTRIBUTION_MISSING, cause_of(turn, NULL)};
    if ((reasons & REASON_PERIOD) && period_moved(turn, org, triggers, conditions))
        return (struct blame){ATTRIBUTION_PERIOD, cause_of(turn, touch)};
    return (struct blame){ATTRIBUTION_PEERS, cause_of(turn, touch)};
}

struct blame announce_blame_measure(const struct turn *turn, uint32_t org, uint16_t measure) {
    for (int correction = 0; correction < 2; correction++) /* a new figure comes before a correction */
        for (uint32_t i = turn->first_touch[org]; i != TOUCH_NONE; i = turn->touches[i].next)
            if (turn->touches[i].measure == measure && turn->touches[i].correction == correction)
                return (struct blame){correction ? ATTRIBUTION_CORRECTION : ATTRIBUTION_OWN,
                                      cause_of(turn, &turn->touches[i])};
    if (turn->reasons[org] & REASON_RULES)
        return (struct blame){ATTRIBUTION_RULES, cause_of(turn, NULL)};
    if (turn->last_touch[measure] == TOUCH_NONE)
        return (struct blame){ATTRIBUTION_PEERS, cause_of(turn, NULL)};
    return (struct blame){turn_walk_moved(turn, org, measure) ? ATTRIBUTION_PERIOD : ATTRIBUTION_PEERS,
                          cause_of(turn, &turn->touches[turn->last_touch[measure]])};
}

enum severity announce_segment_severity(int segment) {
    return segment >= 4 ? SEVERITY_CRITICAL : SEVERITY_WARNING;
}

/* Of at most max bytes, not ending inside a character. */
static size_t whole_characters(const char *text, size_t len, size_t max) {
    if (len <= max)
        return len;
    while (max && ((unsigned char)text[max] & 0xc0) == 0x80)
        max--;
    return max;
}

void announce_say(const struct turn *turn, struct alert *alert, uint32_t org, const char *format, ...) {
    const struct organisation *organisation = registry_at(turn->assessment->registry, org);
    size_t room = sizeof alert->summary - 1, len = strlen(organisation->name), said, around;
    char words[ALERT_SUMMARY_SIZE];
    const char *dots = "";
    va_list args;

    va_start(args, format);
    vsnprintf(words, sizeof words, format, args);
    va_end(args);
    around = strlen(organisation->code) + strlen(" ()");
    said = whole_characters(words, strlen(words), room - around);
    words[said] = '\0';
    room -= around + said;
    if (len > room) {
        dots = room > strlen("...") ? "..." : "";
        len = whole_characters(organisation->name, len, room - strlen(dots));
        while (len && organisation->name[len - 1] == ' ')
            len--;
    }
    /* It fits, which gcc cannot see in every build. */
    if (snprintf(alert->summary, sizeof alert->summary, "%.*s%s (%s)%s", (int)len, organisation->name, dots,
                 organisation->code, words) < 0)
        alert->summary[0] = '\0';
}

void announce_words(struct alert *alert, const char *format, ...) {
    va_list args;
    size_t len;

    va_start(args, format);
    vsnprintf(alert->summary, sizeof alert->summary, format, args);
    va_end(args);
    len = strlen(alert->summary);
    if (len + 1 < sizeof alert->summary)
        return;
    while (len && ((unsigned char)alert->summary[len - 1] & 0xc0) == 0x80)
        len--; /* a character cut in half by the limit */
    if (len && (unsigned char)alert->summary[len - 1] >= 0xc0)
        len--;
    alert->summary[len] = '\0';
}

void announce_key(struct alert *alert, const char *format, ...) {
    va_list args;

    va_start(args, format);
    vsnprintf(alert->key, sizeof alert->key, format, args);
    va_end(args);
}
