#include "clients/oncall/sign.h"

#include <stdio.h>
#include <string.h>

#include <nettle/hmac.h>

void sign_request(const char *secret, const char *timestamp, struct text body, char signature[SIGNATURE_SIZE]) {
    struct hmac_sha256_ctx context;
    uint8_t digest[SHA256_DIGEST_SIZE];
    hmac_sha256_set_key(&context, strlen(secret), (const uint8_t *)secret);
    hmac_sha256_update(&context, strlen(timestamp), (const uint8_t *)timestamp);
    hmac_sha256_update(&context, 1, (const uint8_t *)".");
    hmac_sha256_update(&context, body.len, (const uint8_t *)body.s);
    hmac_sha256_digest(&context, sizeof digest, digest);
    int len = snprintf(signature, SIGNATURE_SIZE, "sha256=");
    for (size_t i = 0; i < sizeof digest; i++)
        len += snprintf(signature + len, SIGNATURE_SIZE - (size_t)len, "%02x", digest[i]);
}
