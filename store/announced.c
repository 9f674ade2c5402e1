/* announced.c - listing, shelving and freeing nodes that come and go by themselves. */
#include "store/announced.h"

#include "store/cluster_inside.h"

#include <string.h>

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

static bool is_new(Cluster *cluster, const char *name)
{
	Node *node;

	HASH_FIND(of_name, cluster->node_names, name, strlen(name), node);
	return !node;
}

Node *cluster_show_node(Cluster *cluster, const char *name, const char *host)
{
	bool fresh = is_new(cluster, name);
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
