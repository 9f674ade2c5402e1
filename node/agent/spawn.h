/* spawn.h - the one place where a task's first process comes into being. */
#ifndef NODE_AGENT_SPAWN_H
#define NODE_AGENT_SPAWN_H

#include "store/base/err.h"

#include <stdbool.h>
#include <sys/types.h>

typedef struct Ends {           /* what a process is tied to */
	int input;              /* its stdin; -1: ours, /dev/null */
	int output[2];          /* its stdout and stderr */
	int group;              /* it joins this one: platform_bound_memory; -1: none */
	bool grouped;           /* out: it did */
} Ends;

/* For ourselves; what is started has the limit as it was. */
void spawn_raise_files(void);

/* Start path, tied to ends, in a session of its own, with no signal blocked,
 * ignored or handled. Returns its pid; -1 with err, naming path, if it cannot be executed. */
pid_t spawn(const char *path, char *const argv[], char *const environment[], Ends *ends, Err *err);

#endif
