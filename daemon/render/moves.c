#include "daemon/render/moves.h"

/* One side of the comparison. */
struct side {
    const struct engine *engine;
    uint16_t index; /* of the framework, or INDEX_NONE */
    const struct framework *framework;
    struct standing standing;
    int segment; /* 0: not judged */
};

struct moving {
    struct side from, to;
    struct json_writer *json;
    struct buf why;
    size_t total;
};

static void look(struct side *side, uint32_t org) {
    side->segment = 0;
    side->standing = (struct standing){.indicative = 0};
    if (side->index == INDEX_NONE || org == ORG_NONE)
        return;
    engine_standing(side->engine, side->index, org, &side->standing);
    if (side->standing.assessed && !side->standing.closed)
        side->segment = side->standing.indicative;
}

static bool is_on(const struct side *side, const char *id) {
    uint16_t trigger = side->framework ? framework_trigger(side->framework, text_of(id)) : INDEX_NONE;
    return trigger != INDEX_NONE && (side->standing.triggers_on >> trigger & 1) != 0;
}

static void separate(struct buf *why) {
    if (why->len > 0)
        buf_append_string(why, "; ");
}

/* The grounds that are on with one and not with the other. */
static void add_grounds(struct buf *why, const char *word, const struct side *with, const struct side *without) {
    for (size_t i = 0; with->framework && i < with->framework->trigger_count; i++) {
        const struct trigger *trigger = &with->framework->triggers[i];
        if ((with->standing.triggers_on >> i & 1) == 0 || is_on(without, trigger->id))
            continue;
        separate(why);
        buf_printf(why, "%s: %s", word, trigger->title ? trigger->title : trigger->id);
    }
}

static void add_score(struct buf *why, const struct score_verdict *before, const struct score_verdict *after) {
    if (!after->scored || (before->scored && before->average == after->average))
        return;
    separate(why);
    if (before->scored)
        buf_printf(why, "average score %.2f, before %.2f", after->average, before->average);
    else
        buf_printf(why, "average score %.2f", after->average);
}

static const char *reason(struct moving *moving) {
    struct buf *why = &moving->why;
    buf_clear(why);
    if (moving->from.segment == 0)
        return "not judged before";
    if (moving->to.segment == 0)
        return "judged no more";
    add_grounds(why, "now", &moving->to, &moving->from);
    add_grounds(why, "no longer", &moving->from, &moving->to);
    add_score(why, &moving->from.standing.score, &moving->to.standing.score);
    return why->len > 0 ? why->data : "the conditions for segment 1";
}

static void compare(struct moving *moving, const struct organisation *organisation) {
    struct json_writer *json = moving->json;
    struct text code = text_of(organisation->code);
    look(&moving->from, registry_find(engine_registry(moving->from.engine), code));
    look(&moving->to, registry_find(engine_registry(moving->to.engine), code));
    if (moving->from.segment == moving->to.segment || moving->total++ >= MOVES_LISTED)
        return;
    const struct framework *framework = moving->to.framework ? moving->to.framework : moving->from.framework;
    json_object(json, NULL);
    json_string(json, "framework", framework->id);
    json_string(json, "code", organisation->code);
    json_string(json, "name", organisation->name);
    json_int(json, "before", moving->from.segment);
    json_int(json, "after", moving->to.segment);
    json_string(json, "why", reason(moving));
    json_object_end(json);
}

static void set_framework(struct side *side, const char *id) {
    side->index = engine_find_framework(side->engine, text_of(id));
    side->framework = side->index != INDEX_NONE ? engine_framework(side->engine, side->index) : NULL;
}

/* Every organisation of the new registry, then those that only the old one has. */
static void compare_framework(struct moving *moving, const char *id) {
    const struct registry *before = engine_registry(moving->from.engine);
    const struct registry *after = engine_registry(moving->to.engine);
    set_framework(&moving->from, id);
    set_framework(&moving->to, id);
    for (uint32_t org = 0; org < registry_count(after); org++)
        compare(moving, registry_at(after, org));
    for (uint32_t org = 0; org < registry_count(before); org++)
        if (registry_find(after, text_of(registry_at(before, org)->code)) == ORG_NONE)
            compare(moving, registry_at(before, org));
}

size_t render_moves(const struct engine *from, const struct engine *to, struct json_writer *json) {
    struct moving moving = {.from = {.engine = from}, .to = {.engine = to}, .json = json};
    buf_init(&moving.why);
    json_array(json, "moves");
    for (size_t i = 0; i < engine_framework_count(to); i++)
        compare_framework(&moving, engine_framework(to, (uint16_t)i)->id);
    for (size_t i = 0; i < engine_framework_count(from); i++) {
        const char *id = engine_framework(from, (uint16_t)i)->id;
        if (engine_find_framework(to, text_of(id)) == INDEX_NONE)
            compare_framework(&moving, id);
    }
    json_array_end(json);
    json_uint(json, "moves_total", moving.total);
    buf_finish(&moving.why);
    return moving.total;
}
