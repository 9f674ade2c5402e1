/* hostlist.h - names of nodes as Slurm writes many of them: "g[010-019,7],pi@lab[1-2]:2222".
 *
 * Commas part names; brackets hold numbers and ranges of them, each as wide as its first number; several brackets
 * in a name give all combinations. The brackets of an address, [fe80::1], are part of the name. */
#ifndef STORE_HOSTLIST_H
#define STORE_HOSTLIST_H

#include "store/base/buf.h"
#include "store/base/err.h"

#include <stdbool.h>

enum {
	HOSTLIST_NAMES_MAX = 4096,              /* of one list */
	HOSTLIST_BYTES_MAX = 256 * 1024,        /* all of its names together */
	HOSTLIST_BRACKETS_MAX = 8,              /* with ranges, in one name */
};

/* Add the list's names to names, in order, each ended by a NUL. Empty pieces are skipped, as sbatch(1) does, but
 * one name there must be. EINVAL says which piece is wrong; names then holds what it held. */
int hostlist_expand(const char *list, Buf *names, Err *err);

/* Is this one name, which stands for nothing but itself? */
bool hostlist_is_name(const char *text);

#endif
