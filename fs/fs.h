/* fs.h - what every file of the tree may need: the nodes, the owner, the refusals. */
#ifndef FS_FS_H
#define FS_FS_H

#include "fs/refusals.h"
#include "node/roster.h"

typedef struct Late Late;
typedef struct Out Out;
typedef struct Rendering Rendering;
typedef struct Errands Errands;

typedef struct Fs {
	Turn *turn;
	Pool *pool;
	Roster *roster;
	Cluster *cluster;
	Events *events;
	Refusals refusals;
	TAILQ_HEAD(, Late) late;
	Errands *looks;
	Rendering *renderings;  /* hash by inode: texts that are shared */
	bool texts_outdated;    /* they are not to be shared beyond this turn */
	uint64_t rendered_bytes;        /* of these, and of older ones that readers still hold */
	Out *outs;              /* hash by inode: places below an out/ that the kernel knows */
	const char *mountpoint; /* absolute */
	uid_t owner;
	gid_t group;
	const char *owner_name;
	int64_t mounted;        /* ms since the epoch */
	int64_t mounted_mono; /* the same moment by the monotonic clock */
} Fs;

#endif
