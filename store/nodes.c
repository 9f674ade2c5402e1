/* nodes.c - which nodes there are, and which there were. */
#include "store/nodes.h"

#include "store/cluster_inside.h"
#include "store/node.h"
#include "store/queues.h"

#include <stdlib.h>
#include <string.h>

NodeList *cluster_nodes(Cluster *cluster)
{
	return &cluster->nodes;
}

NodeList *cluster_gone_nodes(Cluster *cluster)
{
	return &cluster->gone;
}

static Node *find_node(Cluster *cluster, const char *name, size_t n)
{
	Node *node;

	HASH_FIND(of_name, cluster->node_names, name, n, node);
	return node;
}

Node *cluster_node_named(Cluster *cluster, const char *name, size_t n)
{
	Node *node = find_node(cluster, name, n);

	return node && !node->gone ? node : NULL;
}

Node *cluster_node(Cluster *cluster, const char *name)
{
	return cluster_node_named(cluster, name, strlen(name));
}

Node *cluster_node_numbered(Cluster *cluster, uint32_t id)
{
	Node *node;

	TAILQ_FOREACH(node, &cluster->nodes, all)
		if (node->id == id)
			return node;
	return NULL;
}

static Node *node_new(Cluster *cluster, const char *name)
{
	Node *node = mem_new_zeroed(sizeof *node);

	node->id = cluster->node_next++;
	node->name = mem_copy_text(name);
	node->source = mem_copy_text("");
	node->features = mem_copy_text("");
	node->gone = true;
	TAILQ_INIT(&node->tasks);
	TAILQ_INSERT_TAIL(&cluster->gone, node, all);
	HASH_ADD_KEYPTR(of_name, cluster->node_names, node->name, strlen(node->name), node);
	return node;
}

Node *cluster_node_ever(Cluster *cluster, const char *name)
{
	Node *node = find_node(cluster, name, strlen(name));

	return node ? node : node_new(cluster, name);
}

Node *cluster_add_node(Cluster *cluster, const char *name, const char *source)
{
	Node *node = cluster_node_ever(cluster, name);

	if (node->gone) {
		TAILQ_REMOVE(&cluster->gone, node, all);
		TAILQ_INSERT_TAIL(&cluster->nodes, node, all);
	}
	node->gone = false;
	node_set_text(&node->source, source);
	cluster_node_changed(cluster, node);
	return node;
}

void cluster_remove_node(Cluster *cluster, Node *node)
{
	TAILQ_REMOVE(&cluster->nodes, node, all);
	TAILQ_INSERT_TAIL(&cluster->gone, node, all);
	node->gone = true;
	node->up = node->untrusted = false;
	node->slots_wanted = node->slots_default = 0;
	node_set_text(&node->features, "");
	node_set_text(&node->drain, NULL);
	node_set_text(&node->user, NULL);
	node_set_text(&node->instance, NULL);
	node_set_text(&node->trouble, NULL);
	cluster_node_changed(cluster, node);
	cluster_reconsider(cluster);
}

void cluster_node_changed(Cluster *cluster, Node *node)
{
	node->changed = true;
	cluster->nodes_changed = true;
}

void node_set_text(char **field, const char *text)
{
	char *copy = text ? mem_copy_text(text) : NULL;

	free(*field);
	*field = copy;
}

void node_free(Node *node)
{
	char *texts[] = { node->name, node->source, node->features, node->drain, node->instance,
			  node->trouble, node->address, node->arch, node->os, node->user, node->fingerprint, node->login,
			  node->machine, node->key, node->host, node->places, node->proven, node->proven_key, node->announced, node->doubt,
			  node->caveat };

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		free(texts[i]);
	node_orders_kept(node);
	free(node);
}

/* --- those that announced themselves ------------------------------------------------------- */

static Node *host_in(NodeList *nodes, const char *host)
{
	Node *node;

	TAILQ_FOREACH(node, nodes, all)
		if (node->host && strcmp(node->host, host) == 0)
			return node;
	return NULL;
}

Node *cluster_host_node(Cluster *cluster, const char *host)
{
	Node *node = host_in(&cluster->nodes, host);

	return node ? node : host_in(&cluster->gone, host);
}

Node *cluster_show_node(Cluster *cluster, const char *name, const char *host)
{
	bool fresh = !find_node(cluster, name, strlen(name));
	Node *node = cluster_node_ever(cluster, name);

	TAILQ_REMOVE(&cluster->gone, node, all);
	TAILQ_INSERT_TAIL(&cluster->nodes, node, all);
	node->gone = node->kept = false;
	node->fresh = node->fresh || fresh;
	node_set_text(&node->source, "dns-sd");
	node_set_text(&node->host, host);
	return node;
}

static bool is_worth_a_row(const Node *node)
{
	return node->standing || node->slots_wanted || node->features[0] || node->drain || node->user ||
	       node->completed || node->failed;
}

void cluster_shelve_node(Cluster *cluster, Node *node)
{
	TAILQ_REMOVE(&cluster->nodes, node, all);
	TAILQ_INSERT_TAIL(&cluster->gone, node, all);
	node->gone = true;
	node->kept = is_worth_a_row(node);
	node->up = node->untrusted = node->found = false;
	node_set_text(&node->trouble, NULL);
	if (!node->fresh || node->seen || node->kept)
		cluster_node_changed(cluster, node);
	cluster_reconsider(cluster);
}

bool cluster_discard_node(Cluster *cluster, Node *node)
{
	if (!node->gone || !node->fresh || node->seen || node->kept || node->changed)
		return false;
	TAILQ_REMOVE(&cluster->gone, node, all);
	HASH_DELETE(of_name, cluster->node_names, node);
	node_free(node);
	return true;
}
