/* open.h - the state's life in memory: loaded once, when the mount starts, and freed at its end. */
#ifndef STORE_OPEN_H
#define STORE_OPEN_H

#include "store/cluster.h"

Cluster *cluster_open(const State *state, Err *err);
void cluster_close(Cluster *cluster);   /* NULL is fine */

#endif
