#include "daemon/store/trouble.h"

#include <stdio.h>
#include <string.h>

#include "common/text.h"

static const struct {
    const char *word;
    enum trouble trouble;
    const char *meaning;
} meanings[] = {
    {"FENCED", TROUBLE_FENCED, "another daemon has taken over this store"},
    {"UNSYNCED", TROUBLE_UNSYNCED, "the store is not where it was left"},
    {"FORMAT", TROUBLE_FORMAT, "the store was written by a newer version of oversightd"},
    {"OLDFORMAT", TROUBLE_FORMAT, "the store was written by a version of oversightd that is too old to be taken over"},
    {"LOADING", TROUBLE_WAIT, "Redis is loading its data"},
    {"BUSY", TROUBLE_WAIT, "Redis is busy with a script"},
    {"UNKILLABLE", TROUBLE_WAIT, "Redis is busy with a script that cannot be stopped"},
    {"OOM", TROUBLE_WAIT, "Redis is at its memory limit"},
    {"MISCONF", TROUBLE_WAIT, "Redis cannot write to its disk"},
    {"NOREPLICAS", TROUBLE_WAIT, "Redis has fewer replicas than it is set to require"},
    {"NOPERM", TROUBLE_WAIT, "the Redis user lacks a permission"},
    {"READONLY", TROUBLE_RECONNECT, "this Redis is a read-only replica"},
    {"MASTERDOWN", TROUBLE_RECONNECT, "this Redis is a replica that has lost its master"},
    {"NOAUTH", TROUBLE_RECONNECT, "Redis asks for a password: set store_password_file"},
    {"WRONGPASS", TROUBLE_RECONNECT, "Redis does not accept the user and password"},
    {"NOSCRIPT", TROUBLE_RECONNECT, "Redis has lost our functions"},
    {"MOVED", TROUBLE_RECONNECT, "this Redis is a cluster node without our slot: name the node that has it"},
    {"ASK", TROUBLE_RECONNECT, "the cluster is moving our slot"},
    {"CROSSSLOT", TROUBLE_RECONNECT, "the cluster does not find our keys in one slot"},
    {"CLUSTERDOWN", TROUBLE_WAIT, "the cluster is down"},
    {"TRYAGAIN", TROUBLE_WAIT, "the cluster is moving our slot"},
    {"ERR Function not found", TROUBLE_RECONNECT, "our functions are not in Redis and could not be loaded"},
};

enum trouble trouble_of(const redisReply *reply, char *ret_text, size_t size) {
    if (!reply) {
        snprintf(ret_text, size, "connection closed");
        return TROUBLE_RECONNECT;
    }
    if (reply->type != REDIS_REPLY_ERROR)
        return TROUBLE_NONE;
    char said[200];
    text_escape(said, sizeof(said), (struct text){reply->str, reply->len});
    for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++) {
        size_t len = strlen(meanings[i].word);
        if (strncmp(said, meanings[i].word, len) == 0 && (said[len] == ' ' || said[len] == '\0')) {
            snprintf(ret_text, size, "%s (%s)", meanings[i].meaning, said);
            return meanings[i].trouble;
        }
    }
    snprintf(ret_text, size, "unexpected reply of Redis: %s", said);
    return TROUBLE_RECONNECT;
}
