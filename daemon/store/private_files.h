/*
 * The folder of the private Redis server: its paths, its configuration, its
 * lock, and the last line of its log.
 */
#ifndef OV_STORE_PRIVATE_FILES_H
#define OV_STORE_PRIVATE_FILES_H

#include <stdbool.h>
#include <stddef.h>

#define PRIVATE_PATH_SIZE 4096

struct private_files {
    char dir[PRIVATE_PATH_SIZE];
    char config[PRIVATE_PATH_SIZE];
    char socket[PRIVATE_PATH_SIZE];
    char log[PRIVATE_PATH_SIZE];
    char lock[PRIVATE_PATH_SIZE];
};

/* Checks the lengths and makes <state_dir> and <state_dir>/redis, mode 0700. */
bool private_files_init(struct private_files *files, const char *state_dir, char *ret_error, size_t size);
bool private_files_write_config(const struct private_files *files, char *ret_error, size_t size);

/* A locked descriptor (close-on-exec), or -1: errno EWOULDBLOCK when another process holds it. */
int private_files_lock(const struct private_files *files);

/* The last line of the log, escaped; "" if there is none. Returns dst. */
const char *private_files_last_words(const struct private_files *files, char *dst, size_t size);
/* Before a start: a log grown large becomes "log.old". */
void private_files_rotate_log(const struct private_files *files);

/* program as a path that can be executed; false if there is none. */
bool private_files_find_program(const char *program, char *ret_path, size_t size);

#endif
