/* Templates of oversight-oncall: what they make of values, and what is wrong with them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "clients/oncall/template.h"
#include "clients/oncall/values.h"

static const char values_text[] =
    "{\"event\":{\"id\":\"1-1\",\"data\":{\"summary\":\"a \\\"b\\\" \\\\ <c> & "
    "\\u00e9\\n\\u0001\",\"n\":2.5,\"yes\":true,"
    "\"no\":false,\"null\":null,\"empty\":\"\",\"none\":[],\"list\":[{\"id\":\"x\"},{\"id\":\"y\"}]}},"
    "\"status\":\"resolved\",\"severity\":\"notice\"}";

static void makes(const char *template_text, const char *expected) {
    struct problems *problems = problems_create();
    struct template *template = template_parse("t", template_text, problems);
    cJSON *values = cJSON_Parse(values_text);
    struct buf buf;
    buf_init(&buf);
    assert_int_equal(problems_count(problems), 0);
    assert_non_null(template);
    template_body(template, values, &buf);
    assert_string_equal(buf.data, expected);
    buf_finish(&buf);
    cJSON_Delete(values);
    template_destroy(template);
    problems_destroy(problems);
}

static void refuses(const char *template_text, unsigned line, const char *words) {
    struct problems *problems = problems_create();
    struct template *template = template_parse("t", template_text, problems);
    assert_null(template);
    assert_int_equal(problems_count(problems), 1);
    assert_int_equal(problems_at(problems, 0)->line, line);
    if (!strstr(problems_at(problems, 0)->text, words))
        fail_msg("\"%s\" does not say \"%s\"", problems_at(problems, 0)->text, words);
    problems_destroy(problems);
}

static void paths(void **state) {
    (void)state;
    makes("---\n{{event.id}} {{ event.data.list.1.id }}", "1-1 y");
    makes("---\n[{{event.data.absent}}][{{event.data.null}}][{{event.data.list.7.id}}][{{event.id.more}}]", "[][][][]");
    makes("---\n{{event.data.n}} {{event.data.yes}} {{event.data.list}}",
          "2.5 true [{\\\"id\\\":\\\"x\\\"},{\\\"id\\\":\\\"y\\\"}]");
    makes("---\nplain { } text\n\n\n", "plain { } text");
}

static void escapes(void **state) {
    (void)state;
    makes("---\n\"{{event.data.summary}}\"", "\"a \\\"b\\\" \\\\ <c> & \xc3\xa9\\n\\u0001\"");
    makes("---\n{{slack event.data.summary}}", "a \\\"b\\\" \\\\ &lt;c&gt; &amp; \xc3\xa9\\n\\u0001");
    makes("format: text\n---\n{{event.data.summary}}", "a \"b\" \\ <c> & \xc3\xa9\n ");
    makes("---\n{{json event.data.list}} {{json event.data.absent}} {{json event.id}}",
          "[{\"id\":\"x\"},{\"id\":\"y\"}] null \"1-1\"");
    /* Not in the middle of a character. */
    makes("format: text\n---\n{{upto 15 event.data.summary}}|{{upto 14 event.data.summary}}|{{upto 99 event.id}}",
          "a \"b\" \\ <c> & |a \"b\" \\ <c> & |1-1");
}

static void choices(void **state) {
    (void)state;
    makes("---\n{{map status firing=trigger resolved=resolve}} {{map severity notice=info}} {{map severity a=b *=c}}"
          " {{map severity a=b}}",
          "resolve info c notice");
    makes("---\n{{if event.id}}1{{end}}{{if event.data.no}}2{{else}}3{{end}}{{if event.data.empty}}4{{end}}"
          "{{if event.data.none}}5{{end}}{{if event.data.absent}}6{{else}}7{{end}}{{if event.data.yes}}8{{end}}",
          "1378");
    makes("---\n{{if status=resolved}}a{{if severity=x}}b{{else}}c{{end}}d{{end}}{{if status=firing}}e{{end}}", "acd");
}

static void headers(void **state) {
    struct problems *problems = problems_create();
    struct template *template = template_parse("t",
                                               "# comment\nmethod: PUT\ncontent-type: text/x\nheader: X-A: "
                                               "{{event.data.summary}}\nheader: X-B:\nsign: X-S\nmode: states\nbatch: "
                                               "7\naccept: 202\n---\n{}",
                                               problems);
    cJSON *values = cJSON_Parse(values_text);
    struct buf buf;
    (void)state;
    assert_non_null(template);
    assert_string_equal(template->method, "PUT");
    assert_string_equal(template->content_type, "text/x");
    assert_string_equal(template->sign, "X-S");
    assert_true(template->states);
    assert_int_equal(template->batch, 7);
    assert_int_equal(template->accept_from, 202);
    assert_int_equal(template->accept_to, 202);
    assert_int_equal(template->header_count, 2);
    buf_init(&buf);
    template_header(template->headers[0].value, values, &buf);
    assert_string_equal(buf.data, "a \"b\" \\ <c> & \xc3\xa9  "); /* no line break gets into a header */
    buf_clear(&buf);
    template_header(template->headers[1].value, values, &buf);
    assert_string_equal(buf.data, "");
    buf_finish(&buf);
    cJSON_Delete(values);
    template_destroy(template);
    problems_destroy(problems);
}

static void mistakes(void **state) {
    (void)state;
    refuses("", 0, "three dashes");
    refuses("---\n", 1, "after the line of three dashes");
    refuses("metod: POST\n---\n{}", 1, "did you mean method?");
    refuses("\nmethod: GET\n---\n{}", 2, "POST or PUT");
    refuses("batch: 0\n---\n{}", 1, "from 1 to 1000");
    refuses("accept: 404\n---\n{}", 1, "200 to 299");
    refuses("header: no colon\n---\n{}", 1, "NAME: VALUE");
    refuses("header: A: {{nothing}}\n---\n{}", 1, "unknown value \"nothing\"");
    refuses("format: text\nbatch: 2\n---\nx", 3, "only JSON has arrays");
    refuses("---\n\n{{sttaus}}", 3, "expected status");
    refuses("---\n{{event.id", 2, "expected }}");
    refuses("---\n{{if event.id}}x", 2, "an if without its end");
    refuses("---\nx{{end}}", 2, "without its if");
    refuses("---\n{{upto event.id}}", 2, "another form");
    refuses("---\n{{upto 0 event.id}}", 2, "another form");
    refuses("---\n{{map status firing}}", 2, "FROM=TO");
    refuses("---\n{{}}", 2, "another form");
    refuses("---\n{{if event}}{{if event}}{{if event}}{{if event}}{{if event}}{{if event}}{{if event}}{{if event}}"
            "{{if event}}x{{end}}{{end}}{{end}}{{end}}{{end}}{{end}}{{end}}{{end}}{{end}}",
            2, "at most 8 ifs");
}

/* The sample that --check tries has what the shipped templates ask for. */
static void sample(void **state) {
    cJSON *values = values_sample();
    (void)state;
    assert_string_equal(cJSON_GetObjectItem(values, "key")->valuestring, "main/1-1/target");
    assert_string_equal(cJSON_GetObjectItem(values, "incident")->valuestring, "main/example/X01/segment");
    assert_string_equal(cJSON_GetObjectItem(values, "page")->valuestring, "http://127.0.0.1/organisations/X01");
    cJSON_Delete(values);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths),   cmocka_unit_test(escapes),  cmocka_unit_test(choices),
        cmocka_unit_test(headers), cmocka_unit_test(mistakes), cmocka_unit_test(sample),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
