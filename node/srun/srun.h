/* srun.h - what a task finds as srun on its PATH: runs a step, a command so many times at once on this node.
 *
 * The name, the options and the variables are srun(1)'s, as far as they make sense on the one node a task has;
 * what only tunes placement or accounting is accepted and ignored, anything else is refused by name. The
 * processes are children of srun and so belong to the task like everything else it starts. */
#ifndef NODE_SRUN_SRUN_H
#define NODE_SRUN_SRUN_H

/* A main function. */
int srun(int argc, char **argv);

#endif
