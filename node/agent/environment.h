/* environment.h - what a task finds in its environment. */
#ifndef NODE_AGENT_ENVIRONMENT_H
#define NODE_AGENT_ENVIRONMENT_H

#include "node/wire/wire.h"

typedef struct Surroundings {   /* what only the node knows */
	const char *directory;  /* the agent's: its bin is in front of PATH */
	const char *scratch;    /* TMPDIR, SLURM_TMPDIR */
	const char *steps;      /* a file for srun, to count steps in */
	long runner;            /* pid of who signals the task, so that srun knows him */
} Surroundings;

/* The agent's own variables, those of given (NAME=VALUE, each ended by a NUL) in their place where both
 * have one, and those of the surroundings. A vector that points into given: free it before that goes. */
char **environment_new(Slice given, const Surroundings *here);
void environment_free(char **environment);

/* The value of a variable of given, or NULL. */
const char *environment_value(Slice given, const char *name);

#endif
