/* nodes_file.h - the file of -o nodes=FILE: GNU parallel's sshlogins, [SLOTS/][USER@]HOST[:PORT] a line,
 * where HOST may stand for several (hostlist.h). */
#ifndef NODE_NODES_FILE_H
#define NODE_NODES_FILE_H

#include "store/base/err.h"

#include <stdint.h>

/* Call take for every node in the file; slots 0: not said. Empty lines and # comments are skipped. -1: it
 * cannot be read (errno), or a line is wrong (EINVAL; the sentence has its number). */
int nodes_file_read(const char *path, int (*take)(void *arg, const char *name, uint32_t slots, Err *err), void *arg, Err *err);

#endif
