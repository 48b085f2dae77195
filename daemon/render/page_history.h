/* The moves of an organisation, drawn and listed. */
#ifndef OV_RENDER_PAGE_HISTORY_H
#define OV_RENDER_PAGE_HISTORY_H

#include "daemon/render/page_impl.h"

void page_history(struct page *page, const struct standing *standing);

#endif
