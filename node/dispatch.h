/* dispatch.h - match waiting tasks with free slots. */
#ifndef NODE_DISPATCH_H
#define NODE_DISPATCH_H

#include "store/cluster.h"

/* Place as many waiting tasks as the nodes take, best first. Called once a turn, before the commit. */
void dispatch(Cluster *cluster);

#endif
