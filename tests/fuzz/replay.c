/* Runs a fuzz target over files: the seeds, and what once was a mistake. With files to try and no fuzzer. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FILE_MAX (16 * 1024 * 1024)

static int try_file(const char *path) {
    FILE *file = fopen(path, "rb");
    uint8_t *bytes = malloc(FILE_MAX), *exact;
    if (!file || !bytes) {
        perror(path);
        return EX_NOINPUT;
    }
    size_t size = fread(bytes, 1, FILE_MAX, file);
    fclose(file);
    exact = malloc(size + !size); /* so that a read beyond the end is seen */
    for (size_t i = 0; exact && i < size; i++)
        exact[i] = bytes[i];
    free(bytes);
    if (exact)
        LLVMFuzzerTestOneInput(exact, size);
    free(exact);
    return EX_OK;
}

int main(int argc, char **argv) {
    int status = argc > 1 ? EX_OK : EX_USAGE;
    for (int i = 1; i < argc && status == EX_OK; i++)
        status = try_file(argv[i]);
    printf("%d inputs\n", argc - 1);
    return status;
}
