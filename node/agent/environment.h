/* environment.h - what a task finds in its environment. */
#ifndef AGENT_ENVIRONMENT_H
#define AGENT_ENVIRONMENT_H

#include "../wire.h"

/* The agent's own variables, those of given (NAME=VALUE, each ended by a NUL) in their place where both
 * have one, and TMPDIR. A vector for posix_spawn that points into given: free it before that goes. */
char **environment_new(Slice given, const char *tmpdir);
void environment_free(char **environment);

#endif
