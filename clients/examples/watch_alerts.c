/*
 * A consumer of oversightd that misses nothing: prints each alert once, keeps
 * its position in a file, and goes on from there when it is started again.
 *
 *     cc watch_alerts.c $(pkg-config --cflags --libs oversight-client)
 *     watch_alerts POSITION-FILE PUBLISH[,PUBLISH...] QUERY[,QUERY...] [KEY SERVER-KEY]
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <oversight_client.h>

#define ENDPOINTS_MAX 8

static volatile sig_atomic_t ended;

static void on_signal(int number) {
    (void)number;
    ended = 1;
}

/* A new file takes the place of the old one: a crash, of the machine too, leaves the one or the other. */
static void keep_position(const char *path, struct oversight_id last) {
    char id[OVERSIGHT_ID_SIZE], other[4096];
    FILE *file;

    snprintf(other, sizeof(other), "%s.new", path);
    file = fopen(other, "w");
    if (file == NULL || fprintf(file, "%s\n", oversight_id_format(last, id)) < 0 || fflush(file) != 0 ||
        fsync(fileno(file)) != 0 || fclose(file) != 0 || rename(other, path) != 0) {
        perror(path);
        exit(1);
    }
}

/* False at the first start. One that is there and cannot be read is no first start: alerts would be missed. */
static bool read_position(const char *path, struct oversight_id *ret_last) {
    char id[OVERSIGHT_ID_SIZE + 1] = "";
    FILE *file = fopen(path, "r");

    if (file == NULL && errno == ENOENT)
        return false;
    if (file == NULL || fgets(id, sizeof(id), file) == NULL || !oversight_id_parse(id, strcspn(id, "\n"), ret_last)) {
        fprintf(stderr, "watch_alerts: %s: no position can be read from it\n", path);
        exit(1);
    }
    fclose(file);
    return true;
}

/* ---- What the library calls; arg is the path of the position file ---------------- */

static void on_alert(void *arg, const struct oversight_event *event) {
    char id[OVERSIGHT_ID_SIZE];

    (void)arg;
    printf("%s %s %s: %s\n", oversight_id_format(event->id, id), event->severity, event->subject, event->summary);
    fflush(stdout);
}

/* After the alert was dealt with: killed in between, it is told once more at the next start. */
static void on_position(void *arg, struct oversight_id last) {
    keep_position(arg, last);
}

static void on_snapshot(void *arg, struct oversight_id last, const char *json, size_t len, bool lost) {
    char id[OVERSIGHT_ID_SIZE];

    (void)arg;
    (void)json;
    printf("state of all organisations as of %s: %zu bytes%s\n", oversight_id_format(last, id), len,
           lost ? "; alerts before it were lost" : "");
    fflush(stdout);
}

static void on_state(void *arg, enum oversight_state state) {
    (void)arg;
    fprintf(stderr, "watch_alerts: %s\n", oversight_state_name(state));
}

static void on_problem(void *arg, const char *message) {
    (void)arg;
    fprintf(stderr, "watch_alerts: %s\n", message);
}

/* ---- The loop --------------------------------------------------------------------- */

static void split(char *text, const char *list[ENDPOINTS_MAX + 1]) {
    int count = 0;

    for (char *word = strtok(text, ","); word != NULL && count < ENDPOINTS_MAX; word = strtok(NULL, ","))
        list[count++] = word;
    list[count] = NULL;
}

/* Here it would share the loop with descriptors of your own. */
static void loop(struct oversight_client *client) {
    while (!ended) {
        struct pollfd item = {.fd = oversight_client_fd(client), .events = POLLIN};

        if (poll(&item, 1, oversight_client_timeout(client)) >= 0)
            oversight_client_process(client);
    }
}

int main(int argc, char **argv) {
    static const struct oversight_handlers handlers = {
        .alert = on_alert, .snapshot = on_snapshot, .position = on_position, .state = on_state, .problem = on_problem};
    const char *subscribe[ENDPOINTS_MAX + 1], *query[ENDPOINTS_MAX + 1];
    struct oversight_client_config config = {.subscribe = subscribe, .query = query};
    struct oversight_keys *keys = NULL;
    struct oversight_client *client = NULL;
    char error[512] = "";

    if (argc != 4 && argc != 6) {
        fprintf(stderr, "usage: watch_alerts POSITION-FILE PUBLISH,... QUERY,... [KEY SERVER-KEY]\n");
        return 64;
    }
    signal(SIGINT, on_signal);
    signal(SIGTERM, on_signal);
    split(argv[2], subscribe);
    split(argv[3], query);
    config.resume = read_position(argv[1], &config.after);
    if (argc == 6)
        config.keys = keys = oversight_keys_read(argv[4], argv[5], error, sizeof(error));
    if (argc != 6 || keys != NULL)
        client = oversight_client_create(&config, &handlers, argv[1], error, sizeof(error));
    oversight_keys_destroy(keys);
    if (client == NULL) {
        fprintf(stderr, "watch_alerts: %s\n", error);
        return 1;
    }
    loop(client);
    oversight_client_destroy(client);
    return 0;
}
