/* Words: of the version and of states. */
#include <config.h>

#include "clients/lib/oversight_client.h"

const char *oversight_version(void) {
    return PACKAGE_VERSION;
}

const char *oversight_state_name(enum oversight_state state) {
    switch (state) {
    case OVERSIGHT_CONNECTING:
        return "connecting";
    case OVERSIGHT_LIVE:
        return "live";
    case OVERSIGHT_CATCHING_UP:
        return "catching up";
    case OVERSIGHT_STALE:
        return "stale";
    }
    return "unknown";
}
