/* srun.c - runs the copies of a step and waits for them. Signals sent to srun alone are passed on; those that
 * the agent sends reach every process of the task by themselves, and are not passed on a second time. */
#include "node/srun/srun.h"

#include "node/agent/platform.h"
#include "node/srun/step.h"
#include "store/base/buf.h"
#include "store/base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct Copy {           /* one of the step's tasks */
	pid_t pid;              /* 0: it has ended */
	int from[2];            /* its outputs, when they are labelled; -1: closed, or not ours to pass on */
	Buf line[2];            /* what is no whole line yet */
} Copy;

static pid_t runner;            /* the agent's process that runs the task; 0: not known */
static volatile sig_atomic_t child_ended, pending[NSIG];

static const int passed_on[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGALRM, SIGCONT };

enum { PASSED_ON = sizeof passed_on / sizeof *passed_on };

static int complain(const Err *err)
{
	fprintf(stderr, "srun: %s\n", err->text);
	return 1;
}

static const char *variable(const char *name, const char *otherwise)
{
	const char *value = getenv(name);

	return value ? value : otherwise;
}

/* --- signals ----------------------------------------------------------------------------------- */

static void note_signal(int signal, siginfo_t *info, void *context)
{
	(void)context;
	if (signal == SIGCHLD)
		child_ended = 1;
	else if (info->si_pid != runner || runner == 0)
		pending[signal] = 1;
}

/* They come in during the poll alone. */
static void catch_signals(void)
{
	struct sigaction action = { .sa_sigaction = note_signal, .sa_flags = SA_SIGINFO };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaction(SIGCHLD, &action, NULL);
	for (int i = 0; i < PASSED_ON; i++) {
		sigaddset(&set, passed_on[i]);
		sigaction(passed_on[i], &action, NULL);
	}
	sigprocmask(SIG_BLOCK, &set, NULL);
}

static void as_before(void)
{
	sigset_t none;

	signal(SIGCHLD, SIG_DFL);
	for (int i = 0; i < PASSED_ON; i++)
		signal(passed_on[i], SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static void signal_all(const Step *step, const Copy *copies, int signal)
{
	for (int i = 0; i < step->tasks; i++)
		if (copies[i].pid > 0)
			kill(copies[i].pid, signal);
}

static void pass_signals_on(const Step *step, const Copy *copies)
{
	for (int i = 0; i < PASSED_ON; i++) {
		if (!pending[passed_on[i]])
			continue;
		pending[passed_on[i]] = 0;
		signal_all(step, copies, passed_on[i]);
	}
}

/* --- names of files ---------------------------------------------------------------------------- */

/* What srun(1) has a letter for; NULL: nothing. */
static const char *word_for(char letter, const Step *step, int copy, char number[32])
{
	const char *job = variable("SLURM_JOB_ID", "0");

	switch (letter) {
	case 'j': return job;
	case 'A': return variable("SLURM_ARRAY_JOB_ID", job);
	case 'a': return variable("SLURM_ARRAY_TASK_ID", "0");
	case 'N': return variable("SLURMD_NODENAME", "");
	case 'u': return variable("SLURM_JOB_USER", "");
	case 'x': return variable("SLURM_JOB_NAME", "");
	case 'J': snprintf(number, 32, "%.16s.%ld", job, step->id); return number;
	case 's': snprintf(number, 32, "%ld", step->id); return number;
	case 't': snprintf(number, 32, "%d", copy); return number;
	case 'n': return "0";
	case '%': return "%";
	default: return NULL;
	}
}

/* %t and its like filled in; %4t with leading zeros. */
static char *fill_in(const char *pattern, const Step *step, int copy)
{
	Buf path = BUF_INIT;

	for (const char *c = pattern; *c; c++) {
		size_t digits = *c == '%' ? strspn(c + 1, "0123456789") : 0;
		char number[32];
		const char *word = *c == '%' ? word_for(c[1 + digits], step, copy, number) : NULL;

		if (!word) {
			buf_add_char(&path, *c);
			continue;
		}
		for (int zeros = atoi(c + 1) - (int)strlen(word); digits && digits < 3 && zeros > 0; zeros--)
			buf_add_char(&path, '0');
		buf_add_text(&path, word);
		c += 1 + digits;
	}
	return buf_take(&path);
}

/* --- one copy ---------------------------------------------------------------------------------- */

static void give_up(const char *what)
{
	fprintf(stderr, "srun: %s: %s\n", what, strerror(errno));
	_exit(errno == ENOENT ? 127 : 126);
}

static void set_number(const char *name, long value)
{
	char text[32];

	snprintf(text, sizeof text, "%ld", value);
	setenv(name, text, 1);
}

static void describe(const Step *step, int copy)
{
	set_number("SLURM_PROCID", copy);
	set_number("SLURM_LOCALID", copy);
	set_number("SLURM_NODEID", 0);
	set_number("SLURM_TASK_PID", getpid());
	set_number("SLURM_STEP_ID", step->id);
	set_number("SLURM_STEPID", step->id);
	set_number("SLURM_NTASKS", step->tasks);
	set_number("SLURM_NPROCS", step->tasks);
	set_number("SLURM_STEP_NUM_TASKS", step->tasks);
	set_number("SLURM_STEP_NUM_NODES", 1);
	set_number("SLURM_STEP_TASKS_PER_NODE", step->tasks);
	setenv("SLURM_STEP_NODELIST", variable("SLURMD_NODENAME", "localhost"), 1);
	if (step->cpus)
		setenv("SLURM_CPUS_PER_TASK", step->cpus, 1);
}

/* Copies that share a file must not empty it under each other. */
static void open_output(const Step *step, int copy, const char *pattern, int as)
{
	bool is_first = copy == 0 || strstr(pattern, "%");
	char *path = fill_in(pattern, step, copy);
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | (step->append || !is_first ? 0 : O_TRUNC), 0666);

	if (fd < 0)
		give_up(path);
	dup2(fd, as);
	if (fd > STDERR_FILENO)
		close(fd);
	free(path);
}

/* Only one can read what srun itself is given: the first, or the one that --input names. */
static void open_input(const Step *step, int copy)
{
	const char *given = step->input ? step->input : "0";
	bool is_number = given[0] && !given[strspn(given, "0123456789")];
	char *path = is_number ? strdup("/dev/null") : fill_in(given, step, copy);
	int fd;

	if (!is_number || atoi(given) != copy) {
		fd = open(path, O_RDONLY);
		if (fd < 0)
			give_up(path);
		dup2(fd, STDIN_FILENO);
		if (fd > STDERR_FILENO)
			close(fd);
	}
	free(path);
}

static void become(const Step *step, int copy, const int outputs[2])
{
	as_before();
	describe(step, copy);
	open_input(step, copy);
	for (int i = 0; i < 2; i++)
		if (outputs[i] >= 0)
			dup2(outputs[i], STDOUT_FILENO + i);
	if (step->directory && chdir(step->directory) < 0)
		give_up(step->directory);
	if (step->output)
		open_output(step, copy, step->output, STDOUT_FILENO);
	if (step->error)
		open_output(step, copy, step->error, STDERR_FILENO);
	else if (step->output)
		dup2(STDOUT_FILENO, STDERR_FILENO);
	execvp(step->command[0], step->command);
	give_up(step->command[0]);
}

static int start(const Step *step, Copy *copies, int at, Err *err)
{
	int outputs[2] = { -1, -1 };
	Copy *copy = &copies[at];

	for (int i = 0; step->label && i < 2; i++) {
		int ends[2];

		if (platform_pipe(ends) < 0)
			return err_sys(err, errno, "a pipe");
		fcntl(ends[0], F_SETFL, O_NONBLOCK);
		copy->from[i] = ends[0];
		outputs[i] = ends[1];
	}
	fflush(NULL);
	copy->pid = fork();
	if (copy->pid == 0)
		become(step, at, outputs);
	for (int i = 0; i < 2; i++)
		if (outputs[i] >= 0)
			close(outputs[i]);
	return copy->pid < 0 ? err_sys(err, errno, "cannot fork") : 0;
}

/* --- labels ------------------------------------------------------------------------------------ */

/* Whole lines, each with its label, in one write: copies do not mix. rest: what has no newline, too. */
static void write_lines(Copy *copy, int number, int stream, bool rest)
{
	Buf *line = &copy->line[stream], labelled = BUF_INIT;
	const char *newline;

	while ((newline = line->length ? memchr(line->data, '\n', line->length) : NULL) || (rest && line->length)) {
		size_t n = newline ? (size_t)(newline - line->data) : line->length;

		buf_addf(&labelled, "%d: ", number);
		buf_add(&labelled, line->data, n);
		buf_add_char(&labelled, '\n');
		buf_consume(line, newline ? n + 1 : n);
	}
	write_all(STDOUT_FILENO + stream, labelled.data, labelled.length);
	buf_release(&labelled);
}

enum {
	PIECE = 16 * 1024,
	LINE_MOST = 64 * 1024,          /* a longer one is cut */
	LAST_PIECES = 64,               /* 1 MiB, the most a pipe holds by default */
};

typedef enum Passed { PASSED_SOME, PASSED_NOTHING, PASSED_ALL } Passed;

/* Passes on a piece of what there is now. */
static Passed pass_on(Copy *copy, int number, int stream)
{
	ssize_t n = read(copy->from[stream], buf_space(&copy->line[stream], PIECE), PIECE);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return PASSED_NOTHING;
	if (n <= 0)
		return PASSED_ALL;
	buf_grew(&copy->line[stream], (size_t)n);
	write_lines(copy, number, stream, copy->line[stream].length > LINE_MOST);
	return PASSED_SOME;
}

static void end_stream(Copy *copy, int number, int stream)
{
	if (copy->from[stream] < 0)
		return;
	write_lines(copy, number, stream, true);
	close(copy->from[stream]);
	copy->from[stream] = -1;
	buf_release(&copy->line[stream]);
}

/* --- the step ---------------------------------------------------------------------------------- */

static int worth(int status)
{
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static void tell_end(int number, int status)
{
	if (WIFSIGNALED(status))
		fprintf(stderr, "srun: task %d: killed by signal %d\n", number, WTERMSIG(status));
	else if (WEXITSTATUS(status))
		fprintf(stderr, "srun: task %d: exited with %d\n", number, WEXITSTATUS(status));
}

/* Returns how many are left. */
static int reap(const Step *step, Copy *copies, int left, int *highest)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		for (int i = 0; i < step->tasks; i++) {
			if (copies[i].pid != pid)
				continue;
			copies[i].pid = 0;
			left--;
			tell_end(i, status);
			if (worth(status) > *highest)
				*highest = worth(status);
			if (status && step->kill_on_bad_exit)
				signal_all(step, copies, SIGKILL);
		}
	return left;
}

static void hear(const Step *step, Copy *copies, struct pollfd *fds)
{
	for (int i = 0; i < 2 * step->tasks; i++)
		if (fds[i].revents && pass_on(&copies[i / 2], i / 2, i % 2) == PASSED_ALL)
			end_stream(&copies[i / 2], i / 2, i % 2);
}

static size_t watch(const Step *step, const Copy *copies, struct pollfd *fds)
{
	if (!step->label)
		return 0;
	for (int i = 0; i < 2 * step->tasks; i++)
		fds[i] = (struct pollfd){ copies[i / 2].from[i % 2], POLLIN, 0 };
	return 2 * (size_t)step->tasks;
}

/* Until the last copy has ended; what one of them left running may still hold its outputs, and is not waited for. */
static int run(const Step *step, Copy *copies, int left)
{
	struct pollfd *fds = mem_new_zeroed(2 * (size_t)step->tasks * sizeof *fds);
	int highest = 0;

	left = reap(step, copies, left, &highest);
	while (left > 0) {
		size_t n = watch(step, copies, fds);

		if (platform_poll(n ? fds : NULL, n, -1) > 0)
			hear(step, copies, fds);
		pass_signals_on(step, copies);
		if (child_ended) {
			child_ended = 0;
			left = reap(step, copies, left, &highest);
		}
	}
	for (int i = 0; step->label && i < 2 * step->tasks; i++) {
		for (int pieces = 0; pieces < LAST_PIECES && copies[i / 2].from[i % 2] >= 0; pieces++)
			if (pass_on(&copies[i / 2], i / 2, i % 2) != PASSED_SOME)
				break;
		end_stream(&copies[i / 2], i / 2, i % 2);
	}
	free(fds);
	return highest;
}

/* Steps of one task may begin at the same time. */
static long count_step(void)
{
	const char *path = getenv("WULFS_STEPS");
	int fd = path ? open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1;
	char text[32] = "";
	long id = 0;

	if (fd < 0)
		return 0;
	if (flock(fd, LOCK_EX) == 0 && pread(fd, text, sizeof text - 1, 0) >= 0) {
		id = atol(text);
		snprintf(text, sizeof text, "%ld\n", id + 1);
		if (pwrite(fd, text, strlen(text), 0) < 0)
			id = 0;
	}
	close(fd);
	return id;
}

static int start_and_run(const Step *step, Copy *copies)
{
	int started = 0;
	Err err;

	for (int i = 0; i < step->tasks; i++)
		copies[i].from[0] = copies[i].from[1] = -1;
	while (started < step->tasks && start(step, copies, started, &err) == 0)
		started++;
	if (started == step->tasks)
		return run(step, copies, started);
	signal_all(step, copies, SIGKILL);
	run(step, copies, started);
	return complain(&err);
}

int srun(int argc, char **argv)
{
	Step step = { .tasks = atoi(variable("SLURM_NTASKS", "1")) };
	Copy *copies;
	Err err;
	int highest;

	if (!getenv("SLURM_JOB_ID")) {
		err_set(&err, EINVAL, "this is not a job; write the command to jobs/new");
		return complain(&err);
	}
	if (step.tasks < 1 || step.tasks > STEP_TASKS_MAX)
		step.tasks = 1;
	if (step_read(&step, argc, argv, &err) < 0)
		return complain(&err);
	step.id = count_step();
	runner = (pid_t)atoi(variable("WULFS_RUNNER", "0"));
	catch_signals();
	copies = mem_new_zeroed((size_t)step.tasks * sizeof *copies);
	highest = start_and_run(&step, copies);
	free(copies);
	return highest;
}
