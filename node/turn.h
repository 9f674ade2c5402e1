/* turn.h - the loop and its turns.
 *
 * One thread owns everything and sleeps only in libuv. A turn: callbacks read what came and change state;
 * then, before the loop sleeps again, the hooks of TURN_BEFORE run (the dispatcher), everything is
 * committed at once, and only then the hooks of TURN_AFTER and the replies that waited (turn_after).
 *
 * If the commit fails (a full disk), the turn has not happened: those who waited get the reason, the
 * TURN_FAILED hooks run (links are dropped; the nodes keep everything), and no work is placed or taken in
 * until a probe, once a second, says that the disk takes writes again (TURN_MENDED). */
#ifndef NODE_TURN_H
#define NODE_TURN_H

#include "store/cluster.h"
#include "store/events.h"

#include <uv.h>

typedef struct Turn Turn;

typedef enum TurnMoment { TURN_BEFORE, TURN_AFTER, TURN_FAILED, TURN_MENDED, TURN_MOMENTS } TurnMoment;

Turn *turn_new(uv_loop_t *loop, Cluster *cluster, Events *events);
void turn_end(Turn *turn);              /* commit what is open; from now on there are no turns and no hooks */
void turn_free(Turn *turn);             /* after that, and after the loop's handles were closed */

uv_loop_t *turn_loop(Turn *turn);
Cluster *turn_cluster(Turn *turn);
Events *turn_events(Turn *turn);
bool turn_is_failing(const Turn *turn); /* the disk takes no writes */
const char *turn_trouble(const Turn *turn);     /* what is waited for then, for the nodes' reason */

void turn_hook(Turn *turn, TurnMoment moment, void (*hook)(void *arg), void *arg);

/* Call done once when this turn is over: failed is NULL if it was committed, else why it was not. */
void turn_after(Turn *turn, void (*done)(void *arg, const Err *failed), void *arg);

/* Something else than a commit could not be written (an output): as after a failed commit, but what this
 * turn did so far stays. */
void turn_disk_failed(Turn *turn, const Err *err);

/* Commit now, for a reader who must not see what is not on disk yet. Does nothing in a clean turn.
 * -1: the turn has not happened; what it made is gone. */
int turn_commit(Turn *turn, Err *err);

#endif
