/* Random rules for the random test of the engine: the same number gives the same rules. */
#ifndef OV_TESTS_UNIT_ENGINE_RANDOM_RULES_H
#define OV_TESTS_UNIT_ENGINE_RANDOM_RULES_H

#include "daemon/engine/framework.h"
#include "daemon/engine/registry.h"

struct framework *random_framework(uint64_t number);
struct registry *random_registry(uint64_t number, ov_day from);

#endif
