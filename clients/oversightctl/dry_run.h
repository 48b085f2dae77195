/*
 * Updates printed in place of being sent.
 */
#ifndef OV_CTL_DRY_RUN_H
#define OV_CTL_DRY_RUN_H

#include "clients/oversightctl/updates.h"

/* Tidy CSV on standard output; JSON Lines when asked for, or when there is more than figures. */
void dry_run_print(struct updates *updates, bool json);

#endif
