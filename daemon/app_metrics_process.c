/* What the system knows of this process, under the names that all exporters use. */
#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "daemon/app_metrics.h"

#define FIELDS_BEFORE_TIMES 11 /* of stat, after the name in brackets: the 14th of proc(5) */

static bool read_file(const char *path, char *buf, size_t size) {
    FILE *file = fopen(path, "re");
    if (!file)
        return false;
    size_t len = fread(buf, 1, size - 1, file);
    fclose(file);
    buf[len] = '\0';
    return len > 0;
}

static double boot_time(void) {
    char buf[16384];
    const char *line = read_file("/proc/stat", buf, sizeof buf) ? strstr(buf, "\nbtime ") : NULL;
    double seconds = 0;
    if (line)
        text_to_double((struct text){line + 7, strcspn(line + 7, "\n")}, &seconds);
    return seconds;
}

static void put_times(struct metrics *metrics) {
    char buf[1024];
    unsigned long user = 0, system = 0;
    unsigned long long start = 0;
    double ticks = (double)sysconf(_SC_CLK_TCK);
    const char *field = read_file("/proc/self/stat", buf, sizeof buf) ? strrchr(buf, ')') : NULL;
    for (int i = 0; field && i <= FIELDS_BEFORE_TIMES; i++)
        field = strchr(field + 1, ' ');
    if (!field || sscanf(field, "%lu %lu %*d %*d %*d %*d %*d %*d %llu", &user, &system, &start) != 3)
        return;
    metrics_common(metrics, METRIC_COUNTER, "process_cpu_seconds_total", "Processor time used.");
    metrics_value(metrics, NULL, NULL, (double)(user + system) / ticks);
    metrics_common(metrics, METRIC_GAUGE, "process_start_time_seconds", "When the process began.");
    metrics_value(metrics, NULL, NULL, boot_time() + (double)start / ticks);
}

static void put_memory(struct metrics *metrics) {
    char buf[256];
    unsigned long virtual_pages, resident_pages;
    double page = (double)sysconf(_SC_PAGESIZE);
    if (!read_file("/proc/self/statm", buf, sizeof buf) || sscanf(buf, "%lu %lu", &virtual_pages, &resident_pages) != 2)
        return;
    metrics_common(metrics, METRIC_GAUGE, "process_virtual_memory_bytes", "Virtual memory.");
    metrics_value(metrics, NULL, NULL, (double)virtual_pages * page);
    metrics_common(metrics, METRIC_GAUGE, "process_resident_memory_bytes", "Resident memory.");
    metrics_value(metrics, NULL, NULL, (double)resident_pages * page);
}

static void put_descriptors(struct metrics *metrics) {
    struct rlimit limit;
    DIR *folder = opendir("/proc/self/fd");
    uint64_t count = 0;
    if (folder) {
        while (readdir(folder))
            count++;
        closedir(folder);
        metrics_common(metrics, METRIC_GAUGE, "process_open_fds", "Open descriptors.");
        metrics_count(metrics, NULL, NULL, count > 3 ? count - 3 : 0); /* two folders and this one */
    }
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        metrics_common(metrics, METRIC_GAUGE, "process_max_fds", "Descriptors that may be open.");
        metrics_value(metrics, NULL, NULL, (double)limit.rlim_cur);
    }
}

void app_metrics_process(struct metrics *metrics) {
    put_times(metrics);
    put_memory(metrics);
    put_descriptors(metrics);
}
