/* runner.h - the process that runs tasks, one at a time. */
#ifndef NODE_AGENT_RUNNER_H
#define NODE_AGENT_RUNNER_H

/* In a PONG: it does not answer for a while, until the ENDED of its task. */
#define RUNNER_EXCUSED UINT64_MAX

/* What a freshly forked child of the agent becomes. fd is its socket to the agent, directory is DIR.
 * Returns never; the process goes when the agent does, and whatever it ran goes first. */
void runner_main(int fd, const char *directory) __attribute__((noreturn));

#endif
