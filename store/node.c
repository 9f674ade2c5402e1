/* node.c - the one place where a node's orders change. Before the first change of a turn it remembers them as they were. */
#include "store/node.h"

#include "store/nodes.h"
#include "store/queues.h"

#include <stdlib.h>

static char *copy(const char *text)
{
	return text ? mem_copy_text(text) : NULL;
}

static void touch(Cluster *cluster, Node *node)
{
	if (!node->before) {
		node->before = mem_new_zeroed(sizeof *node->before);
		*node->before = (NodeOrders){ copy(node->drain), copy(node->features), copy(node->user), node->slots_wanted };
	}
	cluster_node_changed(cluster, node);
}

void node_drain(Cluster *cluster, Node *node, const char *why)
{
	touch(cluster, node);
	node_set_text(&node->drain, why);
	cluster_reconsider(cluster);
}

void node_resume(Cluster *cluster, Node *node)
{
	touch(cluster, node);
	node_set_text(&node->drain, NULL);
	cluster_reconsider(cluster);
}

void node_set_slots(Cluster *cluster, Node *node, uint32_t slots)
{
	touch(cluster, node);
	node->slots_wanted = slots;
	cluster_reconsider(cluster);
}

void node_set_features(Cluster *cluster, Node *node, const char *features)
{
	touch(cluster, node);
	node_set_text(&node->features, features);
	cluster_reconsider(cluster);
}

void node_set_user(Cluster *cluster, Node *node, const char *user)
{
	touch(cluster, node);
	node_set_text(&node->user, user);
}

/* --- the end of the turn ----------------------------------------------------------------------- */

void node_orders_kept(Node *node)
{
	if (!node->before)
		return;
	free(node->before->drain);
	free(node->before->features);
	free(node->before->user);
	free(node->before);
	node->before = NULL;
}

void node_orders_undone(Cluster *cluster, Node *node)
{
	if (!node->before)
		return;
	node_set_text(&node->drain, node->before->drain);
	node_set_text(&node->features, node->before->features);
	node_set_text(&node->user, node->before->user);
	node->slots_wanted = node->before->slots_wanted;
	node_orders_kept(node);
	cluster_reconsider(cluster);
}
