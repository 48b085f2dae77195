/* Targets of the configuration, and the templates they name. */
#include <stdlib.h>
#include <string.h>

#include "clients/oncall/conf_part.h"
#include "clients/oncall/values.h"
#include "common/alloc.h"
#include "common/log.h"
#include "daemon/config_text.h"

static const char *const kind_keys[] = {"url", "email", "exec", "syslog"};

/* Which kind of target: the one key that says so, or url_file. -1 after a problem. */
static int find_kind(const struct settings *settings) {
    int kind = -1;
    bool good = true;
    for (int i = 0; i < 4; i++)
        if (settings_get(settings, kind_keys[i]) || (i == 0 && settings_get(settings, "url_file"))) {
            if (kind >= 0) {
                good = false;
                settings_problem(settings, kind_keys[i], settings_get(settings, kind_keys[i]),
                                 "a target is one of url, url_file, email, exec, syslog: %s is there, too",
                                 kind_keys[kind]);
            }
            kind = i;
        }
    if (kind < 0)
        settings_problem(settings, NULL, NULL, "expected one of url, url_file, email, exec, syslog");
    return good ? kind : -1;
}

/* ---- Templates ---------------------------------------------------------------------- */

/* What a template makes of an alert must be what it says it is. */
static void try_template(const struct settings *settings, const char *path, const struct template *template) {
    struct buf body;
    cJSON *values = values_sample();
    buf_init(&body);
    template_body(template, values, &body);
    cJSON *json = cJSON_ParseWithLengthOpts(body.data, body.len + 1, NULL, true);
    if (!template->text && !json)
        problems_add(settings->problems, path, 0, "what it makes of a sample alert is not JSON; it says %.200s",
                     body.data);
    cJSON_Delete(json);
    cJSON_Delete(values);
    buf_finish(&body);
}

static void load_template(const struct conf_reader *reader, const struct settings *settings, const char *fallback,
                          struct target *target) {
    const char *name = fallback;
    settings_string(settings, "template", fallback ? SETTINGS_OPTIONAL : SETTINGS_REQUIRED, &name);
    if (!name)
        return;
    char *path = name[0] == '/' ? alloc_copy(name) : alloc_printf("%s/%s", reader->conf->templates, name);
    char *text = config_text_read(path, settings->problems);
    target->template = text ? template_parse(path, text, settings->problems) : NULL;
    if (target->template)
        try_template(settings, path, target->template);
    if (target->template && target->kind == TARGET_EMAIL && !target->template->text)
        settings_problem(settings, "template", settings_get(settings, "template"),
                         "%s is of JSON, expected one with \"format: text\"", name);
    free(text);
    free(path);
}

/* ---- Kinds ---------------------------------------------------------------------------- */

static bool is_address(const char *url) {
    size_t scheme = strncmp(url, "http://", 7) == 0 ? 7 : strncmp(url, "https://", 8) == 0 ? 8 : 0;
    return scheme > 0 && url[scheme] && text_is_free(text_of(url), 4000) && !strchr(url, ' ');
}

static void load_url(const struct conf_reader *reader, const struct settings *settings, struct target *target) {
    const char *url, *key = "url";
    char *path = NULL;
    if (settings_string(settings, "url", SETTINGS_OPTIONAL, &url)) {
        target->url = alloc_copy(url);
        if (settings_get(settings, "url_file"))
            settings_problem(settings, "url_file", NULL, "url is there, too");
    } else if (conf_take_path(reader, settings, "url_file", SETTINGS_OPTIONAL, &path)) {
        key = "url_file";
        target->url = conf_secret(reader, settings, key, path);
        target->url_secret = true;
    }
    free(path);
    if (target->url && !is_address(target->url))
        settings_problem(settings, key, settings_get(settings, key), "expected an address http://... or https://...");
}

static void load_http(const struct conf_reader *reader, const struct settings *settings, struct target *target) {
    char *path = NULL;
    load_url(reader, settings, target);
    load_template(reader, settings, NULL, target);
    if (conf_take_path(reader, settings, "secret_file", SETTINGS_OPTIONAL, &path))
        target->secret = conf_secret(reader, settings, "secret_file", path);
    free(path);
    if (target->template && target->template->sign && !settings_get(settings, "secret_file"))
        settings_problem(settings, "secret_file", NULL, "expected the file with the key that the template signs with");
    conf_take_path(reader, settings, "ca_file", SETTINGS_OPTIONAL, &target->ca_file);
    settings_int(settings, "redirects", SETTINGS_OPTIONAL, 0, 5, &target->redirects);
    settings_bool(settings, "private_redirects", &target->private_redirects);
    conf_take_seconds(settings, "resend", 0.1, 86400, &target->resend);
    conf_take_seconds(settings, "hold", 1, 31536000, &target->hold);
    conf_take_seconds(settings, "once", 1, 31536000, &target->once);
}

/* Nothing that sendmail(1) could take for an option or a second header. */
static void check_mail_address(const struct settings *settings, const char *key, const char *address) {
    const char *at = strchr(address, '@');
    if (!at || at == address || !at[1] || address[0] == '-' || strpbrk(address, " <>,;:\"\\()") ||
        !text_is_free(text_of(address), 254))
        settings_problem(settings, key, settings_get(settings, key), "got \"%s\", expected an address name@host",
                         address);
}

static void load_email(const struct conf_reader *reader, const struct settings *settings, struct target *target) {
    const char *from = "oversight-oncall@localhost";
    conf_take_words(settings, "email", SETTINGS_REQUIRED, 32, &target->email);
    for (size_t i = 0; i < target->email.count; i++)
        check_mail_address(settings, "email", target->email.items[i]);
    settings_string(settings, "from", SETTINGS_OPTIONAL, &from);
    check_mail_address(settings, "from", from);
    target->from = alloc_copy(from);
    load_template(reader, settings, "email.template", target);
}

static void load_exec(const struct settings *settings, struct target *target) {
    if (!conf_take_words(settings, "exec", SETTINGS_REQUIRED, 32, &target->exec))
        return;
    if (target->exec.items[0][0] != '/')
        settings_expect(settings, "exec", settings_get(settings, "exec"),
                        "the absolute path of a program first, then its arguments");
}

static void load_syslog(const struct conf_reader *reader, const struct settings *settings, struct target *target) {
    const char *facility;
    target->socket = alloc_copy("/dev/log");
    if (settings_string(settings, "syslog", SETTINGS_REQUIRED, &facility) &&
        !log_facility_parse(facility, &target->facility))
        settings_expect(settings, "syslog", settings_get(settings, "syslog"),
                        "\"daemon\", \"user\" or \"local0\" to \"local7\"");
    conf_take_path(reader, settings, "socket", SETTINGS_OPTIONAL, &target->socket);
}

static void load_retry(const struct settings *settings, struct retry *retry) {
    static const char *const keys[] = {"first", "most", "give_up"};
    const config_setting_t *setting = settings_get(settings, "retry");
    struct settings inner;
    if (!setting || !settings_enter(settings, setting, "retry", NULL, 0, &inner))
        return;
    settings_keys(&inner, keys, 3);
    conf_take_seconds(&inner, "first", 0.01, 3600, &retry->first);
    conf_take_seconds(&inner, "most", 0.01, 86400, &retry->most);
    conf_take_seconds(&inner, "give_up", 0.1, 31536000, &retry->give_up);
}

static void load_kind(const struct conf_reader *reader, const struct settings *settings, struct target *target) {
    switch (target->kind) {
    case TARGET_HTTP:
        load_http(reader, settings, target);
        break;
    case TARGET_EMAIL:
        load_email(reader, settings, target);
        break;
    case TARGET_EXEC:
        load_exec(settings, target);
        break;
    case TARGET_SYSLOG:
        load_syslog(reader, settings, target);
        break;
    }
}

static void check_keys(const struct settings *settings, int kind) {
#define COMMON "name", "timeout", "queue", "retry"
    static const char *const http[] = {COMMON,        "url",     "url_file",  "template",
                                       "secret_file", "ca_file", "redirects", "private_redirects",
                                       "resend",      "hold",    "once"};
    static const char *const email[] = {COMMON, "email", "from", "template"};
    static const char *const exec[] = {COMMON, "exec"};
    static const char *const syslog[] = {COMMON, "syslog", "socket"};
    static const struct {
        const char *const *keys;
        size_t count;
    } lists[] = {{http, sizeof http / sizeof http[0]},
                 {email, sizeof email / sizeof email[0]},
                 {exec, sizeof exec / sizeof exec[0]},
                 {syslog, sizeof syslog / sizeof syslog[0]}};
#undef COMMON
    settings_keys(settings, lists[kind].keys, lists[kind].count);
}

static void load_target(const struct conf_reader *reader, const struct settings *settings, struct target *target) {
    char name[NAME_MAX_LEN + 1] = "";
    int kind = find_kind(settings);

    target->timeout = 10 * 1000;
    target->queue = 20000;
    target->retry = (struct retry){1000, 300 * 1000, 86400 * 1000};
    target->resend = 60 * 1000;
    target->hold = 86400 * 1000;
    target->once = 3600 * 1000;
    if (settings_name(settings, "name", SETTINGS_REQUIRED, name) && conf_target(reader->conf, name))
        settings_expect(settings, "name", settings_get(settings, "name"), "a name that no other target has");
    if (kind >= 0) {
        check_keys(settings, kind);
        target->kind = (enum target_kind)kind;
        load_kind(reader, settings, target);
    }
    conf_take_seconds(settings, "timeout", 0.1, 600, &target->timeout);
    settings_int(settings, "queue", SETTINGS_OPTIONAL, 1, 1000000, &target->queue);
    load_retry(settings, &target->retry);
    target->name = alloc_copy(name);
}

void conf_load_targets(const struct conf_reader *reader, const struct settings *top) {
    const config_setting_t *list = settings_list(top, "targets", SETTINGS_REQUIRED, 1, TARGETS_MAX, "targets");
    struct conf *conf = reader->conf;
    if (!list)
        return;
    conf->targets = alloc_zero(settings_count(list), sizeof *conf->targets);
    for (size_t i = 0; i < settings_count(list); i++) {
        struct settings settings;
        struct target *target = &conf->targets[conf->target_count];
        if (!settings_enter(top, settings_element(list, i), "target", "name", i + 1, &settings))
            continue;
        load_target(reader, &settings, target);
        conf->target_count++;
    }
}
