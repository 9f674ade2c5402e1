/* remove.c - a tree that cannot be removed is told in the log, and nobody else can do anything about it. */
#include "node/agent/remove.h"

#include "node/agent/say.h"
#include "store/base/tree_remove.h"

#include <errno.h>
#include <string.h>

void remove_tree(int dir, const char *name)
{
	if (tree_remove(dir, name) < 0)
		say("cannot remove %s: %s", name, strerror(errno));
}
