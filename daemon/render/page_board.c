/* The board: who is in which segment, and who has moved lately. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/alloc.h"
#include "daemon/render/page_impl.h"

#define NEW_MS (7 * 24 * 3600 * (int64_t)1000) /* a move is marked for a week */
#define SORTED_MAX 50000
#define LISTED_MAX 500 /* organisations of one segment; a filter shows the rest */
#define MOVES_MAX 6
#define MANY 60           /* more are set in several columns */
#define WORDS_OF_LIST 200 /* entries of a selection: more are asked for by the address alone */

struct row {
    uint32_t org;
    int segment;
    const struct organisation *organisation;
    const struct move *last; /* NULL: has not moved lately */
};

struct board {
    struct page page;
    struct row *rows;
    size_t count, assessed;
};

static bool wanted_word(const char *wanted, const char *is) {
    return !wanted || !wanted[0] || strcmp(wanted, is) == 0;
}

static bool wanted(const struct page_request *request, const struct organisation *organisation) {
    if (request->name && request->name[0] && !strcasestr(organisation->name, request->name) &&
        !strcasestr(organisation->code, request->name))
        return false;
    return wanted_word(request->type, organisation->type) && wanted_word(request->region, organisation->region) &&
           wanted_word(request->system, organisation->system);
}

static int compare_rows(const void *a, const void *b) {
    const struct row *x = a, *y = b;
    int order = strcmp(x->organisation->name, y->organisation->name);

    return order ? order : strcmp(x->organisation->code, y->organisation->code);
}

static void gather(struct board *board) {
    const struct page_request *request = board->page.request;
    const struct registry *registry = engine_registry(request->engine);

    board->rows = alloc_zero(registry_count(registry), sizeof(*board->rows));
    for (uint32_t org = 0; org < registry_count(registry); org++) {
        struct row row = {.org = org, .organisation = registry_at(registry, org)};
        struct standing standing;

        engine_standing(request->engine, request->framework, org, &standing);
        if (!standing.assessed || standing.closed)
            continue;
        board->assessed++;
        if (!wanted(request, row.organisation))
            continue;
        row.segment = standing.indicative;
        if (standing.move_count > 0) {
            const struct move *last = &standing.moves[standing.move_count - 1];

            row.last = last->time > request->facts->now_ms - NEW_MS ? last : NULL;
        }
        board->rows[board->count++] = row;
    }
    /* So many are not read from top to bottom, and sorting them would hold up the loop. */
    if (board->count <= SORTED_MAX)
        qsort(board->rows, board->count, sizeof(*board->rows), compare_rows);
}

/* ---- Filter ------------------------------------------------------------------------ */

static int compare_words(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static const char *word_of(const struct organisation *organisation, const char *what) {
    if (strcmp(what, "type") == 0)
        return organisation->type;
    return strcmp(what, "region") == 0 ? organisation->region : organisation->system;
}

static const char *name_of_word(const struct page *page, const char *what, const char *word) {
    const struct registry *registry = engine_registry(page->request->engine);
    uint32_t org = strcmp(what, "system") == 0 ? registry_find(registry, text_of(word)) : ORG_NONE;

    return org == ORG_NONE ? word : registry_at(registry, org)->name;
}

/* All words of a kind in the registry, each once, in order. The caller frees the list. */
static const char **list_words(const struct page *page, const char *what, size_t *ret_count) {
    const struct registry *registry = engine_registry(page->request->engine);
    const char **words = alloc_zero(registry_count(registry), sizeof(*words));
    size_t all = 0, count = 0;

    for (uint32_t org = 0; org < registry_count(registry); org++) {
        const char *word = word_of(registry_at(registry, org), what);

        if (word[0])
            words[all++] = word;
    }
    qsort(words, all, sizeof(*words), compare_words);
    for (size_t i = 0; i < all; i++) {
        if (count == 0 || strcmp(words[count - 1], words[i]) != 0)
            words[count++] = words[i];
    }
    *ret_count = count < WORDS_OF_LIST ? count : WORDS_OF_LIST;
    return words;
}

static void put_selection(struct page *page, const char *what, const char *label, const char *chosen) {
    size_t count;
    const char **words = list_words(page, what, &count);

    if (count > 0) {
        buf_printf(page->out,
                   "<p><label for=\"filter-%s\">%s</label> <select id=\"filter-%s\" name=\"%s\">"
                   "<option value=\"\">All</option>",
                   what, label, what, what);
        for (size_t i = 0; i < count; i++) {
            page_put(page, "<option");
            markup_attribute(page->out, "value", words[i]);
            page_put(page, chosen && strcmp(chosen, words[i]) == 0 ? " selected>" : ">");
            page_text(page, name_of_word(page, what, words[i]));
            page_put(page, "</option>");
        }
        page_put(page, "</select></p>\n");
    }
    free(words);
}

static void put_filter(struct board *board) {
    struct page *page = &board->page;
    const struct page_request *request = page->request;

    page_put(page, "<form id=\"filter\" class=\"filter\" action=\"/\" method=\"get\" role=\"search\" "
                   "aria-label=\"Choose organisations\">\n"
                   "<p><label for=\"filter-name\">Name or code</label> "
                   "<input id=\"filter-name\" name=\"name\" type=\"search\" autocomplete=\"off\"");
    markup_attribute(page->out, "value", request->name ? request->name : "");
    page_put(page, "></p>\n");
    put_selection(page, "type", "Type", request->type);
    put_selection(page, "region", "Region", request->region);
    put_selection(page, "system", "System", request->system);
    if (request->framework != 0) {
        page_put(page, "<input type=\"hidden\" name=\"framework\"");
        markup_attribute(page->out, "value", page->framework->id);
        page_put(page, ">");
    }
    page_put(page, "<p class=\"buttons\"><button type=\"submit\">Show</button> <a");
    page_href(page, "/", NULL, NULL);
    page_put(page, ">Show all</a></p>\n</form>\n");
}

/* ---- What has moved ------------------------------------------------------------------ */

static void put_move(struct page *page, const struct move *move) {
    bool worse = move->after > move->before;

    buf_printf(page->out, "<span class=\"move %s\"><span aria-hidden=\"true\">%s</span> %s from %d</span>",
               worse ? "worse" : "better", worse ? "\xe2\x96\xbc" : "\xe2\x96\xb2", worse ? "worsened" : "improved",
               move->before);
}

static int compare_moves(const void *a, const void *b) {
    const struct row *const *x = a, *const *y = b;
    const struct move *m = (*x)->last, *n = (*y)->last;

    if (m->time != n->time)
        return m->time < n->time ? 1 : -1;
    return compare_rows(*x, *y);
}

static void put_moves(struct board *board) {
    struct page *page = &board->page;
    const struct row **moved = alloc_zero(board->count, sizeof(*moved));
    char time[OV_TIME_SIZE];
    size_t count = 0;

    for (size_t i = 0; i < board->count; i++) {
        if (board->rows[i].last)
            moved[count++] = &board->rows[i];
    }
    qsort(moved, count, sizeof(*moved), compare_moves);
    page_put(page,
             "<section class=\"moves\" aria-labelledby=\"moves\">\n<h2 id=\"moves\">Moved in the last week</h2>\n");
    page_put(page, count ? "<ol>\n" : "<p>Nobody.</p>\n");
    for (size_t i = 0; i < count && i < MOVES_MAX; i++) {
        page_put(page, "<li>");
        page_segment(page, moved[i]->last->after);
        page_put(page, " ");
        page_organisation_link(page, moved[i]->organisation->code, moved[i]->organisation->name);
        page_put(page, " <span class=\"meta\">");
        put_move(page, moved[i]->last);
        page_put(page, " <span class=\"when\">");
        page_time(page, date_format_time(moved[i]->last->time, time));
        page_put(page, "</span></span></li>\n");
    }
    page_put(page, count ? "</ol>\n" : "");
    if (count > MOVES_MAX)
        buf_printf(page->out, "<p>and %zu more, marked on the board.</p>\n", count - MOVES_MAX);
    page_put(page, "</section>\n");
    free(moved);
}

/* ---- Segments ------------------------------------------------------------------------- */

static void put_titles(struct page *page, const struct standing *standing) {
    const struct framework *framework = page->framework;
    bool first = true;

    for (size_t i = 0; i < framework->trigger_count && i < TRIGGERS_MAX; i++) {
        const struct trigger *trigger = &framework->triggers[i];

        if (!(standing->triggers_on >> i & 1))
            continue;
        page_put(page, first ? "<p class=\"why\">" : "; ");
        page_text(page, trigger->title && trigger->title[0] ? trigger->title : trigger->id);
        first = false;
    }
    if (first && standing->score.scored)
        buf_printf(page->out, "<p class=\"why\">score %.2f, %u of %u</p>", standing->score.average,
                   standing->score.rank, standing->score.n);
    else if (!first)
        page_put(page, "</p>");
}

static void put_row(struct page *page, const struct row *row) {
    const struct organisation *organisation = row->organisation;
    struct standing standing;

    engine_standing(page->request->engine, page->request->framework, row->org, &standing);
    page_put(page, row->last ? "<li class=\"moved\"" : "<li");
    markup_attribute(page->out, "data-code", organisation->code);
    markup_attribute(page->out, "data-name", organisation->name);
    markup_attribute(page->out, "data-type", organisation->type);
    markup_attribute(page->out, "data-region", organisation->region);
    markup_attribute(page->out, "data-system", organisation->system);
    page_put(page, ">");
    page_organisation_link(page, organisation->code, organisation->name);
    page_put(page, " <span class=\"code\">");
    page_text(page, organisation->code);
    page_put(page, "</span>");
    if (row->last) {
        page_put(page, " ");
        put_move(page, row->last);
    }
    if (standing.official && standing.official != standing.indicative)
        buf_printf(page->out, " <span class=\"official\">officially %d</span>", standing.official);
    if (standing.triggers_unknown)
        page_put(page, " <span class=\"missing\">data missing</span>");
    if (standing.indicative >= 3)
        put_titles(page, &standing);
    page_put(page, "</li>\n");
}

static size_t count_of(const struct board *board, int segment) {
    size_t count = 0;

    for (size_t i = 0; i < board->count; i++)
        count += board->rows[i].segment == segment;
    return count;
}

static void put_segment(struct board *board, int segment) {
    struct page *page = &board->page;
    const char *name = page->framework->segments[segment].name;
    size_t count = count_of(board, segment), listed = 0;

    if (!name && count == 0)
        return;
    buf_printf(page->out,
               "<section class=\"column s%d%s\" aria-labelledby=\"segment-%d\" data-segment=\"%d\">\n"
               "<h2 id=\"segment-%d\">",
               segment,
               count == 0     ? " empty"
               : count > MANY ? " many"
                              : "",
               segment, segment, segment);
    page_segment(page, segment);
    page_put(page, " <span class=\"name\">");
    page_text(page, name ? name : "");
    buf_printf(page->out, "</span> <span class=\"count\" data-count>%zu</span></h2>\n<ul>\n", count);
    for (size_t i = 0; i < board->count && listed < LISTED_MAX; i++) {
        if (board->rows[i].segment != segment)
            continue;
        put_row(page, &board->rows[i]);
        listed++;
    }
    page_put(page, "</ul>\n");
    if (listed < count)
        buf_printf(page->out, "<p data-cut>%zu of %zu are listed: choose by name, type, region or system.</p>\n",
                   listed, count);
    page_put(page, "</section>\n");
}

/* The country in one line: how many in which segment. */
static void put_summary(struct board *board) {
    struct page *page = &board->page;
    double at = 0, all = board->count ? (double)board->count : 1;

    page_put(page, "<svg class=\"shares\" viewBox=\"0 0 1000 22\" preserveAspectRatio=\"none\" aria-hidden=\"true\">");
    for (int segment = SEGMENTS_MAX; segment >= 1; segment--) {
        double width = 1000 * (double)count_of(board, segment) / all;

        if (width > 0)
            buf_printf(page->out, "<rect class=\"s%d\" x=\"%.2f\" y=\"0\" width=\"%.2f\" height=\"22\"/>", segment, at,
                       width > 2 ? width - 2 : width);
        at += width;
    }
    page_put(page, "</svg>\n");
}

void page_board(const struct page_request *request, struct buf *html) {
    struct board board = {0};
    struct page *page = &board.page;

    page_begin(page, request, PAGE_BOARD, "Board", html);
    gather(&board);
    buf_printf(html, "<h1>Board</h1>\n");
    put_filter(&board);
    page_put(page, "<div id=\"board\" data-live>\n<p class=\"shown\" id=\"shown\" role=\"status\">");
    if (board.count == board.assessed)
        buf_printf(html, "%zu organisations", board.count);
    else
        buf_printf(html, "%zu of %zu organisations", board.count, board.assessed);
    page_put(page, "</p>\n");
    put_summary(&board);
    put_moves(&board);
    page_put(page, "<div class=\"columns\">\n");
    for (int segment = SEGMENTS_MAX; segment >= 1; segment--)
        put_segment(&board, segment);
    page_put(page, "</div>\n</div>\n");
    page_end(page);
    free(board.rows);
}
