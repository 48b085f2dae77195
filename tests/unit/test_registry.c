#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "daemon/engine/registry.h"

static struct organisation sample(const char *code) {
    struct organisation organisation = {
        .name = (char *)"Northern Vale NHS Trust",
        .type = (char *)"acute",
        .region = (char *)"North",
        .system = "QNV",
        .opened = 100,
        .closed = 200,
    };

    snprintf(organisation.code, sizeof(organisation.code), "%s", code);
    return organisation;
}

static void copies_and_finds(void **state) {
    struct registry *registry = registry_create();
    char name[] = "Southern Hill";
    struct organisation organisation = sample("RAA");
    (void)state;

    assert_int_equal(registry_find(registry, TEXT_OF("RAA")), ORG_NONE);
    assert_null(registry_at(registry, 0));
    organisation.name = name;
    assert_int_equal(registry_add(registry, &organisation), REGISTRY_OK);
    name[0] = 'X';
    assert_int_equal(registry_add(registry, &organisation), REGISTRY_DUPLICATE);
    assert_int_equal(registry_count(registry), 1);
    assert_int_equal(registry_find(registry, TEXT_OF("RAA")), 0);

    const struct organisation *copy = registry_at(registry, 0);

    assert_string_equal(copy->code, "RAA");
    assert_string_equal(copy->name, "Southern Hill");
    assert_string_equal(copy->type, "acute");
    assert_string_equal(copy->region, "North");
    assert_string_equal(copy->system, "QNV");
    assert_string_equal(copy->subtype, "");
    assert_string_equal(copy->group, "");
    assert_string_equal(copy->predecessors, "");
    assert_null(registry_at(registry, 1));
    registry_destroy(registry);
    registry_destroy(NULL);
}

static void code_number(uint32_t i, char code[ORG_CODE_MAX + 1]) {
    snprintf(code, ORG_CODE_MAX + 1, "R%X", i);
}

static void finds_among_many(void **state) {
    struct registry *registry = registry_create();
    char code[ORG_CODE_MAX + 1];
    (void)state;

    for (uint32_t i = 0; i < 5000; i++) {
        code_number(i, code);
        struct organisation organisation = sample(code);
        assert_int_equal(registry_add(registry, &organisation), REGISTRY_OK);
    }
    for (uint32_t i = 0; i < 5000; i++) {
        code_number(i, code);
        assert_int_equal(registry_find(registry, text_of(code)), i);
        assert_string_equal(registry_at(registry, i)->code, code);
    }
    for (uint32_t i = 5000; i < 10000; i++) {
        code_number(i, code);
        assert_int_equal(registry_find(registry, text_of(code)), ORG_NONE);
    }
    /* A slice of a longer text, the empty text, one too long, a prefix and a longer code. */
    assert_int_equal(registry_find(registry, (struct text){"R12XYZ", 3}), 0x12);
    assert_int_equal(registry_find(registry, (struct text){NULL, 0}), ORG_NONE);
    assert_int_equal(registry_find(registry, TEXT_OF("R1234567890")), ORG_NONE);
    assert_int_equal(registry_find(registry, TEXT_OF("R")), ORG_NONE);
    assert_int_equal(registry_find(registry, TEXT_OF("r1")), ORG_NONE);
    registry_destroy(registry);
}

static void counting(void **state) {
    struct organisation organisation = sample("RAA");
    (void)state;

    assert_false(organisation_counts(&organisation, 99));
    assert_true(organisation_counts(&organisation, 100));
    assert_true(organisation_counts(&organisation, 199));
    assert_false(organisation_counts(&organisation, 200));
    organisation.opened = organisation.closed = OV_DAY_NONE;
    assert_true(organisation_counts(&organisation, -1000000));
    assert_true(organisation_counts(&organisation, 1000000));
}

static uint64_t digest_of(const struct organisation *a, const struct organisation *b) {
    struct registry *registry = registry_create();

    assert_int_equal(registry_add(registry, a), REGISTRY_OK);
    assert_int_equal(registry_add(registry, b), REGISTRY_OK);
    uint64_t digest = registry_digest(registry);
    registry_destroy(registry);
    return digest;
}

/* The digest sees every field and the order, and nothing else. */
static void digests(void **state) {
    struct organisation a = sample("RAA"), b = sample("RAB"), c;
    uint64_t digest = digest_of(&a, &b);
    (void)state;

    assert_true(digest_of(&a, &b) == digest);
    assert_true(digest_of(&b, &a) != digest);
#define CHANGED(field, to)                                                                                             \
    c = b;                                                                                                             \
    c.field = to;                                                                                                      \
    assert_true(digest_of(&a, &c) != digest)
    CHANGED(name, (char *)"other");
    CHANGED(type, (char *)"community");
    CHANGED(subtype, (char *)"x");
    CHANGED(region, (char *)"x");
    CHANGED(group, (char *)"x");
    CHANGED(predecessors, (char *)"RXX");
    CHANGED(opened, 101);
    CHANGED(closed, OV_DAY_NONE);
#undef CHANGED
    c = b;
    strcpy(c.system, "QXX");
    assert_true(digest_of(&a, &c) != digest);
    c = b;
    strcpy(c.successor, "RXX");
    assert_true(digest_of(&a, &c) != digest);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(copies_and_finds),
        cmocka_unit_test(finds_among_many),
        cmocka_unit_test(counting),
        cmocka_unit_test(digests),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
