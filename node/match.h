/* match.h - on which nodes may this job run? */
#ifndef NODE_MATCH_H
#define NODE_MATCH_H

#include "store/cluster.h"

/* By name and feature: --nodelist, --exclude, --constraint. Slots and state are not looked at. */
bool match_node(const Node *node, const Spec *spec);

/* The nodes that match_node is true for, one by one: where the job names them, no others are looked at. One
 * that is named twice comes twice.
 *
 *	for (Match match = match_begin(cluster, spec); (node = match_next(&match)); ) */
typedef struct Match {
	Cluster *cluster;
	const Spec *spec;       /* NULL: all nodes */
	const char *named;      /* the rest of --nodelist; NULL: there is none */
	Node *next;             /* without --nodelist */
} Match;

Match match_begin(Cluster *cluster, const Spec *spec);
Node *match_next(Match *match);                 /* NULL: no more */

/* Do two jobs want the same of a node's name and features? NULL is a job that wants nothing. */
bool match_is_same(const Spec *a, const Spec *b);

/* Does the job care which node it gets? */
bool match_is_choosy(const Spec *spec);

#endif
