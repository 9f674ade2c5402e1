/* events.h - the log of state changes, STATE/events: a line each, appended after the commit, never edited. After 16 MiB
 * it becomes events.1, and a new one is begun; of older ones none is kept, but for who reads meanwhile.
 *
 *   TIME job ID OLD NEW NODE        (ID_INDEX for one task of an array)
 *   TIME node NAME OLD NEW -        TIME discovery - OLD NEW WHY
 *
 * TIME is seconds since the epoch with milliseconds; "-" stands for nothing. After a crash the lines of
 * the last turn may be missing; the database is the truth. */
#ifndef STORE_EVENTS_H
#define STORE_EVENTS_H

#include "store/cluster.h"

#include <sys/types.h>

typedef struct Events Events;

Events *events_open(Cluster *cluster, Err *err);        /* watches the cluster from now on */
void events_close(Events *events);

void events_node(Events *events, const Node *node, NodeState old);      /* its state is another now */
void events_node_left(Events *events, const Node *node, NodeState old); /* it is listed no more */
void events_discovery(Events *events, bool on, const char *why);        /* machines are looked for, or not: a sentence */
void events_flush(Events *events);                      /* write what came; once a turn */

/* All files that are kept are read as one, from the oldest line on. While somebody holds them, nothing is taken from
 * the beginning, up to 240 MiB. */
void events_hold(Events *events);
void events_let_go(Events *events);
uint64_t events_size(const Events *events);
int64_t events_changed(const Events *events);           /* ms since the epoch */
ssize_t events_read(const Events *events, uint64_t offset, void *to, size_t n);

#endif
