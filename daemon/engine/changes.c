#include "daemon/engine/engine.h"
#include "daemon/engine/engine_state.h"
#include "daemon/engine/mem.h"

void changes_init(struct changes *changes) {
    *changes = (struct changes){.arena = arena_create()};
}

void changes_finish(struct changes *changes) {
    arena_destroy(changes->arena);
    *changes = (struct changes){0};
}

void changes_reset(struct changes *changes) {
    struct arena *arena = changes->arena;

    arena_reset(arena);
    *changes = (struct changes){.arena = arena};
}
