/* scratch.h - the directory a task has for itself: empty when it starts, gone when it has ended. */
#ifndef NODE_AGENT_SCRATCH_H
#define NODE_AGENT_SCRATCH_H

#include "store/base/err.h"

#include <sys/stat.h>

typedef struct Scratch {        /* of one runner, one task after the other */
	int parent;             /* DIR/scratch */
	char spare[40];         /* the name of a directory that was left as it was made, if there is one */
	struct stat made;       /* what the current one was like when it was handed out */
} Scratch;

void scratch_init(Scratch *scratch);                                    /* the working directory is DIR */
void scratch_release(Scratch *scratch);

int scratch_make(Scratch *scratch, const char *name, Err *err);         /* -1 with err: there is none */
void scratch_clear(Scratch *scratch, const char *name);

#endif
