/* listener.c - avahi-core, and nothing but: with avahi_loop.c the only files of the mount that know it. */
#include "node/discovery/listener.h"

#include "node/discovery/avahi_loop.h"
#include "node/discovery/listener_wire.h"
#include "store/base/io.h"

#include <avahi-common/error.h>
#include <avahi-common/malloc.h>
#include <avahi-core/core.h>
#include <avahi-core/log.h>
#include <avahi-core/lookup.h>
#include <errno.h>
#include <grp.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

enum {
	LOOK_MS = 2000,                 /* whether it can work now, or still can */
	NOBODY = 65534,
	CACHE_MAX = 2048,               /* records that avahi remembers of an interface and protocol; a machine has 4 to 8 */
	MDNS_PORT = 5353,
	TYPES = 2,
};

static const char *const types[TYPES] = { "_wulfs._tcp", "_ssh._tcp" };

typedef struct Listen Listen;

typedef struct Service {        /* one announcement, on one interface, over one protocol */
	Listen *listen;
	uint64_t number;
	AvahiSServiceResolver *resolver;
	AvahiIfIndex interface;
	AvahiProtocol protocol;
	bool wulfs;
	char *name;
	TAILQ_ENTRY(Service) all;
} Service;

struct Listen {
	AvahiLoop *avahi;
	AvahiServer *server;
	AvahiSServiceBrowser *browsers[TYPES];
	const char *interface;
	TAILQ_HEAD(, Service) services;
	size_t count;
	uint64_t next_number;
	uv_timer_t look;
	uv_pipe_t mount;        /* stdin; at its end, so are we */
	char why[HEARSAY_TEXT]; /* it does not work, as was said last; "" at first */
	bool on, crowded;
};

static bool needs_interface(const char *address)
{
	return strncasecmp(address, "fe80:", 5) == 0;
}

/* --- what it says ------------------------------------------------------------------------------ */

/* The mount is in no hurry, and neither are we: what comes in while the pipe is full the kernel drops. */
static void say(const Hearsay *hearsay)
{
	Buf frame = BUF_INIT;

	hearsay_put(&frame, hearsay);
	if (write_all(STDOUT_FILENO, frame.data, frame.length) < 0)
		_exit(0);       /* it is gone */
	buf_release(&frame);
}

static void say_unsaid(const Service *service)
{
	say(&(Hearsay){ .kind = HEARSAY_UNSAID, .number = service->number });
}

static void say_crowded(Listen *listen)
{
	Hearsay hearsay = { .kind = HEARSAY_CROWDED };

	snprintf(hearsay.text, sizeof hearsay.text, "more than %d announcements are made", SERVICES_MAX);
	if (!listen->crowded)
		say(&hearsay);
	listen->crowded = true;
}

/* Nothing twice. why NULL: it works. */
static void say_state(Listen *listen, const char *why)
{
	Hearsay hearsay = { .kind = HEARSAY_STATE, .on = !why };

	if (why ? strcmp(why, listen->why) == 0 : listen->on)
		return;
	snprintf(hearsay.text, sizeof hearsay.text, "%s", why ? why : "");
	snprintf(listen->why, sizeof listen->why, "%s", hearsay.text);
	listen->on = !why;
	say(&hearsay);
}

/* --- what it hears ----------------------------------------------------------------------------- */

static void write_place(char place[PLACE_TEXT], const AvahiAddress *address, AvahiIfIndex interface)
{
	char text[AVAHI_ADDRESS_STR_MAX], name[IF_NAMESIZE] = "";

	avahi_address_snprint(text, sizeof text, address);
	if (needs_interface(text) && if_indextoname((unsigned)interface, name))
		snprintf(place, PLACE_TEXT, "%s%%%s", text, name);
	else
		snprintf(place, PLACE_TEXT, "%s", text);
}

static size_t list_txt(AvahiStringList *list, TxtString strings[HEARSAY_TXT_MAX])
{
	size_t n = 0;

	for (; list && n < HEARSAY_TXT_MAX; list = avahi_string_list_get_next(list))
		strings[n++] = (TxtString){ (const char *)avahi_string_list_get_text(list), avahi_string_list_get_size(list) };
	return n;
}

static void resolved(AvahiSServiceResolver *resolver, AvahiIfIndex interface, AvahiProtocol protocol, AvahiResolverEvent event,
		     const char *name, const char *type, const char *domain, const char *host, const AvahiAddress *address,
		     uint16_t port, AvahiStringList *txt, AvahiLookupResultFlags flags, void *arg)
{
	const Service *service = arg;
	Hearsay said = { .kind = HEARSAY_SAID, .number = service->number, .wulfs = service->wulfs, .port = port };

	(void)resolver, (void)protocol, (void)name, (void)type, (void)domain, (void)flags;
	if (event != AVAHI_RESOLVER_FOUND || !host || !address) {
		say_unsaid(service);
		return;
	}
	snprintf(said.host, sizeof said.host, "%s", host);
	write_place(said.place, address, interface);
	said.txt_count = list_txt(txt, said.txt);
	say(&said);
}

/* --- who announces ----------------------------------------------------------------------------- */

static Service *find_service(Listen *listen, AvahiIfIndex interface, AvahiProtocol protocol, bool wulfs, const char *name)
{
	Service *service;

	TAILQ_FOREACH(service, &listen->services, all)
		if (service->interface == interface && service->protocol == protocol && service->wulfs == wulfs &&
		    strcmp(service->name, name) == 0)
			return service;
	return NULL;
}

static void drop_service(Listen *listen, Service *service)
{
	if (service->resolver)
		avahi_s_service_resolver_free(service->resolver);
	say_unsaid(service);
	TAILQ_REMOVE(&listen->services, service, all);
	listen->count--;
	free(service->name);
	free(service);
}

static void add_service(Listen *listen, AvahiIfIndex interface, AvahiProtocol protocol, bool wulfs, const char *name,
			const char *domain)
{
	Service *service;

	if (listen->count == SERVICES_MAX) {
		say_crowded(listen);
		return;
	}
	service = mem_new_zeroed(sizeof *service);
	*service = (Service){ .listen = listen, .number = ++listen->next_number, .interface = interface,
			      .protocol = protocol, .wulfs = wulfs, .name = mem_copy_text(name) };
	TAILQ_INSERT_TAIL(&listen->services, service, all);
	listen->count++;
	/* The address of the protocol that it was heard over: both are asked for, as both are browsed. */
	service->resolver = avahi_s_service_resolver_new(listen->server, interface, protocol, name, types[wulfs ? 0 : 1], domain,
							 protocol, AVAHI_LOOKUP_USE_MULTICAST, resolved, service);
	if (!service->resolver)
		drop_service(listen, service);
}

static void browsed(AvahiSServiceBrowser *browser, AvahiIfIndex interface, AvahiProtocol protocol, AvahiBrowserEvent event,
		    const char *name, const char *type, const char *domain, AvahiLookupResultFlags flags, void *arg)
{
	Listen *listen = arg;
	bool wulfs = browser == listen->browsers[0] || (type && strcasecmp(type, types[0]) == 0);
	Service *service = name ? find_service(listen, interface, protocol, wulfs, name) : NULL;

	(void)flags;
	if (event == AVAHI_BROWSER_NEW && name && !service)
		add_service(listen, interface, protocol, wulfs, name, domain);
	else if (event == AVAHI_BROWSER_REMOVE && service)
		drop_service(listen, service);
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

static void explain(Listen *listen, int error)
{
	int four = try_port(AF_INET), six = try_port(AF_INET6);
	Err err;

	if (four == EADDRINUSE || six == EADDRINUSE)
		err_set(&err, EADDRINUSE, "another mDNS responder on this machine has port %d for itself; with avahi-daemon, set "
			"disallow-other-stacks=no in avahi-daemon.conf", MDNS_PORT);
	else
		err_set(&err, ENETUNREACH, "mDNS cannot be spoken here: %s", four ? strerror(four) : avahi_strerror(error));
	say_state(listen, err.text);
}

/* --- avahi's life ------------------------------------------------------------------------------ */

static void stop(Listen *listen)
{
	while (!TAILQ_EMPTY(&listen->services))
		drop_service(listen, TAILQ_FIRST(&listen->services));
	for (int i = 0; i < TYPES; i++) {
		if (listen->browsers[i])
			avahi_s_service_browser_free(listen->browsers[i]);
		listen->browsers[i] = NULL;
	}
	if (listen->server)
		avahi_server_free(listen->server);
	listen->server = NULL;
}

/* The mount starts another one of us. */
static void server_changed(AvahiServer *server, AvahiServerState state, void *arg)
{
	(void)server;
	if (state != AVAHI_SERVER_FAILURE)
		return;
	say_state(arg, "avahi gave up; it is started again");
	_exit(1);
}

static void configure(AvahiServerConfig *config, const Listen *listen)
{
	avahi_server_config_init(config);
	config->disable_publishing = 1;
	config->publish_addresses = config->publish_hinfo = config->publish_workstation = config->publish_domain = 0;
	config->enable_wide_area = 0;
	config->use_ipv4 = config->use_ipv6 = 1;
	config->n_cache_entries_max = CACHE_MAX;
	if (listen->interface)
		config->allow_interfaces = avahi_string_list_new(listen->interface, NULL);
}

static bool start(Listen *listen)
{
	AvahiServerConfig config;
	int error = 0;

	configure(&config, listen);
	listen->server = avahi_server_new(avahi_loop_poll(listen->avahi), &config, server_changed, listen, &error);
	avahi_server_config_free(&config);
	for (int i = 0; listen->server && i < TYPES; i++) {
		listen->browsers[i] = avahi_s_service_browser_new(listen->server, AVAHI_IF_UNSPEC, AVAHI_PROTO_UNSPEC, types[i],
								    NULL, AVAHI_LOOKUP_USE_MULTICAST, browsed, listen);
		if (listen->browsers[i])
			continue;
		error = avahi_server_errno(listen->server);
		stop(listen);
	}
	if (!listen->server)
		explain(listen, error);
	return listen->server;
}

static void look(uv_timer_t *timer)
{
	Listen *listen = timer->data;
	Err err;

	if (!listen->server && !start(listen))
		return;
	if (has_interface(listen->interface)) {
		say_state(listen, NULL);
		return;
	}
	if (listen->interface)
		err_set(&err, ENODEV, "there is no interface %.40s, or it is not up or takes no multicast", listen->interface);
	else
		err_set(&err, ENODEV, "no network interface is up and takes multicast");
	say_state(listen, err.text);
}

/* What avahi complains of is what others send. */
static void avahi_says(AvahiLogLevel level, const char *text)
{
	(void)level, (void)text;
}

/* --- the process ------------------------------------------------------------------------------- */

static void give_room(uv_handle_t *handle, size_t wanted, uv_buf_t *room)
{
	static char byte[1];

	(void)handle, (void)wanted;
	*room = uv_buf_init(byte, sizeof byte);
}

static void mount_spoke(uv_stream_t *stream, ssize_t n, const uv_buf_t *room)
{
	(void)stream, (void)room;
	if (n < 0)
		_exit(0);
}

/* Root needs nothing that nobody could not do. */
static void drop_rights(void)
{
	prctl(PR_SET_NAME, "wulfs-listen");
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (geteuid() == 0 && (setgroups(0, NULL) < 0 || setresgid(NOBODY, NOBODY, NOBODY) < 0 ||
			       setresuid(NOBODY, NOBODY, NOBODY) < 0))
		_exit(1);
}

int listen_main(const char *interface)
{
	Listen listen = { .interface = interface };
	uv_loop_t loop;

	drop_rights();
	avahi_set_log_function(avahi_says);
	uv_loop_init(&loop);
	listen.avahi = avahi_loop_new(&loop);
	TAILQ_INIT(&listen.services);
	listen.look.data = &listen;
	uv_timer_init(&loop, &listen.look);
	uv_timer_start(&listen.look, look, 0, LOOK_MS);
	uv_pipe_init(&loop, &listen.mount, 0);
	uv_pipe_open(&listen.mount, STDIN_FILENO);
	uv_read_start((uv_stream_t *)&listen.mount, give_room, mount_spoke);
	return uv_run(&loop, UV_RUN_DEFAULT);
}
