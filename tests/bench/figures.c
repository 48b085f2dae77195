/*
 * Prints the figures that the load generators send, for who takes them in
 * another form: "organisation measure value" in a line each.
 *
 * usage: figures FIGURES ORGS MEASURES SEED [PERIOD]
 *
 * With a period each organisation's figure of each measure stands once, as with submitter.
 */
#include <stdio.h>
#include <stdlib.h>

#include "tests/bench/load.h"

int main(int argc, char **argv) {
    if (argc != 5 && argc != 6) {
        fputs("usage: figures FIGURES ORGS MEASURES SEED [PERIOD]\n", stderr);
        return 64;
    }
    size_t count = strtoul(argv[1], NULL, 10);
    struct load_shape shape = {.per_message = 1,
                               .orgs = (unsigned)strtoul(argv[2], NULL, 10),
                               .measures = (unsigned)strtoul(argv[3], NULL, 10),
                               .seed = strtoull(argv[4], NULL, 10),
                               .period = argc > 5 ? argv[5] : "2025-03-01",
                               .publication = argc > 5};
    struct load *load = load_create(&shape, count);
    for (size_t i = 0; i < count; i++) {
        const struct load_figure *figure = load_figure(load, i);
        printf("%s %s %s\n", figure->org, figure->measure, figure->value);
    }
    load_destroy(load);
    return fflush(stdout) == 0 ? 0 : 1;
}
