#include "clients/oncall/http.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <curl/curl.h>
#include <event2/event.h>

#include "clients/oncall/address.h"
#include "common/alloc.h"
#include "common/log.h"

#define ANSWER_MAX 4096  /* of the body of an answer */
#define ANSWER_SHOWN 200 /* of it, in the reason */
#define CONNECT_MS 10000

struct http {
    CURLM *multi;
    struct event_base *base;
    struct event *timer;
};

struct http_request {
    struct http *http;
    const struct conf *conf;
    const struct target *target;
    CURL *easy;
    struct curl_slist *headers;
    char *body, *url;
    struct buf answer;
    int redirects;         /* followed so far */
    const char *forbidden; /* why no connection was made, or NULL */
    char error[CURL_ERROR_SIZE];
    send_callback callback;
    void *context;
};

static void read_done(struct http *http);

/* ---- The loop -------------------------------------------------------------------- */

static void on_socket(evutil_socket_t fd, short what, void *context) {
    struct http *http = context;
    int running, action = ((what & EV_READ) ? CURL_CSELECT_IN : 0) | ((what & EV_WRITE) ? CURL_CSELECT_OUT : 0);
    curl_multi_socket_action(http->multi, fd, action, &running);
    read_done(http);
}

static void on_timer(evutil_socket_t fd, short what, void *context) {
    struct http *http = context;
    int running;
    (void)fd, (void)what;
    curl_multi_socket_action(http->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    read_done(http);
}

static int watch_socket(CURL *easy, curl_socket_t fd, int what, void *context, void *watched) {
    struct http *http = context;
    struct event *event = watched;
    (void)easy;
    if (event)
        event_free(event);
    event = NULL;
    if (what != CURL_POLL_REMOVE) {
        int events = EV_PERSIST | ((what & CURL_POLL_IN) ? EV_READ : 0) | ((what & CURL_POLL_OUT) ? EV_WRITE : 0);
        event = event_new(http->base, fd, (short)events, on_socket, http);
        if (event)
            event_add(event, NULL);
    }
    curl_multi_assign(http->multi, fd, event);
    return 0;
}

static int watch_timer(CURLM *multi, long ms, void *context) {
    struct http *http = context;
    struct timeval wait = {ms / 1000, ms % 1000 * 1000};
    (void)multi;
    if (ms < 0)
        event_del(http->timer);
    else
        event_add(http->timer, &wait);
    return 0;
}

struct http *http_create(struct loop *loop) {
    struct http *http = alloc_zero(1, sizeof *http);
    http->base = loop_base(loop);
    if (curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK)
        http->multi = curl_multi_init();
    http->timer = event_new(http->base, -1, 0, on_timer, http);
    if (!http->multi || !http->timer) {
        log_error("http", "libcurl cannot be used");
        http_destroy(http);
        return NULL;
    }
    curl_multi_setopt(http->multi, CURLMOPT_SOCKETFUNCTION, watch_socket);
    curl_multi_setopt(http->multi, CURLMOPT_SOCKETDATA, http);
    curl_multi_setopt(http->multi, CURLMOPT_TIMERFUNCTION, watch_timer);
    curl_multi_setopt(http->multi, CURLMOPT_TIMERDATA, http);
    return http;
}

void http_destroy(struct http *http) {
    if (!http)
        return;
    if (http->multi)
        curl_multi_cleanup(http->multi);
    if (http->timer)
        event_free(http->timer);
    curl_global_cleanup();
    free(http);
}

/* ---- What may be spoken to --------------------------------------------------------- */

/* Asked for every connection, with the address that was found for the name. */
static curl_socket_t open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address) {
    struct http_request *request = context;
    char text[INET6_ADDRSTRLEN];
    (void)purpose;
    if (address_text(&address->addr, text, sizeof text) && conf_host_dropped(request->conf, text))
        request->forbidden = "the address of the host is on the drop list";
    else if (request->redirects > 0 && !request->target->private_redirects && address_is_private(&address->addr))
        request->forbidden = "it redirects to a private address";
    else
        return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
    return CURL_SOCKET_BAD;
}

/* Why url must not be asked, or NULL. */
static const char *forbidden(const struct http_request *request, const char *url) {
    const char *reason = "the address cannot be read";
    char *host = NULL, *scheme = NULL;
    CURLU *parts = curl_url();
    if (parts && curl_url_set(parts, CURLUPART_URL, url, 0) == CURLUE_OK &&
        curl_url_get(parts, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
        curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK) {
        reason = NULL;
        if (conf_host_dropped(request->conf, host))
            reason = "the host is on the drop list";
        else if (strcmp(scheme, "https") != 0 && strncmp(request->target->url, "https:", 6) == 0)
            reason = "it redirects from https to something else";
    }
    curl_free(host);
    curl_free(scheme);
    curl_url_cleanup(parts);
    return reason;
}

/* ---- A request ----------------------------------------------------------------------- */

static size_t take_answer(char *bytes, size_t size, size_t count, void *context) {
    struct http_request *request = context;
    size_t len = size * count, room = ANSWER_MAX - request->answer.len;
    buf_append(&request->answer, bytes, len < room ? len : room);
    return len;
}

static void set_options(struct http_request *request) {
    const struct target *target = request->target;
    const struct template *template = target->template;
    CURL *easy = request->easy;
    curl_easy_setopt(easy, CURLOPT_PRIVATE, request);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_PROXY, ""); /* the environment has no say */
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)target->timeout);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, request->error);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, request);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_answer);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, request);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "oversight-oncall");
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, request->headers);
    if (target->ca_file)
        curl_easy_setopt(easy, CURLOPT_CAINFO, target->ca_file);
    if (strcmp(template->method, "POST") != 0)
        curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, template->method);
}

static void add_header(struct http_request *request, const char *name, const char *value) {
    char *line = alloc_printf("%s: %s", name, value);
    struct curl_slist *longer = curl_slist_append(request->headers, line);
    if (longer)
        request->headers = longer;
    free(line);
}

static void start(struct http_request *request) {
    curl_easy_setopt(request->easy, CURLOPT_URL, request->url);
    request->forbidden = forbidden(request, request->url);
    if (request->forbidden) /* its end is told by the loop like any other */
        curl_easy_setopt(request->easy, CURLOPT_URL, "forbidden:");
    curl_multi_add_handle(request->http->multi, request->easy);
}

struct http_request *http_send(struct http *http, const struct conf *conf, const struct target *target,
                               const struct http_header *headers, size_t header_count, struct text body,
                               send_callback callback, void *context) {
    struct http_request *request = alloc_zero(1, sizeof *request);
    request->http = http;
    request->conf = conf;
    request->target = target;
    request->callback = callback;
    request->context = context;
    request->body = alloc_copy_bytes(body.s, body.len);
    request->url = alloc_copy(target->url);
    buf_init(&request->answer);
    request->easy = curl_easy_init();
    if (!request->easy)
        abort(); /* out of memory */
    add_header(request, "Content-Type", target->template->content_type);
    add_header(request, "Expect", ""); /* no pause before the body */
    for (size_t i = 0; i < header_count; i++)
        add_header(request, headers[i].name, headers[i].value);
    set_options(request);
    curl_easy_setopt(request->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.len);
    curl_easy_setopt(request->easy, CURLOPT_POSTFIELDS, request->body);
    start(request);
    return request;
}

void http_cancel(struct http_request *request) {
    if (!request)
        return;
    curl_multi_remove_handle(request->http->multi, request->easy);
    curl_easy_cleanup(request->easy);
    curl_slist_free_all(request->headers);
    buf_finish(&request->answer);
    free(request->body);
    free(request->url);
    free(request);
}

/* ---- Its end --------------------------------------------------------------------------- */

static bool worth_repeating(long status) {
    /* The last three: a key or an address that a person will mend. */
    return status >= 500 || status == 408 || status == 425 || status == 429 || status == 401 || status == 403 ||
           status == 404;
}

static bool holds(const struct buf *answer, const char *part) {
    return part && part[0] && memmem(answer->data, answer->len, part, strlen(part));
}

/* Some answer with what they were sent, or with the path they were asked for. */
static bool tells_secret(const struct target *target, const struct buf *answer) {
    const char *path = strstr(target->url, "://") + 3, *last = strrchr(path, '/');
    path += strcspn(path, "/?");
    return holds(answer, target->secret) ||
           (target->url_secret && path[0] && (holds(answer, path + 1) || (last && holds(answer, last + 1))));
}

static void put_answer(struct http_request *request, long status, struct outcome *outcome) {
    char answer[ANSWER_SHOWN + 40];
    size_t len = request->answer.len < ANSWER_SHOWN ? request->answer.len : ANSWER_SHOWN;
    bool shown = len > 0 && !tells_secret(request->target, &request->answer);
    text_escape(answer, sizeof answer, (struct text){request->answer.data, shown ? len : 0});
    if (outcome->result == RESULT_DELIVERED || !shown)
        snprintf(outcome->reason, sizeof outcome->reason, "HTTP %ld", status);
    else
        snprintf(outcome->reason, sizeof outcome->reason, "HTTP %ld: %s", status, answer);
}

/* True when the request goes on at another address. */
static bool follow(struct http_request *request, long status, struct outcome *outcome) {
    char *next = NULL;
    curl_easy_getinfo(request->easy, CURLINFO_REDIRECT_URL, &next);
    /* Others than these two would turn the request into another one. */
    if ((status != 307 && status != 308) || !next || request->redirects >= request->target->redirects) {
        outcome->result = RESULT_REFUSED;
        snprintf(outcome->reason, sizeof outcome->reason, "HTTP %ld: a redirect that is not followed", status);
        return false;
    }
    free(request->url);
    request->url = alloc_copy(next);
    request->redirects++;
    /* A connection that is open already would spare the new address its check. */
    curl_easy_setopt(request->easy, CURLOPT_FRESH_CONNECT, 1L);
    buf_clear(&request->answer);
    start(request);
    return true;
}

static void judge_status(struct http_request *request, long status, struct outcome *outcome) {
    const struct template *template = request->target->template;
    curl_off_t asked = 0;
    if (status >= (long)template->accept_from && status <= (long)template->accept_to)
        outcome->result = RESULT_DELIVERED;
    else
        outcome->result = worth_repeating(status) ? RESULT_AGAIN : RESULT_REFUSED;
    if (outcome->result == RESULT_AGAIN && curl_easy_getinfo(request->easy, CURLINFO_RETRY_AFTER, &asked) == CURLE_OK &&
        asked > 0 && asked < 1000000)
        outcome->asked = asked * 1000;
    put_answer(request, status, outcome);
}

static void finish(struct http_request *request, CURLcode code) {
    struct outcome outcome = {.result = RESULT_AGAIN};
    long status = 0;
    send_callback callback = request->callback;
    void *context = request->context;

    curl_multi_remove_handle(request->http->multi, request->easy);
    curl_easy_getinfo(request->easy, CURLINFO_RESPONSE_CODE, &status);
    if (request->forbidden && code != CURLE_OK) { /* else another address of the host was allowed */
        outcome.result = RESULT_REFUSED;
        snprintf(outcome.reason, sizeof outcome.reason, "%s", request->forbidden);
    } else if (code != CURLE_OK) {
        char text[200];
        const char *error = request->error[0] ? request->error : curl_easy_strerror(code);
        snprintf(outcome.reason, sizeof outcome.reason, "no answer: %s",
                 text_escape(text, sizeof text, text_of(error)));
    } else if (status >= 300 && status < 400) {
        if (follow(request, status, &outcome))
            return;
    } else {
        judge_status(request, status, &outcome);
    }
    http_cancel(request);
    callback(context, &outcome);
}

static void read_done(struct http *http) {
    CURLMsg *message;
    int left;
    while ((message = curl_multi_info_read(http->multi, &left))) {
        CURLcode code = message->data.result;
        char *private = NULL;
        if (message->msg != CURLMSG_DONE)
            continue;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &private);
        finish((struct http_request *)(void *)private, code);
    }
}
