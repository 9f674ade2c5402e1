/* spawn.h - the one place where a task's first process comes into being. */
#ifndef AGENT_SPAWN_H
#define AGENT_SPAWN_H

#include "../../store/err.h"

#include <sys/types.h>

/* For ourselves; what is started has the limit as it was. */
void spawn_raise_files(void);

/* Start path with its stdout and stderr going to output, in a session of its own, with no signal blocked,
 * ignored or handled. Returns its pid; -1 with err, naming path, if it cannot be executed. */
pid_t spawn(const char *path, char *const argv[], char *const environment[], const int output[2], Err *err);

#endif
