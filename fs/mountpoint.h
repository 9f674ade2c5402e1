/* mountpoint.h - is this a place to mount on? */
#ifndef FS_MOUNTPOINT_H
#define FS_MOUNTPOINT_H

#include "store/base/err.h"

/* The absolute path of an empty directory that nothing is mounted on, the caller's to free. What a wulfs that
 * was killed left mounted there is unmounted first. NULL with a sentence for everything else: nothing is
 * unmounted or hidden then.
 * Until *reserved is closed, another wulfs waits before it looks at this place: close it when the mount is made. */
char *mountpoint_prepare(const char *path, int *reserved, Err *err);

#endif
