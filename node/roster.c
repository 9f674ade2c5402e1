/* roster.c - which nodes there are. Changes the cluster's list of nodes and hires or dismisses their workers;
 * what travels on a link is none of its business. */
#include "node/roster.h"

#include "node/connect_local.h"
#include "node/connect_ssh.h"
#include "node/discovery/listener_process.h"
#include "node/discovery/own_addresses.h"
#include "node/discovery/reconcile.h"
#include "node/nodes_file.h"
#include "store/base/clock.h"
#include "store/base/log.h"
#include "store/host_name.h"
#include "store/hostlist.h"
#include "store/node.h"
#include "store/nodes.h"
#include "store/task.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What is heard in so short a time is dealt with together, however much it is. */
enum { SETTLE_MS = 150 };

typedef struct Entry {          /* a node reached over SSH */
	Node *node;
	Remote *remote;
	TAILQ_ENTRY(Entry) all;
} Entry;

struct Roster {
	Pool *pool;
	Cluster *cluster;
	const RosterOptions *options;
	Local *local;
	Ssh *ssh;
	TAILQ_HEAD(, Entry) entries;
	Proposals *proposals;
	Discover *discover;     /* NULL: not wanted */
	Found *found;
	Here here;
	uv_timer_t settle;
	bool settles;           /* the timer is there */
};

static void settle(uv_timer_t *timer);

static Entry *entry_of(Roster *roster, const Node *node)
{
	Entry *entry;

	TAILQ_FOREACH(entry, &roster->entries, all)
		if (entry->node == node)
			return entry;
	return NULL;
}

static void add_remote(Roster *roster, Node *node)
{
	Entry *entry = mem_new_zeroed(sizeof *entry);

	if (!node->host)
		node_set_text(&node->address, node->name);
	entry->node = node;
	entry->remote = remote_new(roster->ssh, node, roster->options->trust_new && !node->host);
	TAILQ_INSERT_TAIL(&roster->entries, entry, all);
	pool_hire(roster->pool, node, remote_connector(entry->remote));
}

static void drop_entry(Roster *roster, Entry *entry)
{
	TAILQ_REMOVE(&roster->entries, entry, all);
	free(entry);            /* the remote goes with its worker */
}

/* --- machines that announce themselves --------------------------------------------------------- */

static void settle_soon(Roster *roster)
{
	if (!uv_is_active((uv_handle_t *)&roster->settle))
		uv_timer_start(&roster->settle, settle, SETTLE_MS, 0);
}

static bool is_engaged(void *arg, const Node *node)
{
	Roster *roster = arg;

	return pool_worker(roster->pool, node);
}

static void engage(void *arg, Node *node)
{
	Roster *roster = arg;

	if (entry_of(roster, node)) {
		worker_reconnect(pool_worker(roster->pool, node));
		return;
	}
	add_remote(roster, node);
	events_node(turn_events(pool_turn(roster->pool)), node, NODE_FOUND);
}

static void dismiss(void *arg, Node *node)
{
	Roster *roster = arg;
	Entry *entry = entry_of(roster, node);

	if (!entry)
		return;
	events_node_left(turn_events(pool_turn(roster->pool)), node, node_state(node));
	pool_dismiss(roster->pool, node);
	drop_entry(roster, entry);
	node->up = node->untrusted = false;
	node_set_text(&node->trouble, NULL);
}

static void moved(void *arg, Node *node)
{
	Roster *roster = arg;

	log_info("node %s: announced at %s", node->name, node->places);
	worker_reconnect(pool_worker(roster->pool, node));
}

static bool is_here(void *arg, const char *place)
{
	Roster *roster = arg;

	return here_is(&roster->here, place);
}

static void settle(uv_timer_t *timer)
{
	Roster *roster = timer->data;

	if (turn_is_failing(pool_turn(roster->pool)) || found_settle(roster->found, clock_mono_ms()))
		settle_soon(roster);
}

static void heard(void *arg)
{
	Roster *roster = arg;

	if (proposals_changed(roster->proposals))
		settle_soon(roster);
}

static void afresh(void *arg)
{
	Roster *roster = arg;

	found_afresh(roster->found, clock_mono_ms());
}

static void tell_state(void *arg, bool on, const char *why)
{
	Roster *roster = arg;

	if (on)
		log_info("discovery is on");
	else
		log_warn("discovery is off: %s", why);
	events_discovery(turn_events(pool_turn(roster->pool)), on, why);
}

static void begin_to_find(Roster *roster)
{
	uv_loop_t *loop = turn_loop(pool_turn(roster->pool));
	FoundOwner found = { is_engaged, engage, dismiss, moved, is_here, roster };
	DiscoverOwner discover = { heard, afresh, tell_state, roster };

	roster->settle.data = roster;
	uv_timer_init(loop, &roster->settle);
	roster->settles = true;
	if (roster->options->discover)
		roster->proposals = proposals_new();
	roster->found = found_new(roster->cluster, roster->proposals, found, clock_mono_ms());
	if (roster->options->discover)
		roster->discover = discover_new(loop, roster->options->interface, roster->proposals, discover);
	settle_soon(roster);
}

static void end_finding(Roster *roster)
{
	discover_free(roster->discover);
	found_free(roster->found);
	proposals_free(roster->proposals);
	if (roster->settles)
		uv_close((uv_handle_t *)&roster->settle, NULL);
	here_release(&roster->here);
}

/* --- the owner's word -------------------------------------------------------------------------- */

static int check_name(const char *name, Err *err)
{
	if (strcmp(name, "local") == 0)
		return err_set(err, EPERM, "the node local is this machine; mount with -o local=N to have it");
	if (!hostlist_is_name(name))
		return err_set(err, EINVAL, "\"%.100s\" is not the name of one host; make nodes one by one, as brace expansion "
			       "of the shell does: mkdir nodes/g{01..16}", name);
	return host_name_check(name, err);
}

/* A machine of that very name; what an announced one was, it is no more. */
static Node *add_named(Roster *roster, const char *name, const char *source)
{
	Node *node = cluster_add_node(roster->cluster, name, source);

	node_set_text(&node->host, NULL);
	node_set_text(&node->places, NULL);
	node->standing = STANDING_NONE;
	node->kept = node->fresh = false;
	return node;
}

int roster_add(Roster *roster, const char *name, Err *err)
{
	Node *node;

	if (check_name(name, err) < 0)
		return -1;
	if (cluster_node(roster->cluster, name) || pool_worker(roster->pool, cluster_node_ever(roster->cluster, name)))
		return err_set(err, EEXIST, "node %s is there already", name);
	node = found_unhide(roster->found, name);
	add_remote(roster, node ? node : add_named(roster, name, "mkdir"));
	settle_soon(roster);    /* it may be announced by another name, too */
	return 0;
}

int roster_remove(Roster *roster, Node *node, Err *err)
{
	Entry *entry = entry_of(roster, node);

	if (!entry && !node->host)
		return err_set(err, EPERM, "the node local cannot be removed; mount with -o local=0 to do without it");
	pool_dismiss(roster->pool, node);
	if (node->host)
		found_hide(roster->found, node);
	else
		cluster_remove_node(roster->cluster, node);
	if (entry)
		drop_entry(roster, entry);
	settle_soon(roster);
	return 0;
}

int roster_reconnect(Roster *roster, Node *node, Err *err)
{
	Worker *worker = pool_worker(roster->pool, node);

	if (node->host && !entry_of(roster, node)) {
		add_remote(roster, node);
		return 0;
	}
	if (!worker)
		return err_set(err, EINVAL, "node %s is not used in this mount", node->name);
	worker_reconnect(worker);
	return 0;
}

static int refuse_local(const Node *node, Err *err)
{
	return err_set(err, EINVAL, "node %s is this machine; it is not reached over SSH", node->name);
}

int roster_trust(Roster *roster, Node *node, const char *fingerprint, Err *err)
{
	if (!entry_of(roster, node) && !node->host)
		return refuse_local(node, err);
	if (node->found && !node->key && fingerprint)
		return err_set(err, EAGAIN, "node %s has not shown its host key yet; `echo reconnect > nodes/%s/ctl` and look at fingerprint",
			       node->name, node->name);
	if (!node->found || node->key)
		if (remote_trust(roster->ssh, node, fingerprint, err) < 0)
			return -1;
	if (node->host)
		found_use(roster->found, node);
	return roster_reconnect(roster, node, err);
}

int roster_set_user(Roster *roster, Node *node, const char *user, Err *err)
{
	if (!entry_of(roster, node) && !node->host)
		return refuse_local(node, err);
	if (user[0] == '-' || strpbrk(user, "@:/"))
		return err_set(err, EINVAL, "user: \"%s\" is not a user's name", user);
	node_set_user(roster->cluster, node, user);
	return entry_of(roster, node) ? roster_reconnect(roster, node, err) : 0;
}

/* --- at mount ---------------------------------------------------------------------------------- */

static int add_local(Roster *roster, Err *err)
{
	uint32_t slots = roster->options->local_slots;
	Node *node = cluster_node(roster->cluster, "local");

	if (slots == 0) {
		if (node)
			cluster_remove_node(roster->cluster, node);
		return 0;
	}
	roster->local = local_new(pool_turn(roster->pool), err);
	if (!roster->local)
		return -1;
	if (!node)
		node = cluster_add_node(roster->cluster, "local", "local");
	local_describe(node, slots);
	pool_hire(roster->pool, node, local_connector(roster->local));
	return 0;
}

static int add_listed(void *arg, const char *name, uint32_t slots, Err *err)
{
	Roster *roster = arg;
	Node *node;

	if (check_name(name, err) < 0)
		return -1;
	node = cluster_node(roster->cluster, name);
	if (!node || strcmp(node->source, "dns-sd") == 0)       /* an earlier mount found it: now it is named */
		node = add_named(roster, name, "nodes");
	if (slots)
		node->slots_default = slots;
	if (!entry_of(roster, node))
		add_remote(roster, node);
	return 0;
}

static void add_remembered(Roster *roster)
{
	Node *node;

	TAILQ_FOREACH(node, cluster_nodes(roster->cluster), all)
		if (strcmp(node->source, "mkdir") == 0)
			add_remote(roster, node);
}

/* What an earlier mount's file named and today's does not. */
static void forget_unlisted(Roster *roster)
{
	Node *node, *next;

	for (node = TAILQ_FIRST(cluster_nodes(roster->cluster)); node; node = next) {
		next = TAILQ_NEXT(node, all);
		if (strcmp(node->source, "nodes") == 0 && !entry_of(roster, node))
			cluster_remove_node(roster->cluster, node);
	}
}

/* Tasks on nodes that this mount does not have run elsewhere. */
static void give_back_from_gone(Cluster *cluster)
{
	Node *node;

	TAILQ_FOREACH(node, cluster_gone_nodes(cluster), all) {
		Task *task;

		while ((task = TAILQ_FIRST(&node->tasks)))
			task_lose(cluster, task);
	}
}

Roster *roster_new(Pool *pool, const RosterOptions *options, Err *err)
{
	Roster *roster = mem_new_zeroed(sizeof *roster);

	roster->pool = pool;
	roster->cluster = turn_cluster(pool_turn(pool));
	roster->options = options;
	TAILQ_INIT(&roster->entries);
	roster->ssh = ssh_shared_new(turn_loop(pool_turn(pool)), &options->ssh);
	add_remembered(roster);
	if ((options->nodes_file && nodes_file_read(options->nodes_file, add_listed, roster, err) < 0) ||
	    add_local(roster, err) < 0) {
		roster_free(roster);
		return NULL;
	}
	forget_unlisted(roster);
	begin_to_find(roster);
	give_back_from_gone(roster->cluster);
	return roster;
}

void roster_free(Roster *roster)
{
	Entry *entry;

	if (!roster)
		return;
	while ((entry = TAILQ_FIRST(&roster->entries)))
		drop_entry(roster, entry);
	end_finding(roster);
	local_free(roster->local);
	ssh_shared_free(roster->ssh);
	free(roster);
}

Pool *roster_pool(Roster *roster)
{
	return roster->pool;
}
