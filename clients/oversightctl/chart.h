/* oversightctl show --chart: a control chart and the place among peers. */
#ifndef OV_CTL_CHART_H
#define OV_CTL_CHART_H

#include "clients/oversightctl/command.h"

/* As text on standard output, or as SVG into a file ("-": standard output). */
int show_chart(const struct context *context, const char *org, const char *measure, const char *framework,
               const char *file);

#endif
