/* match.h - may this job run on that node? */
#ifndef NODE_MATCH_H
#define NODE_MATCH_H

#include "../store/model.h"

/* By name and feature: --nodelist, --exclude, --constraint. Slots and state are not looked at. */
bool match_node(const Node *node, const Spec *spec);

/* Does the job care which node it gets? */
bool match_is_choosy(const Spec *spec);

#endif
