/* Random messages there and back in both encodings; random bytes and damaged
 * payloads, which may only be refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "common/wire.h"
#include "tests/unit/seed.h"
#include "tests/unit/wire_twin.h"

#define ITEMS_MAX 12

/* ---- Random messages ---- */

static struct text pick(struct dice *dice, const char *const *texts, uint32_t count) {
    return text_of(texts[dice_below(dice, count)]);
}

static struct text random_free(struct dice *dice) {
    static const char *const texts[] = {
        "", "plain", "with \"quotes\" and \\", "caf\xc3\xa9", "/slash {}", "\xf0\x9f\x98\x80", "\xc2\xa0nbsp", "1e5"};
    return pick(dice, texts, 8);
}

static struct text random_name(struct dice *dice) {
    static const char *const names[] = {"a", "ae-4h", "rtt_18w.v2", "0", "-._"};
    return pick(dice, names, 5);
}

static struct value random_value(struct dice *dice) {
    struct value value = {.type = (enum value_type)dice_below(dice, 4)};
    uint64_t bits = dice_next(dice);
    switch (value.type) {
    case VALUE_NUMBER:
        value.number = (double)dice_below(dice, 1000) / 10;
        if (dice_below(dice, 2))
            memcpy(&value.number, &bits, sizeof(bits));
        if (!isfinite(value.number) || value.number == 0)
            value.number = 1;
        break;
    case VALUE_WORD:
        value.word = random_free(dice);
        break;
    case VALUE_BOOLEAN:
        value.boolean = bits & 1;
        break;
    case VALUE_NULL:
        break;
    }
    return value;
}

static struct item random_item(struct dice *dice, uint64_t seq) {
    static const char *const orgs[] = {"R1H", "QHM", "0", "ABCDEFGHIJ"};
    struct item item = {.kind = (enum item_kind)dice_below(dice, ITEM_REFUSED), .seq = seq, .org = pick(dice, orgs, 4)};
    ov_day day = (ov_day)dice_below(dice, 80000);
    switch (item.kind) {
    case ITEM_FIGURE:
        item.figure = (struct figure_item){random_name(dice), day, random_value(dice), dice_below(dice, 3)};
        break;
    case ITEM_DECISION:
        item.decision = (struct decision_item){1 + (int)dice_below(dice, 5),
                                               day,
                                               random_free(dice),
                                               random_free(dice),
                                               dice_below(dice, 2) ? random_name(dice) : text_of(""),
                                               dice_below(dice, 2) ? random_name(dice) : text_of("")};
        break;
    case ITEM_PROGRAMME:
        item.programme = (struct programme_item){.programme = random_name(dice),
                                                 .action = (enum programme_action)dice_below(dice, 3),
                                                 .effective = day,
                                                 .decided_by = random_free(dice),
                                                 .reason = random_free(dice),
                                                 .exit_criteria = random_free(dice),
                                                 .review_by = dice_below(dice, 2) ? day + 90 : OV_DAY_NONE,
                                                 .limit = dice_below(dice, 2) ? day + 365 : OV_DAY_NONE};
        break;
    default:
        item.org = text_of("");
        break;
    }
    return item;
}

static struct message random_message(struct dice *dice, struct item items[ITEMS_MAX]) {
    struct message message = {.source = text_of("feed.1"),
                              .baseline = dice_below(dice, 2),
                              .more = dice_below(dice, 2),
                              .count = 1 + dice_below(dice, ITEMS_MAX),
                              .items = items};
    uint64_t seq = 1 + dice_next(dice) % (WIRE_SEQ_MAX / 2);
    for (size_t i = 0; i < message.count; i++, seq += 1 + dice_below(dice, 5) / 4)
        items[i] = random_item(dice, seq);
    return message;
}

static void check_decodes(struct wire_decoder *decoder, const struct buf *buf, const struct message *expected) {
    struct message message;
    const char *error = "";
    if (wire_decode(decoder, buf->data, buf->len, &message, &error) != REFUSAL_NONE)
        fail_msg("refused: %s", error);
    assert_true(same_message(&message, expected));
}

static void test_round_trip(void **state) {
    struct dice dice = dice_from_environment("messages there and back");
    struct wire_decoder *decoder = wire_decoder_create(NULL);
    (void)state;
    for (int round = 0; round < 3000; round++) {
        struct item items[ITEMS_MAX];
        struct message message = random_message(&dice, items);
        struct buf buf;
        msgpack_sbuffer twin;
        buf_init(&buf);
        assert_true(wire_encode_msgpack(&message, &buf));
        check_decodes(decoder, &buf, &message);
        buf_clear(&buf);
        assert_true(wire_encode_json(&message, &buf));
        check_decodes(decoder, &buf, &message);
        /* cJSON finds it sound, too. */
        assert_true(twin_msgpack(buf.data, &twin));
        msgpack_sbuffer_destroy(&twin);
        buf_finish(&buf);
    }
    wire_decoder_destroy(decoder);
}

static void test_not_encodable(void **state) {
    struct item item = {.kind = ITEM_REFUSED, .seq = 1};
    struct message message = {.source = text_of("s"), .count = 1, .items = &item};
    struct buf buf;
    (void)state;
    buf_init(&buf);
    assert_false(wire_encode_json(&message, &buf) || wire_encode_msgpack(&message, &buf));
    message.count = 0;
    assert_false(wire_encode_json(&message, &buf) || wire_encode_msgpack(&message, &buf));
    assert_int_equal(buf.len, 0);
    buf_finish(&buf);
}

/* ---- Random bytes ---- */

/* From memory of exactly its size, so that the sanitizer sees a byte too far. */
static enum refusal decode_copy(struct wire_decoder *decoder, const char *bytes, size_t len) {
    char *copy = malloc(len ? len : 1);
    struct message message;
    const char *error = NULL;
    assert_non_null(copy);
    if (len)
        memcpy(copy, bytes, len);
    enum refusal refusal = wire_decode(decoder, copy, len, &message, &error);
    if (refusal == REFUSAL_NONE) {
        assert_true(message.count > 0 && message.source.len > 0);
    } else {
        assert_non_null(error);
        for (const char *at = error; *at; at++)
            assert_true(*at >= 0x20 && *at < 0x7f);
    }
    free(copy);
    return refusal;
}

static void test_random_bytes(void **state) {
    static const char starts[] = "{[\x80\x81\x8f\x90\x91\x9f\xdc\xdd\xde\xdf";
    struct dice dice = dice_from_environment("random bytes");
    struct wire_decoder *decoder = wire_decoder_create(NULL);
    (void)state;
    for (int round = 0; round < 10000; round++) {
        char bytes[200];
        size_t len = dice_below(&dice, sizeof(bytes) + 1);
        for (size_t i = 0; i < len; i++)
            bytes[i] = (char)dice_next(&dice);
        if (len > 0 && round % 2)
            bytes[0] = starts[dice_below(&dice, sizeof(starts) - 1)];
        assert_int_equal(decode_copy(decoder, bytes, len), REFUSAL_UNDECODABLE);
    }
    wire_decoder_destroy(decoder);
}

static void damage(struct dice *dice, struct buf *buf) {
    static const char likely[] = "\"\\{}[],:0-9.eEtfn\x00\xff\x80\xc1\xd9\xdd\xdf";
    size_t at = dice_below(dice, (uint32_t)buf->len), other = dice_below(dice, (uint32_t)buf->len);
    switch (dice_below(dice, 4)) {
    case 0:
        buf->data[at] = (char)dice_next(dice);
        break;
    case 1:
        buf->data[at] = likely[dice_below(dice, sizeof(likely))];
        break;
    case 2:
        buf_truncate(buf, at);
        break;
    default:
        buf->data[at] = buf->data[other];
        break;
    }
}

static void test_damaged(void **state) {
    struct dice dice = dice_from_environment("damaged payloads");
    struct wire_decoder *decoder = wire_decoder_create(NULL);
    size_t refused = 0;
    (void)state;
    for (int round = 0; round < 10000; round++) {
        struct item items[ITEMS_MAX];
        struct message message = random_message(&dice, items);
        struct buf buf;
        buf_init(&buf);
        assert_true(round % 2 ? wire_encode_json(&message, &buf) : wire_encode_msgpack(&message, &buf));
        for (uint32_t times = 1 + dice_below(&dice, 3); times > 0 && buf.len > 0; times--)
            damage(&dice, &buf);
        refused += decode_copy(decoder, buf.data, buf.len) != REFUSAL_NONE;
        buf_finish(&buf);
    }
    printf("%zu of 10000 damaged payloads refused whole\n", refused);
    assert_true(refused > 3000 && refused < 10000);
    wire_decoder_destroy(decoder);
}

/* A truncated payload is never taken for a whole one. */
static void test_truncated(void **state) {
    struct dice dice = dice_from_environment("truncated payloads");
    struct wire_decoder *decoder = wire_decoder_create(NULL);
    (void)state;
    for (int round = 0; round < 100; round++) {
        struct item items[ITEMS_MAX];
        struct message message = random_message(&dice, items);
        struct buf buf;
        buf_init(&buf);
        assert_true(round % 2 ? wire_encode_json(&message, &buf) : wire_encode_msgpack(&message, &buf));
        for (size_t len = 0; len < buf.len; len++)
            assert_int_equal(decode_copy(decoder, buf.data, len), REFUSAL_UNDECODABLE);
        buf_finish(&buf);
    }
    wire_decoder_destroy(decoder);
}

/* A decoder that has read the like before finds what a fresh one finds: the
 * same message, or the same refusal in the same words. */
static bool decodes_alike(struct wire_decoder *used, const char *bytes, size_t len) {
    struct wire_decoder *fresh = wire_decoder_create(NULL);
    char *copy = malloc(len ? len : 1);
    struct message message, expected;
    const char *error = "", *words = "";
    assert_non_null(copy);
    if (len)
        memcpy(copy, bytes, len);
    enum refusal refusal = wire_decode(used, copy, len, &message, &error);
    assert_int_equal(refusal, wire_decode(fresh, copy, len, &expected, &words));
    assert_string_equal(error, words);
    if (refusal == REFUSAL_NONE)
        assert_true(same_message(&message, &expected));
    wire_decoder_destroy(fresh);
    free(copy);
    return refusal == REFUSAL_NONE;
}

static void test_used_decoder(void **state) {
    struct dice dice = dice_from_environment("a decoder that has read the like before");
    struct wire_decoder *decoder = wire_decoder_create(NULL);
    size_t taken = 0, rounds = 0;
    (void)state;
    for (int round = 0; round < 300; round++) {
        struct item items[ITEMS_MAX];
        struct message message = random_message(&dice, items);
        for (size_t i = 0; i < message.count && round % 4; i++) { /* as feeds are: one kind, many of them */
            uint64_t seq = items[i].seq;
            items[i] = items[0];
            items[i].seq = seq;
        }
        for (int times = 0; times < 40; times++, rounds++) {
            struct buf buf;
            buf_init(&buf);
            assert_true(wire_encode_msgpack(&message, &buf));
            decodes_alike(decoder, buf.data, buf.len);
            if (times < 20)
                buf_truncate(&buf, dice_below(&dice, (uint32_t)buf.len));
            else
                damage(&dice, &buf);
            taken += decodes_alike(decoder, buf.data, buf.len);
            buf_finish(&buf);
        }
    }
    printf("%zu of %zu damaged payloads taken\n", taken, rounds);
    assert_true(taken > rounds / 50 && taken < rounds);
    wire_decoder_destroy(decoder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip), cmocka_unit_test(test_not_encodable), cmocka_unit_test(test_random_bytes),
        cmocka_unit_test(test_damaged),    cmocka_unit_test(test_truncated),     cmocka_unit_test(test_used_decoder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
