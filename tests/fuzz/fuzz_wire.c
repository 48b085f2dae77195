/* Updates as an outsider may send them. What decodes must encode and decode again. */
#include <stdint.h>
#include <stdlib.h>

#include "common/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct wire_decoder *decoder = wire_decoder_create(NULL), *again = wire_decoder_create(NULL);
    struct message message, back;
    const char *error;
    struct buf buf;
    buf_init(&buf);
    if (wire_decode(decoder, data, size, &message, &error) == REFUSAL_NONE && wire_encode_json(&message, &buf) &&
        (wire_decode(again, buf.data, buf.len, &back, &error) != REFUSAL_NONE || back.count != message.count))
        abort();
    buf_finish(&buf);
    wire_decoder_destroy(decoder);
    wire_decoder_destroy(again);
    return 0;
}
