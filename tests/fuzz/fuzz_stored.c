/*
 * What the store holds, as it comes back: the first byte says which. Verdicts
 * and figures that are read must be written as something that reads the same.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "common/heartbeat.h"
#include "daemon/app_state.h"
#include "daemon/engine/mem.h"
#include "daemon/engine/verdict.h"
#include "daemon/frameworks/framework_file.h"
#include "tests/unit/lsan_libconfig.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char rules[] =
    "id = \"x\"; name = \"X\"; method = \"triggers\"; default_segment = 2; minimum_peers = 3;\n"
    "types = [\"acute\"]; themes = [\"access\", \"people\"];\n"
    "segments = ( { number = 1; name = \"a\"; consequence = \"b\"; }, { number = 2; name = \"a\"; },\n"
    "  { number = 3; name = \"a\"; consequence = \"b\"; }, { number = 4; name = \"a\"; consequence = \"b\"; } );\n"
    "measures = ( { id = \"m1\"; name = \"M\"; unit = \"%\"; theme = \"access\"; kind = \"number\";\n"
    "    direction = \"higher\"; frequency = \"month\"; applies_to = [\"acute\"]; key = true; },\n"
    "  { id = \"m2\"; name = \"M\"; unit = \"%\"; theme = \"people\"; kind = \"number\"; direction = \"lower\";\n"
    "    frequency = \"month\"; applies_to = [\"acute\"]; key = true; } );\n"
    "triggers = ( { id = \"t1\"; title = \"T\"; segment = 3; signal = \"bottom_quartile\"; key = true; },\n"
    "  { id = \"t2\"; title = \"T\"; segment = 4; signal = \"drop\"; key = true; latched = true; } );\n";

/* Read once. */
static const struct framework *framework(void) {
    static struct framework *made;
    if (made == NULL) {
        struct problems *problems = problems_create();
        made = framework_parse("f", rules, sizeof rules - 1, problems);
        problems_destroy(problems);
    }
    if (made == NULL)
        abort();
    return made;
}

static void verdict(const struct framework *framework, const char *text) {
    struct verdict first, second;
    struct arena *arena = arena_create();
    verdict_init(&first, framework);
    verdict_init(&second, framework);
    if (verdict_read(&first, framework, text)) {
        const char *written = verdict_write(&first, framework, arena);
        if (!verdict_read(&second, framework, written) ||
            strcmp(written, verdict_write(&second, framework, arena)) != 0)
            abort();
    }
    verdict_finish(&first);
    verdict_finish(&second);
    arena_destroy(arena);
}

static void figure(struct text bytes) {
    struct value value, again;
    uint32_t revision, revision_again;
    char buf[FIGURE_BYTES];
    if (!app_figure_read(bytes, &value, &revision) || (value.type == VALUE_WORD && value.word.len > WORD_MAX))
        return;
    struct text written = {buf, app_figure_write(&value, revision, buf)};
    if (memchr(bytes.s, '\0', bytes.len) != NULL)
        return; /* a word ends there when it is written */
    if (!app_figure_read(written, &again, &revision_again) || revision_again != revision || again.type != value.type)
        abort();
}

static void on_step(void *context, const struct programme_item *step, struct text source, uint64_t seq) {
    size_t *steps = context;
    (void)seq;
    *steps += step->programme.len + source.len;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0)
        return 0;
    const struct text bytes = {(const char *)data + 1, size - 1};
    char *text = alloc_copy_bytes(bytes.s, bytes.len);
    uint64_t last;
    size_t steps = 0;
    if (data[0] == 'v') {
        verdict(framework(), text);
    } else if (data[0] == 'f') {
        figure(bytes);
    } else if (data[0] == 'p') {
        app_programme_read(bytes, TEXT_OF("rsp"), on_step, &steps);
    } else {
        heartbeat_decode(bytes, "source", &last);
    }
    free(text);
    return 0;
}
