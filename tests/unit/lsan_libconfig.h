/*
 * libconfig 1.5 loses the text token at which a syntax error stands: a few
 * bytes for each mistaken file. Programs that feed it mistakes on purpose
 * include this once, so that the leak checker goes on looking at our own code.
 */
#ifndef OV_TESTS_UNIT_LSAN_LIBCONFIG_H
#define OV_TESTS_UNIT_LSAN_LIBCONFIG_H

const char *__lsan_default_suppressions(void);

const char *__lsan_default_suppressions(void) {
    return "leak:libconfig.so";
}

#endif
