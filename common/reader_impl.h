/* What reader.c shares with its two encodings, reader_json.c and
 * reader_msgpack.c. */
#ifndef OV_COMMON_READER_IMPL_H
#define OV_COMMON_READER_IMPL_H

#include "common/reader.h"

/* Always false: "byte <offset of at>: <text>". */
bool reader_fail(struct reader *reader, const char *at, const char *format, ...) __attribute__((format(printf, 3, 4)));
bool reader_open(struct reader *reader, bool map, uint32_t count);
void reader_close(struct reader *reader);

bool json_read_value(struct reader *reader, struct token *ret_token);
bool json_read_more(struct reader *reader, bool *ret_more);
bool json_read_key(struct reader *reader, struct text *ret_key);
void json_read_space(struct reader *reader);

bool msgpack_read_value(struct reader *reader, struct token *ret_token);
bool msgpack_read_key(struct reader *reader, struct text *ret_key);

#endif
