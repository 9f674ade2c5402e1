/* discover.c - avahi-core, and nothing but: with avahi_loop.c the only files of the mount that know it. */
#include "discover.h"

#include "avahi_loop.h"

#include "../store/buf.h"
#include "../store/err.h"
#include "../store/log.h"

#include <avahi-common/error.h>
#include <avahi-common/malloc.h>
#include <avahi-core/core.h>
#include <avahi-core/log.h>
#include <avahi-core/lookup.h>
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	LOOK_MS = 2000,                 /* whether it can work now, or still can */
	RESTART_MS = 60 * 1000,         /* after a failure of avahi's, or when there was too much */
	CACHE_MAX = 2048,               /* records that avahi remembers of an interface and protocol; a machine has 4 to 8 */
	TXT_MAX = 32,                   /* strings of one announcement that are looked at */
	MDNS_PORT = 5353,
	TYPES = 2,
};

static const char *const types[TYPES] = { "_wulfs._tcp", "_ssh._tcp" };

typedef struct Service {        /* one announcement, on one interface, over one protocol */
	Discover *discover;
	uint64_t number;
	AvahiSServiceResolver *resolver;
	AvahiIfIndex interface;
	AvahiProtocol protocol;
	bool wulfs;
	char *name;
	TAILQ_ENTRY(Service) all;
} Service;

struct Discover {
	AvahiLoop *avahi;
	AvahiServer *server;
	AvahiSServiceBrowser *browsers[TYPES];
	Proposals *proposals;
	DiscoverOwner owner;
	char *interface;
	TAILQ_HEAD(, Service) services;
	size_t count;
	uint64_t next_number;
	uv_timer_t look;
	int64_t failed_at;      /* steady clock; 0: it has not */
	int64_t crowded_at;     /* something was left out; 0: nothing was */
	bool on;
	char *why;              /* not, as was said last */
	bool told_of_crowd;
};

/* --- what it hears ----------------------------------------------------------------------------- */

static void is_crowded(Discover *discover, int most, const char *what)
{
	if (!discover->crowded_at)
		discover->crowded_at = (int64_t)uv_now(discover->look.loop) + 1;
	if (!discover->told_of_crowd)
		log_warn("more than %d %s on the network; the others are left out", most, what);
	discover->told_of_crowd = true;
}

static void heard(Discover *discover)
{
	if (proposals_overflowed(discover->proposals))
		is_crowded(discover, PROPOSALS_MAX, "machines announce themselves");
	discover->owner.heard(discover->owner.arg);
}

static bool needs_interface(const char *address)
{
	return strncasecmp(address, "fe80:", 5) == 0;
}

static void write_place(char place[PLACE_TEXT], const AvahiAddress *address, AvahiIfIndex interface)
{
	char text[AVAHI_ADDRESS_STR_MAX], name[IF_NAMESIZE] = "";

	avahi_address_snprint(text, sizeof text, address);
	if (needs_interface(text) && if_indextoname((unsigned)interface, name))
		snprintf(place, PLACE_TEXT, "%s%%%s", text, name);
	else
		snprintf(place, PLACE_TEXT, "%s", text);
}

static size_t list_txt(AvahiStringList *list, TxtString strings[TXT_MAX])
{
	size_t n = 0;

	for (; list && n < TXT_MAX; list = avahi_string_list_get_next(list))
		strings[n++] = (TxtString){ (const char *)avahi_string_list_get_text(list), avahi_string_list_get_size(list) };
	return n;
}

static void resolved(AvahiSServiceResolver *resolver, AvahiIfIndex interface, AvahiProtocol protocol, AvahiResolverEvent event,
		     const char *name, const char *type, const char *domain, const char *host, const AvahiAddress *address,
		     uint16_t port, AvahiStringList *txt, AvahiLookupResultFlags flags, void *arg)
{
	Service *service = arg;
	Discover *discover = service->discover;
	TxtString strings[TXT_MAX];
	char place[PLACE_TEXT];
	Announcement announcement = { .wulfs = service->wulfs, .host = host, .port = port, .place = place, .txt = strings };

	(void)resolver, (void)protocol, (void)name, (void)type, (void)domain, (void)flags;
	if (event == AVAHI_RESOLVER_FOUND && host && address) {
		write_place(place, address, interface);
		log_debug("%s is announced by %.80s at %s", types[service->wulfs ? 0 : 1], host, place);
		announcement.txt_count = list_txt(txt, strings);
		proposals_hear(discover->proposals, service->number, &announcement);
	} else {
		proposals_unhear(discover->proposals, service->number);
	}
	heard(discover);
}

/* --- who announces ----------------------------------------------------------------------------- */

static Service *find_service(Discover *discover, AvahiIfIndex interface, AvahiProtocol protocol, bool wulfs, const char *name)
{
	Service *service;

	TAILQ_FOREACH(service, &discover->services, all)
		if (service->interface == interface && service->protocol == protocol && service->wulfs == wulfs &&
		    strcmp(service->name, name) == 0)
			return service;
	return NULL;
}

static void drop_service(Discover *discover, Service *service)
{
	if (service->resolver)
		avahi_s_service_resolver_free(service->resolver);
	proposals_unhear(discover->proposals, service->number);
	TAILQ_REMOVE(&discover->services, service, all);
	discover->count--;
	free(service->name);
	free(service);
}

static void add_service(Discover *discover, AvahiIfIndex interface, AvahiProtocol protocol, bool wulfs, const char *name,
			const char *domain)
{
	Service *service;

	if (discover->count == SERVICES_MAX) {
		is_crowded(discover, SERVICES_MAX, "announcements are made");
		return;
	}
	service = mem_new_zeroed(sizeof *service);
	*service = (Service){ .discover = discover, .number = ++discover->next_number, .interface = interface,
			      .protocol = protocol, .wulfs = wulfs, .name = mem_copy_text(name) };
	TAILQ_INSERT_TAIL(&discover->services, service, all);
	discover->count++;
	/* The address of the protocol that it was heard over: both are asked for, as both are browsed. */
	service->resolver = avahi_s_service_resolver_new(discover->server, interface, protocol, name, types[wulfs ? 0 : 1], domain,
							 protocol, AVAHI_LOOKUP_USE_MULTICAST, resolved, service);
	if (!service->resolver)
		drop_service(discover, service);
}

static void browsed(AvahiSServiceBrowser *browser, AvahiIfIndex interface, AvahiProtocol protocol, AvahiBrowserEvent event,
		    const char *name, const char *type, const char *domain, AvahiLookupResultFlags flags, void *arg)
{
	Discover *discover = arg;
	bool wulfs = browser == discover->browsers[0] || (type && strcasecmp(type, types[0]) == 0);
	Service *service = name ? find_service(discover, interface, protocol, wulfs, name) : NULL;

	(void)flags;
	if (event == AVAHI_BROWSER_NEW && name && !service)
		add_service(discover, interface, protocol, wulfs, name, domain);
	else if (event == AVAHI_BROWSER_REMOVE && service)
		drop_service(discover, service);
	heard(discover);
}

/* --- whether it can work ----------------------------------------------------------------------- */

/* Takes the port that avahi would want, as it would. Returns an errno. */
static int try_port(int family)
{
	struct sockaddr_in6 six = { .sin6_family = AF_INET6, .sin6_port = htons(MDNS_PORT) };
	struct sockaddr_in four = { .sin_family = AF_INET, .sin_port = htons(MDNS_PORT) };
	const void *at = family == AF_INET ? (const void *)&four : (const void *)&six;
	int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0), on = 1, failed = 0;

	if (fd < 0)
		return errno;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
	if (family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
	if (bind(fd, at, family == AF_INET ? sizeof four : sizeof six) < 0)
		failed = errno;
	close(fd);
	return failed;
}

static bool takes_multicast(const struct ifaddrs *interface, const char *wanted)
{
	unsigned flags = interface->ifa_flags;

	return flags & IFF_UP && flags & IFF_MULTICAST && !(flags & IFF_LOOPBACK) && interface->ifa_addr &&
	       (interface->ifa_addr->sa_family == AF_INET || interface->ifa_addr->sa_family == AF_INET6) &&
	       (!wanted || strcmp(interface->ifa_name, wanted) == 0);
}

static bool has_interface(const char *wanted)
{
	struct ifaddrs *list = NULL;
	bool has = false;

	if (getifaddrs(&list) < 0)
		return false;
	for (struct ifaddrs *one = list; one && !has; one = one->ifa_next)
		has = takes_multicast(one, wanted);
	freeifaddrs(list);
	return has;
}

/* Says nothing twice. why NULL: it works. */
static void tell(Discover *discover, const char *why)
{
	if (why ? discover->why && strcmp(why, discover->why) == 0 : discover->on)
		return;
	free(discover->why);
	discover->why = why ? mem_copy_text(why) : NULL;
	discover->on = !why;
	discover->owner.state(discover->owner.arg, discover->on, why ? why : "");
}

static void explain(Discover *discover, int error)
{
	int four = try_port(AF_INET), six = try_port(AF_INET6);
	Err err;

	if (four == EADDRINUSE || six == EADDRINUSE)
		err_set(&err, EADDRINUSE, "another mDNS responder on this machine has port %d for itself; with avahi-daemon, set "
			"disallow-other-stacks=no in avahi-daemon.conf", MDNS_PORT);
	else
		err_set(&err, ENETUNREACH, "mDNS cannot be spoken here: %s", four ? strerror(four) : avahi_strerror(error));
	tell(discover, err.text);
}

/* --- avahi's life ------------------------------------------------------------------------------ */

static void stop(Discover *discover)
{
	while (!TAILQ_EMPTY(&discover->services))
		drop_service(discover, TAILQ_FIRST(&discover->services));
	for (int i = 0; i < TYPES; i++) {
		if (discover->browsers[i])
			avahi_s_service_browser_free(discover->browsers[i]);
		discover->browsers[i] = NULL;
	}
	if (discover->server)
		avahi_server_free(discover->server);
	discover->server = NULL;
}

/* It may not be freed in here; the next look does it. */
static void server_changed(AvahiServer *server, AvahiServerState state, void *arg)
{
	Discover *discover = arg;

	(void)server;
	if (state == AVAHI_SERVER_FAILURE)
		discover->failed_at = uv_now(discover->look.loop) + 1;
}

static void configure(AvahiServerConfig *config, const Discover *discover)
{
	avahi_server_config_init(config);
	config->disable_publishing = 1;
	config->publish_addresses = config->publish_hinfo = config->publish_workstation = config->publish_domain = 0;
	config->enable_wide_area = 0;
	config->use_ipv4 = config->use_ipv6 = 1;
	config->n_cache_entries_max = CACHE_MAX;
	if (discover->interface)
		config->allow_interfaces = avahi_string_list_new(discover->interface, NULL);
}

static bool start(Discover *discover)
{
	AvahiServerConfig config;
	int error = 0;

	configure(&config, discover);
	discover->server = avahi_server_new(avahi_loop_poll(discover->avahi), &config, server_changed, discover, &error);
	avahi_server_config_free(&config);
	for (int i = 0; discover->server && i < TYPES; i++) {
		discover->browsers[i] = avahi_s_service_browser_new(discover->server, AVAHI_IF_UNSPEC, AVAHI_PROTO_UNSPEC, types[i],
								    NULL, AVAHI_LOOKUP_USE_MULTICAST, browsed, discover);
		if (discover->browsers[i])
			continue;
		error = avahi_server_errno(discover->server);
		stop(discover);
	}
	if (!discover->server)
		explain(discover, error);
	return discover->server;
}

static bool is_over(int64_t since, int64_t now)
{
	return since && now - since >= RESTART_MS;
}

/* All that was heard is forgotten, and asked for again: who was left out gets his chance. */
static void begin_afresh(Discover *discover)
{
	stop(discover);
	discover->failed_at = discover->crowded_at = 0;
	discover->owner.afresh(discover->owner.arg);
}

static void look(uv_timer_t *timer)
{
	Discover *discover = timer->data;
	int64_t now = (int64_t)uv_now(timer->loop);
	Err err;

	if (discover->failed_at && discover->server)
		tell(discover, "avahi gave up; it is started again in a minute");
	if (is_over(discover->failed_at, now) || is_over(discover->crowded_at, now))
		begin_afresh(discover);
	if (discover->failed_at)
		return;
	if (!discover->server && !start(discover))
		return;
	if (has_interface(discover->interface)) {
		tell(discover, NULL);
		return;
	}
	if (discover->interface)
		err_set(&err, ENODEV, "there is no interface %.40s, or it is not up or takes no multicast", discover->interface);
	else
		err_set(&err, ENODEV, "no network interface is up and takes multicast");
	tell(discover, err.text);
}

/* What avahi complains of is what others send. */
static void avahi_says(AvahiLogLevel level, const char *text)
{
	Err harmless;

	(void)level;
	err_set(&harmless, EPROTO, "%s", text);
	log_debug("avahi: %s", harmless.text);
}

Discover *discover_new(uv_loop_t *loop, const char *interface, Proposals *proposals, DiscoverOwner owner)
{
	Discover *discover = mem_new_zeroed(sizeof *discover);

	avahi_set_log_function(avahi_says);
	discover->avahi = avahi_loop_new(loop);
	discover->proposals = proposals;
	discover->owner = owner;
	discover->interface = interface ? mem_copy_text(interface) : NULL;
	TAILQ_INIT(&discover->services);
	discover->look.data = discover;
	uv_timer_init(loop, &discover->look);
	uv_timer_start(&discover->look, look, 0, LOOK_MS);
	return discover;
}

static void looked_last(uv_handle_t *handle)
{
	Discover *discover = handle->data;

	avahi_loop_free(discover->avahi);
	free(discover->interface);
	free(discover->why);
	free(discover);
}

void discover_free(Discover *discover)
{
	if (!discover)
		return;
	stop(discover);
	uv_close((uv_handle_t *)&discover->look, looked_last);
}
