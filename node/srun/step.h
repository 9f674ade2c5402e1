/* step.h - what srun's command line asks for; options.c reads it, srun.c runs it. */
#ifndef NODE_SRUN_STEP_H
#define NODE_SRUN_STEP_H

#include "store/base/err.h"

#include <stdbool.h>

enum { STEP_TASKS_MAX = 4096 };

typedef struct Step {
	bool tasks_given;       /* by --ntasks */
	int tasks;              /* so many copies */
	long id;                /* 0 for the task's first step, then 1, ... */
	const char *cpus;       /* --cpus-per-task; NULL: as the job's */
	const char *directory;  /* --chdir; NULL: where srun is */
	const char *input, *output, *error;     /* NULL: srun's own */
	bool append;            /* to the files, not over them */
	bool label;             /* each line begins with the number of its task */
	bool kill_on_bad_exit;
	char **command;
} Step;

/* -1 with err, naming the option. What --export sets is in our environment then. */
int step_read(Step *step, int argc, char **argv, Err *err);

#endif
