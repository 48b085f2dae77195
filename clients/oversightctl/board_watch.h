/*
 * The live board: a snapshot on a whole terminal, taken anew with each alert.
 */
#ifndef OV_CTL_BOARD_WATCH_H
#define OV_CTL_BOARD_WATCH_H

#include "clients/oversightctl/board_view.h"
#include "clients/oversightctl/command.h"

/* view: what to show, and the filters. Returns an exit status. */
int board_watch(const struct context *context, struct board_view *view, const char *framework);

#endif
