/* bare_workers.c - the least that running commands on other machines must do: a resident worker at the other
 * end of each connection, fed with lines, and nothing kept, checked or written down.
 *
 *	bare_workers drive COUNT AHEAD COMMAND...    here: deal COUNT lines "true" out; AHEAD wait with each worker
 *	bare_workers work SLOTS                      there: run each line of stdin by sh -c, SLOTS at once
 *
 * COMMAND is a line for sh that ends in a worker: ssh HOST bare_workers work 2. A worker answers each line with
 * its exit status, in the order of their ends. */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LINES_BYTES = 64 * 1024, WORKERS_MAX = 64 };

static void die(const char *what)
{
	perror(what);
	exit(1);
}

/* --- there ------------------------------------------------------------------------------------- */

static void start(const char *line, const sigset_t *before)
{
	pid_t pid = vfork();

	if (pid == 0) {
		sigprocmask(SIG_SETMASK, before, NULL);
		execl("/bin/sh", "sh", "-c", line, (char *)NULL);
		_exit(127);
	}
	if (pid < 0)
		die("vfork");
}

static int answer_ended(int fd, int running)
{
	struct signalfd_siginfo info;
	char answers[1024];
	size_t n = 0;
	int status;

	if (read(fd, &info, sizeof info) < 0)
		die("signalfd");
	while (running > 0 && n < sizeof answers - 16 && waitpid(-1, &status, WNOHANG) > 0) {
		n += (size_t)sprintf(answers + n, "%d\n", WIFEXITED(status) ? WEXITSTATUS(status) : 255);
		running--;
	}
	if (n && write(STDOUT_FILENO, answers, n) != (ssize_t)n)
		exit(1);
	return running;
}

static int work(int slots)
{
	static char lines[LINES_BYTES];
	size_t start_at = 0, end = 0;
	int running = 0, ended;
	sigset_t child, before;
	char *newline;

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, &before);
	ended = signalfd(-1, &child, SFD_CLOEXEC);
	for (;;) {
		while (running < slots && (newline = memchr(lines + start_at, '\n', end - start_at))) {
			*newline = '\0';
			start(lines + start_at, &before);
			start_at = (size_t)(newline + 1 - lines);
			running++;
		}
		memmove(lines, lines + start_at, end - start_at);
		end -= start_at;
		start_at = 0;

		struct pollfd fds[] = { { running < slots ? STDIN_FILENO : -1, POLLIN, 0 }, { ended, POLLIN, 0 } };

		if (poll(fds, 2, -1) < 0)
			die("poll");
		if (fds[1].revents)
			running = answer_ended(ended, running);
		if (fds[0].revents) {
			ssize_t n = read(STDIN_FILENO, lines + end, sizeof lines - end);

			if (n <= 0)
				return 0;
			end += (size_t)n;
		}
	}
}

/* --- here -------------------------------------------------------------------------------------- */

static int connect_worker(const char *command)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		die("socketpair");
	if (fork() == 0) {
		dup2(ends[1], STDIN_FILENO);
		dup2(ends[1], STDOUT_FILENO);
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(127);
	}
	close(ends[1]);
	return ends[0];
}

static void deal(int fd, long n)
{
	static char lines[LINES_BYTES];

	for (long i = 0; i < n; i++)
		memcpy(lines + 5 * i, "true\n", 5);
	if (n && write(fd, lines, 5 * (size_t)n) != 5 * n)
		die("a worker's connection");
}

/* How many answers came; each must be "0". */
static long hear(int fd)
{
	char answers[4096];
	ssize_t n = read(fd, answers, sizeof answers);
	long count = 0;

	if (n <= 0)
		die("a worker has gone");
	for (ssize_t i = 0; i < n; i++)
		if (answers[i] == '\n')
			count++;
		else if (answers[i] != '0')
			die("a command failed");
	return count;
}

static int drive(long count, long ahead, int workers, char **commands)
{
	struct pollfd fds[WORKERS_MAX];
	long left = count, ended = 0, n;

	for (int i = 0; i < workers; i++) {
		fds[i] = (struct pollfd){ connect_worker(commands[i]), POLLIN, 0 };
		n = ahead < left ? ahead : left;
		deal(fds[i].fd, n);
		left -= n;
	}
	while (ended < count) {
		if (poll(fds, (nfds_t)workers, -1) < 0)
			die("poll");
		for (int i = 0; i < workers; i++) {
			if (!fds[i].revents)
				continue;
			n = hear(fds[i].fd);
			ended += n;
			n = n < left ? n : left;
			deal(fds[i].fd, n);
			left -= n;
		}
	}
	return 0;
}

int main(int argc, char **argv)
{
	signal(SIGPIPE, SIG_IGN);
	if (argc == 3 && strcmp(argv[1], "work") == 0 && atoi(argv[2]) > 0)
		return work(atoi(argv[2]));
	if (argc > 4 && argc - 4 <= WORKERS_MAX && strcmp(argv[1], "drive") == 0 && atol(argv[3]) > 0 &&
	    atol(argv[3]) <= LINES_BYTES / 5)
		return drive(atol(argv[2]), atol(argv[3]), argc - 4, argv + 4);
	fprintf(stderr, "usage: bare_workers drive COUNT AHEAD COMMAND... | work SLOTS\n");
	return 2;
}
