/* run.c - from a task to the message that runs it, and from its end to the task's state. */
#include "node/worker/run.h"

#include "store/host_name.h"
#include "store/job.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { GRACE_MS = 30000 };      /* between SIGTERM and SIGKILL; Slurm's KillWait */

static void add(Buf *environment, const char *name, const char *value)
{
	buf_addf(environment, "%s=%s", name, value);
	buf_add_char(environment, '\0');
}

static void add_number(Buf *environment, const char *name, uint64_t value)
{
	buf_addf(environment, "%s=%llu", name, (unsigned long long)value);
	buf_add_char(environment, '\0');
}

static const char *submit_host(void)
{
	static char host[256];

	if (!host[0] && gethostname(host, sizeof host - 1) < 0)
		strcpy(host, "localhost");
	return host;
}

static const char *user_name(void)
{
	static char name[256];
	const struct passwd *user = name[0] ? NULL : getpwuid(getuid());

	if (user)
		strncpy(name, user->pw_name, sizeof name - 1);
	return name;
}

/* Slurm counts memory in megabytes of 2^20. */
static void describe_memory(const Spec *spec, Buf *environment)
{
	if (spec->memory_per_cpu)
		add_number(environment, "SLURM_MEM_PER_CPU", spec->memory_per_cpu >> 20);
	else if (spec->memory)
		add_number(environment, "SLURM_MEM_PER_NODE", spec->memory >> 20);
}

static void describe_array(const Task *task, Buf *environment)
{
	const Indices *indices = &task->job->array->indices;
	uint32_t first = indices_at(indices, 0), last = indices_at(indices, indices->count - 1);

	add_number(environment, "SLURM_ARRAY_JOB_ID", task->job->id);
	add_number(environment, "SLURM_ARRAY_TASK_ID", task_index(task));
	add_number(environment, "SLURM_ARRAY_TASK_COUNT", indices->count);
	add_number(environment, "SLURM_ARRAY_TASK_MIN", first);
	add_number(environment, "SLURM_ARRAY_TASK_MAX", last);
	add_number(environment, "SLURM_ARRAY_TASK_STEP", indices->ranges[0].step);
}

/* sbatch(1), OUTPUT ENVIRONMENT VARIABLES: those that scripts use and that are known here. */
static void describe_environment(const Task *task, const Spec *spec, Buf *environment)
{
	const Job *job = task->job;
	char *host = host_name_host(task->now.node->name);

	if (spec->environment)  /* first: what the user says counts */
		buf_add(environment, spec->environment, spec->environment_length);
	add_number(environment, "SLURM_JOB_ID", task->id);
	add_number(environment, "SLURM_JOBID", task->id);
	add(environment, "SLURM_JOB_NAME", job->name->text);
	add(environment, "SLURM_CLUSTER_NAME", "wulfs");
	add(environment, "SLURM_JOB_NODELIST", host);   /* MPI and torch connect to what is there */
	add(environment, "SLURM_NODELIST", host);
	add(environment, "SLURMD_NODENAME", host);
	add(environment, "WULFS_NODE", task->now.node->name);
	free(host);
	add_number(environment, "SLURM_JOB_NUM_NODES", 1);
	add_number(environment, "SLURM_NNODES", 1);
	add_number(environment, "SLURM_NTASKS", spec->ntasks);
	if (spec->ntasks_per_node)
		add_number(environment, "SLURM_NTASKS_PER_NODE", spec->ntasks_per_node);
	add_number(environment, "SLURM_NPROCS", spec->ntasks);
	add_number(environment, "SLURM_CPUS_PER_TASK", spec->cpus / spec->ntasks);
	add_number(environment, "SLURM_CPUS_ON_NODE", task->now.slots);         /* --exclusive: all of them */
	add_number(environment, "SLURM_JOB_CPUS_PER_NODE", task->now.slots);
	add_number(environment, "SLURM_TASKS_PER_NODE", spec->ntasks);
	describe_memory(spec, environment);
	add(environment, "SLURM_JOB_USER", user_name());
	add_number(environment, "SLURM_JOB_UID", getuid());
	add(environment, "SLURM_JOB_PARTITION", spec->partition ? spec->partition : "wulfs");
	if (spec->account)
		add(environment, "SLURM_JOB_ACCOUNT", spec->account);
	add_number(environment, "SLURM_PROCID", 0);
	add_number(environment, "SLURM_LOCALID", 0);
	add_number(environment, "SLURM_NODEID", 0);
	add(environment, "SLURM_SUBMIT_HOST", submit_host());
	if (job->directory)
		add(environment, "SLURM_SUBMIT_DIR", job->directory);
	if (job->array)
		describe_array(task, environment);
	if (task->now.restarts)
		add_number(environment, "SLURM_RESTART_COUNT", task->now.restarts);
}

static void put_host(const Task *task, Buf *out)
{
	char *host = host_name_host(task->now.node->name);

	buf_add_text(out, host);
	free(host);
}

/* What sbatch(1), "filename pattern", has a letter for in --input; false: nothing. */
static bool put_word(const Task *task, char letter, Buf *out)
{
	switch (letter) {
	case 'j':
		buf_addf(out, "%llu", (unsigned long long)task->id);
		return true;
	case 'A':
		buf_addf(out, "%llu", (unsigned long long)task->job->id);
		return true;
	case 'J':
		buf_addf(out, "%llu.batch", (unsigned long long)task->id);
		return true;
	case 'a':
		buf_addf(out, "%u", task->job->array ? task_index(task) : 0);
		return true;
	case 'n':
	case 't':
		buf_add_text(out, "0");
		return true;
	case 'N':
		put_host(task, out);
		return true;
	case 'u':
		buf_add_text(out, user_name());
		return true;
	case 'x':
		buf_add_text(out, task->job->name->text);
		return true;
	case '%':
		buf_add_text(out, "%");
		return true;
	default:
		return false;
	}
}

/* --input with its patterns filled in, "%6j" with leading zeros. Unknown ones stay as they are, as in sbatch. */
static void describe_input(const Task *task, const char *pattern, Buf *path)
{
	for (const char *c = pattern; *c; c++) {
		size_t digits = *c == '%' ? strspn(c + 1, "0123456789") : 0;
		Buf word = BUF_INIT;

		if (*c != '%' || !put_word(task, c[1 + digits], &word)) {
			buf_add_char(path, *c);
			continue;
		}
		for (int zeros = atoi(c + 1) - (int)word.length; digits > 0 && digits < 3 && zeros > 0; zeros--)
			buf_add_char(path, '0');
		buf_add(path, word.data, word.length);
		buf_release(&word);
		c += 1 + digits;
	}
}

static void describe_directory(const Task *task, const Spec *spec, Buf *path)
{
	char *directory = spec_start_directory(spec, task->job->directory);

	if (directory && strlen(directory) < SPEC_PATH_MAX)
		buf_add_text(path, directory);
	free(directory);
}

int run_describe(Cluster *cluster, const Task *task, Message *message, Buf *environment, Err *err)
{
	const Spec *spec = cluster_spec(cluster, task->job, err);
	size_t variables, input;

	if (!spec)
		return -1;
	describe_environment(task, spec, environment);
	variables = environment->length;
	if (spec->input)
		describe_input(task, spec->input, environment); /* behind them, in the same memory */
	input = environment->length - variables;
	if (!spec->transfer)    /* else it starts where its files are */
		describe_directory(task, spec, environment);
	*message = (Message){ .type = WIRE_RUN, .run = { task->id, task->now.run } };
	message->start.slots = task->now.slots;
	message->start.limit_ms = (uint64_t)spec->limit * 1000;
	message->start.grace_ms = GRACE_MS;
	message->start.script = spec->script;
	message->start.command = (Slice){ spec->text + spec->command, (uint32_t)(spec->length - spec->command) };
	message->start.environment = (Slice){ environment->data, (uint32_t)variables };
	message->start.memory = spec->memory;
	message->start.warn_signal = (uint32_t)spec->warn_signal;
	message->start.warn_ms = (uint64_t)spec->warn_before * 1000;
	message->start.warn_first = spec->warn_first;
	message->start.input = (Slice){ environment->data + variables, (uint32_t)input };
	message->start.directory = (Slice){ environment->data + variables + input,
					    (uint32_t)(environment->length - variables - input) };
	message->start.fed = spec->fed;
	message->start.returns = (Slice){ spec->returns, (uint32_t)spec->returns_length };
	return 0;
}

/* An exit of the shell's kind, from what wait(2) told the agent. */
static uint8_t exit_of(const Message *ended)
{
	uint32_t code = ended->ended.code;

	return ended->ended.how == END_SIGNALLED ? (uint8_t)(128 + (code & 127)) : (uint8_t)code;
}

enum { YEAR_MS_K = 31557600 };          /* thousands of milliseconds */

int64_t run_span(uint64_t span_ms)
{
	const uint64_t century = (uint64_t)YEAR_MS_K * 1000 * 100;

	return (int64_t)(span_ms < century ? span_ms : century);
}

uint64_t run_number(uint64_t number)
{
	const uint64_t most = (uint64_t)1 << 53;

	return number < most ? number : most;
}

int64_t run_moment(const Task *task, int64_t now, uint64_t span_ms)
{
	int64_t first = task->job->submitted < now ? task->job->submitted : now, moment = now - run_span(span_ms);

	return moment > first ? moment : first;
}

void run_judge(const Message *ended, const Facts *facts, int64_t now, Ending *ending)
{
	bool started = ended->ended.how != END_NOT_STARTED;
	int64_t end = now - run_span(ended->ended.age_ms);

	*ending = (Ending){ .exit = started ? exit_of(ended) : EXIT_NONE, .ended = end };
	if (started)
		ending->started = facts->started ? facts->started : end - run_span(ended->ended.ran_ms);
	if (ending->ended < ending->started)
		ending->ended = ending->started;
	ending->usage = (Usage){ (int64_t)run_number(ended->ended.user_us), (int64_t)run_number(ended->ended.system_us),
				   run_number(ended->ended.memory) };

	if (ended->ended.how == END_TIME_LIMIT) {
		ending->state = TASK_TIMEOUT;
		ending->reason = REASON_TIME_LIMIT;
	} else if (ended->ended.how == END_MEMORY) {
		ending->state = TASK_OUT_OF_MEMORY;
		ending->reason = REASON_MEMORY;
	} else if (facts->cancelled) {
		ending->state = TASK_CANCELLED;
		ending->reason = REASON_CANCELLED;
	} else if (!started) {
		ending->state = TASK_FAILED;
		ending->reason = REASON_LAUNCH;
	} else if (ended->ended.how == END_SIGNALLED) {
		ending->state = TASK_FAILED;
		ending->reason = REASON_SIGNAL;
	} else {
		ending->state = ending->exit ? TASK_FAILED : TASK_COMPLETED;
		ending->reason = ending->exit ? REASON_EXIT : REASON_NONE;
	}
}
