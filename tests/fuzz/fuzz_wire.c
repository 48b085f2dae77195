/* Updates as an outsider may send them. What decodes encodes and decodes again, and is read the same a second time. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct wire_decoder *decoder = wire_decoder_create(NULL), *again = wire_decoder_create(NULL);
    struct message message, back;
    const char *error;
    struct buf buf;
    char first[256] = "";
    buf_init(&buf);
    enum refusal refusal = wire_decode(decoder, data, size, &message, &error);
    if (refusal)
        text_copy(first, sizeof first, text_of(error));
    if (wire_decode(decoder, data, size, &message, &error) != refusal || (refusal && strncmp(error, first, 255)))
        abort();
    if (wire_decode(decoder, data, size, &message, &error) == REFUSAL_NONE && wire_encode_json(&message, &buf) &&
        (wire_decode(again, buf.data, buf.len, &back, &error) != REFUSAL_NONE || back.count != message.count))
        abort();
    buf_finish(&buf);
    wire_decoder_destroy(decoder);
    wire_decoder_destroy(again);
    return 0;
}
