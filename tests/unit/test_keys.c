/*
 * Keys: the file of clients' keys, files of secrets, and what a key may do.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/net/keys.h"

static struct zkeys made(void) {
    struct zkeys keys;
    assert_true(zkeys_generate(&keys));
    return keys;
}

static struct keys *parse(const char *text, struct problems *problems) {
    char *copy = strdup(text);
    assert_non_null(copy);
    struct keys *keys = keys_parse("keys", copy, problems);
    free(copy);
    return keys;
}

/* ---- The file of clients' keys --------------------------------------------------------- */

static void a_file_is_read(void **unused) {
    (void)unused;
    char text[1024];
    struct zkeys a = made(), b = made(), c = made();
    snprintf(text, sizeof text,
             "# comment\n\n  \t\nfirst %s submit,query ed,rtt.2\r\n\tsecond\t%s  consume\nthird %s submit,admin *",
             a.public_key, b.public_key, c.public_key);
    struct problems *problems = problems_create();
    struct keys *keys = parse(text, problems);
    assert_non_null(keys);
    assert_int_equal(problems_count(problems), 0);
    assert_int_equal(keys_count(keys), 3);
    const struct key *first = keys_find(keys, a.public_key), *second = keys_named(keys, "second"),
                     *third = keys_find(keys, c.public_key);
    assert_string_equal(first->name, "first");
    assert_int_equal(first->roles, KEY_SUBMIT | KEY_QUERY);
    assert_true(key_may_speak_for(first, TEXT_OF("ed")));
    assert_true(key_may_speak_for(first, TEXT_OF("rtt.2")));
    assert_false(key_may_speak_for(first, TEXT_OF("rtt")));
    assert_false(key_may_speak_for(first, TEXT_OF("e")));
    assert_false(key_may_speak_for(first, TEXT_OF("ed,rtt.2")));
    assert_false(key_may_speak_for(first, TEXT_OF("")));
    assert_string_equal(second->public_key, b.public_key);
    assert_int_equal(second->roles, KEY_CONSUME);
    assert_false(key_may_speak_for(second, TEXT_OF("ed")));
    assert_true(key_may_speak_for(third, TEXT_OF("anything")));
    assert_null(keys_find(keys, a.secret_key));
    assert_null(keys_find(keys, ""));
    assert_null(keys_find(keys, "plain"));
    assert_null(keys_named(keys, "fourth"));
    keys_destroy(keys);
    problems_destroy(problems);
}

static void an_empty_file_lets_nobody_in(void **unused) {
    (void)unused;
    struct problems *problems = problems_create();
    struct keys *keys = parse("# nobody\n", problems);
    assert_non_null(keys);
    assert_int_equal(keys_count(keys), 0);
    assert_null(keys_find(keys, made().public_key));
    keys_destroy(keys);
    problems_destroy(problems);
}

/* A good key stands in the place of @. */
static void mistakes_are_named(void **unused) {
    (void)unused;
    static const struct {
        const char *line, *expected;
    } cases[] = {
        {"a @", "got 2 columns"},
        {"a @ query b c", "got more than 4 columns"},
        {"a/b @ query", "name: got \"a/b\""},
        {"a123456789012345678901234567890123456789 @ query", "expected 1 to 39"},
        {"a x@ query", "public key: got"},
        {"a @ Query", "role: got \"Query\""},
        {"a @ query,", "role: got \"\""},
        {"a @ submit", "sources: got \"\""},
        {"a @ query ed", "sources: got \"ed\", expected nothing"},
        {"a @ submit ed,", "source: got \"\""},
        {"a @ submit ed,*", "source: got \"*\""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[512];
        struct zkeys good = made();
        struct problems *problems = problems_create();
        const char *place = strchr(cases[i].line, '@');
        snprintf(text, sizeof text, "#\n%.*s%s%s", (int)(place - cases[i].line), cases[i].line, good.public_key,
                 place + 1);
        assert_null(parse(text, problems));
        assert_int_equal(problems_count(problems), 1);
        if (strstr(problems_at(problems, 0)->text, cases[i].expected) == NULL)
            fail_msg("case %zu: %s", i, problems_at(problems, 0)->text);
        assert_int_equal(problems_at(problems, 0)->line, 2);
        assert_string_equal(problems_at(problems, 0)->file, "keys");
        problems_destroy(problems);
    }
}

static void names_and_keys_stand_once(void **unused) {
    (void)unused;
    char text[512];
    struct zkeys a = made(), b = made();
    struct problems *problems = problems_create();
    snprintf(text, sizeof text, "a %s query\nb %s query\nb %s admin\na %s query\n", a.public_key, a.public_key,
             b.public_key, made().public_key);
    assert_null(parse(text, problems));
    assert_int_equal(problems_count(problems), 3); /* one key twice, two names twice */
    problems_destroy(problems);
}

static void a_file_everybody_may_write_is_refused(void **unused) {
    (void)unused;
    char path[] = "/tmp/keys-XXXXXX";
    int fd = mkstemp(path);
    struct problems *problems = problems_create();
    assert_true(fd >= 0);
    assert_int_equal(fchmod(fd, 0644), 0);
    struct keys *keys = keys_load(path, problems);
    assert_non_null(keys);
    keys_destroy(keys);
    assert_int_equal(fchmod(fd, 0646), 0);
    assert_null(keys_load(path, problems));
    close(fd);
    unlink(path);
    assert_null(keys_load(path, problems));
    assert_null(keys_load("/", problems));
    assert_int_equal(problems_count(problems), 3);
    problems_destroy(problems);
}

/* ---- Secrets --------------------------------------------------------------------------------- */

struct secret {
    char path[32];
    struct zkeys keys;
};

static void put(const struct secret *secret, const char *text, mode_t mode) {
    FILE *file = fopen(secret->path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(secret->path, mode), 0);
}

static bool read_secret(const struct secret *secret, char error[ZERROR_SIZE]) {
    struct zkeys keys = {.public_key = "untouched"};
    bool good = zkeys_read(secret->path, &keys, error, ZERROR_SIZE);
    if (good)
        assert_string_equal(keys.public_key, secret->keys.public_key);
    else
        assert_string_equal(keys.public_key, "untouched");
    return good;
}

static void secrets_must_be_closed(void **unused) {
    (void)unused;
    struct secret secret = {"/tmp/secret-XXXXXX", made()};
    char text[256], error[ZERROR_SIZE], bad[64];
    assert_true(close(mkstemp(secret.path)) == 0);
    snprintf(text, sizeof text, "%s\n", secret.keys.secret_key);
    put(&secret, text, 0600);
    assert_true(read_secret(&secret, error));
    put(&secret, secret.keys.secret_key, 0400);
    assert_true(read_secret(&secret, error));
    static const mode_t open_modes[] = {0640, 0620, 0604, 0602, 0610, 0601};
    for (size_t i = 0; i < sizeof open_modes / sizeof open_modes[0]; i++) {
        assert_int_equal(chmod(secret.path, open_modes[i]), 0);
        assert_false(read_secret(&secret, error));
        assert_non_null(strstr(error, "0600"));
        assert_null(strstr(error, secret.keys.secret_key));
    }
    snprintf(bad, sizeof bad, "%.39s\n", secret.keys.secret_key);
    put(&secret, bad, 0600);
    assert_false(read_secret(&secret, error));
    assert_non_null(strstr(error, "40 characters"));
    assert_null(strstr(error, "\n"));
    unlink(secret.path);
    assert_false(read_secret(&secret, error));
}

/* The service manager's folder guards what lies in it, and nothing else. */
static void credentials_may_have_any_mode(void **unused) {
    (void)unused;
    char folder[] = "/tmp/cred-XXXXXX", error[ZERROR_SIZE];
    struct secret secret = {.keys = made()};
    assert_non_null(mkdtemp(folder));
    snprintf(secret.path, sizeof secret.path, "%s/key", folder);
    put(&secret, secret.keys.secret_key, 0440);
    assert_false(read_secret(&secret, error));
    assert_int_equal(setenv("CREDENTIALS_DIRECTORY", folder, 1), 0);
    assert_true(read_secret(&secret, error));
    assert_int_equal(setenv("CREDENTIALS_DIRECTORY", "/tmp", 1), 0);
    assert_false(read_secret(&secret, error));
    assert_int_equal(setenv("CREDENTIALS_DIRECTORY", "", 1), 0);
    assert_false(read_secret(&secret, error));
    unsetenv("CREDENTIALS_DIRECTORY");
    unlink(secret.path);
    rmdir(folder);
}

static void keys_are_checked(void **unused) {
    (void)unused;
    struct zkeys keys = made();
    assert_true(zkey_is_valid(text_of(keys.public_key)));
    assert_false(zkey_is_valid((struct text){keys.public_key, 39}));
    assert_false(zkey_is_valid(TEXT_OF("")));
    for (const char *wrong = " \"'\\,;_`|~\n\x7f\xc3"; *wrong != '\0'; wrong++) {
        struct zkeys other = keys;
        other.public_key[20] = *wrong;
        assert_false(zkey_is_valid((struct text){other.public_key, ZKEY_LEN}));
    }
    assert_false(zkey_is_valid(TEXT_OF("########################################"))); /* beyond 32 bits */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_is_read),
        cmocka_unit_test(an_empty_file_lets_nobody_in),
        cmocka_unit_test(mistakes_are_named),
        cmocka_unit_test(names_and_keys_stand_once),
        cmocka_unit_test(a_file_everybody_may_write_is_refused),
        cmocka_unit_test(secrets_must_be_closed),
        cmocka_unit_test(credentials_may_have_any_mode),
        cmocka_unit_test(keys_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
