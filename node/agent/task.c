/* task.c - from a RUN message to a running first process, and the way back.
 *
 * The runner itself enters the task's directory, so that the one thing that can fail after the fork is
 * the program. */
#include "node/agent/task.h"

#include "node/agent/environment.h"
#include "node/agent/interpreter.h"
#include "node/agent/platform.h"
#include "node/agent/say.h"
#include "node/agent/spawn.h"
#include "node/agent/unpack.h"
#include "store/base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	FULL_MS = 1000,         /* between tries on a full disk */
	FULL_TRIES = 300,
};

typedef struct Program {
	char *path;
	char *argv[5];          /* the last is NULL */
} Program;

/* Is the directory another than the one the job was sent from? */
static bool is_of_chdir(const Message *order)
{
	const char *sent_from = environment_value(order->start.environment, "SLURM_SUBMIT_DIR");

	return !sent_from || strlen(sent_from) != order->start.directory.length ||
	       memcmp(sent_from, order->start.directory.data, order->start.directory.length) != 0;
}

/* sbatch's rule: the submitter's directory, where the node has that path. */
static int enter_directory(Task *task, const Workshop *shop, Slice wanted, Err *err)
{
	char path[PATH_MAX + 1];
	int scratch, failed;

	if (wanted.length > 0 && wanted.length < sizeof path) {
		memcpy(path, wanted.data, wanted.length);
		path[wanted.length] = '\0';
		if (chdir(path) == 0)
			return 0;
		if (errno != ENOENT && errno != ENOTDIR)
			return err_sys(err, errno, "directory %s", path);
		task->missing = mem_copy_text(path);
	}
	scratch = openat(shop->scratch.parent, task->label, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	failed = scratch < 0 || fchdir(scratch) < 0 ? errno : 0;
	if (scratch >= 0)
		close(scratch);
	return failed ? err_sys(err, failed, "scratch directory %s", task->label) : 0;
}

static int unpack_once(const Task *task, const Workshop *shop, Slice list, Err *err)
{
	int scratch, rc;

	scratch = openat(shop->scratch.parent, task->label, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	rc = scratch < 0 ? err_sys(err, errno, "scratch directory %s", task->label)
			 : unpack_into(scratch, list, shop->directory, shop->agent, err);
	if (scratch >= 0)
		close(scratch);
	return rc;
}

/* A full disk is waited for, and what was unpacked so far is out of others' way meanwhile; one that stays full
 * is too small. */
static int unpack_parcels(const Task *task, Workshop *shop, Slice list, Err *err)
{
	for (int tries = 0; list.length > 0 && unpack_once(task, shop, list, err) < 0; tries++) {
		bool full = err->number == ENOSPC || err->number == EDQUOT;

		if (!full || tries == FULL_TRIES || unpack_is_called_off(shop->agent))
			return -1;
		scratch_clear(&shop->scratch, task->label);
		if (tries == 0)         /* now the log has room, too */
			say("%s; the task waits until there is room", err->text);
		platform_poll(NULL, 0, FULL_MS);
		if (scratch_make(&shop->scratch, task->label, err) < 0)
			return -1;
	}
	return 0;
}

static int make_pipes(Task *task, Err *err)
{
	for (int i = 0; i < 2; i++) {
		int ends[2];

		if (platform_pipe(ends) < 0)
			return err_sys(err, errno, "a pipe for its output");
		task->output[i] = ends[0];
		task->input[i] = ends[1];
	}
	return 0;
}

/* Where its stdin comes from: ends->input, to be closed once it has started, and -1 for /dev/null. */
static int open_input(Task *task, const Message *order, Ends *ends, Err *err)
{
	char path[PATH_MAX + 1];
	int pipe_ends[2];

	if (order->start.fed) {
		if (platform_pipe(pipe_ends) < 0)
			return err_sys(err, errno, "a pipe for its stdin");
		feed_open(&task->feed, pipe_ends[1]);
		ends->input = pipe_ends[0];
	} else if (order->start.input.length > 0) {
		snprintf(path, sizeof path, "%.*s", (int)order->start.input.length, order->start.input.data);
		/* Not to wait for the writer of a FIFO; that is the task's to do. */
		ends->input = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
		if (ends->input < 0)
			return err_sys(err, errno, "--input: %s", path);
		fcntl(ends->input, F_SETFL, O_RDONLY);
	}
	return 0;
}

static void close_ends(const Ends *ends)
{
	if (ends->input >= 0)
		close(ends->input);
	if (ends->group >= 0)
		close(ends->group);
}

static int write_script(Task *task, const Workshop *shop, Slice script, Err *err)
{
	char name[64];
	int fd, failed;

	snprintf(name, sizeof name, "%s.script", task->label);
	fd = openat(shop->scratch.parent, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0700);
	if (fd < 0)
		return err_sys(err, errno, "script %s", name);
	task->has_script = true;
	failed = write_all(fd, script.data, script.length) < 0 ? errno : 0;
	if (close(fd) < 0 && !failed)
		failed = errno;
	return failed ? err_sys(err, failed, "script %s", name) : 0;
}

static char *path_of(const Task *task, const Workshop *shop, const char *suffix)
{
	Buf path = BUF_INIT;

	buf_addf(&path, "%s/scratch/%s%s", shop->directory, task->label, suffix);
	return buf_take(&path);
}

static Program line_program(Slice line)
{
	char *command = mem_copy(line.data, line.length);

	return (Program){ mem_copy_text("/bin/sh"), { mem_copy_text("sh"), mem_copy_text("-c"), mem_copy_text("--"), command } };
}

/* What the kernel would do with it; done here so that DIR may be mounted noexec. */
static int script_program(Task *task, const Workshop *shop, Slice script, Program *program, Err *err)
{
	Interpreter interpreter;
	int n = 0;

	if (interpreter_parse(script, &interpreter, err) < 0 || write_script(task, shop, script, err) < 0)
		return -1;
	*program = (Program){ .path = mem_copy_text(interpreter.path) };
	program->argv[n++] = mem_copy_text(interpreter.path);
	if (interpreter.argument[0])
		program->argv[n++] = mem_copy_text(interpreter.argument);
	program->argv[n] = path_of(task, shop, ".script");
	return 0;
}

static void program_release(Program *program)
{
	free(program->path);
	for (int i = 0; i < 4; i++)
		free(program->argv[i]);
}

static int spawn_order(Task *task, const Workshop *shop, const Message *order, Err *err)
{
	Ends ends = { -1, { task->input[0], task->input[1] }, -1, false };
	Program program = { NULL, { NULL } };
	char *scratch, *steps, **environment;

	if (!order->start.script)
		program = line_program(order->start.command);
	else if (script_program(task, shop, order->start.command, &program, err) < 0)
		return -1;
	if (open_input(task, order, &ends, err) < 0) {
		program_release(&program);
		return -1;
	}
	if (order->start.memory)
		ends.group = platform_bound_memory(task->label, order->start.memory);
	scratch = path_of(task, shop, "");
	steps = path_of(task, shop, ".steps");
	environment = environment_new(order->start.environment,
				      &(Surroundings){ shop->directory, scratch, steps, (long)getpid() });
	task->first = spawn(program.path, program.argv, environment, &ends, err);
	task->bounded = ends.grouped;
	if (ends.group >= 0 && !ends.grouped)
		platform_unbound_memory(task->label);
	close_ends(&ends);
	environment_free(environment);
	free(steps);
	free(scratch);
	program_release(&program);
	return task->first > 0 ? 0 : -1;
}

int task_start(Task *task, Workshop *shop, const Message *order, Err *err)
{
	*task = (Task){ .name = order->run, .output = { -1, -1 }, .input = { -1, -1 }, .feed = FEED_NONE };
	snprintf(task->label, sizeof task->label, "%" PRIu64 ".%" PRIu32, task->name.task, task->name.number);
	if (scratch_make(&shop->scratch, task->label, err) < 0)
		return -1;
	if (unpack_parcels(task, shop, order->start.parcels, err) == 0 &&
	    enter_directory(task, shop, order->start.directory, err) == 0 && make_pipes(task, err) == 0 &&
	    spawn_order(task, shop, order, err) == 0) {
		task->astray = task->missing || (order->start.directory.length == 0 && order->start.parcels.length == 0);
		task->insists = task->missing && is_of_chdir(order);
		task->returns_length = order->start.returns.length;
		task->returns = task->returns_length ? mem_copy(order->start.returns.data, task->returns_length) : NULL;
		return 0;
	}
	task_clear(task, shop);
	return -1;
}

void task_clear(Task *task, Workshop *shop)
{
	char name[64];

	feed_close(&task->feed);
	if (task->bounded)
		platform_unbound_memory(task->label);
	task->bounded = false;
	for (int i = 0; i < 2; i++) {
		if (task->output[i] >= 0)
			close(task->output[i]);
		if (task->input[i] >= 0)
			close(task->input[i]);
		task->output[i] = task->input[i] = -1;
	}
	free(task->returns);
	free(task->missing);
	task->returns = task->missing = NULL;
	/* Not to sit in somebody's directory while idle: he may want to unmount it. */
	if (fchdir(shop->scratch.parent) < 0)
		return;
	scratch_clear(&shop->scratch, task->label);
	snprintf(name, sizeof name, "%s.script", task->label);
	if (task->has_script)
		unlinkat(shop->scratch.parent, name, 0);
	snprintf(name, sizeof name, "%s.steps", task->label);
	unlinkat(shop->scratch.parent, name, 0);        /* there if it ran srun */
	task->first = 0;
}
