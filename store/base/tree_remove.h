/* tree_remove.h - rm -rf.
 *
 * The agent is built from this file too, so nothing but libc may be used here. */
#ifndef STORE_BASE_TREE_REMOVE_H
#define STORE_BASE_TREE_REMOVE_H

/* Remove name in the directory dir, with all below it if it is a directory: never following a symlink,
 * never into another filesystem, whatever the modes, however deep. Absence is fine. -1 with errno set:
 * what could not be removed is still there. */
int tree_remove(int dir, const char *name);

#endif
