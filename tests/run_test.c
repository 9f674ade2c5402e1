/* run_test.c - a task put into words for its node, and what the end of a run makes of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "node/worker/run.h"
#include "store/base/clock.h"
#include "stage.h"

static void ends_are_told_apart(void **state)
{
	static const struct {
		RunEnd how;
		uint32_t code;
		bool cancelled;
		const char *becomes, *reason;
		int exit;
	} rows[] = {
		{ END_EXITED, 0, false, "COMPLETED", "None", 0 },
		{ END_EXITED, 1, false, "FAILED", "NonZeroExitCode", 1 },
		{ END_EXITED, 255, false, "FAILED", "NonZeroExitCode", 255 },
		{ END_SIGNALLED, 9, false, "FAILED", "RaisedSignal", 137 },
		{ END_SIGNALLED, 11, false, "FAILED", "RaisedSignal", 139 },
		{ END_SIGNALLED, 15, true, "CANCELLED", "Cancelled", 143 },
		{ END_EXITED, 0, true, "CANCELLED", "Cancelled", 0 },
		{ END_TIME_LIMIT, 143, false, "TIMEOUT", "TimeLimit", 143 },
		{ END_TIME_LIMIT, 0, false, "TIMEOUT", "TimeLimit", 0 },
		{ END_TIME_LIMIT, 143, true, "TIMEOUT", "TimeLimit", 143 },
		{ END_MEMORY, 137, false, "OUT_OF_MEMORY", "OutOfMemory", 137 },
		{ END_MEMORY, 137, true, "OUT_OF_MEMORY", "OutOfMemory", 137 },
		{ END_NOT_STARTED, 0, false, "FAILED", "JobLaunchFailure", EXIT_NONE },
		{ END_NOT_STARTED, 0, true, "CANCELLED", "Cancelled", EXIT_NONE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		Message ended = { .type = WIRE_ENDED, .ended = { .how = (uint8_t)rows[i].how, .code = rows[i].code } };
		Facts facts = { .cancelled = rows[i].cancelled, .started = 5 };
		Ending ending;

		run_judge(&ended, &facts, 1000, &ending);
		assert_string_equal(task_state_name(ending.state), rows[i].becomes);
		assert_string_equal(reason_name(ending.reason), rows[i].reason);
		assert_int_equal(ending.exit, rows[i].exit);
	}
}

static void times_are_spans_back_from_now(void **state)
{
	Message ended = { .type = WIRE_ENDED, .ended = { .ran_ms = 300, .age_ms = 50 } };
	Facts facts = { 0 };
	Ending ending;

	(void)state;
	run_judge(&ended, &facts, 1000, &ending);
	assert_int_equal(ending.ended, 950);
	assert_int_equal(ending.started, 650);
	facts.started = 700;
	run_judge(&ended, &facts, 1000, &ending);
	assert_int_equal(ending.started, 700);
}

static void a_run_that_never_started_has_no_start(void **state)
{
	Message ended = { .type = WIRE_ENDED, .ended = { .how = END_NOT_STARTED, .ran_ms = 300 } };
	Facts facts = { 0 };
	Ending ending;

	(void)state;
	run_judge(&ended, &facts, 1000, &ending);
	assert_int_equal(ending.started, 0);
}

/* The clocks of two machines, or one that was set back: no run ends before it began. */
static void no_run_ends_before_it_began(void **state)
{
	Message ended = { .type = WIRE_ENDED };
	Facts facts = { .started = 5000 };
	Ending ending;

	(void)state;
	run_judge(&ended, &facts, 1000, &ending);
	assert_int_equal(ending.started, 5000);
	assert_int_equal(ending.ended, 5000);
}

/* What a node says of itself is only what it says. */
static void no_number_of_a_node_is_too_large(void **state)
{
	static const uint64_t spans[] = { 1000000000000000, INT64_MAX, (uint64_t)INT64_MAX + 5, UINT64_MAX };

	(void)state;
	for (size_t i = 0; i < sizeof spans / sizeof *spans; i++) {
		Message ended = { .type = WIRE_ENDED, .ended = { .ran_ms = spans[i], .age_ms = spans[i],
			.user_us = spans[i], .system_us = spans[i], .memory = spans[i] } };
		Facts facts = { 0 };
		Ending ending;

		run_judge(&ended, &facts, clock_wall_ms(), &ending);
		assert_true(ending.started <= ending.ended && ending.ended <= clock_wall_ms());
		assert_true(ending.usage.user_us >= 0 && ending.usage.system_us >= 0);
		assert_true(ending.usage.memory <= INT64_MAX);
	}
}

static void a_failed_run_has_an_exit_that_says_so(void **state)
{
	Message ended = { .type = WIRE_ENDED, .ended = { .how = END_EXITED, .code = 256 } };
	Facts facts = { 0 };
	Ending ending;

	(void)state;
	run_judge(&ended, &facts, 1000, &ending);
	assert_int_equal(ending.exit == 0, ending.state == TASK_COMPLETED);
}

static bool has(const Buf *environment, const char *variable)
{
	for (size_t at = 0; at < environment->length; at += strlen(environment->data + at) + 1)
		if (strcmp(environment->data + at, variable) == 0)
			return true;
	return false;
}

static void a_line_is_described_whole(void **state)
{
	Stage *stage = *state;
	Task *task = submit(stage, "-J sim -n 2 -c 3 --time=1:30 --export=A=1 ./sim 42");
	Buf environment = BUF_INIT;
	Message message;
	Err err;

	stage->node->slots_default = 6;
	task_place(stage->cluster, task, stage->node);
	assert_int_equal(run_describe(stage->cluster, task, &message, &environment, &err), 0);
	assert_int_equal(message.run.task, JOB_ID_FIRST);
	assert_int_equal(message.run.number, 1);
	assert_int_equal(message.start.slots, 6);
	assert_int_equal(message.start.limit_ms, 90000);
	assert_false(message.start.script);
	assert_true(slice_is(message.start.command, "./sim 42"));
	assert_true(slice_is(message.start.directory, "/home/me"));
	assert_true(has(&environment, "SLURM_JOB_ID=10000001"));
	assert_true(has(&environment, "SLURM_JOB_NAME=sim"));
	assert_true(has(&environment, "SLURM_NTASKS=2"));
	assert_true(has(&environment, "SLURM_CPUS_PER_TASK=3"));
	assert_true(has(&environment, "SLURM_SUBMIT_DIR=/home/me"));
	assert_true(has(&environment, "SLURMD_NODENAME=local"));
	assert_true(has(&environment, "A=1"));
	assert_false(has(&environment, "SLURM_RESTART_COUNT=0"));
	buf_release(&environment);
}

/* Open MPI refuses a user's name there, torch makes the word its MASTER_ADDR. */
static void a_node_is_named_to_its_jobs_by_the_host_alone(void **state)
{
	static const char *const rows[][2] = {
		{ "pi@raspberry", "raspberry" }, { "raspberry:2222", "raspberry" }, { "root@10.0.0.1:24101", "10.0.0.1" },
		{ "ann@lab@lab4", "lab4" }, { "[::1]:2222", "::1" }, { "pi@[fe80::1]", "fe80::1" }, { "fe80::1", "fe80::1" },
		{ "alpha", "alpha" },
	};
	static const char *const variables[] = { "SLURM_JOB_NODELIST", "SLURM_NODELIST", "SLURMD_NODENAME" };
	Stage *stage = *state;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		Task *task = submit(stage, "true");
		Buf environment = BUF_INIT;
		char wanted[100];
		Message message;
		Err err;

		task_place(stage->cluster, task, stage->node);
		free(stage->node->name);
		stage->node->name = mem_copy_text(rows[i][0]);
		assert_int_equal(run_describe(stage->cluster, task, &message, &environment, &err), 0);
		for (size_t j = 0; j < sizeof variables / sizeof *variables; j++) {
			snprintf(wanted, sizeof wanted, "%s=%s", variables[j], rows[i][1]);
			assert_true(has(&environment, wanted));
		}
		snprintf(wanted, sizeof wanted, "WULFS_NODE=%s", rows[i][0]);
		assert_true(has(&environment, wanted));
		buf_release(&environment);
	}
}

static void limits_and_input_are_described(void **state)
{
	Stage *stage = *state;
	Task *task = submit(stage, "-J a%b -c 2 --mem-per-cpu=100 --signal=B:USR1@30 -p long -A lab -i in.%8j.%x.%N.%A.%q%% cat");
	Buf environment = BUF_INIT;
	Message message;
	Err err;

	task_place(stage->cluster, task, stage->node);
	assert_int_equal(run_describe(stage->cluster, task, &message, &environment, &err), 0);
	assert_int_equal(message.start.memory, 200 << 20);
	assert_int_equal(message.start.warn_signal, SIGUSR1);
	assert_int_equal(message.start.warn_ms, 30000);
	assert_true(message.start.warn_first);
	assert_true(slice_is(message.start.input, "in.10000001.a%b.local.10000001.%q%"));
	assert_false(message.start.fed);
	assert_true(has(&environment, "SLURM_MEM_PER_CPU=100"));
	assert_false(has(&environment, "SLURM_MEM_PER_NODE=200"));
	assert_true(has(&environment, "SLURM_JOB_PARTITION=long"));
	assert_true(has(&environment, "SLURM_JOB_ACCOUNT=lab"));
	assert_true(has(&environment, "SLURM_JOB_CPUS_PER_NODE=2"));
	assert_true(has(&environment, "SLURM_TASKS_PER_NODE=1"));
	assert_memory_equal(message.start.environment.data + message.start.environment.length - 1, "", 1);
	buf_release(&environment);
}

static void a_relative_directory_is_where_it_was_sent_from(void **state)
{
	static const char *const rows[][2] = {
		{ ".", "/home/me" }, { "./", "/home/me" }, { "logs", "/home/me/logs" }, { "./Stylus/", "/home/me/Stylus/" },
		{ "../run", "/home/run" }, { "..", "/home" }, { "../..", "/" }, { "../../../x", "/x" }, { ".//./a/../b", "/home/me/a/../b" },
		{ "..x", "/home/me/..x" }, { ".x", "/home/me/.x" }, { "/opt/x/", "/opt/x/" },
	};
	Stage *stage = *state;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		Buf environment = BUF_INIT;
		char line[100];
		Message message;
		Task *task;
		Err err;

		snprintf(line, sizeof line, "--chdir=%s --input=in.%%j true", rows[i][0]);
		task = submit(stage, line);
		task_place(stage->cluster, task, stage->node);
		assert_int_equal(run_describe(stage->cluster, task, &message, &environment, &err), 0);
		assert_true(slice_is(message.start.directory, rows[i][1]));
		assert_memory_equal(message.start.input.data, "in.100000", 9);
		buf_release(&environment);
	}
}

static void a_job_that_is_fed_says_so(void **state)
{
	Stage *stage = *state;
	Task *task = submit(stage, "--stdin --mem=2G cat");
	Buf environment = BUF_INIT;
	Message message;
	Err err;

	task_place(stage->cluster, task, stage->node);
	assert_int_equal(run_describe(stage->cluster, task, &message, &environment, &err), 0);
	assert_true(message.start.fed);
	assert_int_equal(message.start.input.length, 0);
	assert_int_equal(message.start.memory, 2ULL << 30);
	assert_true(has(&environment, "SLURM_MEM_PER_NODE=2048"));
	assert_true(has(&environment, "SLURM_JOB_PARTITION=wulfs"));
	buf_release(&environment);
}

static void a_run_after_a_lost_one_knows_it(void **state)
{
	Stage *stage = *state;
	Task *task = submit(stage, "-D /opt true");
	Buf environment = BUF_INIT;
	Message message;
	Err err;

	start(stage, task);
	task_lose(stage->cluster, task);
	task_place(stage->cluster, task, stage->node);
	assert_int_equal(run_describe(stage->cluster, task, &message, &environment, &err), 0);
	assert_int_equal(message.run.number, 2);
	assert_true(slice_is(message.start.directory, "/opt"));
	assert_true(has(&environment, "SLURM_RESTART_COUNT=1"));
	buf_release(&environment);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ends_are_told_apart),
		cmocka_unit_test(times_are_spans_back_from_now),
		cmocka_unit_test(a_run_that_never_started_has_no_start),
		cmocka_unit_test(no_run_ends_before_it_began),
		cmocka_unit_test(no_number_of_a_node_is_too_large),
		cmocka_unit_test(a_failed_run_has_an_exit_that_says_so),
		staged_test(a_line_is_described_whole),
		staged_test(a_node_is_named_to_its_jobs_by_the_host_alone),
		staged_test(limits_and_input_are_described),
		staged_test(a_relative_directory_is_where_it_was_sent_from),
		staged_test(a_job_that_is_fed_says_so),
		staged_test(a_run_after_a_lost_one_knows_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
