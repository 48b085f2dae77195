/*
 * Files with secrets: closed to everybody but this user or root, or in the
 * folder where the service manager puts credentials, which it guards.
 */
#ifndef OV_COMMON_SECRET_H
#define OV_COMMON_SECRET_H

#include <stdbool.h>
#include <stddef.h>

/* "credential:NAME" is the file NAME in $CREDENTIALS_DIRECTORY; any other text
 * is a path. False, with the reason in error, when there is no such folder or
 * the name is no file name; ret_path has room for PATH_MAX. */
#define SECRET_CREDENTIAL "credential:"
bool secret_path(const char *option, char *ret_path, char *error, size_t size);

/* Opens for reading what secret_path() names; -1 with the reason in error, also
 * when others may read it. */
int secret_open(const char *option, char *error, size_t size);

#endif
