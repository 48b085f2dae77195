#include "common/log_queue.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Not common/alloc.h, which logs: without memory a line is dropped. */

struct entry {
    int priority;
    char *line;
};

struct log_queue {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t filled, emptied;
    log_queue_write write;
    struct entry *entries; /* a ring */
    size_t first, count, capacity;
    bool writing; /* one line is out of the ring and not yet written */
    bool stopped;
};

/* The lock is never held while a line is written. */
static void *write_all(void *context) {
    struct log_queue *queue = context;
    pthread_mutex_lock(&queue->lock);
    while (queue->count > 0 || !queue->stopped) {
        if (queue->count == 0) {
            pthread_cond_wait(&queue->filled, &queue->lock);
            continue;
        }
        struct entry entry = queue->entries[queue->first];
        queue->first = (queue->first + 1) % queue->capacity;
        queue->count--;
        queue->writing = true;
        pthread_mutex_unlock(&queue->lock);
        queue->write(entry.priority, entry.line);
        free(entry.line);
        pthread_mutex_lock(&queue->lock);
        queue->writing = false;
        if (queue->count == 0)
            pthread_cond_signal(&queue->emptied);
    }
    pthread_mutex_unlock(&queue->lock);
    return NULL;
}

static bool start(struct log_queue *queue) {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    int failure = pthread_create(&queue->thread, NULL, write_all, queue);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return failure == 0;
}

static void discard(struct log_queue *queue) {
    pthread_cond_destroy(&queue->emptied);
    pthread_cond_destroy(&queue->filled);
    pthread_mutex_destroy(&queue->lock);
    free(queue->entries);
    free(queue);
}

struct log_queue *log_queue_create(size_t lines, log_queue_write write) {
    struct log_queue *queue = calloc(1, sizeof *queue);
    if (!queue)
        return NULL;
    queue->entries = calloc(lines, sizeof *queue->entries);
    queue->capacity = lines;
    queue->write = write;
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&queue->lock, NULL);
    pthread_cond_init(&queue->filled, &monotonic);
    pthread_cond_init(&queue->emptied, &monotonic);
    pthread_condattr_destroy(&monotonic);
    if (queue->entries && start(queue))
        return queue;
    discard(queue);
    return NULL;
}

bool log_queue_destroy(struct log_queue *queue, int patience_ms) {
    struct timespec end;
    clock_gettime(CLOCK_MONOTONIC, &end);
    end.tv_sec += patience_ms / 1000;
    end.tv_nsec += patience_ms % 1000 * 1000000L;
    if (end.tv_nsec >= 1000000000) {
        end.tv_nsec -= 1000000000;
        end.tv_sec++;
    }
    int failure = 0;
    pthread_mutex_lock(&queue->lock);
    while (failure == 0 && (queue->count > 0 || queue->writing))
        failure = pthread_cond_timedwait(&queue->emptied, &queue->lock, &end);
    bool done = queue->count == 0 && !queue->writing;
    queue->stopped = true;
    pthread_cond_signal(&queue->filled);
    pthread_mutex_unlock(&queue->lock);
    if (!done)
        return false;
    pthread_join(queue->thread, NULL);
    discard(queue);
    return true;
}

bool log_queue_put(struct log_queue *queue, int priority, const char *line) {
    struct entry entry = {priority, strdup(line)};
    pthread_mutex_lock(&queue->lock);
    bool room = entry.line && queue->count < queue->capacity;
    if (room) {
        queue->entries[(queue->first + queue->count++) % queue->capacity] = entry;
        pthread_cond_signal(&queue->filled);
    }
    pthread_mutex_unlock(&queue->lock);
    if (!room)
        free(entry.line);
    return room;
}

size_t log_queue_room(struct log_queue *queue) {
    pthread_mutex_lock(&queue->lock);
    size_t room = queue->capacity - queue->count;
    pthread_mutex_unlock(&queue->lock);
    return room;
}
