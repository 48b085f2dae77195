#include "daemon/store/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/alloc.h"
#include "common/secret.h"
#include "daemon/store/library.h"

#define PASSWORD_MAX 512
#define OLDEST_VERSION 7 /* functions, first entries of streams */

struct session {
    struct redis_link *link;
    struct session_options options;
    struct session_callbacks callbacks;
    void *context;
    struct session_facts facts;
    bool aof;
};

struct session *session_create(struct redis_link *link, const struct session_options *options,
                               const struct session_callbacks *callbacks, void *context) {
    struct session *session = alloc_zero(1, sizeof(*session));
    session->link = link;
    session->options = *options;
    session->callbacks = *callbacks;
    session->context = context;
    return session;
}

void session_destroy(struct session *session) {
    free(session);
}

static void say(struct session *session, const struct text *args, size_t count, redis_link_reply callback) {
    redis_link_send(session->link, args, count, 0, callback, session);
}

static void trouble(struct session *session, enum trouble trouble, const char *text) {
    session->callbacks.on_trouble(session->context, trouble, text);
}

/* True when the reply is fine; a lost connection is silent, the link tells. */
static bool check(struct session *session, const redisReply *reply) {
    if (!reply)
        return false;
    char text[TROUBLE_TEXT_SIZE];
    enum trouble found = trouble_of(reply, text, sizeof(text));
    if (found != TROUBLE_NONE)
        trouble(session, found, text);
    return found == TROUBLE_NONE;
}

/* ---- Step 5: functions ---------------------------------------------------------- */

static void on_function(void *context, const redisReply *reply) {
    struct session *session = context;
    if (!reply)
        return;
    /* Not allowed to load functions: an administrator may have done it. If not,
     * the first call says so. */
    bool denied = reply->type == REDIS_REPLY_ERROR && strncmp(reply->str, "NOPERM", 6) == 0;
    if (denied || check(session, reply))
        session->callbacks.on_ready(session->context, &session->facts);
}

static void load_functions(struct session *session) {
    const struct text args[] = {TEXT_OF("FUNCTION"), TEXT_OF("LOAD"), TEXT_OF("REPLACE"), text_of(library_source())};
    say(session, args, 4, on_function);
}

/* ---- Step 4: configuration -------------------------------------------------------- */

static struct text config_value(const redisReply *reply, const char *name) {
    for (size_t i = 0; i + 1 < reply->elements; i += 2) {
        const redisReply *key = reply->element[i], *value = reply->element[i + 1];
        if (key->type == REDIS_REPLY_STRING && value->type == REDIS_REPLY_STRING && strcmp(key->str, name) == 0)
            return (struct text){value->str, value->len};
    }
    return (struct text){NULL, 0};
}

static void on_config(void *context, const redisReply *reply) {
    struct session *session = context;
    if (!reply)
        return;
    /* CONFIG may be denied: then only what INFO proves is claimed. */
    if (reply->type == REDIS_REPLY_ARRAY) {
        if (session->aof && text_equal(config_value(reply, "appendfsync"), "always"))
            session->facts.durability = STORE_DURABILITY_FSYNC;
        else if (!session->aof && config_value(reply, "save").len > 0)
            session->facts.durability = STORE_DURABILITY_REDIS;
    }
    load_functions(session);
}

/* ---- Step 3: settings --------------------------------------------------------------- */

/* The value of "name:value\r\n" in INFO, empty if absent. */
static struct text info_value(struct text info, const char *name) {
    size_t len = strlen(name);
    const char *end = info.s + info.len;
    for (const char *line = info.s; line < end;) {
        const char *stop = memchr(line, '\n', (size_t)(end - line));
        stop = stop ? stop : end;
        if ((size_t)(stop - line) > len && memcmp(line, name, len) == 0 && line[len] == ':') {
            struct text value = {line + len + 1, (size_t)(stop - line) - len - 1};
            if (value.len > 0 && value.s[value.len - 1] == '\r')
                value.len--;
            return value;
        }
        line = stop + 1;
    }
    return (struct text){"", 0};
}

enum trouble session_read_info(struct text info, struct session_facts *ret_facts, char *ret_text, size_t size) {
    struct session_facts facts = {.durability = STORE_DURABILITY_MEMORY};
    char word[64];
    struct text version = info_value(info, "redis_version");
    text_copy(facts.version, sizeof(facts.version), version);
    if (strtol(facts.version, NULL, 10) < OLDEST_VERSION) {
        snprintf(ret_text, size, "Redis is version %s, expected %d.0 or newer",
                 text_escape(word, sizeof(word), version), OLDEST_VERSION);
        return TROUBLE_REFUSED;
    }
    struct text policy = info_value(info, "maxmemory_policy");
    if (!text_equal(policy, "noeviction")) {
        snprintf(ret_text, size, "Redis is set to maxmemory-policy %s and may throw our keys away, expected noeviction",
                 text_escape(word, sizeof(word), policy));
        return TROUBLE_REFUSED;
    }
    struct text role = info_value(info, "role");
    if (!text_equal(role, "master")) {
        snprintf(ret_text, size, "this Redis has the role %s, expected master", text_escape(word, sizeof(word), role));
        return TROUBLE_RECONNECT;
    }
    if (text_equal(info_value(info, "loading"), "1")) {
        snprintf(ret_text, size, "Redis is loading its data");
        return TROUBLE_WAIT;
    }
    if (text_equal(info_value(info, "aof_enabled"), "1"))
        facts.durability = STORE_DURABILITY_REDIS;
    *ret_facts = facts;
    return TROUBLE_NONE;
}

static void on_info(void *context, const redisReply *reply) {
    struct session *session = context;
    if (!check(session, reply))
        return;
    if (reply->type != REDIS_REPLY_STRING) {
        trouble(session, TROUBLE_RECONNECT, "Redis does not answer INFO with text");
        return;
    }
    char text[TROUBLE_TEXT_SIZE];
    struct text info = {reply->str, reply->len};
    enum trouble found = session_read_info(info, &session->facts, text, sizeof(text));
    if (found != TROUBLE_NONE) {
        trouble(session, found, text);
        return;
    }
    session->aof = session->facts.durability == STORE_DURABILITY_REDIS;
    const struct text args[] = {TEXT_OF("CONFIG"), TEXT_OF("GET"), TEXT_OF("appendfsync"), TEXT_OF("save")};
    say(session, args, 4, on_config);
}

/* ---- Steps 1 and 2: who we are -------------------------------------------------------- */

static void on_name(void *context, const redisReply *reply) {
    struct session *session = context;
    if (!check(session, reply))
        return;
    const struct text args[] = {TEXT_OF("INFO")};
    say(session, args, 1, on_info);
}

static void introduce(struct session *session) {
    const struct text args[] = {TEXT_OF("CLIENT"), TEXT_OF("SETNAME"), TEXT_OF("oversightd")};
    say(session, args, 3, on_name);
}

static void on_auth(void *context, const redisReply *reply) {
    struct session *session = context;
    if (check(session, reply))
        introduce(session);
}

/* Read at every connect, so that a password can be changed under way. */
static bool read_password(const char *path, char *ret_password, size_t *ret_len, char *ret_error, size_t size) {
    int fd = secret_open(path, ret_error, size);
    if (fd < 0)
        return false;
    ssize_t got = read(fd, ret_password, PASSWORD_MAX + 1);
    size_t len = got > 0 ? (size_t)got : 0;
    bool failed = got < 0;
    close(fd);
    while (len > 0 && (ret_password[len - 1] == '\n' || ret_password[len - 1] == '\r'))
        len--;
    if (failed || len == 0 || len > PASSWORD_MAX) {
        snprintf(ret_error, size, "%s: expected a password of 1 to %d bytes", path, PASSWORD_MAX);
        return false;
    }
    *ret_len = len;
    return true;
}

void session_start(struct session *session) {
    if (!session->options.password_file) {
        introduce(session);
        return;
    }
    char password[PASSWORD_MAX + 1], error[TROUBLE_TEXT_SIZE];
    size_t len = 0;
    if (!read_password(session->options.password_file, password, &len, error, sizeof(error))) {
        trouble(session, TROUBLE_RECONNECT, error);
        return;
    }
    struct text args[3] = {TEXT_OF("AUTH")};
    size_t count = 1;
    if (session->options.user)
        args[count++] = text_of(session->options.user);
    args[count++] = (struct text){password, len};
    say(session, args, count, on_auth);
    explicit_bzero(password, sizeof(password));
}
