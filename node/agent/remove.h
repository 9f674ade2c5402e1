/* remove.h - rm -rf for what tasks leave behind. */
#ifndef NODE_AGENT_REMOVE_H
#define NODE_AGENT_REMOVE_H

/* tree_remove (tree_remove.h); what cannot be removed stays, and the log says so. */
void remove_tree(int dir, const char *name);

#endif
