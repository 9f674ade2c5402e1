/* remove.h - rm -rf for what tasks leave behind. */
#ifndef AGENT_REMOVE_H
#define AGENT_REMOVE_H

/* Remove name in the directory dir, with all below it if it is a directory: never following a symlink,
 * never into another filesystem, whatever the modes, however deep. What cannot be removed stays, and
 * the log says so. Absence is fine. */
void remove_tree(int dir, const char *name);

#endif
