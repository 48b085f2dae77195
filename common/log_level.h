/* Inside of the log: the table of levels and of subsystems. */
#ifndef OV_COMMON_LOG_LEVEL_H
#define OV_COMMON_LOG_LEVEL_H

#include <stddef.h>

#include "common/log.h"

#define LOG_SUBSYSTEMS 32 /* room in the table */

size_t log_subsystem_find(const char *name);  /* LOG_SUBSYSTEMS: not in the table */
int log_level_priority(enum log_level level); /* of syslog(3) */

#endif
