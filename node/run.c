/* run.c - from a task to the message that runs it, and from its end to the task's state. */
#include "run.h"


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

/* sbatch(1), OUTPUT ENVIRONMENT VARIABLES: those that scripts use and that are known here. */
static void describe_environment(const Task *task, const Spec *spec, Buf *environment)
{
	const Job *job = task->job;
	const char *node = task->now.node->name;

	if (spec->environment)  /* first: what the user says counts */
		buf_add(environment, spec->environment, spec->environment_length);
	add_number(environment, "SLURM_JOB_ID", task->id);
	add_number(environment, "SLURM_JOBID", task->id);
	add(environment, "SLURM_JOB_NAME", job->name->text);
	add(environment, "SLURM_CLUSTER_NAME", "wulfs");
	add(environment, "SLURM_JOB_NODELIST", node);
	add(environment, "SLURM_NODELIST", node);
	add(environment, "SLURMD_NODENAME", node);
	add_number(environment, "SLURM_JOB_NUM_NODES", 1);
	add_number(environment, "SLURM_NNODES", 1);
	add_number(environment, "SLURM_NTASKS", spec->ntasks);
	add_number(environment, "SLURM_NPROCS", spec->ntasks);
	add_number(environment, "SLURM_CPUS_PER_TASK", spec->cpus / spec->ntasks);
	add_number(environment, "SLURM_CPUS_ON_NODE", spec->cpus);
	add_number(environment, "SLURM_PROCID", 0);
	add_number(environment, "SLURM_LOCALID", 0);
	add_number(environment, "SLURM_NODEID", 0);
	add(environment, "SLURM_SUBMIT_HOST", submit_host());
	if (job->directory)
		add(environment, "SLURM_SUBMIT_DIR", job->directory);
	if (task->now.restarts)
		add_number(environment, "SLURM_RESTART_COUNT", task->now.restarts);
}

int run_describe(Cluster *cluster, const Task *task, Message *message, Buf *environment, Err *err)
{
	const Spec *spec = cluster_spec(cluster, task->job, err);

	if (!spec)
		return -1;
	describe_environment(task, spec, environment);
	*message = (Message){ .type = WIRE_RUN, .run = { task->id, task->now.run } };
	message->start.slots = spec->cpus;
	message->start.limit_ms = (uint64_t)spec->limit * 1000;
	message->start.grace_ms = GRACE_MS;
	message->start.script = spec->script;
	message->start.command = (Slice){ spec->text + spec->command, (uint32_t)(spec->length - spec->command) };
	if (!spec->transfer)    /* else it starts where its files are */
		message->start.directory = slice_of(spec->directory ? spec->directory : task->job->directory);
	message->start.returns = (Slice){ spec->returns, (uint32_t)spec->returns_length };
	message->start.environment = (Slice){ environment->data, (uint32_t)environment->length };
	return 0;
}

/* An exit of the shell's kind, from what wait(2) told the agent. */
static uint8_t exit_of(const Message *ended)
{
	uint32_t code = ended->ended.code;

	return ended->ended.how == END_SIGNALLED ? (uint8_t)(128 + (code & 127)) : (uint8_t)code;
}

void run_judge(const Message *ended, const Facts *facts, int64_t now, Ending *ending)
{
	bool started = ended->ended.how != END_NOT_STARTED;
	int64_t end = now - (int64_t)ended->ended.age_ms;

	*ending = (Ending){ .exit = started ? exit_of(ended) : EXIT_NONE, .ended = end };
	if (started)
		ending->started = facts->started ? facts->started : end - (int64_t)ended->ended.ran_ms;
	if (ending->ended < ending->started)
		ending->ended = ending->started;
	ending->usage = (Usage){ (int64_t)ended->ended.user_us, (int64_t)ended->ended.system_us, ended->ended.memory };

	if (ended->ended.how == END_TIME_LIMIT) {
		ending->state = TASK_TIMEOUT;
		ending->reason = REASON_TIME_LIMIT;
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
		ending->state = ended->ended.code ? TASK_FAILED : TASK_COMPLETED;
		ending->reason = ended->ended.code ? REASON_EXIT : REASON_NONE;
	}
}
