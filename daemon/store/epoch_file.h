/*
 * The newest epoch this daemon has had, in its state folder: a store that knows
 * less of it was emptied, or is an older copy.
 */
#ifndef OV_STORE_EPOCH_FILE_H
#define OV_STORE_EPOCH_FILE_H

#include <stdint.h>

/* 0 when there is no such file or it is unreadable. */
uint64_t epoch_file_read(const char *state_dir);

/* Makes the folder if it is absent. A failure is logged: it costs no more than the knowledge. */
void epoch_file_write(const char *state_dir, uint64_t epoch);

#endif
