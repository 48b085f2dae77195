/*
 * The text of a configuration before libconfig sees it.
 */
#ifndef OV_DAEMON_CONFIG_TEXT_H
#define OV_DAEMON_CONFIG_TEXT_H

#include "common/problems.h"

#define CONFIG_FILE_MAX (1024 * 1024) /* bytes */

/* The whole file, for the caller to free; NULL after a problem. */
char *config_text_read(const char *path, struct problems *problems);

/* A copy in which every whole number beyond 32 bits has the suffix L: without
 * it libconfig 1.5 keeps the low 32 bits and says nothing. */
char *config_text_widen(const char *text);

#endif
