/* bare_loop.c - the least a machine must do to run commands: vfork, exec, wait, on all its cores.
 *
 *	bare_loop WORKERS COUNT COMMAND...
 *
 * Runs COMMAND (an absolute path and its arguments) COUNT times, WORKERS at once, each worker taking the next
 * when it has ended the last. Fails if any of them does. What runs jobs properly is measured against this. */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static void run(char **command)
{
	int status;
	pid_t pid = vfork();

	if (pid == 0) {
		execv(command[0], command);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0 || status != 0) {
		perror(command[0]);
		_exit(1);
	}
}

int main(int argc, char **argv)
{
	int workers = argc > 3 ? atoi(argv[1]) : 0, failed = 0, status;
	long count = argc > 3 ? atol(argv[2]) : 0;
	atomic_long *begun = mmap(NULL, sizeof *begun, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (workers < 1 || begun == MAP_FAILED) {
		fprintf(stderr, "usage: bare_loop WORKERS COUNT COMMAND...\n");
		return 2;
	}
	for (int i = 0; i < workers; i++)
		if (fork() == 0) {
			while (atomic_fetch_add(begun, 1) < count)
				run(argv + 3);
			_exit(0);
		}
	while (wait(&status) > 0)
		failed |= status;
	return failed != 0;
}
