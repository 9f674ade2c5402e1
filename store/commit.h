/* commit.h - the end of a turn. */
#ifndef STORE_COMMIT_H
#define STORE_COMMIT_H

#include "store/cluster.h"

/* Has this turn changed anything that must be committed before it is told? What was only forgotten can
 * wait for company (cluster_is_lazy). */
bool cluster_is_dirty(const Cluster *cluster);
bool cluster_is_lazy(const Cluster *cluster);

/* Write the turn. -1: memory is as it was before the turn, the reason is in err. */
int cluster_commit(Cluster *cluster, Err *err);

/* Can anything be written at all? For trying again after a full disk. */
int cluster_probe(Cluster *cluster, Err *err);

/* Called after each commit, once for every task that changed, was submitted (before is NULL) or whose
 * output grew (before equals now). Watchers are called in the order they came and may not change tasks. */
void cluster_watch(Cluster *cluster, Watcher watcher, void *arg);

/* Called after each commit, once for every node whose orders (node.h) changed. */
void cluster_watch_nodes(Cluster *cluster, NodeWatcher watcher, void *arg);

#endif
