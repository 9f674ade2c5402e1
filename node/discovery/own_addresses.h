/* own_addresses.h - the addresses of this machine. */
#ifndef NODE_DISCOVERY_OWN_ADDRESSES_H
#define NODE_DISCOVERY_OWN_ADDRESSES_H

#include <stdbool.h>
#include <stdint.h>

typedef struct Here {           /* all zero: nothing was looked up yet */
	char *places;           /* blanks between */
	int64_t looked;         /* monotonic clock, ms */
} Here;

/* Is place (an address in digits, "%INTERFACE" after it or not) one of them? Looked up at most once a second. */
bool here_is(Here *here, const char *place);
void here_release(Here *here);

#endif
