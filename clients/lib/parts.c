#include "clients/lib/parts.h"

#include <stdbool.h>
#include <string.h>

#include "common/text.h"

static void join_member(cJSON *whole, cJSON *part, cJSON *member) {
    cJSON *there = cJSON_GetObjectItemCaseSensitive(whole, member->string);

    cJSON_DetachItemViaPointer(part, member);
    if (there == NULL) {
        cJSON_AddItemToObject(whole, member->string, member);
        return;
    }
    /* Lists of objects go on from part to part; everything else is repeated in each. */
    if (cJSON_IsArray(there) && cJSON_IsArray(member) && cJSON_IsObject(member->child)) {
        cJSON *first = member->child;

        while (first != NULL) {
            cJSON *next = first->next;

            cJSON_DetachItemViaPointer(member, first);
            cJSON_AddItemToArray(there, first);
            first = next;
        }
    }
    cJSON_Delete(member);
}

cJSON *parts_join(const struct zmessage *reply) {
    cJSON *whole = NULL;
    bool ended = false;

    for (size_t i = 1; i < reply->count && !ended; i++) {
        struct text frame = zmessage_frame(reply, i);
        cJSON *part;

        if (frame.len == 0) {
            ended = true;
            break;
        }
        part = cJSON_ParseWithLengthOpts(frame.s, frame.len, NULL, false);
        if (!cJSON_IsObject(part)) {
            cJSON_Delete(part);
            break;
        }
        if (whole == NULL) {
            whole = part;
            continue;
        }
        while (part->child != NULL)
            join_member(whole, part, part->child);
        cJSON_Delete(part);
    }
    if (ended)
        return whole;
    cJSON_Delete(whole);
    return NULL;
}

/* Turns every number below item into the text it shall be printed as. */
static bool spell_numbers(cJSON *item) {
    char digits[NUMBER_SIZE];

    for (; item != NULL; item = item->next) {
        if (cJSON_IsNumber(item)) {
            text_from_double(item->valuedouble, digits);
            item->valuestring = cJSON_malloc(strlen(digits) + 1);
            if (item->valuestring == NULL)
                return false;
            memcpy(item->valuestring, digits, strlen(digits) + 1);
            item->type = cJSON_Raw;
        }
        if (!spell_numbers(item->child))
            return false;
    }
    return true;
}

char *parts_text(const cJSON *json) {
    cJSON *copy = cJSON_Duplicate(json, true);
    char *text = copy != NULL && spell_numbers(copy) ? cJSON_PrintUnformatted(copy) : NULL;

    cJSON_Delete(copy);
    return text;
}

const char *parts_error(const cJSON *reply) {
    const cJSON *error = cJSON_GetObjectItemCaseSensitive(reply, "error");
    const cJSON *text;

    if (!cJSON_IsObject(error))
        return NULL;
    text = cJSON_GetObjectItemCaseSensitive(error, "message");
    if (!cJSON_IsString(text))
        text = cJSON_GetObjectItemCaseSensitive(error, "code");
    return cJSON_IsString(text) ? text->valuestring : "unspecified error";
}

bool parts_from_standby(const cJSON *reply, bool *ret_soon) {
    const cJSON *error = cJSON_GetObjectItemCaseSensitive(reply, "error");
    const cJSON *code = cJSON_GetObjectItemCaseSensitive(error, "code");

    *ret_soon = cJSON_IsString(code) && strcmp(code->valuestring, "taking-over") == 0;
    return *ret_soon || (cJSON_IsString(code) && strcmp(code->valuestring, "standby") == 0);
}
