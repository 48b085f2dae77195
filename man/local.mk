# Manual pages, mdoc. The section follows from the name.
dist_man_MANS +=
