/* platform_linux.h - what the two files of platform.h on Linux share. */
#ifndef NODE_AGENT_PLATFORM_LINUX_H
#define NODE_AGENT_PLATFORM_LINUX_H

#include "store/base/buf.h"

/* Append the pid_t of every descendant of ours. */
void platform_descendants(Buf *pids);

#endif
