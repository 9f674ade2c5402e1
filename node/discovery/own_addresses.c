/* own_addresses.c - ask the kernel, now and then. */
#include "node/discovery/own_addresses.h"

#include "node/discovery/announcements.h"
#include "store/base/buf.h"
#include "store/base/clock.h"
#include "store/model.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

enum { LOOK_MS = 1000 };

static void add_place(Buf *places, const struct sockaddr *address)
{
	char text[INET6_ADDRSTRLEN] = "";

	if (address && address->sa_family == AF_INET)
		inet_ntop(AF_INET, &((const struct sockaddr_in *)(const void *)address)->sin_addr, text, sizeof text);
	if (address && address->sa_family == AF_INET6)
		inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr, text, sizeof text);
	if (*text)
		buf_addf(places, "%s ", text);
}

static void look(Here *here)
{
	struct ifaddrs *list = NULL;
	Buf places = BUF_INIT;

	if (getifaddrs(&list) == 0)
		for (struct ifaddrs *one = list; one; one = one->ifa_next)
			add_place(&places, one->ifa_addr);
	freeifaddrs(list);
	buf_add(&places, "", 0);
	free(here->places);
	here->places = places.data ? buf_take(&places) : mem_copy_text("");
	here->looked = clock_mono_ms();
}

bool here_is(Here *here, const char *place)
{
	char address[PLACE_TEXT] = "";

	if (!here->places || clock_mono_ms() - here->looked >= LOOK_MS)
		look(here);
	strncat(address, place, strcspn(place, "%") < sizeof address ? strcspn(place, "%") : sizeof address - 1);
	return place_in(here->places, address);
}

void here_release(Here *here)
{
	free(here->places);
	here->places = NULL;
}
