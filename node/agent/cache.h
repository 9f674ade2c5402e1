/* cache.h - the parcels a node has been sent, in DIR/cache, each once, for all runs that need it.
 *
 * A parcel is pulled: while a run needs one that is not here, its next bytes are asked for, so that neither a
 * broken link nor a mount that was killed loses what came so far. Until it is whole it has another name
 * (HASH.part), and stays for some minutes if no run needs it any more: a run that was recalled may come back.
 * Whole ones stay, also after the agent has gone, as far as the mount's limit allows: those
 * that were used least recently go first, one that a run needs never. */
#ifndef NODE_AGENT_CACHE_H
#define NODE_AGENT_CACHE_H

#include "node/agent/runs.h"

#include <sys/queue.h>

typedef struct Parcel {
	char hash[WIRE_HASH];
	uint64_t size, have;    /* bytes of the whole, bytes here */
	uint64_t asked;         /* up to here they were asked for on this link */
	unsigned users;         /* runs that hold it */
	int64_t unused_since;   /* while there are none */
	TAILQ_ENTRY(Parcel) in_list;
	LIST_ENTRY(Parcel) in_bucket;
} Parcel;

TAILQ_HEAD(ParcelList, Parcel);
LIST_HEAD(ParcelBucket, Parcel);

enum { CACHE_BUCKETS = 256 };

typedef struct Cache {
	Runs *runs;
	struct ParcelList whole;        /* the least recently used first */
	struct ParcelList partial;      /* in the order they are fetched */
	struct ParcelBucket buckets[CACHE_BUCKETS];
	uint64_t bytes;                 /* in both */
	uint64_t limit;
	int64_t stalled_until;          /* the disk took no more; -1: nothing is wrong */
} Cache;

void cache_init(Cache *cache, Runs *runs);      /* the working directory is DIR */
void cache_new_link(Cache *cache, uint64_t limit);      /* what was asked for before does not come any more */

/* The run needs the parcels of list: it holds them, and waits for those that are not here. */
void cache_want(Cache *cache, Run *run, Slice list);
void cache_let_go(Run *run);

/* Say what is to be sent next. */
void cache_ask(Cache *cache, Buf *out);

/* A PARCEL: its bytes, or the news that the mount has it no more: the runs that wait for it are given back. */
void cache_add(Cache *cache, const Message *message);
void cache_is_gone(Cache *cache, Slice hash, Buf *out);

void cache_trim(Cache *cache);                          /* to the limit */
int64_t cache_patience(const Cache *cache);             /* milliseconds the loop may sleep; -1: for ever */

/* The path of a whole parcel below DIR; good until the next call. */
const char *cache_file(const char hash[WIRE_HASH]);

#endif
