/* platform_linux.h - what the two files of platform.h on Linux share. */
#ifndef AGENT_PLATFORM_LINUX_H
#define AGENT_PLATFORM_LINUX_H

#include "../../store/buf.h"

/* Append the pid_t of every descendant of ours. */
void platform_descendants(Buf *pids);

#endif
