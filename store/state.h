/* state.h - the directory where all state lives, and the lock that keeps a second daemon out of it.
 *
 *   wulfs.db        the database; the truth            outputs/   outputs over 16 KiB
 *   events          a line a state change              agent/     the local agent's socket and spool
 *   inputs/         what was written to jobs' stdin    parcels/   what --transfer names, packed
 *   wulfs.log       the operator's log                 lock       who has it now: pid and mount point */
#ifndef STORE_STATE_H
#define STORE_STATE_H

#include "store/base/err.h"

#include <stdint.h>
#include <sys/types.h>

typedef struct State {
	char *directory;        /* absolute */
	int lock;               /* fd; the kernel drops the lock when we die */
} State;

/* Make the directory if need be (0700) and lock it. Refused: EBUSY with what the other daemon signed with,
 * ENOTSUP on a network filesystem (sqlite's WAL and flock do not work there), EACCES if it belongs
 * to someone else or others may write it. directory NULL: ${XDG_STATE_HOME:-~/.local/state}/wulfs. */
int state_open(State *state, const char *directory, Err *err);
void state_close(State *state);

/* Write into the lock who holds it, our pid and this mount point, for the sentence that refuses others. */
void state_sign(const State *state, const char *mountpoint);

/* STATE/name, the caller's to free. */
char *state_path(const State *state, const char *name);

/* The files that hold the database and the lock. */
enum { STATE_FILES = 4 };
typedef struct StateFiles {
	dev_t device[STATE_FILES];
	ino_t inode[STATE_FILES];       /* 0: there was none */
} StateFiles;

/* Which they are now; and EIO if one of them is another now, or gone: what is written then is lost. */
StateFiles state_files(const State *state);
int state_check(const State *state, const StateFiles *files, Err *err);

/* Which file of which computer the database is: a copy of it is another. */
typedef struct StatePlace {
	char machine[64];       /* machine-id(5); "" if there is none */
	int64_t inode, born;    /* of wulfs.db; born is in ns, 0 where the filesystem does not say */
} StatePlace;

StatePlace state_place(const State *state);

/* mkdir -p path with mode 0700 for what is missing. */
int state_make_directories(const char *path, Err *err);

#endif
