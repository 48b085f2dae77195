#include "common/message.h"

const char *refusal_code(enum refusal refusal) {
    switch (refusal) {
    case REFUSAL_NONE:
        return "none";
    case REFUSAL_UNKNOWN_ORGANISATION:
        return "unknown-organisation";
    case REFUSAL_CLOSED_ORGANISATION:
        return "closed-organisation";
    case REFUSAL_UNKNOWN_MEASURE:
        return "unknown-measure";
    case REFUSAL_NOT_APPLICABLE:
        return "not-applicable";
    case REFUSAL_BAD_PERIOD:
        return "bad-period";
    case REFUSAL_BAD_VALUE:
        return "bad-value";
    case REFUSAL_BAD_REVISION:
        return "bad-revision";
    case REFUSAL_BAD_DECISION:
        return "bad-decision";
    case REFUSAL_BAD_PROGRAMME:
        return "bad-programme";
    case REFUSAL_BAD_FIELD:
        return "bad-field";
    case REFUSAL_NOT_ALLOWED:
        return "not-allowed";
    case REFUSAL_TOO_LARGE:
        return "too-large";
    case REFUSAL_UNDECODABLE:
        return "undecodable";
    case REFUSAL_GAP:
        return "gap";
    case REFUSAL_ABANDONED:
        return "abandoned";
    case REFUSAL_COUNT:
        break;
    }
    return "unknown";
}
