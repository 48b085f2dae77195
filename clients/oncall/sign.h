/* The signature of a request: HMAC-SHA256 over "TIMESTAMP.BODY". Pure. */
#ifndef OV_ONCALL_SIGN_H
#define OV_ONCALL_SIGN_H

#include "common/text.h"

#define SIGNATURE_SIZE 72 /* "sha256=" and 64 digits */

void sign_request(const char *secret, const char *timestamp, struct text body, char signature[SIGNATURE_SIZE]);

#endif
