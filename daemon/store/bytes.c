#include "daemon/store/bytes.h"

#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"

void bytes_finish(struct bytes *bytes) {
    free(bytes->data);
    *bytes = (struct bytes){0};
}

void bytes_append(struct bytes *bytes, const void *data, size_t len) {
    if (len > bytes->size - bytes->len) {
        size_t size = bytes->size ? bytes->size * 2 : 64;
        while (size - bytes->len < len)
            size *= 2;
        bytes->data = alloc_resize(bytes->data, size, 1);
        bytes->size = size;
    }
    if (len)
        memcpy(bytes->data + bytes->len, data, len);
    bytes->len += len;
}

static void put_head(unsigned char *head, unsigned char type, uint32_t count) {
    head[0] = type;
    head[1] = (unsigned char)(count >> 24);
    head[2] = (unsigned char)(count >> 16);
    head[3] = (unsigned char)(count >> 8);
    head[4] = (unsigned char)count;
}

void bytes_array_begin(struct bytes *bytes) {
    bytes->len = 0;
    bytes_append(bytes, "\xdd\0\0\0\0", BYTES_ARRAY_HEAD);
}

void bytes_array_add(struct bytes *bytes, struct text text) {
    unsigned char head[5];
    if (text.len < 32) {
        head[0] = (unsigned char)(0xa0 | text.len);
        bytes_append(bytes, head, 1);
    } else {
        put_head(head, 0xdb, (uint32_t)text.len);
        bytes_append(bytes, head, sizeof(head));
    }
    bytes_append(bytes, text.s, text.len);
}

void bytes_array_end(struct bytes *bytes, uint32_t count) {
    put_head((unsigned char *)bytes->data, 0xdd, count);
}
