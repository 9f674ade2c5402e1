/* fuse.h - the kernel's side of the tree: requests in, answers out. fs/fuse.c alone knows libfuse. */
#ifndef FS_FUSE_H
#define FS_FUSE_H

#include "fs/fs.h"

typedef struct Mount Mount;

/* Mount fs at fs->mountpoint. options: mount.fuse3(8)'s, with commas between. ready is called once the
 * kernel has its first answer, gone when the mount has ended by somebody else's hand (fusermount3 -u). */
typedef struct MountOwner {
	void (*ready)(void *arg);
	void (*gone)(void *arg);
	void *arg;
} MountOwner;

Mount *mount_new(Fs *fs, const char *options, MountOwner owner, Err *err);

/* End every read that waits (ENOTCONN), unmount, give up. Open files elsewhere do not hinder it. */
void mount_free(Mount *mount);

#endif
