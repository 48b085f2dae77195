#include "clients/oncall/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "clients/oncall/files.h"
#include "common/alloc.h"
#include "common/log.h"

#define STALE_MIN (1024 * 1024)

struct spool {
    char *folder, *path;
    int fd;
    size_t size;  /* of the file */
    size_t again; /* no attempt to write it anew below this size: the last one failed */
    struct buf waiting;
    bool dirty; /* written and not synced */
};

_Noreturn static void give_up(const struct spool *spool, const char *what) {
    log_error("spool", "%s: cannot be %s: %m", spool->path, what);
    log_stop_queue();
    exit(EX_IOERR);
}

/* Tells all whole lines; returns their bytes. */
static size_t read_lines(struct spool *spool, FILE *stream, spool_reader reader, void *context) {
    char *line = NULL;
    size_t size = 0, whole = 0, number = 0;
    ssize_t len;
    while ((len = getline(&line, &size, stream)) > 0 && line[len - 1] == '\n') {
        cJSON *json = cJSON_ParseWithLength(line, (size_t)len);
        number++;
        whole += (size_t)len;
        if (cJSON_IsObject(json))
            reader(context, json);
        else
            log_error("spool", "%s:%zu: not a record, left out", spool->path, number);
        cJSON_Delete(json);
    }
    if (len > 0)
        log_warning("spool", "%s: the last record is cut short, as after a crash of the machine: left out",
                    spool->path);
    free(line);
    return whole;
}

struct spool *spool_open(const char *folder, spool_reader reader, void *context) {
    struct spool *spool = alloc_zero(1, sizeof *spool);
    spool->folder = alloc_copy(folder);
    spool->path = alloc_printf("%s/spool", folder);
    buf_init(&spool->waiting);
    spool->fd = open(spool->path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    int copy = spool->fd < 0 ? -1 : fcntl(spool->fd, F_DUPFD_CLOEXEC, 0);
    FILE *stream = copy < 0 ? NULL : fdopen(copy, "r");
    if (!stream) {
        log_error("spool", "%s: cannot be opened: %m", spool->path);
        if (copy >= 0)
            close(copy);
        spool_close(spool);
        return NULL;
    }
    spool->size = read_lines(spool, stream, reader, context);
    bool good = !ferror(stream) && ftruncate(spool->fd, (off_t)spool->size) == 0 && fsync(spool->fd) == 0 &&
                files_sync_folder(folder);
    if (!good)
        log_error("spool", "%s: cannot be read whole: %m", spool->path);
    fclose(stream);
    if (good)
        return spool;
    spool_close(spool);
    return NULL;
}

void spool_close(struct spool *spool) {
    if (!spool)
        return;
    if (spool->fd >= 0)
        close(spool->fd);
    buf_finish(&spool->waiting);
    free(spool->folder);
    free(spool->path);
    free(spool);
}

void spool_add(struct spool *spool, const char *record, size_t len) {
    buf_append(&spool->waiting, record, len);
    buf_append_char(&spool->waiting, '\n');
}

void spool_flush(struct spool *spool) {
    if (spool->waiting.len == 0)
        return;
    if (!files_write(spool->fd, spool->waiting.data, spool->waiting.len))
        give_up(spool, "written");
    spool->size += spool->waiting.len;
    buf_clear(&spool->waiting);
    spool->dirty = true;
}

void spool_sync(struct spool *spool) {
    spool_flush(spool);
    if (spool->dirty && fdatasync(spool->fd) != 0)
        give_up(spool, "synced");
    spool->dirty = false;
}

bool spool_is_stale(const struct spool *spool, size_t live) {
    return spool->size > STALE_MIN && spool->size > 4 * live && spool->size >= spool->again;
}

void spool_rewrite(struct spool *spool, const struct buf *records) {
    char *path = alloc_printf("%s/spool.new", spool->folder);
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
    spool_flush(spool);
    if (fd < 0 || !files_write(fd, records->data, records->len) || fsync(fd) != 0 || rename(path, spool->path) != 0) {
        /* The old one still holds everything. */
        log_error("spool", "%s: cannot be written: %m", path);
        if (fd >= 0)
            close(fd);
        unlink(path);
        spool->again = spool->size + STALE_MIN;
    } else {
        /* From here on the old one has no name: what is written to it would be lost. */
        close(spool->fd);
        spool->fd = fd;
        spool->size = records->len;
        spool->dirty = false;
        if (!files_sync_folder(spool->folder))
            give_up(spool, "synced");
    }
    free(path);
}
