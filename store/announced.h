/* announced.h - nodes that come and go by themselves, in the cluster's lists.
 *
 * Other nodes have a row from the moment they are added, and stay in memory for good once they are removed.
 * Of these anybody on the network can make any number: they have a row only once something happened that
 * is worth one, and those that nothing ever happened to are freed. */
#ifndef STORE_ANNOUNCED_H
#define STORE_ANNOUNCED_H

#include "store/cluster.h"

/* The node of an announced host, listed or gone; NULL: none yet. */
Node *cluster_host_node(Cluster *cluster, const char *host);

/* List a node that announced itself, under a name that no listed node has. Without a row, until
 * cluster_node_changed says that there is something to keep. */
Node *cluster_show_node(Cluster *cluster, const char *name, const char *host);

/* It leaves the listings. What its owner said of it is kept, and what it did is counted. */
void cluster_shelve_node(Cluster *cluster, Node *node);

/* Free it, if it is gone and nothing ever happened to it. Nobody may hold it any more. True: it is no more. */
bool cluster_discard_node(Cluster *cluster, Node *node);

#endif
