/* reconcile.h - which nodes there are because machines announced themselves.
 *
 * An announcement only proposes. A machine of _ssh._tcp is listed, FOUND, and left alone until its owner
 * wants it; one of _wulfs._tcp offers itself: it is used if its host key is known (by connect_ssh.h; if it is
 * not, its key is all that is asked for). Whoever stops announcing gets nothing new, and leaves when its
 * work is done.
 *
 * found_settle makes nodes as the proposals are, as often as it is called: in the cluster's lists, and by
 * its owner in the world. It decides, and speaks to nobody. */
#ifndef NODE_DISCOVERY_RECONCILE_H
#define NODE_DISCOVERY_RECONCILE_H

#include "node/discovery/announcements.h"
#include "store/cluster.h"

enum {
	CONTACTS_AT_ONCE = 32,          /* machines that nobody named are contacted so many at a time, */
	CONTACTS_A_SECOND = 2,          /* and later so many: each costs a process, and an attempt is a line in the log */
	SILENT_MS = 5000,               /* heard nothing of a node for so long: it may well be where it is announced */
	PATIENCE_MS = 5000,             /* after the start, until what was there before and is not announced is taken to be away */
};

typedef struct Found Found;

/* Whoever has the connections. Node is never NULL. */
typedef struct FoundOwner {
	bool (*is_engaged)(void *arg, const Node *node);        /* somebody works for it, be it for a moment yet */
	void (*engage)(void *arg, Node *node);                  /* contact it and use it */
	void (*dismiss)(void *arg, Node *node);                 /* let go of it */
	void (*moved)(void *arg, Node *node);                   /* it is at other places now: connect anew */
	bool (*is_here)(void *arg, const char *place);          /* an address of this machine? */
	void *arg;
} FoundOwner;

/* proposals NULL: nothing is looked for; nodes with work left from earlier finish it. */
Found *found_new(Cluster *cluster, Proposals *proposals, FoundOwner owner, int64_t now);
void found_free(Found *found);

/* now is on the monotonic clock. True: there is more to do, call again soon though nothing else happens. */
bool found_settle(Found *found, int64_t now);

/* What was proposed is asked for again: have patience, as at the start. */
void found_afresh(Found *found, int64_t now);

bool found_announces(const Found *found, const Node *node);     /* is it announced now? */

/* --- the owner's word -------------------------------------------------------------------------- */

/* Use it from now on, and in later mounts, when it is announced. Whoever calls engages it. */
void found_use(Found *found, Node *node);

/* Not to be seen until mkdir. Whoever calls has dismissed it. */
void found_hide(Found *found, Node *node);

/* mkdir of this name: a machine that announces itself and is not listed, hidden before. NULL: there is none. */
Node *found_unhide(Found *found, const char *name);

#endif
