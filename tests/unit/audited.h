/* The engine's audit of itself, for tests: nothing may differ. */
#ifndef OV_TEST_AUDITED_H
#define OV_TEST_AUDITED_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/engine/engine_audit.h"

static inline void audited_report(void *context, const char *subject, const char *text) {
    size_t *differences = context;

    print_error("audit: %s: %s\n", subject, text);
    ++*differences;
}

/* Differences, printed. */
static inline size_t audited_differences(const struct engine *engine) {
    size_t differences = 0;
    struct engine_audit *audit = engine_audit_create(engine, audited_report, &differences);

    while (engine_audit_step(audit))
        continue;
    engine_audit_destroy(audit);
    return differences;
}

#endif
