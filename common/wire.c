#include "common/wire.h"

#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "common/reader.h"
#include "common/scratch.h"
#include "common/wire_fields.h"
#include "common/wire_shape.h"

struct wire_decoder {
    struct wire_limits limits;
    struct scratch scratch;
    struct reader reader;
    struct wire_fields fields;
    struct item *items; /* kept from message to message */
    size_t capacity;
    struct message message;
    enum refusal refusal; /* why the payload is refused, with error */
    const char *error;
    /* The field seen last time at each place of a map: maps of a source look
     * alike, so the first guess is nearly always right. */
    uint8_t guesses[FIELD_COUNT];
    struct wire_shape first, later; /* the maps read last: first of a message, and those after it */
};

struct wire_decoder *wire_decoder_create(const struct wire_limits *limits) {
    struct wire_decoder *decoder = alloc_zero(1, sizeof(*decoder));
    if (limits)
        decoder->limits = *limits;
    if (decoder->limits.max_batch == 0)
        decoder->limits.max_batch = WIRE_BATCH_MAX;
    if (decoder->limits.max_bytes == 0)
        decoder->limits.max_bytes = WIRE_BYTES_MAX;
    scratch_init(&decoder->scratch);
    return decoder;
}

void wire_decoder_destroy(struct wire_decoder *decoder) {
    if (!decoder)
        return;
    scratch_finish(&decoder->scratch);
    free(decoder->items);
    free(decoder);
}

/* Always false: the payload is refused whole. */
static bool fail(struct wire_decoder *decoder, enum refusal refusal, const char *error) {
    decoder->refusal = refusal;
    decoder->error = error;
    return false;
}

static bool fail_reading(struct wire_decoder *decoder) {
    return fail(decoder, REFUSAL_UNDECODABLE, reader_error(&decoder->reader));
}

static bool fail_field(struct wire_decoder *decoder, enum wire_field field, const char *expected) {
    struct text complaint = wire_complaint(&decoder->fields, field, expected, &decoder->scratch);
    return fail(decoder, REFUSAL_UNDECODABLE,
                scratch_printf(&decoder->scratch, "update %zu: %s", decoder->message.count, complaint.s).s);
}

static enum wire_field find_field(struct wire_decoder *decoder, unsigned place, struct text key) {
    if (place >= FIELD_COUNT)
        return wire_field_find(key);
    enum wire_field guess = (enum wire_field)decoder->guesses[place];
    if (guess < FIELD_COUNT && wire_field_is(guess, key))
        return guess;
    enum wire_field field = wire_field_find(key);
    decoder->guesses[place] = (uint8_t)field;
    return field;
}

static void learn(struct wire_decoder *decoder, struct wire_shape *shape, unsigned places) {
    bool plain = !decoder->reader.json && places <= FIELD_COUNT &&
                 __builtin_popcount(decoder->fields.present) == (int)places; /* no unknown key among them */
    if (plain)
        wire_shape_learn(shape, decoder->guesses, places);
}

/* The map just opened, up to its end. */
static bool read_fields(struct wire_decoder *decoder) {
    struct reader *reader = &decoder->reader;
    struct wire_shape *shape = decoder->message.count == 0 ? &decoder->first : &decoder->later;
    bool more;
    if (wire_shape_read(shape, reader, &decoder->fields))
        return true;
    decoder->fields.present = 0;
    for (unsigned place = 0; reader_more(reader, &more); place++) {
        struct text key;
        struct token ignored;
        if (!more) {
            learn(decoder, shape, place);
            return true;
        }
        if (!reader_key(reader, &key))
            break;
        enum wire_field field = find_field(decoder, place, key);
        struct token *token = field < FIELD_COUNT ? &decoder->fields.tokens[field] : &ignored;
        if (!reader_value(reader, token) || !reader_skip(reader, token))
            break;
        if (field < FIELD_COUNT)
            decoder->fields.present |= UINT32_C(1) << field;
        else
            decoder->message.unknown_fields++;
    }
    return fail_reading(decoder);
}

static bool check_version(struct wire_decoder *decoder) {
    uint64_t version;
    if (wire_has(&decoder->fields, FIELD_V) && !wire_integer(&decoder->fields, FIELD_V, 1, 1, &version))
        return fail_field(decoder, FIELD_V, "1, the only version of the format");
    return true;
}

static bool take_source(struct wire_decoder *decoder) {
    const struct token *token = &decoder->fields.tokens[FIELD_SOURCE];
    bool first = decoder->message.count == 0, text = token->type == TOKEN_TEXT;
    if (!wire_has(&decoder->fields, FIELD_SOURCE) && !first)
        return true;
    if (first) {
        if (!wire_has(&decoder->fields, FIELD_SOURCE) || !text || !text_is_source(token->text))
            return fail_field(decoder, FIELD_SOURCE, "a source, 1 to 64 of A-Z a-z 0-9 . _ -");
        decoder->message.source = token->text;
        return true;
    }
    struct text source = decoder->message.source;
    if (!text || token->text.len != source.len || memcmp(token->text.s, source.s, source.len) != 0)
        return fail_field(decoder, FIELD_SOURCE, "the source of the first map");
    return true;
}

#define EXPECTED_SEQ "an integer from 1 to 9223372036854775807"

/* The item's seq. A bad one in a later map refuses that map, which then has
 * the seq it would have had without. */
static bool take_seq(struct wire_decoder *decoder, struct item *item) {
    bool first = decoder->message.count == 0;
    if (wire_integer(&decoder->fields, FIELD_SEQ, 1, WIRE_SEQ_MAX, &item->seq))
        return true;
    if (first)
        return fail_field(decoder, FIELD_SEQ, EXPECTED_SEQ);
    uint64_t previous = item[-1].seq;
    if (previous == WIRE_SEQ_MAX)
        return fail(
            decoder, REFUSAL_UNDECODABLE,
            scratch_printf(&decoder->scratch, "update %zu: seq goes beyond 9223372036854775807", decoder->message.count)
                .s);
    item->seq = previous + 1;
    if (wire_has(&decoder->fields, FIELD_SEQ))
        wire_refuse(item, REFUSAL_BAD_FIELD,
                    wire_complaint(&decoder->fields, FIELD_SEQ, EXPECTED_SEQ, &decoder->scratch));
    return true;
}

/* more and baseline hold for the whole message and belong in its first map; a
 * later map may repeat them. */
static void take_flag(struct wire_decoder *decoder, enum wire_field field, bool *flag, struct item *item) {
    const struct token *token = &decoder->fields.tokens[field];
    bool first = decoder->message.count == 0;
    if (!wire_has(&decoder->fields, field))
        return;
    if (token->type != TOKEN_BOOLEAN || (!first && token->boolean != *flag))
        wire_refuse(item, REFUSAL_BAD_FIELD,
                    wire_complaint(&decoder->fields, field,
                                   token->type == TOKEN_BOOLEAN ? "it only in the first map" : "true or false",
                                   &decoder->scratch));
    else
        *flag = token->boolean;
}

static struct item *next_item(struct wire_decoder *decoder) {
    if (decoder->message.count == decoder->capacity) {
        size_t capacity = decoder->capacity ? decoder->capacity * 2 : 64;
        decoder->items = alloc_resize(decoder->items, capacity, sizeof(*decoder->items));
        decoder->capacity = capacity;
    }
    return &decoder->items[decoder->message.count];
}

/* What belongs to the message; a map behind the first has it to say only if it differs. */
#define OF_MESSAGE                                                                                                     \
    (UINT32_C(1) << FIELD_V | UINT32_C(1) << FIELD_SOURCE | UINT32_C(1) << FIELD_SEQ | UINT32_C(1) << FIELD_MORE |     \
     UINT32_C(1) << FIELD_BASELINE)

/* The usual map: a seq that follows from the one before, and nothing else but the update. */
static bool just_follows(const struct wire_decoder *decoder, struct item *item) {
    if (decoder->message.count == 0 || (decoder->fields.present & OF_MESSAGE) || item[-1].seq == WIRE_SEQ_MAX)
        return false;
    item->seq = item[-1].seq + 1;
    return true;
}

/* One map, just opened. */
static bool read_item(struct wire_decoder *decoder) {
    if (decoder->message.count == decoder->limits.max_batch)
        return fail(
            decoder, REFUSAL_TOO_LARGE,
            scratch_printf(&decoder->scratch, "more than %zu updates in a message", decoder->limits.max_batch).s);
    struct item *item = next_item(decoder);
    item->kind = ITEM_SKIP;
    if (!read_fields(decoder))
        return false;
    if (just_follows(decoder, item)) {
        wire_item(&decoder->fields, &decoder->scratch, item);
        decoder->message.count++;
        return true;
    }
    if (!check_version(decoder) || !take_source(decoder) || !take_seq(decoder, item))
        return false;
    if (item->kind != ITEM_REFUSED)
        wire_item(&decoder->fields, &decoder->scratch, item);
    take_flag(decoder, FIELD_MORE, &decoder->message.more, item);
    take_flag(decoder, FIELD_BASELINE, &decoder->message.baseline, item);
    decoder->message.count++;
    return true;
}

static bool read_array(struct wire_decoder *decoder) {
    bool more;
    while (reader_more(&decoder->reader, &more)) {
        struct token token;
        if (!more && decoder->message.count == 0)
            return fail(decoder, REFUSAL_UNDECODABLE, "an empty array, expected at least one update");
        if (!more)
            return true;
        if (!reader_value(&decoder->reader, &token))
            break;
        if (token.type != TOKEN_MAP)
            return fail(decoder, REFUSAL_UNDECODABLE,
                        scratch_printf(&decoder->scratch, "update %zu: expected a map", decoder->message.count).s);
        if (!read_item(decoder))
            return false;
    }
    return fail_reading(decoder);
}

static bool read_payload(struct wire_decoder *decoder, const void *payload, size_t len) {
    struct reader *reader = &decoder->reader;
    struct token token;
    if (len > decoder->limits.max_bytes)
        return fail(decoder, REFUSAL_TOO_LARGE,
                    scratch_printf(&decoder->scratch, "a payload of %zu bytes, expected at most %zu", len,
                                   decoder->limits.max_bytes)
                        .s);
    if (!reader_init(reader, payload, len, &decoder->scratch) || !reader_value(reader, &token))
        return fail_reading(decoder);
    if (!(token.type == TOKEN_MAP ? read_item(decoder) : read_array(decoder)))
        return false;
    return reader_end(reader) || fail_reading(decoder);
}

enum refusal wire_decode(struct wire_decoder *decoder, const void *payload, size_t len, struct message *ret_message,
                         const char **ret_error) {
    scratch_reset(&decoder->scratch);
    decoder->message = (struct message){.count = 0};
    if (!read_payload(decoder, payload, len)) {
        *ret_error = decoder->error;
        return decoder->refusal;
    }
    decoder->message.items = decoder->items;
    *ret_message = decoder->message;
    return REFUSAL_NONE;
}
