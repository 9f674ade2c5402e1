/* node.h - how a node changes by orders: of its owner, or of whatever drains it. Each of these verbs is undone as a whole
 * if the turn cannot be committed, and is seen by the watchers of nodes afterwards (commit.h). */
#ifndef STORE_NODE_H
#define STORE_NODE_H

#include "store/cluster.h"

void node_drain(Cluster *cluster, Node *node, const char *why);        /* nothing new starts there; a sentence */
void node_resume(Cluster *cluster, Node *node);
void node_set_slots(Cluster *cluster, Node *node, uint32_t slots);     /* 0: its own default */
void node_set_features(Cluster *cluster, Node *node, const char *features);     /* words with commas between */
void node_set_user(Cluster *cluster, Node *node, const char *user);    /* to log in as */

/* --- for commit.c ------------------------------------------------------------------------------- */

void node_orders_kept(Node *node);                      /* the turn is committed: there is no way back */
void node_orders_undone(Cluster *cluster, Node *node);

#endif
