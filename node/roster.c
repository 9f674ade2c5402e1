/* roster.c - which nodes there are. Changes the cluster's list of nodes and hires or dismisses their workers;
 * what travels on a link is none of its business. */
#include "roster.h"

#include "local.h"
#include "nodes_file.h"
#include "remote.h"

#include "../store/task.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

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
};

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

	node_set_text(&node->address, node->name);
	entry->node = node;
	entry->remote = remote_new(roster->ssh, node, roster->options->trust_new);
	TAILQ_INSERT_TAIL(&roster->entries, entry, all);
	pool_hire(roster->pool, node, remote_connector(entry->remote));
}

/* --- the owner's word -------------------------------------------------------------------------- */

static int check_name(const char *name, Err *err)
{
	if (strcmp(name, "local") == 0)
		return err_set(err, EPERM, "the node local is this machine; mount with -o local=N to have it");
	return ssh_name_check(name, err);
}

int roster_add(Roster *roster, const char *name, Err *err)
{
	if (check_name(name, err) < 0)
		return -1;
	if (cluster_node(roster->cluster, name) || pool_worker(roster->pool, cluster_node_ever(roster->cluster, name)))
		return err_set(err, EEXIST, "node %s is there already", name);
	add_remote(roster, cluster_add_node(roster->cluster, name, "mkdir"));
	return 0;
}

int roster_remove(Roster *roster, Node *node, Err *err)
{
	Entry *entry = entry_of(roster, node);

	if (!entry)
		return err_set(err, EPERM, "the node local cannot be removed; mount with -o local=0 to do without it");
	pool_dismiss(roster->pool, node);
	cluster_remove_node(roster->cluster, node);
	TAILQ_REMOVE(&roster->entries, entry, all);
	free(entry);            /* the remote goes with its worker */
	return 0;
}

int roster_reconnect(Roster *roster, Node *node, Err *err)
{
	Worker *worker = pool_worker(roster->pool, node);

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
	Entry *entry = entry_of(roster, node);

	if (!entry)
		return refuse_local(node, err);
	if (remote_trust(entry->remote, fingerprint, err) < 0)
		return -1;
	return roster_reconnect(roster, node, err);
}

int roster_set_user(Roster *roster, Node *node, const char *user, Err *err)
{
	if (!entry_of(roster, node))
		return refuse_local(node, err);
	if (user[0] == '-' || strpbrk(user, "@:/"))
		return err_set(err, EINVAL, "user: \"%s\" is not a user's name", user);
	node_set_text(&node->user, user);
	cluster_node_changed(roster->cluster, node);
	return roster_reconnect(roster, node, err);
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
	if (!node)
		node = cluster_add_node(roster->cluster, name, "nodes");
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
	give_back_from_gone(roster->cluster);
	return roster;
}

void roster_free(Roster *roster)
{
	Entry *entry;

	if (!roster)
		return;
	while ((entry = TAILQ_FIRST(&roster->entries))) {
		TAILQ_REMOVE(&roster->entries, entry, all);
		free(entry);
	}
	local_free(roster->local);
	ssh_shared_free(roster->ssh);
	free(roster);
}

Pool *roster_pool(Roster *roster)
{
	return roster->pool;
}
