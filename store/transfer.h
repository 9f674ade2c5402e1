/* transfer.h - what --transfer names on the owner's machine: looked at when a job is submitted, packed when
 * it is sent.
 *
 * A relative path keeps its directories in the scratch directory, so that a command reads the same there; an
 * absolute one becomes its last name. What is a link, or lies behind one, must not lead out of the directory
 * that the path is relative to (an absolute path: that it lies in), and nor must a link inside of what is sent. */
#ifndef STORE_TRANSFER_H
#define STORE_TRANSFER_H

#include "store/base/parcel.h"
#include "store/spec.h"

#include <pthread.h>

enum {
	TRANSFER_LOOK_MAX = 1000,       /* files of a tree that are looked at before a job is accepted */
	TRANSFER_LOOK_ALL = 100000,     /* ... of all trees that are named in one write */
};

/* Where a thread is while it looks, for others to see where it got stuck; and how much it may still look at. */
typedef struct TransferWatch {
	pthread_mutex_t lock;
	char *at;
	int64_t moved;          /* when it came there, by the monotonic clock */
	unsigned left;          /* entries below directories */
	struct TransferSeen *seen;      /* hash of paths that were found good */
} TransferWatch;

void transfer_watch_init(TransferWatch *watch);
void transfer_watch_release(TransferWatch *watch);

/* Where it has been for a second and more, the caller's to free; NULL: it goes on. The filesystem there is not entered
 * by transfer_check for so many ms. */
char *transfer_watch_stuck(TransferWatch *watch, int64_t pause);

typedef struct TransferPath {           /* all three are the caller's to free: transfer_path_release */
	char *source;           /* absolute */
	char *base;             /* the directory it may not lead out of */
	char *name;             /* in the scratch directory; "." for all that is in base */
	char *inside;           /* it leads into the mount: from the mount's top on; NULL: that is not known to be so */
	int given;              /* opened by transfer_give, -1: not, or no need */
	TransferWatch *watch;   /* not owned; NULL: nobody watches */
} TransferPath;

/* The mount must not be entered by who makes it: its daemon would wait for itself. Call once it is there. open gives
 * a descriptor of what lies in it, from the state, on the owner's thread; -1 with the reason. Before that call, and
 * in programs without a mount, nothing is in it. */
typedef int (*TransferOpen)(void *arg, const char *inside, uint64_t before, bool *by_name, Err *err);
void transfer_mounted(const char *mountpoint, TransferOpen open, void *arg);

/* The path that begins at *at in the spec's list, and *at moves to the next. False: there is no more.
 * directory is the submitter's. NULL: it is not known, or the mount's top; relative paths then begin there. */
bool transfer_next(const Spec *spec, const char *directory, size_t *at, TransferPath *path);
void transfer_path_release(TransferPath *path);

/* Is all there and readable? -1 with a sentence that names the path. 0 for a spec without --transfer. What is in the
 * mount is added to inside, each with a NUL; the owner's thread asks transfer_can_give of it. Not for that thread. */
int transfer_check(const Spec *spec, const char *directory, TransferWatch *watch, Buf *inside, Err *err);
int transfer_can_give(const char *inside, Err *err);

/* Open what is inside of the mount, on the owner's thread. Names of jobs are those of jobs before that one; *by_name: for
 * other jobs it may be something else. -1: it is nothing that can be sent. */
int transfer_give(TransferPath *path, uint64_t before, bool *by_name, Err *err);

/* Pack what the path leads to now. If that is in the mount, nothing was packed, -1, and path->inside is set: give
 * it, and call again. The mount is left out of a directory that has it in it. survey: see Packer. newest, unless NULL: when any of it changed last, ns.
 * Reads files: not for the owner's thread. */
int transfer_pack(TransferPath *path, ParcelSink sink, bool survey, int64_t *newest, Err *err);

#endif
