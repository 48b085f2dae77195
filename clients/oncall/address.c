#include "clients/oncall/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>

static bool v4_is_private(uint32_t address) {
    static const struct {
        uint32_t network;
        int bits;
    } ranges[] = {
        {0x00000000, 8},  {0x0a000000, 8},  {0x64400000, 10}, {0x7f000000, 8},  {0xa9fe0000, 16},
        {0xac100000, 12}, {0xc0000000, 24}, {0xc0a80000, 16}, {0xc6120000, 15}, {0xe0000000, 3},
    };
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++)
        if ((address ^ ranges[i].network) >> (32 - ranges[i].bits) == 0)
            return true;
    return false;
}

static uint32_t last_four(const struct in6_addr *address) {
    uint32_t word;
    memcpy(&word, address->s6_addr + 12, sizeof word);
    return ntohl(word);
}

/* An address of IPv4 in one of IPv6. */
static bool wraps_v4(const struct in6_addr *address) {
    static const unsigned char translated[12] = {0x00, 0x64, 0xff, 0x9b};
    return IN6_IS_ADDR_V4MAPPED(address) || memcmp(address->s6_addr, translated, sizeof translated) == 0;
}

static bool v6_is_private(const struct in6_addr *address) {
    if (wraps_v4(address))
        return v4_is_private(last_four(address));
    /* Everything that is routed today is in 2000::/3. */
    return (address->s6_addr[0] & 0xe0) != 0x20;
}

bool address_is_private(const struct sockaddr *address) {
    if (address->sa_family == AF_INET)
        return v4_is_private(ntohl(((const struct sockaddr_in *)(const void *)address)->sin_addr.s_addr));
    if (address->sa_family == AF_INET6)
        return v6_is_private(&((const struct sockaddr_in6 *)(const void *)address)->sin6_addr);
    return true;
}

bool address_text(const struct sockaddr *address, char *buf, size_t size) {
    if (address->sa_family == AF_INET)
        return inet_ntop(AF_INET, &((const struct sockaddr_in *)(const void *)address)->sin_addr, buf,
                         (socklen_t)size) != NULL;
    if (address->sa_family != AF_INET6)
        return false;
    const struct in6_addr *v6 = &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr;
    if (wraps_v4(v6))
        return inet_ntop(AF_INET, v6->s6_addr + 12, buf, (socklen_t)size) != NULL;
    return inet_ntop(AF_INET6, v6, buf, (socklen_t)size) != NULL;
}
