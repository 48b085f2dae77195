/* Queries as an outsider may send them. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/render/request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct request request;
    struct request_error error;
    if (request_parse(data, size, &request, &error) ? request.kind >= REQUEST_KIND_COUNT : !error.message[0])
        abort();
    return 0;
}
