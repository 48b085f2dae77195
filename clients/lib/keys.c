/* Keys from files, in one piece of memory with the struct that points at them. */
#include "clients/lib/oversight_client.h"

#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "common/zcurve.h"

struct kept_keys {
    struct oversight_keys keys; /* first: what the caller holds */
    char server_key[ZKEY_SIZE];
    struct zkeys own;
};

struct oversight_keys *oversight_keys_read(const char *key_file, const char *server_key, char *errbuf,
                                           size_t errbuf_size) {
    struct kept_keys *kept = alloc_zero(1, sizeof(*kept));

    if (!zkeys_read(key_file, &kept->own, errbuf, errbuf_size) ||
        !zkey_read_public(server_key, kept->server_key, errbuf, errbuf_size)) {
        oversight_keys_destroy((struct oversight_keys *)kept);
        return NULL;
    }
    kept->keys = (struct oversight_keys){kept->server_key, kept->own.secret_key};
    return &kept->keys;
}

void oversight_keys_destroy(struct oversight_keys *keys) {
    struct kept_keys *kept = (struct kept_keys *)keys;

    if (kept == NULL)
        return;
    explicit_bzero(kept, sizeof(*kept));
    free(kept);
}
