/* publish.c - avahi-core as a responder. Opens the sockets of mDNS and no other, and needs no privilege: the
 * port is above 1024, and shared with avahi-daemon if there is one. */
#include "node/announce/publish.h"

#include <avahi-common/alternative.h>
#include <avahi-common/error.h>
#include <avahi-common/malloc.h>
#include <avahi-common/simple-watch.h>
#include <avahi-core/core.h>
#include <avahi-core/log.h>
#include <avahi-core/publish.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

typedef struct Publisher {
	const Service *service;
	AvahiSimplePoll *loop;
	AvahiServer *server;
	AvahiSEntryGroup *group;
	char *name;             /* of the service; another host may have it already */
	void (*ready)(void *arg, const char *name);
	void *arg;
	bool told;
	int signals;
	int failed;             /* what avahi says; 0: nothing */
} Publisher;

static void give_up(Publisher *publisher, int error)
{
	publisher->failed = error;
	avahi_simple_poll_quit(publisher->loop);
}

/* --- the service ------------------------------------------------------------------------------- */

static void add_service(Publisher *publisher);

static void take_another_name(Publisher *publisher)
{
	char *other = avahi_alternative_service_name(publisher->name);

	avahi_free(publisher->name);
	publisher->name = other;
	avahi_s_entry_group_reset(publisher->group);
	add_service(publisher);
}

static void group_changed(AvahiServer *server, AvahiSEntryGroup *group, AvahiEntryGroupState state, void *arg)
{
	Publisher *publisher = arg;

	(void)group;
	if (state == AVAHI_ENTRY_GROUP_COLLISION)
		take_another_name(publisher);
	else if (state == AVAHI_ENTRY_GROUP_FAILURE)
		give_up(publisher, avahi_server_errno(server));
	else if (state == AVAHI_ENTRY_GROUP_ESTABLISHED && !publisher->told) {
		publisher->told = true;
		publisher->ready(publisher->arg, publisher->name);
	}
}

static AvahiStringList *list_txt(const char *const *txt)
{
	AvahiStringList *list = NULL;

	for (; *txt; txt++)
		list = avahi_string_list_add(list, *txt);
	return list;
}

static void add_service(Publisher *publisher)
{
	const Service *service = publisher->service;
	AvahiStringList *txt = list_txt(service->txt);
	int rc = avahi_server_add_service_strlst(publisher->server, publisher->group, AVAHI_IF_UNSPEC, AVAHI_PROTO_UNSPEC, 0,
						 publisher->name, service->type, NULL, NULL, (uint16_t)service->port, txt);

	avahi_string_list_free(txt);
	if (rc == AVAHI_ERR_COLLISION)
		take_another_name(publisher);
	else if (rc < 0 || (rc = avahi_s_entry_group_commit(publisher->group)) < 0)
		give_up(publisher, rc);
}

/* --- the host ---------------------------------------------------------------------------------- */

static void begin(Publisher *publisher)
{
	if (!publisher->name)
		publisher->name = avahi_strdup(avahi_server_get_host_name(publisher->server));
	if (!publisher->group)
		publisher->group = avahi_s_entry_group_new(publisher->server, group_changed, publisher);
	if (!publisher->group)
		give_up(publisher, avahi_server_errno(publisher->server));
	else if (avahi_s_entry_group_is_empty(publisher->group))
		add_service(publisher);
}

static void rename_host(Publisher *publisher)
{
	char *other = avahi_alternative_host_name(avahi_server_get_host_name(publisher->server));
	int rc = avahi_server_set_host_name(publisher->server, other);

	avahi_free(other);
	if (rc < 0)
		give_up(publisher, rc);
}

/* Called from within avahi_server_new, too, when there is no server to speak of yet. */
static void server_changed(AvahiServer *server, AvahiServerState state, void *arg)
{
	Publisher *publisher = arg;

	publisher->server = server;
	if (state == AVAHI_SERVER_RUNNING)
		begin(publisher);
	else if (state == AVAHI_SERVER_COLLISION)
		rename_host(publisher);
	else if (state == AVAHI_SERVER_FAILURE)
		give_up(publisher, avahi_server_errno(server));
	else if (publisher->group)      /* the host gets its name anew, and then the service */
		avahi_s_entry_group_reset(publisher->group);
}

static void signal_came(AvahiWatch *watch, int fd, AvahiWatchEvent events, void *arg)
{
	Publisher *publisher = arg;

	(void)watch, (void)fd, (void)events;
	avahi_simple_poll_quit(publisher->loop);
}

static void keep_quiet(AvahiLogLevel level, const char *text)
{
	(void)level, (void)text;
}

/* --- its life ---------------------------------------------------------------------------------- */

static int catch_signals(void)
{
	sigset_t wanted;

	sigemptyset(&wanted);
	sigaddset(&wanted, SIGTERM);
	sigaddset(&wanted, SIGINT);
	sigaddset(&wanted, SIGHUP);
	sigprocmask(SIG_BLOCK, &wanted, NULL);
	return signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK);
}

static AvahiServer *open_server(Publisher *publisher, int *error)
{
	AvahiServerConfig config;
	AvahiServer *server;

	avahi_server_config_init(&config);
	config.publish_hinfo = config.publish_workstation = config.publish_domain = 0;
	config.enable_wide_area = 0;
	server = avahi_server_new(avahi_simple_poll_get(publisher->loop), &config, server_changed, publisher, error);
	avahi_server_config_free(&config);
	return server;
}

static int explain(int error, Err *err)
{
	if (error == AVAHI_ERR_NO_NETWORK)
		return err_set(err, ENETUNREACH, "cannot speak mDNS: no socket for port 5353; if avahi-daemon runs here with "
			       "disallow-other-stacks=yes, give it the service file instead (man wulfs-announce)");
	return err_set(err, EIO, "cannot announce: %s", avahi_strerror(error));
}

int publish(const Service *service, void (*ready)(void *arg, const char *name), void *arg, Err *err)
{
	Publisher publisher = { .service = service, .ready = ready, .arg = arg, .signals = catch_signals() };
	const AvahiPoll *poll;
	AvahiWatch *watch;
	int error = 0;

	avahi_set_log_function(keep_quiet);
	publisher.loop = avahi_simple_poll_new();
	poll = avahi_simple_poll_get(publisher.loop);
	watch = poll->watch_new(poll, publisher.signals, AVAHI_WATCH_IN, signal_came, &publisher);
	publisher.server = open_server(&publisher, &error);
	if (publisher.server) {
		if (!publisher.failed)
			avahi_simple_poll_loop(publisher.loop);
		error = publisher.failed;
		avahi_server_free(publisher.server);    /* with a goodbye */
	}
	poll->watch_free(watch);
	avahi_simple_poll_free(publisher.loop);
	avahi_free(publisher.name);
	close(publisher.signals);
	return error ? explain(error, err) : 0;
}
