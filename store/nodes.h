/* nodes.h - the nodes there are: those in the listings, and those that are gone and which finished tasks still name.
 *
 * Most nodes have a row in the database from the moment they are added, and stay in memory for good. Of those that
 * announce themselves anybody on the network can make any number: they have a row only once something happened that
 * is worth one, and those that nothing ever happened to are freed. */
#ifndef STORE_NODES_H
#define STORE_NODES_H

#include "store/cluster.h"

typedef TAILQ_HEAD(NodeList, Node) NodeList;

NodeList *cluster_nodes(Cluster *cluster);
NodeList *cluster_gone_nodes(Cluster *cluster);
Node *cluster_node(Cluster *cluster, const char *name);                 /* NULL: none of that name */
Node *cluster_node_named(Cluster *cluster, const char *name, size_t n); /* the same, of n bytes */
Node *cluster_node_numbered(Cluster *cluster, uint32_t id);
Node *cluster_node_ever(Cluster *cluster, const char *name);            /* gone ones too; made, gone, if need be */
Node *cluster_add_node(Cluster *cluster, const char *name, const char *source);

/* Nothing is placed on it any more. It leaves the database and all listings, but stays in memory (gone) for
 * the finished tasks that name it; added again, it is the same. */
void cluster_remove_node(Cluster *cluster, Node *node);
void cluster_node_changed(Cluster *cluster, Node *node);                /* its row is to be written */

/* Set one of a node's texts: frees the old, copies the new (NULL allowed). */
void node_set_text(char **field, const char *text);
void node_free(Node *node);

/* --- those that announced themselves ------------------------------------------------------------ */

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
