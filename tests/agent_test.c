/* agent_test.c - the real agent, spoken to over its socket as the mount does. Each test has an agent in a
 * directory of its own; what it waits for has a deadline and is never slept for.
 *
 * WULFS_AGENT names the binary (default build/wulfs-agent). WULFS_EMULATED is set where qemu-user runs it, for
 * another architecture: that knows no subreaper, and a child by vfork gets memory of its own there, so that
 * what exec says is lost. Both are the emulator's, so the few tests that need them are left out and say so; so are those
 * of srun, where the kernel does not run programs of that architecture. */
#define _GNU_SOURCE 1
#include "node/wire/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "deadline.h"

enum { DEADLINE_MS = 30000, SEEN_MAX = 512, MANY = 1 << 30 };

typedef struct Seen {           /* what the mount knows of a run */
	RunName run;
	bool held, started, ended, recalled;
	uint64_t from, until;   /* of its stdin, what it wants */
	HeldPhase phase;
	Buf output[WIRE_STREAMS];
	Message end;
	char reason[257];
} Seen;

typedef struct Mount {
	char home[64];          /* temporary; the agent's directory is in it */
	char dir[80];
	pid_t agent;
	int fd;
	Buf in;
	size_t taken;
	Message last;
	Seen seen[SEEN_MAX];
	size_t seen_count;
	uint64_t arrived;       /* output bytes on this link */
} Mount;

/* -- waiting -- */

/* We are the subreaper, so what the agent loses is ours to bury. */
static bool is_gone(pid_t pid)
{
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
	return kill(pid, 0) < 0 && errno == ESRCH;
}

static bool exists(const Mount *m, const char *name)
{
	char path[256];
	struct stat st;

	snprintf(path, sizeof path, "%s/%s", m->dir, name);
	return lstat(path, &st) == 0;
}

static bool file_says(const char *path, const char *text)
{
	char bytes[65536];
	int fd = open(path, O_RDONLY);
	ssize_t n = fd < 0 ? 0 : read(fd, bytes, sizeof bytes - 1);

	if (fd >= 0)
		close(fd);
	bytes[n > 0 ? n : 0] = '\0';
	return strstr(bytes, text) != NULL;
}

static bool log_says(const Mount *m, const char *text)
{
	char path[256];

	snprintf(path, sizeof path, "%s/log", m->dir);
	return file_says(path, text);
}

/* -- agent -- */

static const char *agent_binary(void)
{
	const char *named = getenv("WULFS_AGENT");

	return named ? named : "build/wulfs-agent";
}

static void not_emulated(const char *needs)
{
	if (!getenv("WULFS_EMULATED"))
		return;
	print_message("left out: qemu-user has no %s\n", needs);
	skip();
}

static int run_agent(const char *verb, const char *dir)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		execl(agent_binary(), agent_binary(), verb, dir, (char *)NULL);
		_exit(127);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void read_pid(Mount *m)
{
	char path[256], text[32] = "";
	int fd;

	snprintf(path, sizeof path, "%s/lock", m->dir);
	fd = open(path, O_RDONLY);
	assert_true(read(fd, text, sizeof text - 1) > 0);
	close(fd);
	m->agent = (pid_t)atoi(text);
}

static void start_agent(Mount *m)
{
	assert_int_equal(run_agent("serve", m->dir), 0);
	read_pid(m);
}

static int connect_agent(const Mount *m)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(at.sun_path, sizeof at.sun_path, "%s/socket", m->dir);
	assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof at), 0);
	return fd;
}

/* -- frames -- */

static void send_bytes(int fd, const char *bytes, size_t n)
{
	while (n > 0) {
		ssize_t sent = send(fd, bytes, n, MSG_NOSIGNAL);

		if (sent <= 0)
			fail_msg("the agent hung up");
		bytes += sent;
		n -= (size_t)sent;
	}
}

static void send_message(Mount *m, const Message *message)
{
	Buf frame = BUF_INIT;

	wire_put(&frame, message);
	send_bytes(m->fd, frame.data, frame.length);
	buf_release(&frame);
}

/* False when the agent has closed the link. */
static bool fill(Mount *m)
{
	ssize_t n;

	wait_readable(m->fd);
	buf_consume(&m->in, m->taken);
	m->taken = 0;
	n = read(m->fd, buf_space(&m->in, 65536), 65536);
	if (n <= 0)
		return false;
	buf_grew(&m->in, (size_t)n);
	return true;
}

static Seen *seen_of(Mount *m, RunName run)
{
	for (size_t i = 0; i < m->seen_count; i++)
		if (run_is(m->seen[i].run, run))
			return &m->seen[i];
	assert_true(m->seen_count < SEEN_MAX);
	m->seen[m->seen_count] = (Seen){ .run = run };
	return &m->seen[m->seen_count++];
}

static void note_output(Mount *m, Seen *seen, const Message *message)
{
	Buf *output = &seen->output[message->output.stream];

	assert_int_equal(message->output.offset, output->length);
	assert_false(seen->ended);
	buf_add(output, message->output.data.data, message->output.data.length);
	m->arrived += message->output.data.length;
}

static void note_end(Seen *seen, const Message *message)
{
	assert_false(seen->ended);
	seen->ended = true;
	seen->end = *message;
	memcpy(seen->reason, message->ended.reason.data, message->ended.reason.length);
	for (int i = 0; i < 2; i++)
		assert_int_equal(message->ended.size[i], seen->output[i].length);
}

static void note(Mount *m, const Message *message)
{
	Seen *seen = seen_of(m, message->run);

	switch (message->type) {
	case WIRE_HELD:
		seen->held = true;
		seen->phase = (HeldPhase)message->held.phase;
		break;
	case WIRE_STARTED:
		seen->started = true;
		break;
	case WIRE_RECALLED:
		seen->recalled = true;
		break;
	case WIRE_OUTPUT:
		note_output(m, seen, message);
		break;
	case WIRE_INPUT_WANTED:
		seen->from = message->wanted.from;
		seen->until = message->wanted.until;
		break;
	case WIRE_ENDED:
		note_end(seen, message);
		break;
	default:
		break;
	}
}

/* Take in one frame; it is also m->last. False when the link is closed. */
static bool hear(Mount *m)
{
	long n;
	Err err;

	while ((n = wire_take(buf_text(&m->in) + m->taken, m->in.length - m->taken, &m->last, &err)) == 0)
		if (!fill(m))
			return false;
	if (n < 0)
		fail_msg("%s", err.text);
	m->taken += (size_t)n;
	note(m, &m->last);
	return true;
}

static bool hears_nothing(Mount *m, int ms)
{
	struct pollfd ready = { m->fd, POLLIN, 0 };

	return m->in.length == m->taken && poll(&ready, 1, ms) == 0;
}

static void say_hello(Mount *m, const char *state, uint32_t slots, uint32_t lease_s, uint64_t credit)
{
	Message hello = { .type = WIRE_HELLO };

	hello.hello.version = WIRE_VERSION;
	hello.hello.state = slice_of(state);
	hello.hello.slots = slots;
	hello.hello.lease_s = lease_s;
	hello.hello.credit = credit;
	send_message(m, &hello);
}

static void hang_up(Mount *m)
{
	if (m->fd >= 0)
		close(m->fd);
	m->fd = -1;
	buf_clear(&m->in);
	m->taken = 0;
	m->arrived = 0;
	for (size_t i = 0; i < m->seen_count; i++)
		m->seen[i].held = false;
}

static void attach_as(Mount *m, const char *state, uint32_t slots, uint32_t lease_s, uint64_t credit)
{
	int fd = connect_agent(m); /* before the old link ends: an agent without work would go with it */

	hang_up(m);
	m->fd = fd;
	say_hello(m, state, slots, lease_s, credit);
	assert_true(hear(m));
	assert_int_equal(m->last.type, WIRE_WELCOME);
	while (m->last.type != WIRE_THAT_IS_ALL)
		assert_true(hear(m));
}

static void attach(Mount *m, uint32_t slots)
{
	attach_as(m, "state", slots, 60, MANY);
}

/* -- verbs -- */

typedef struct Order {
	const char *command;
	const char *directory;
	Slice environment;
	uint32_t slots, grace_ms;
	uint64_t limit_ms, memory, warn_ms;
	uint32_t warn_signal;
	bool script, warn_first, fed;
	const char *input;
} Order;

static void order(Mount *m, uint64_t task, Order wanted)
{
	Message run = { .type = WIRE_RUN, .run = { task, 1 } };

	run.start.slots = wanted.slots ? wanted.slots : 1;
	run.start.limit_ms = wanted.limit_ms;
	run.start.grace_ms = wanted.grace_ms;
	run.start.script = wanted.script;
	run.start.command = slice_of(wanted.command);
	run.start.directory = slice_of(wanted.directory);
	run.start.environment = wanted.environment;
	run.start.memory = wanted.memory;
	run.start.warn_signal = wanted.warn_signal;
	run.start.warn_ms = wanted.warn_ms;
	run.start.warn_first = wanted.warn_first;
	run.start.input = slice_of(wanted.input);
	run.start.fed = wanted.fed;
	send_message(m, &run);
}

static void line(Mount *m, uint64_t task, const char *command)
{
	order(m, task, (Order){ .command = command });
}

static void tell(Mount *m, MessageType type, uint64_t task, uint32_t number)
{
	Message message = { .type = type, .run = { task, 1 } };

	if (type == WIRE_SIGNAL)
		message.signal.signal = number;
	if (type == WIRE_CANCEL)
		message.cancel.grace_ms = number;
	send_message(m, &message);
}

static void take_up(Mount *m, uint64_t task)
{
	Seen *seen = seen_of(m, (RunName){ task, 1 });
	Message message = { .type = WIRE_ATTACH, .run = seen->run };

	seen->ended = false;
	for (int i = 0; i < 2; i++)
		message.attach.from[i] = seen->output[i].length;
	send_message(m, &message);
}

static void give_credit(Mount *m, uint64_t bytes)
{
	Message more = { .type = WIRE_CREDIT_MORE };

	more.credit.bytes = bytes;
	send_message(m, &more);
}

static Seen *run_of(Mount *m, uint64_t task)
{
	return seen_of(m, (RunName){ task, 1 });
}

static Seen *wait_ended(Mount *m, uint64_t task)
{
	while (!run_of(m, task)->ended)
		if (!hear(m))
			fail_msg("the link was closed");
	return run_of(m, task);
}

static const char *wait_output(Mount *m, uint64_t task, const char *text)
{
	while (!strstr(buf_text(&run_of(m, task)->output[0]), text)) {
		if (run_of(m, task)->ended)
			fail_msg("ended without saying %s", text);
		assert_true(hear(m));
	}
	return buf_text(&run_of(m, task)->output[0]);
}

/* A round trip: all that was sent before is done. */
static void settle(Mount *m)
{
	Message ping = { .type = WIRE_PING };

	ping.ping.stamp = 42;
	send_message(m, &ping);
	do
		assert_true(hear(m));
	while (m->last.type != WIRE_PONG);
	assert_int_equal(m->last.pong.stamp, 42);
}

static void assert_ended(const Seen *seen, RunEnd how, uint32_t code)
{
	if (seen->end.ended.how != how || seen->end.ended.code != code)
		fail_msg("ended as %d with %u (%s), not as %d with %u", seen->end.ended.how, seen->end.ended.code,
			 seen->reason, how, code);
}

static void assert_output(const Seen *seen, const char *out, const char *err)
{
	assert_string_equal(buf_text(&seen->output[0]), out);
	assert_string_equal(buf_text(&seen->output[1]), err);
}

/* -- fixture -- */

static int set_up(void **state)
{
	Mount *m = mem_new_zeroed(sizeof *m);
	const char *tmp = getenv("TMPDIR");

	snprintf(m->home, sizeof m->home, "%.40s/agent-XXXXXX", tmp ? tmp : "/tmp");
	assert_non_null(mkdtemp(m->home));
	snprintf(m->dir, sizeof m->dir, "%s/node", m->home);
	m->fd = -1;
	start_agent(m);
	attach(m, 4);
	*state = m;
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st, (void)kind, (void)ftw;
	return remove(path);
}

static int tear_down(void **state)
{
	static const char *const suspicious[] = { "Sanitizer", "runtime error", "WARNING:", "makes no sense" };
	Mount *m = *state;

	hang_up(m);
	if (m->agent > 0 && !is_gone(m->agent)) {
		kill(m->agent, SIGTERM);
		wait_until(is_gone(m->agent));
	}
	for (size_t i = 0; i < sizeof suspicious / sizeof *suspicious; i++)
		assert_false(log_says(m, suspicious[i]));
	assert_false(exists(m, "socket") && exists(m, "spool"));
	nftw(m->home, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	for (size_t i = 0; i < m->seen_count; i++)
		for (int k = 0; k < WIRE_STREAMS; k++)
			buf_release(&m->seen[i].output[k]);
	buf_release(&m->in);
	free(m);
	return 0;
}

/* -- tasks -- */

static void a_line_runs_and_its_outputs_and_exit_code_come_back(void **state)
{
	Mount *m = *state;
	Seen *seen;

	line(m, 1, "echo out; echo err >&2; exit 7");
	seen = wait_ended(m, 1);
	assert_true(seen->started);
	assert_ended(seen, END_EXITED, 7);
	assert_output(seen, "out\n", "err\n");
}

static void a_signal_that_ended_it_is_reported(void **state)
{
	Mount *m = *state;

	line(m, 1, "kill -KILL $$");
	assert_ended(wait_ended(m, 1), END_SIGNALLED, SIGKILL);
}

static void usage_is_reported(void **state)
{
	Mount *m = *state;
	Seen *seen;

	line(m, 1, "i=0; while [ $i -lt 30000 ]; do i=$((i+1)); done");
	seen = wait_ended(m, 1);
	assert_ended(seen, END_EXITED, 0);
	assert_true(seen->end.ended.user_us + seen->end.ended.system_us > 1000);
	assert_true(seen->end.ended.memory > 100 * 1024);
}

static void a_script_runs_with_its_own_interpreter_and_argument(void **state)
{
	Mount *m = *state;

	order(m, 1, (Order){ .command = "#! /bin/sh -e\necho one\nfalse\necho two\n", .script = true });
	assert_ended(wait_ended(m, 1), END_EXITED, 1);
	assert_output(run_of(m, 1), "one\n", "");
	order(m, 2, (Order){ .command = "#!/bin/cat\nmyself\n", .script = true });
	assert_output(wait_ended(m, 2), "#!/bin/cat\nmyself\n", "");
	assert_false(exists(m, "scratch/2.1.script"));
}

static void what_cannot_start_is_named(void **state)
{
	static const struct {
		const char *script, *reason;
	} cases[] = {
		{ "#!/no/such/interpreter\n", "/no/such/interpreter" },
		{ "#!\n", "names no interpreter" },
		{ "echo\n", "#!" },
		{ "#!/\n", "/: " },
	};
	Mount *m = *state;

	not_emulated("vfork that shares memory");
#ifdef __SANITIZE_THREAD__
	skip(); /* it makes a fork of every vfork, so that a failed exec is seen too late */
#endif
	for (uint64_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		order(m, i, (Order){ .command = cases[i].script, .script = true });
		assert_ended(wait_ended(m, i), END_NOT_STARTED, 0);
		assert_non_null(strstr(run_of(m, i)->reason, cases[i].reason));
		assert_false(run_of(m, i)->started);
	}
}

#define SENT_FROM(path) { "SLURM_SUBMIT_DIR=" path "\0", sizeof "SLURM_SUBMIT_DIR=" path }
#define LEFT "wulfs: ran in a scratch directory, since it is not known where it was sent from; what it left there is kept in its out/\n"

static void it_starts_in_the_directory_if_that_exists_here(void **state)
{
	Mount *m = *state;
	char expected[128];

	order(m, 1, (Order){ .command = "pwd", .directory = "/usr" });
	assert_output(wait_ended(m, 1), "/usr\n", "");
	order(m, 2, (Order){ .command = "pwd", .directory = "/no/such/place" });
	snprintf(expected, sizeof expected, "%s/scratch/2.1\n", m->dir);
	assert_output(wait_ended(m, 2), expected, "wulfs: ran in a scratch directory, since /no/such/place is not there\n");
	order(m, 3, (Order){ .command = "pwd", .directory = "/no/such/place", .environment = SENT_FROM("/no/such/place") });
	snprintf(expected, sizeof expected, "%s/scratch/3.1\n", m->dir);
	assert_output(wait_ended(m, 3), expected, "");
}

static void tmpdir_is_a_scratch_directory_that_is_gone_afterwards(void **state)
{
	Mount *m = *state;
	char expected[128];

	order(m, 1, (Order){ .directory = "/", .command =
		"echo $TMPDIR; ls -A $TMPDIR; cd $TMPDIR; mkdir -p a/b/c; echo x >a/b/f; ln -s / root; chmod 0 a/b a ." });
	snprintf(expected, sizeof expected, "%s/scratch/1.1\n", m->dir);
	assert_output(wait_ended(m, 1), expected, "");
	assert_false(exists(m, "scratch/1.1"));
	assert_int_equal(access("/usr", F_OK), 0);
}

static void a_scratch_directory_of_any_depth_is_removed(void **state)
{
	Mount *m = *state;

	line(m, 1, "i=0; while [ $i -lt 300 ]; do mkdir d e && cd d || exit; i=$((i+1)); done");
	assert_ended(wait_ended(m, 1), END_EXITED, 0);
	assert_false(exists(m, "scratch/1.1"));
}

static void a_scratch_directory_is_never_handed_on_with_something_in_it(void **state)
{
	Mount *m = *state;

	attach(m, 1);
	for (uint64_t i = 0; i < 20; i++) {
		line(m, i, i % 3 == 0 ? "ls -A; touch left" : i % 3 == 1 ? "ls -A; rmdir $TMPDIR" : "ls -A; chmod 0 .");
		assert_ended(wait_ended(m, i), END_EXITED, 0);
		assert_output(run_of(m, i), "", i % 3 == 0 ? LEFT : "");
	}
}

static void its_environment_wins_over_the_agents(void **state)
{
	static const char given[] = "HOME=/given\0TMPDIR=/wrong\0junk\0SLURM_JOB_ID=5\0unfinished=1";
	Mount *m = *state;
	char expected[256];

	order(m, 1, (Order){ .command = "echo $HOME $SLURM_JOB_ID $TMPDIR ${PATH:+path} $unfinished",
			     .environment = { given, sizeof given - 1 } });
	snprintf(expected, sizeof expected, "/given 5 %s/scratch/1.1 path\n", m->dir);
	assert_output(wait_ended(m, 1), expected, "");
}

/* But 32 and 33 are glibc's own: its posix_spawn leaves them ignored, and make starts us by that. */
static void it_starts_with_a_clean_slate_of_signals_and_descriptors(void **state)
{
	Mount *m = *state;

	line(m, 1, "grep -E 'Sig(Blk|Ign)' /proc/self/status | sed 's/[01]80000000$/000000000/' | "
		   "tr -d '\\t\\n'; ls /proc/self/fd | tr '\\n' ' '; readlink /proc/self/fd/0");
	assert_output(wait_ended(m, 1), "SigBlk:0000000000000000SigIgn:0000000000000000"
		      "0 1 2 3 /dev/null\n", "");
}

static void a_task_ends_with_its_first_process(void **state)
{
	Mount *m = *state;
	Seen *seen;

	not_emulated("subreaper");
	line(m, 1, "sleep 999 & echo hi $!");
	seen = wait_ended(m, 1);
	assert_ended(seen, END_EXITED, 0);
	assert_true(is_gone((pid_t)atoi(buf_text(&seen->output[0]) + 3)));
}

static void children_that_called_setsid_do_not_escape(void **state)
{
	Mount *m = *state;
	Seen *seen;

	not_emulated("subreaper");
	line(m, 1, "setsid sh -c 'setsid sleep 999 & echo $!; wait' & sleep 0.2; "
		   "(trap '' TERM HUP; sleep 999 & echo $!); echo done");
	seen = wait_ended(m, 1);
	assert_ended(seen, END_EXITED, 0);
	for (char *word = strtok(seen->output[0].data, "\n"); word; word = strtok(NULL, "\n"))
		if (atoi(word) > 0)
			assert_true(is_gone((pid_t)atoi(word)));
}

static void a_small_fork_bomb_is_killed(void **state)
{
	Mount *m = *state;

	not_emulated("subreaper");
	line(m, 1, "f() { [ $1 -gt 6 ] && sleep 31337; f $(($1+1)) & f $(($1+1)) & wait; }; f 0 & sleep 0.1");
	assert_ended(wait_ended(m, 1), END_EXITED, 0);
	line(m, 2, "ps -eo args | grep -c '[s]leep 31337'");
	assert_output(wait_ended(m, 2), "0\n", "");
}

/* -- ending it -- */

static void cancel_asks_every_process_then_kills(void **state)
{
	Mount *m = *state;

	order(m, 1, (Order){ .command = "sh -c 'trap \"echo child; exit\" TERM; echo up; while :; do sleep 0.01; done' &"
		"trap 'wait; echo parent; exit 3' TERM; while :; do sleep 0.01; done" });
	wait_output(m, 1, "up\n");
	tell(m, WIRE_CANCEL, 1, 20000);
	assert_ended(wait_ended(m, 1), END_EXITED, 3);
	assert_string_equal(buf_text(&run_of(m, 1)->output[0]), "up\nchild\nparent\n");
}

static void who_ignores_it_is_killed_after_the_grace(void **state)
{
	Mount *m = *state;

	line(m, 1, "trap '' TERM; echo up; while :; do sleep 0.05; done");
	wait_output(m, 1, "up\n");
	tell(m, WIRE_CANCEL, 1, 100);
	assert_ended(wait_ended(m, 1), END_SIGNALLED, SIGKILL);
	assert_true(run_of(m, 1)->end.ended.ran_ms >= 100);
}

static void a_stopped_task_can_be_cancelled(void **state)
{
	Mount *m = *state;

	line(m, 1, "echo up; kill -STOP $$");
	wait_output(m, 1, "up\n");
	tell(m, WIRE_CANCEL, 1, 20000);
	assert_ended(wait_ended(m, 1), END_SIGNALLED, SIGTERM);
}

/* -- what becomes another user's -- */

enum { NOBODY = 65534 };

static void copy_program(const char *from, const char *to, mode_t mode)
{
	char line[512];

	snprintf(line, sizeof line, "cp %s %s", from, to);
	assert_int_equal(system(line), 0);
	assert_int_equal(chmod(to, mode), 0);
}

/* An ordinary user's agent, and in its home `become`: what sudo does, without a word. */
static Mount *start_as_nobody(void)
{
	Mount *m = mem_new_zeroed(sizeof *m);
	char path[256];
	int status;
	pid_t pid;

	strcpy(m->home, "/tmp/agent-XXXXXX");
	assert_non_null(mkdtemp(m->home));
	assert_int_equal(chown(m->home, NOBODY, NOBODY), 0);
	snprintf(m->dir, sizeof m->dir, "%s/node", m->home);
	m->fd = -1;
	snprintf(path, sizeof path, "%s/become", m->home);
	copy_program("/usr/bin/setpriv", path, 04755);
	snprintf(path, sizeof path, "%s/agent", m->home);
	copy_program(agent_binary(), path, 0755);
	pid = fork();
	if (pid == 0) {
		if (setgid(NOBODY) == 0 && setuid(NOBODY) == 0)
			execl(path, path, "serve", m->dir, (char *)NULL);
		_exit(127);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	read_pid(m);
	assert_int_equal(seteuid(NOBODY), 0);   /* the agent hears nobody else */
	attach(m, 1);
	assert_int_equal(seteuid(0), 0);
	return m;
}

/* What the job printed: the pid of the process that became root. It is ended here. */
static void end_stuck(Mount *m, uint64_t task)
{
	pid_t pid = (pid_t)atoi(wait_output(m, task, "\n"));
	char text[200];

	snprintf(text, sizeof text, "wulfs: process %d of user root cannot be killed by the job's user, and was left running\n",
		 (int)pid);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_string_equal(buf_text(&run_of(m, task)->output[1]), text);
}

static void what_became_another_users_is_left_behind_and_named(void **state)
{
	const char *become = "./become --reuid=0 --clear-groups sh -c 'echo $$; exec sleep 999'";
	char line_of[400];
	Mount *m;

	not_emulated("subreaper");
	if (geteuid() != 0 || access("/usr/bin/setpriv", X_OK) < 0) {
		print_message("left out: only root can try it, with setpriv\n");
		skip();
	}
	m = start_as_nobody();
	snprintf(line_of, sizeof line_of, "cd %s && exec %s", m->home, become);
	order(m, 1, (Order){ .command = line_of, .limit_ms = 300, .grace_ms = 20000 });
	assert_ended(wait_ended(m, 1), END_TIME_LIMIT, 128 + SIGKILL);
	end_stuck(m, 1);

	snprintf(line_of, sizeof line_of, "cd %s && %s", m->home, become);
	line(m, 2, line_of);
	wait_output(m, 2, "\n");
	tell(m, WIRE_CANCEL, 2, 20000);
	assert_ended(wait_ended(m, 2), END_SIGNALLED, SIGTERM);
	end_stuck(m, 2);

	snprintf(line_of, sizeof line_of, "cd %s; exec %s & until [ -s up ]; do sleep 0.01; done; exit 3", m->home,
		 "./become --reuid=0 --clear-groups sh -c 'echo $$; echo up >up; exec sleep 999'");
	line(m, 3, line_of);
	assert_ended(wait_ended(m, 3), END_EXITED, 3);
	while (m->last.type != WIRE_STUCK)      /* it stays */
		assert_true(hear(m));
	assert_int_equal(m->last.run.task, 3);
	assert_int_equal(m->last.stuck.pid, atoi(wait_output(m, 3, "\n")));
	assert_true(slice_is(m->last.stuck.user, "root"));
	end_stuck(m, 3);

	line(m, 4, "echo free");        /* the slot is */
	assert_output(wait_ended(m, 4), "free\n", "");
	*state = m;
	tear_down(state);
}

static void the_time_limit_strikes(void **state)
{
	Mount *m = *state;

	order(m, 1, (Order){ .command = "sleep 999", .limit_ms = 50, .grace_ms = 20000 });
	order(m, 2, (Order){ .command = "trap 'exit 5' TERM; while :; do sleep 0.01; done", .limit_ms = 50,
			     .grace_ms = 20000 });
	order(m, 3, (Order){ .command = "trap '' TERM; while :; do sleep 0.01; done", .limit_ms = 50,
			     .grace_ms = 50 });
	assert_ended(wait_ended(m, 1), END_TIME_LIMIT, 128 + SIGTERM);
	assert_ended(wait_ended(m, 2), END_TIME_LIMIT, 5);
	assert_ended(wait_ended(m, 3), END_TIME_LIMIT, 128 + SIGKILL);
}

static void a_warning_comes_before_the_time_limit(void **state)
{
	static const char both[] = "sh -c 'trap \"echo child\" USR1; echo up; while :; do sleep 0.01; done' & "
				   "trap 'echo parent' USR1; while :; do sleep 0.01; done";
	Mount *m = *state;
	Order warned = { .command = both, .limit_ms = 1500, .grace_ms = 20000, .warn_signal = SIGUSR1, .warn_ms = 700 };

	order(m, 1, warned);
	assert_ended(wait_ended(m, 1), END_TIME_LIMIT, 128 + SIGTERM);
	assert_non_null(strstr(buf_text(&run_of(m, 1)->output[0]), "child\n"));
	assert_non_null(strstr(buf_text(&run_of(m, 1)->output[0]), "parent\n"));
	warned.warn_first = true;
	order(m, 2, warned);
	assert_ended(wait_ended(m, 2), END_TIME_LIMIT, 128 + SIGTERM);
	assert_null(strstr(buf_text(&run_of(m, 2)->output[0]), "child\n"));
	assert_non_null(strstr(buf_text(&run_of(m, 2)->output[0]), "parent\n"));
}

/* Slurm's batch shell is not warned with the steps: it would be killed by what it does not expect. */
static void a_scripts_own_shell_is_not_warned(void **state)
{
	Mount *m = *state;

	order(m, 1, (Order){ .command = "#!/bin/sh\nsh -c 'trap \"echo warned; exit\" USR1; while :; do sleep 0.01; done'\n"
			     "echo and on\n", .script = true, .limit_ms = 20000, .warn_signal = SIGUSR1,
			     .warn_ms = 19800 });
	assert_ended(wait_ended(m, 1), END_EXITED, 0);
	assert_non_null(strstr(buf_text(&run_of(m, 1)->output[0]), "warned\nand on\n"));
}

static void without_a_time_limit_nobody_is_warned(void **state)
{
	Mount *m = *state;

	order(m, 1, (Order){ .command = "sleep 0.2; echo fine", .warn_signal = SIGUSR1, .warn_ms = 60000 });
	assert_output(wait_ended(m, 1), "fine\n", "");
}

static void who_has_more_memory_than_he_may_is_killed(void **state)
{
	Mount *m = *state;
	Seen *seen;

	order(m, 1, (Order){ .command = "sleep 999 & echo $!; while :; do awk 'BEGIN { s = \"x\"; "
			     "while (length(s) < 134217728) s = s s; while (1) n++ }'; done", .memory = 64 << 20 });
	seen = wait_ended(m, 1);
	assert_ended(seen, END_MEMORY, 128 + SIGKILL);
	assert_non_null(strstr(seen->reason, "limit (--mem)"));
	assert_true(is_gone((pid_t)atoi(buf_text(&seen->output[0]))));
	order(m, 2, (Order){ .command = "sleep 0.3; kill -KILL $$", .memory = 64 << 20 });
	assert_ended(wait_ended(m, 2), END_SIGNALLED, SIGKILL);
}

static void memory_that_processes_share_counts_once(void **state)
{
	Mount *m = *state;

	order(m, 1, (Order){ .command = "python3 -c \"\n"
			     "import os, time\n"
			     "x = bytearray(b'1') * 40000000\n"
			     "for i in range(4):\n"
			     "    if os.fork() == 0:\n"
			     "        time.sleep(1)\n"
			     "        os._exit(0)\n"
			     "for i in range(4): os.wait()\n"
			     "print(len(x))\"", .memory = 100 << 20 });
	assert_output(wait_ended(m, 1), "40000000\n", "");
}

/* -- stdin -- */

static void feed(Mount *m, uint64_t task, uint64_t offset, const char *bytes, size_t n, bool last)
{
	Message input = { .type = WIRE_INPUT, .run = { task, 1 } };

	input.input.offset = offset;
	input.input.data = (Slice){ bytes, (uint32_t)n };
	input.input.last = last;
	send_message(m, &input);
}

static void wait_wanted(Mount *m, uint64_t task, uint64_t until)
{
	while (run_of(m, task)->until < until)
		assert_true(hear(m));
}

static void stdin_is_fed_as_it_is_wanted(void **state)
{
	Mount *m = *state;

	order(m, 1, (Order){ .command = "read a; echo got $a; cat; echo end", .fed = true });
	wait_wanted(m, 1, 1);
	assert_int_equal(run_of(m, 1)->from, 0);
	feed(m, 1, 0, "one\ntw", 6, false);
	wait_output(m, 1, "got one\n");
	feed(m, 1, 6, "o\n", 2, false);
	wait_output(m, 1, "two\n");
	feed(m, 1, 8, "", 0, true);
	assert_output(wait_ended(m, 1), "got one\ntwo\nend\n", "");
}

static void stdin_that_ends_at_once_is_empty(void **state)
{
	Mount *m = *state;

	order(m, 1, (Order){ .command = "cat; echo end", .fed = true });
	wait_wanted(m, 1, 1);
	feed(m, 1, 0, "", 0, true);
	assert_output(wait_ended(m, 1), "end\n", "");
}

/* Feeds a pattern from at to end, as it is wanted. */
static void feed_all(Mount *m, uint64_t task, uint64_t at, uint64_t size, bool last)
{
	static char piece[WIRE_INPUT_MAX];

	while (at < size) {
		uint64_t n = run_of(m, task)->until - at;

		n = n < size - at ? n : size - at;
		n = n < sizeof piece ? n : sizeof piece;
		for (uint64_t i = 0; i < n; i++)
			piece[i] = (char)('a' + (at + i) % 23);
		if (n > 0)
			feed(m, task, at, piece, n, last && at + n == size);
		else
			wait_wanted(m, task, at + 1);
		at += n;
	}
}

#define PATTERN_SUM "python3 -c \"import hashlib; print(hashlib.md5((b'abcdefghijklmnopqrstuvw' * 2000000)[:40000000]).hexdigest())\""

static void a_large_stdin_arrives_whole(void **state)
{
	Mount *m = *state;

	order(m, 1, (Order){ .command = "md5sum | cut -c 1-32", .fed = true });
	feed_all(m, 1, 0, 40000000, true);
	wait_ended(m, 1);
	line(m, 2, PATTERN_SUM);
	assert_string_equal(buf_text(&run_of(m, 1)->output[0]), buf_text(&wait_ended(m, 2)->output[0]));
}

/* What the node has is told by where it wants to go on. */
static void stdin_goes_on_over_a_new_link(void **state)
{
	Mount *m = *state;
	uint64_t at;

	order(m, 1, (Order){ .command = "sleep 0.5; md5sum | cut -c 1-32", .fed = true });
	wait_wanted(m, 1, 1);
	at = run_of(m, 1)->until;
	feed_all(m, 1, 0, at - 1000, false);
	attach(m, 4);
	run_of(m, 1)->from = run_of(m, 1)->until = 0;
	take_up(m, 1);
	wait_wanted(m, 1, 1);
	assert_true(run_of(m, 1)->from <= at - 1000);
	feed_all(m, 1, run_of(m, 1)->from, 40000000, true);
	wait_ended(m, 1);
	line(m, 2, PATTERN_SUM);
	assert_string_equal(buf_text(&run_of(m, 1)->output[0]), buf_text(&wait_ended(m, 2)->output[0]));
}

static void who_closes_his_stdin_is_not_fed_any_more(void **state)
{
	static char piece[WIRE_INPUT_MAX];
	Mount *m = *state;
	uint64_t at = 0;

	order(m, 1, (Order){ .command = "head -c 1 >/dev/null; exec <&-; echo end; mkfifo $TMPDIR/f; read x <$TMPDIR/f", .fed = true });
	wait_wanted(m, 1, 1);
	for (; run_of(m, 1)->until - at >= sizeof piece; at += sizeof piece)
		feed(m, 1, at, piece, sizeof piece, false);
	wait_output(m, 1, "end\n");
	settle(m);
	assert_true(run_of(m, 1)->until < at + WIRE_INPUT_MAX * 8);
	tell(m, WIRE_CANCEL, 1, 20000);
	wait_ended(m, 1);
}

/* A task that never reads costs the pipe and the window, and nothing that is said to others. */
static void who_ignores_his_stdin_costs_nothing(void **state)
{
	static char piece[WIRE_INPUT_MAX];
	Mount *m = *state;
	uint64_t at = 0;

	order(m, 1, (Order){ .command = "sleep 999", .fed = true });
	wait_wanted(m, 1, 1);
	do {
		while (run_of(m, 1)->until - at >= sizeof piece) {
			feed(m, 1, at, piece, sizeof piece, false);
			at += sizeof piece;
		}
		line(m, 100 + at, "true");
		wait_ended(m, 100 + at);
	} while (run_of(m, 1)->until - at >= sizeof piece);
	assert_true(at <= 1024 * 1024);
	tell(m, WIRE_CANCEL, 1, 0);
	assert_ended(wait_ended(m, 1), END_SIGNALLED, SIGKILL);
}

/* However much waits for its runner, the order to end gets through. */
static void a_task_that_is_being_fed_can_be_cancelled(void **state)
{
	static char piece[WIRE_INPUT_MAX];
	Mount *m = *state;
	pid_t runner;

	order(m, 1, (Order){ .command = "echo $PPID; exec sleep 999", .fed = true });
	wait_wanted(m, 1, 1);
	runner = (pid_t)atoi(wait_output(m, 1, "\n"));
	kill(runner, SIGSTOP);
	for (uint64_t at = 0; run_of(m, 1)->until - at >= sizeof piece; at += sizeof piece)
		feed(m, 1, at, piece, sizeof piece, false);
	tell(m, WIRE_CANCEL, 1, 20000);
	settle(m);
	kill(runner, SIGCONT);
	assert_ended(wait_ended(m, 1), END_SIGNALLED, SIGTERM);
}

static void more_than_was_wanted_closes_the_link(void **state)
{
	static char piece[WIRE_INPUT_MAX];
	Mount *m = *state;
	uint64_t at;

	order(m, 1, (Order){ .command = "sleep 999", .fed = true });
	wait_wanted(m, 1, 1);
	for (at = 0; at < 64 * sizeof piece; at += sizeof piece) {
		Message input = { .type = WIRE_INPUT, .run = { 1, 1 } };
		Buf frame = BUF_INIT;
		ssize_t sent;

		input.input.offset = at;
		input.input.data = (Slice){ piece, sizeof piece };
		wire_put(&frame, &input);
		sent = send(m->fd, frame.data, frame.length, MSG_NOSIGNAL);
		buf_release(&frame);
		if (sent < 0)
			break;
	}
	while (hear(m))
		;
	attach(m, 4);
	assert_true(run_of(m, 1)->held);
	feed(m, 1, 77, "x", 1, false);
	while (hear(m))
		;
	attach(m, 4);
	tell(m, WIRE_RELEASE, 1, 0);
}

static void stdin_can_be_a_file(void **state)
{
	Mount *m = *state;

	order(m, 1, (Order){ .command = "read -r a && echo $a", .directory = "/etc", .input = "hostname" });
	order(m, 2, (Order){ .command = "hostname" });
	assert_ended(wait_ended(m, 1), END_EXITED, 0);
	assert_string_equal(buf_text(&run_of(m, 1)->output[0]), buf_text(&wait_ended(m, 2)->output[0]));
	order(m, 3, (Order){ .command = "cat", .directory = "/", .input = "no/such/file" });
	assert_ended(wait_ended(m, 3), END_NOT_STARTED, 0);
	assert_non_null(strstr(run_of(m, 3)->reason, "--input: no/such/file"));
}

/* -- srun -- */

#define SLURM(more) { "SLURM_JOB_ID=5\0SLURM_NTASKS=3\0" more, sizeof "SLURM_JOB_ID=5\0SLURM_NTASKS=3\0" more - 1 }

/* Does the kernel run programs of this kind? qemu-user runs the agent, but what a task executes is the kernel's to
 * start: a program for another architecture only where binfmt_misc hands it to qemu-user. */
static bool is_run_here(const char *program)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		unsetenv("SLURM_JOB_ID");
		if (freopen("/dev/null", "w", stderr))
			execl(program, program, (char *)NULL);
		_exit(errno == ENOEXEC ? 126 : 127);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return !WIFEXITED(status) || WEXITSTATUS(status) != 126;
}

static void needs_srun(const Mount *m)
{
	char program[128];

	snprintf(program, sizeof program, "%s/bin/srun", m->dir);
	if (!getenv("WULFS_EMULATED") || is_run_here(program))
		return;
	print_message("left out: srun is a foreign program here, and no binfmt_misc hands it to qemu-user\n");
	skip();
}

static void step(Mount *m, uint64_t task, const char *command)
{
	needs_srun(m);
	order(m, task, (Order){ .command = command, .environment = SLURM("SLURMD_NODENAME=here\0") });
}

static void srun_runs_the_steps_tasks(void **state)
{
	Mount *m = *state;

	step(m, 1, "srun sh -c 'echo $SLURM_PROCID $SLURM_LOCALID $SLURM_STEP_ID $SLURM_NTASKS' | sort; "
		   "srun -n 1 -c2 sh -c 'echo $SLURM_PROCID $SLURM_STEP_ID $SLURM_CPUS_PER_TASK'");
	assert_output(wait_ended(m, 1), "0 0 0 3\n1 1 0 3\n2 2 0 3\n0 1 2\n", "");
	assert_false(exists(m, "scratch/1.1.steps"));
}

static void sruns_exit_status_is_the_highest(void **state)
{
	Mount *m = *state;

	step(m, 1, "srun sh -c 'exit $((5 - SLURM_PROCID))'");
	assert_ended(wait_ended(m, 1), END_EXITED, 5);
	step(m, 2, "srun sh -c 'kill -KILL $$'");
	assert_ended(wait_ended(m, 2), END_EXITED, 128 + SIGKILL);
	assert_non_null(strstr(buf_text(&run_of(m, 2)->output[1]), "srun: task 2: killed by signal 9\n"));
	step(m, 3, "srun -n1 /no/such/program");
	assert_ended(wait_ended(m, 3), END_EXITED, 127);
	assert_non_null(strstr(buf_text(&run_of(m, 3)->output[1]), "srun: /no/such/program: No such file"));
}

static void srun_labels_and_names_files(void **state)
{
	Mount *m = *state;

	step(m, 1, "srun -l -n 2 sh -c 'echo out; printf err >&2' 2>&1 | sort");
	assert_output(wait_ended(m, 1), "0: err\n0: out\n1: err\n1: out\n", "");
	step(m, 2, "srun -n 2 -o %x%2t.%s -e none --export=A=b,ALL sh -c 'echo $A$SLURM_PROCID; echo no >&2'; cat *0*.0");
	assert_output(wait_ended(m, 2), "b0\nb1\n", LEFT);
	step(m, 3, "echo in | srun -n 2 sh -c 'read x; echo $SLURM_PROCID$x' | sort; echo 2 | srun -n 1 -D / sh -c 'pwd; cat'");
	assert_output(wait_ended(m, 3), "0in\n1\n/\n2\n", "");
}

static void srun_refuses_by_name(void **state)
{
	static const struct { const char *command, *words; } rows[] = {
		{ "srun --lots=1 true", "srun: --lots=1: " }, { "srun -Y true", "srun: -Y: " },
		{ "srun -N 2 true", "srun: --nodes: a job runs on one node" }, { "srun", "srun: no command" },
		{ "srun -n", "srun: -n: a value is missing" }, { "srun -n lots true", "srun: --ntasks: \"lots\"" },
		{ "srun --pty bash", "srun: --pty: there is no terminal" },
		{ "env -u SLURM_JOB_ID srun true", "srun: this is not a job" },
	};
	Mount *m = *state;

	for (uint64_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		step(m, i, rows[i].command);
		assert_ended(wait_ended(m, i), END_EXITED, 1);
		if (strncmp(buf_text(&run_of(m, i)->output[1]), rows[i].words, strlen(rows[i].words)) != 0)
			fail_msg("%s: %s", rows[i].command, buf_text(&run_of(m, i)->output[1]));
	}
	step(m, 50, "srun -N1 -n1 --exclusive --mem=1G --mpi=none --cpu-bind=cores -u -K -W 5 -pdebug --overlap echo fine");
	assert_output(wait_ended(m, 50), "fine\n", "");
}

#define NO_SUCH ": this srun, which is of wulfs, has no such option\n"
#define NO_VALUE_FITS ": its value is missing, or it takes none\n"
#define NO_GPUS ": wulfs does not manage GPUs\n"
#define NO_HOOKS ": no other program runs before or after a step here; the script can run it\n"
#define STEPS_ONLY ": this srun, which is of wulfs, only starts a step of its job; see STEPS in wulfs(1)\n"

/* The names, what takes a value, and which beginnings are ambiguous are those of Slurm 22.05's srun. */
static void srun_knows_all_of_slurms_options(void **state)
{
	static const struct { const char *options, *answer; } rows[] = {
		/* one step on one node: nothing to do */
		{ "--use-min-nodes --time-min 5 --mincpus 2 --delay-boot 5 --reboot --prefer fast --nice --nice=5", "taken\n" },
		{ "--begin now -b now --dependency singleton -d singleton --hold -H --priority 3 --clusters x -M x", "taken\n" },
		{ "--bb x --bbf x --power level --mcs-label x --network sn_all --container x --context x --gid us --uid me", "taken\n" },
		{ "--mem-bind local --cpu_bind none --cpu-bind=q --hint nomultithread -m block:cyclic --accel-bind g", "taken\n" },
		{ "--propagate --propagate=NONE --exclusive --exclusive=user --overlap --overlap=x --whole --exact", "taken\n" },
		{ "--kill-on-bad-exit --kill-on-bad-exit=0 -K -K1 --no-kill --no-kill=off -k -koff --immediate -I5", "taken\n" },
		{ "--het-group 0 --pack-group 0 --switches 1@5 --spread-job --thread-spec 1 --signal USR1@5 -F nodes", "taken\n" },
		{ "--bcast --bcast=/tmp/x --bcast-exclude NONE --compress --compress=lz4 --send-libs --send-libs=n", "taken\n" },
		{ "--nodefile nodes --interactive --quit-on-interrupt --resv-ports --resv-ports=2 --cluster-constraint x", "taken\n" },
		{ "--prolog none --epilog=none --task-prolog=none --task-epilog none", "taken\n" },
		{ "--gres none --gres=gpu:0 --gres lscratch:9 --gpus=0 -G0 --gpus-per-node v100:0 --gres-flags x", "taken\n" },
		{ "--gpu-bind none --gpu-freq low", "taken\n" },
		/* not what was asked for */
		{ "--gres=gpu:1", "srun: --gres" NO_GPUS },
		{ "--gres gpu", "srun: --gres" NO_GPUS },
		{ "--gpus=2", "srun: --gpus" NO_GPUS },
		{ "-G 10", "srun: --gpus" NO_GPUS },
		{ "--gpus-per-task v100:1", "srun: --gpus-per-task" NO_GPUS },
		{ "--mem-per-gpu=1G", "srun: --mem-per-gpu" NO_GPUS },
		{ "--ntasks-per-tres 1", "srun: --ntasks-per-tres" NO_GPUS },
		{ "--prolog=./before", "srun: --prolog" NO_HOOKS },
		{ "--task-epilog=./after", "srun: --task-epilog" NO_HOOKS },
		{ "--x11", "srun: --x11: there is no display in a job\n" },
		{ "--test-only", "srun: --test-only" STEPS_ONLY },
		{ "-Z", "srun: --no-allocate" STEPS_ONLY },
		{ "-V", "srun: --version" STEPS_ONLY },
		{ "--wait-all-nodes=1", "srun: --wait-all-nodes=1" NO_SUCH },          /* sbatch's and salloc's */
		{ "--mem_bind=local", "srun: --mem_bind=local" NO_SUCH },
		/* values */
		{ "--use-min-nodes=1", "srun: --use-min-nodes" NO_VALUE_FITS },
		{ "--hold=1", "srun: --hold" NO_VALUE_FITS },
		/* the beginning of one name only */
		{ "--use --minc 2 --propa --exclus --nic=3 --time-m 5 --cpu_b none --cpu-b=none --tasks 1 --job-n x", "taken\n" },
		{ "--out all --err=all --part x --pres --qo x --gpu-b none --quie", "taken\n" },
		{ "--gpus-per-t=1", "srun: --gpus-per-task" NO_GPUS },
		{ "--tim=5", "srun: option '--tim=5' is ambiguous; possibilities: '--time' '--time-min'\n" },
		{ "--cpu none", "srun: option '--cpu' is ambiguous; possibilities: '--cpus-per-task' '--cpu-bind' "
			"'--cpu-freq' '--cpu_bind' '--cpus-per-gpu'\n" },
		{ "--ex", "srun: option '--ex' is ambiguous; possibilities: '--export' '--exact' '--exclude' "
			"'--exclusive' '--extra-node-info'\n" },
		{ "--gpus-per=1", "srun: option '--gpus-per=1' is ambiguous; possibilities: '--gpus-per-node' '--gpus-per-socket' "
			"'--gpus-per-task'\n" },
		{ "--exact-ly", "srun: --exact-ly" NO_SUCH },
	};
	char command[256];
	Mount *m = *state;

	for (uint64_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		snprintf(command, sizeof command, "srun -n1 %s echo taken 2>&1", rows[i].options);
		step(m, i, command);
		if (strcmp(buf_text(&wait_ended(m, i)->output[0]), rows[i].answer) != 0)
			fail_msg("%s: %s", rows[i].options, buf_text(&run_of(m, i)->output[0]));
	}
}

/* As --export of a spec. */
static void srun_exports_what_has_commas(void **state)
{
	static const struct { const char *exported, *answer; } rows[] = {
		{ "A=1,B=2", "1|2\n" },
		{ "ALL,A=1,NONE,B=", "1|\n" },
		{ "A=1,2,B=3", "1|3\n" },
		{ "A=\"1,2\",B=3", "1,2|3\n" },
		{ "A=1\\,2,B=3\\\\", "1,2|3\\\n" },
		{ "\"A=x, y\",B='\"'", "x, y|\"\n" },
		{ ",A=b=c,,B=\"it's, so\"", "b=c|it's, so\n" },
		{ "A=\"1,B=2", "1,B=2|b\n" },
	};
	char command[256], text[64];
	Mount *m = *state;

	for (uint64_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		snprintf(command, sizeof command, "list=$(cat <<'END'\n%s\nEND\n)\n"
			 "A=a B=b srun -n1 --export=\"$list\" sh -c 'printf \"%%s\\n\" \"$A|$B\"'", rows[i].exported);
		step(m, i, command);
		snprintf(text, sizeof text, "%s", buf_text(&wait_ended(m, i)->output[0]));
		if (strcmp(text, rows[i].answer) != 0)
			fail_msg("%s: %s%s", rows[i].exported, text, buf_text(&run_of(m, i)->output[1]));
	}
}

/* The agent signals every process, srun and what it runs; they hear of it once all the same. */
static void a_signal_reaches_a_steps_tasks_once(void **state)
{
	Mount *m = *state;

	step(m, 1, "exec srun -n 1 sh -c 'trap \"echo heard\" USR1; echo up; i=0; while [ $i -lt 50 ]; do sleep 0.01; i=$((i+1)); done'");
	wait_output(m, 1, "up\n");
	tell(m, WIRE_SIGNAL, 1, SIGUSR1);
	wait_ended(m, 1);
	assert_string_equal(buf_text(&run_of(m, 1)->output[0]), "up\nheard\n");
	step(m, 2, "srun -n 1 sh -c 'trap \"echo heard; exit 3\" TERM; echo up; while :; do sleep 0.01; done' >$TMPDIR/o & "
		   "until grep -q up $TMPDIR/o; do sleep 0.01; done; kill $!; wait $!; echo $?; cat $TMPDIR/o");
	assert_string_equal(buf_text(&wait_ended(m, 2)->output[0]), "3\nup\nheard\n");
}

static void a_step_belongs_to_the_task(void **state)
{
	Mount *m = *state;
	Seen *seen;

	step(m, 1, "srun -n 1 sh -c 'echo $$; exec sleep 999' & sleep 0.3");
	seen = wait_ended(m, 1);
	assert_ended(seen, END_EXITED, 0);
	assert_true(is_gone((pid_t)atoi(buf_text(&seen->output[0]))));
}

static void a_signal_reaches_every_process(void **state)
{
	Mount *m = *state;

	line(m, 1, "setsid sh -c 'trap \"echo child\" USR1; echo up; while :; do sleep 0.01; done' & "
		   "trap 'echo parent' USR1; while :; do sleep 0.01; done");
	wait_output(m, 1, "up\n");
	tell(m, WIRE_SIGNAL, 1, SIGUSR1);
	wait_output(m, 1, "child\n");
	wait_output(m, 1, "parent\n");
	tell(m, WIRE_SIGNAL, 1, 9999);
	tell(m, WIRE_CANCEL, 1, 0);
	assert_ended(wait_ended(m, 1), END_SIGNALLED, SIGKILL);
}

static void cancelling_a_queued_run_ends_it_unstarted(void **state)
{
	Mount *m = *state;

	attach(m, 1);
	line(m, 1, "echo up; sleep 999");
	line(m, 2, "echo never");
	wait_output(m, 1, "up\n");
	tell(m, WIRE_CANCEL, 2, 100);
	assert_ended(wait_ended(m, 2), END_NOT_STARTED, 0);
	assert_string_equal(run_of(m, 2)->reason, "cancelled before it started");
}

/* -- slots, queue -- */

static void slots_bound_what_runs_at_a_time(void **state)
{
	Mount *m = *state;
	Seen *last;

	attach(m, 2);
	for (uint64_t i = 1; i <= 8; i++)
		line(m, i, "mkdir ../../r.$$; ls -d ../../r.* | wc -l; sleep 0.05; rmdir ../../r.$$");
	for (uint64_t i = 1; i <= 8; i++) {
		last = wait_ended(m, i);
		assert_in_range(atoi(buf_text(&last->output[0])), 1, 2);
	}
}

static void a_run_larger_than_the_node_runs_alone(void **state)
{
	Mount *m = *state;

	attach(m, 2);
	line(m, 1, "echo up; while [ ! -e ../../go ]; do sleep 0.01; done; touch ../../first");
	order(m, 2, (Order){ .command = "test -e ../../first && sleep 0.05 && touch ../../second", .slots = 99 });
	line(m, 3, "test -e ../../second");
	wait_output(m, 1, "up\n");
	line(m, 4, "true");
	settle(m);
	assert_false(run_of(m, 2)->started || run_of(m, 3)->started);
	close(openat(AT_FDCWD, strcat(strcpy((char[128]){ 0 }, m->dir), "/go"), O_CREAT | O_WRONLY, 0600));
	for (uint64_t i = 1; i <= 4; i++)
		assert_ended(wait_ended(m, i), END_EXITED, 0);
}

static void slots_can_change(void **state)
{
	Message slots = { .type = WIRE_SLOTS };
	Mount *m = *state;

	slots.slots.slots = 0;
	send_message(m, &slots);
	line(m, 1, "true");
	settle(m);
	assert_false(run_of(m, 1)->started);
	slots.slots.slots = 1;
	send_message(m, &slots);
	assert_ended(wait_ended(m, 1), END_EXITED, 0);
}

static void a_queued_run_can_be_recalled_a_running_one_not(void **state)
{
	Mount *m = *state;

	attach(m, 1);
	line(m, 1, "echo up; while [ ! -e ../../go ]; do sleep 0.01; done");
	line(m, 2, "echo never");
	wait_output(m, 1, "up\n");
	tell(m, WIRE_RECALL, 2, 0);
	tell(m, WIRE_RECALL, 1, 0);
	tell(m, WIRE_RECALL, 77, 0);
	settle(m);
	assert_true(run_of(m, 2)->recalled);
	assert_false(run_of(m, 1)->recalled || run_of(m, 77)->recalled);
	tell(m, WIRE_CANCEL, 1, 0);
	wait_ended(m, 1);
	attach(m, 1);
	assert_false(run_of(m, 2)->held);
}

static void a_run_that_comes_twice_runs_once(void **state)
{
	Mount *m = *state;

	line(m, 1, "echo x >>../../times; sleep 0.05");
	line(m, 1, "echo x >>../../times");
	wait_ended(m, 1);
	line(m, 1, "echo x >>../../times");
	line(m, 2, "cat ../../times");
	assert_output(wait_ended(m, 2), "x\n", "");
}

static void a_released_run_is_forgotten_and_a_running_one_killed_silently(void **state)
{
	Mount *m = *state;
	pid_t pid;

	line(m, 1, "echo $$; exec sleep 999");
	pid = (pid_t)atoi(wait_output(m, 1, "\n"));
	line(m, 2, "head -c 200000 /dev/zero");
	wait_ended(m, 2);
	assert_true(exists(m, "spool/2.1.stdout"));
	tell(m, WIRE_RELEASE, 1, 0);
	tell(m, WIRE_RELEASE, 2, 0);
	tell(m, WIRE_RELEASE, 3, 0);
	settle(m);
	wait_until(is_gone(pid));
	assert_false(exists(m, "spool/2.1.stdout"));
	assert_true(hears_nothing(m, 50));
	attach(m, 4);
	assert_false(run_of(m, 1)->held || run_of(m, 2)->held);
}

/* -- links -- */

static void output_resumes_where_a_link_broke(void **state)
{
	Mount *m = *state;
	Seen *seen;

	attach_as(m, "state", 4, 60, 300000);
	line(m, 1, "i=0; while [ $i -lt 100000 ]; do echo $i; i=$((i+1)); done; echo end >&2");
	while (m->arrived < 250000)
		assert_true(hear(m));
	attach(m, 4);
	assert_true(run_of(m, 1)->held);
	assert_true(hears_nothing(m, 20)); /* nothing of an old run before it is asked for */
	take_up(m, 1);
	seen = wait_ended(m, 1);
	assert_ended(seen, END_EXITED, 0);
	for (int i = 0, at = 0, n; i < 100000; i++, at += n) {
		char number[16];

		n = snprintf(number, sizeof number, "%d\n", i);
		assert_memory_equal(seen->output[0].data + at, number, n);
	}
	assert_string_equal(buf_text(&seen->output[1]), "end\n");
}

static void what_ended_while_nobody_listened_is_kept(void **state)
{
	Mount *m = *state;

	line(m, 1, "echo up; while [ ! -e ../../go ]; do sleep 0.01; done; echo down; exit 4");
	wait_output(m, 1, "up\n");
	hang_up(m);
	close(open(strcat(strcpy((char[128]){ 0 }, m->dir), "/go"), O_CREAT | O_WRONLY, 0600));
	wait_until(!exists(m, "scratch/1.1"));
	attach(m, 4);
	assert_int_equal(run_of(m, 1)->phase, HELD_ENDED);
	take_up(m, 1);
	assert_ended(wait_ended(m, 1), END_EXITED, 4);
	assert_output(run_of(m, 1), "up\ndown\n", "");
	attach(m, 4); /* and until it is released */
	take_up(m, 1);
	assert_ended(wait_ended(m, 1), END_EXITED, 4);
}

static void a_queued_run_goes_on_over_a_new_link(void **state)
{
	Mount *m = *state;

	attach(m, 1);
	line(m, 1, "echo up; while [ ! -e ../../go ]; do sleep 0.01; done");
	line(m, 2, "echo two");
	wait_output(m, 1, "up\n");
	attach(m, 1);
	assert_int_equal(run_of(m, 1)->phase, HELD_RUNNING);
	assert_int_equal(run_of(m, 2)->phase, HELD_QUEUED);
	take_up(m, 1);
	take_up(m, 2);
	close(open(strcat(strcpy((char[128]){ 0 }, m->dir), "/go"), O_CREAT | O_WRONLY, 0600));
	assert_output(wait_ended(m, 2), "two\n", "");
	assert_true(run_of(m, 2)->started);
}

static void a_new_mount_takes_the_link_over(void **state)
{
	Mount *m = *state;
	int old = m->fd;
	char byte;

	line(m, 1, "echo up; sleep 999");
	wait_output(m, 1, "up\n");
	m->fd = -1;
	attach(m, 4);
	assert_int_equal(read(old, &byte, 1), 0);
	close(old);
	assert_int_equal(run_of(m, 1)->phase, HELD_RUNNING);
}

static void silent_connections_disturb_nobody(void **state)
{
	Mount *m = *state;
	int silent[20];

	for (size_t i = 0; i < 20; i++)
		silent[i] = connect_agent(m);
	line(m, 1, "echo hi");
	assert_output(wait_ended(m, 1), "hi\n", "");
	attach(m, 4);
	for (size_t i = 0; i < 20; i++)
		close(silent[i]);
	settle(m);
}

/* Sends bytes over a link of its own and sees that closed. */
static void assert_hung_up_on(Mount *m, const char *bytes, size_t n)
{
	char byte;
	int fd = connect_agent(m);

	send_bytes(fd, bytes, n);
	wait_readable(fd);
	assert_true(read(fd, &byte, 1) <= 0);
	close(fd);
}

static void nonsense_closes_that_link_only(void **state)
{
	Mount *m = *state;
	Message message = { .type = WIRE_PING };
	Buf frame = BUF_INIT;

	assert_hung_up_on(m, "\xff\xff\xff\xff", 4);
	assert_hung_up_on(m, "\1\0\0\0\x63", 5);
	wire_put(&frame, &message); /* before HELLO */
	assert_hung_up_on(m, frame.data, frame.length);
	buf_clear(&frame);
	message = (Message){ .type = WIRE_HELLO };
	message.hello.version = 99;
	wire_put(&frame, &message);
	assert_hung_up_on(m, frame.data, frame.length);
	buf_release(&frame);
	assert_true(log_says(m, "version 99"));
	line(m, 1, "echo fine");
	assert_output(wait_ended(m, 1), "fine\n", "");
}

static void nonsense_from_the_mount_keeps_its_runs(void **state)
{
	Mount *m = *state;

	line(m, 1, "echo up; sleep 0.1; echo down");
	wait_output(m, 1, "up\n");
	send_bytes(m->fd, "\5\0\0\0\1bad!", 9);
	while (hear(m))
		;
	attach(m, 4);
	take_up(m, 1);
	assert_output(wait_ended(m, 1), "up\ndown\n", "");
}

static void runs_of_one_state_are_not_given_to_another(void **state)
{
	Mount *m = *state;

	line(m, 1, "echo hi");
	wait_ended(m, 1);
	hang_up(m);
	m->fd = connect_agent(m);
	say_hello(m, "other", 4, 60, MANY);
	assert_false(hear(m));
	assert_true(log_says(m, "other"));
	attach(m, 4);
	assert_true(run_of(m, 1)->held);
}

/* -- large outputs -- */

static long resident_kb(pid_t pid)
{
	char path[64], row[128];
	long kb = 0;
	FILE *file;

	snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
	file = fopen(path, "r");
	while (file && fgets(row, sizeof row, file))
		if (sscanf(row, "VmRSS: %ld", &kb) == 1)
			break;
	if (file)
		fclose(file);
	return kb;
}

static void a_large_output_is_bounded_by_credit_and_not_kept_in_memory(void **state)
{
	enum { BYTES = 120000000, CREDIT = 500000 };
	Mount *m = *state;
	long before = resident_kb(m->agent);
	uint64_t granted = CREDIT;

	attach_as(m, "state", 4, 60, CREDIT);
	line(m, 1, "head -c 120000000 /dev/zero | tr '\\0' x");
	while (m->arrived < CREDIT)
		assert_true(hear(m));
	assert_true(hears_nothing(m, 50));
	line(m, 2, "true"); /* ends need no credit */
	wait_ended(m, 2);
	while (!run_of(m, 1)->ended) {
		assert_true(m->arrived <= granted);
		if (granted - m->arrived < CREDIT / 2) {
			give_credit(m, CREDIT);
			granted += CREDIT;
		}
		assert_true(hear(m));
	}
	assert_int_equal(run_of(m, 1)->output[0].length, BYTES);
	assert_true(resident_kb(m->agent) - before < 32 * 1024);
}

static void a_flood_does_not_hold_up_a_trickle(void **state)
{
	Mount *m = *state;

	line(m, 1, "head -c 30000000 /dev/zero");
	while (m->arrived < 100000)
		assert_true(hear(m));
	line(m, 2, "echo small");
	assert_output(wait_ended(m, 2), "small\n", "");
	assert_false(run_of(m, 1)->ended && run_of(m, 1)->output[0].length < 30000000);
	assert_int_equal(wait_ended(m, 1)->output[0].length, 30000000);
}

static void a_full_disk_pauses_the_task_and_loses_nothing(void **state)
{
	struct rlimit limit = { 1000000, RLIM_INFINITY };
	Mount *m = *state;

	assert_int_equal(prlimit(m->agent, RLIMIT_FSIZE, &limit, NULL), 0);
	line(m, 1, "seq 1000000");
	wait_until(log_says(m, "waits until there is room"));
	settle(m);
	assert_false(run_of(m, 1)->ended);
	limit.rlim_cur = RLIM_INFINITY;
	assert_int_equal(prlimit(m->agent, RLIMIT_FSIZE, &limit, NULL), 0);
	assert_ended(wait_ended(m, 1), END_EXITED, 0);
	assert_int_equal(run_of(m, 1)->output[0].length, 6888896);
	assert_string_equal(run_of(m, 1)->output[0].data + 6888896 - 15, "999999\n1000000\n");
}

static void a_run_released_while_the_disk_is_full_frees_its_slot(void **state)
{
	struct rlimit limit = { 1000000, RLIM_INFINITY };
	Mount *m = *state;

	attach(m, 1);
	assert_int_equal(prlimit(m->agent, RLIMIT_FSIZE, &limit, NULL), 0);
	line(m, 1, "seq 1000000");
	wait_until(log_says(m, "waits until there is room"));
	tell(m, WIRE_RELEASE, 1, 0);
	line(m, 2, "echo next");
	assert_output(wait_ended(m, 2), "next\n", "");
}

/* -- accidents -- */

static pid_t parent_of(pid_t pid)
{
	char path[64], text[512] = "";
	int fd;

	snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	fd = open(path, O_RDONLY);
	assert_true(read(fd, text, sizeof text - 1) > 0);
	close(fd);
	return (pid_t)atoi(strrchr(text, ')') + 4);
}

static void a_run_whose_runner_is_killed_is_lost_and_leaves_nothing(void **state)
{
	Mount *m = *state;
	pid_t first, second;
	const char *words;

	not_emulated("subreaper");
	line(m, 1, "setsid sleep 999 & echo $! $$; exec sleep 999");
	words = wait_output(m, 1, "\n");
	second = (pid_t)strtol(words, (char **)&words, 10);
	first = (pid_t)atoi(words);
	kill(parent_of(first), SIGKILL);
	assert_ended(wait_ended(m, 1), END_LOST, 0);
	assert_true(is_gone(first) && is_gone(second));
	assert_false(exists(m, "scratch/1.1"));
	line(m, 2, "echo again");
	assert_output(wait_ended(m, 2), "again\n", "");
}

/* As a debugger would, until it is dead. Returns the process that does it. */
static pid_t freeze(pid_t victim)
{
	int ready[2], status;
	pid_t pid;
	char byte;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	if (pid == 0) {
		if (ptrace(PTRACE_ATTACH, victim, NULL, NULL) == 0 && waitpid(victim, &status, __WALL) == victim &&
		    write(ready[1], "", 1) == 1)
			waitpid(victim, &status, __WALL);
		_exit(0);
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	return pid;
}

static void a_runner_that_does_not_answer_is_killed(void **state)
{
	Mount *m = *state;
	pid_t first;

	not_emulated("ptrace");
	order(m, 1, (Order){ .command = "echo $$; sleep 999", .limit_ms = 100, .grace_ms = 100 });
	first = (pid_t)atoi(wait_output(m, 1, "\n"));
	freeze(parent_of(first));
	assert_ended(wait_ended(m, 1), END_TIME_LIMIT, 128 + SIGKILL);
	assert_true(is_gone(first));

	line(m, 2, "echo $$; exec sleep 999");
	first = (pid_t)atoi(wait_output(m, 2, "\n"));
	freeze(parent_of(first));
	tell(m, WIRE_CANCEL, 2, 100);
	assert_ended(wait_ended(m, 2), END_LOST, 0);
	assert_true(is_gone(first));
	assert_string_equal(run_of(m, 2)->reason, "the agent's process that ran it did not answer, and was killed");
	line(m, 3, "echo again");
	assert_output(wait_ended(m, 3), "again\n", "");
}

/* Of stat(5): "S" once it waits for something. */
static bool is_asleep(pid_t pid)
{
	char path[64], text[512] = "";
	int fd;

	snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	fd = open(path, O_RDONLY);
	assert_true(read(fd, text, sizeof text - 1) > 0);
	close(fd);
	return strrchr(text, ')')[2] == 'S';
}

/* It says all it has to say, unheard as the disk is full, and dies: it is given no other run. */
static void a_runner_that_dies_unheard_gets_no_other_run(void **state)
{
	struct rlimit limit = { 1000, RLIM_INFINITY };
	Mount *m = *state;
	char go[80], command[200];
	pid_t first, runner;

	not_emulated("subreaper");
	attach(m, 1);
	snprintf(go, sizeof go, "%s/go", m->home);
	snprintf(command, sizeof command, "echo $$; until [ -e %s ]; do sleep 0.01; done; seq 20000", go);
	line(m, 1, command);
	first = (pid_t)atoi(wait_output(m, 1, "\n"));
	runner = parent_of(first);
	assert_int_equal(prlimit(m->agent, RLIMIT_FSIZE, &limit, NULL), 0);
	assert_int_equal(mkdir(go, 0700), 0);
	wait_until(log_says(m, "waits until there is room"));
	wait_until(kill(first, 0) < 0 && is_asleep(runner));
	kill(runner, SIGKILL);
	limit.rlim_cur = RLIM_INFINITY;
	assert_int_equal(prlimit(m->agent, RLIMIT_FSIZE, &limit, NULL), 0);
	assert_ended(wait_ended(m, 1), END_EXITED, 0);
	line(m, 2, "echo again");
	assert_output(wait_ended(m, 2), "again\n", "");
}

static void nothing_survives_an_agent_that_is_killed(void **state)
{
	Mount *m = *state;
	pid_t first, second;
	const char *words;

	line(m, 1, "setsid sleep 999 & echo $! $$; trap '' TERM; sleep 999; sleep 999");
	words = wait_output(m, 1, "\n");
	second = (pid_t)strtol(words, (char **)&words, 10);
	first = (pid_t)atoi(words);
	line(m, 2, "head -c 300000 /dev/zero");
	wait_ended(m, 2);
	kill(m->agent, SIGKILL);
	wait_until(is_gone(m->agent) && is_gone(first) && is_gone(second));

	start_agent(m); /* over its lock, socket and spool */
	attach_as(m, "another", 4, 60, MANY);
	assert_false(run_of(m, 1)->held || run_of(m, 2)->held || exists(m, "spool/2.1.stdout"));
	line(m, 3, "echo new");
	assert_output(wait_ended(m, 3), "new\n", "");
}

static void a_second_agent_is_not_started(void **state)
{
	Mount *m = *state;
	pid_t first = m->agent;

	start_agent(m);
	assert_int_equal(m->agent, first);
	line(m, 1, "echo undisturbed");
	assert_output(wait_ended(m, 1), "undisturbed\n", "");
}

static void a_directory_others_can_write_is_refused(void **state)
{
	Mount *m = *state;
	char path[128];

	snprintf(path, sizeof path, "%s/open", m->home);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(chmod(path, 0770), 0);
	assert_int_equal(run_agent("serve", path), 1);
	snprintf(path, sizeof path, "%s/no/such", m->home);
	assert_int_equal(run_agent("serve", path), 1);
}

/* -- life and death -- */

static void an_agent_without_work_or_mount_goes(void **state)
{
	Mount *m = *state;

	line(m, 1, "true");
	wait_ended(m, 1);
	tell(m, WIRE_RELEASE, 1, 0);
	settle(m);
	hang_up(m);
	wait_until(is_gone(m->agent));
	assert_false(exists(m, "socket") || exists(m, "spool") || exists(m, "scratch") || exists(m, "lock") || exists(m, "log"));
}

static void an_agent_alone_for_its_lease_kills_and_goes(void **state)
{
	Mount *m = *state;
	pid_t pid;

	attach_as(m, "state", 4, 1, MANY);
	line(m, 1, "trap '' TERM; echo $$; sleep 999; sleep 999");
	pid = (pid_t)atoi(wait_output(m, 1, "\n"));
	hang_up(m);
	assert_false(is_gone(pid));
	wait_until(is_gone(m->agent) && is_gone(pid));
	assert_false(exists(m, "socket") || exists(m, "spool") || exists(m, "scratch"));
}

static void sigterm_ends_the_agent_and_its_tasks(void **state)
{
	Mount *m = *state;
	pid_t pid;

	line(m, 1, "trap '' TERM; echo $$; sleep 999; sleep 999");
	pid = (pid_t)atoi(wait_output(m, 1, "\n"));
	kill(m->agent, SIGTERM);
	wait_until(is_gone(m->agent) && is_gone(pid));
	assert_false(exists(m, "socket") || exists(m, "spool") || exists(m, "scratch"));
}

static void attach_relays_and_starts_what_is_missing(void **state)
{
	Mount *m = *state;
	int ends[2];
	pid_t pid;

	hang_up(m);
	wait_until(is_gone(m->agent));
	m->agent = 0;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	pid = fork();
	if (pid == 0) {
		dup2(ends[1], 0);
		dup2(ends[1], 1);
		execl(agent_binary(), "wulfs-agent", "attach", m->dir, (char *)NULL);
		_exit(127);
	}
	close(ends[1]);
	m->fd = ends[0];
	say_hello(m, "state", 2, 60, MANY);
	line(m, 1, "head -c 3000000 /dev/zero; exit 3");
	assert_ended(wait_ended(m, 1), END_EXITED, 3);
	assert_int_equal(run_of(m, 1)->output[0].length, 3000000);
	tell(m, WIRE_RELEASE, 1, 0);
	settle(m);
	hang_up(m);
	wait_until(is_gone(pid));
	wait_until(!exists(m, "socket"));
}

static void hundreds_of_runs_go_through(void **state)
{
	Mount *m = *state;

	for (uint64_t i = 1; i <= 500; i++)
		line(m, i, "echo x");
	for (uint64_t i = 1; i <= 500; i++) {
		assert_output(wait_ended(m, i), "x\n", "");
		tell(m, WIRE_RELEASE, i, 0);
	}
	settle(m);
	attach(m, 4);
	for (uint64_t i = 1; i <= 500; i++)
		assert_false(run_of(m, i)->held);
}

#define ON_AN_AGENT(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_AN_AGENT(a_line_runs_and_its_outputs_and_exit_code_come_back),
		ON_AN_AGENT(a_signal_that_ended_it_is_reported),
		ON_AN_AGENT(usage_is_reported),
		ON_AN_AGENT(a_script_runs_with_its_own_interpreter_and_argument),
		ON_AN_AGENT(what_cannot_start_is_named),
		ON_AN_AGENT(it_starts_in_the_directory_if_that_exists_here),
		ON_AN_AGENT(tmpdir_is_a_scratch_directory_that_is_gone_afterwards),
		ON_AN_AGENT(a_scratch_directory_of_any_depth_is_removed),
		ON_AN_AGENT(a_scratch_directory_is_never_handed_on_with_something_in_it),
		ON_AN_AGENT(its_environment_wins_over_the_agents),
		ON_AN_AGENT(it_starts_with_a_clean_slate_of_signals_and_descriptors),
		ON_AN_AGENT(a_task_ends_with_its_first_process),
		ON_AN_AGENT(children_that_called_setsid_do_not_escape),
		ON_AN_AGENT(a_small_fork_bomb_is_killed),
		ON_AN_AGENT(cancel_asks_every_process_then_kills),
		ON_AN_AGENT(who_ignores_it_is_killed_after_the_grace),
		ON_AN_AGENT(a_stopped_task_can_be_cancelled),
		cmocka_unit_test(what_became_another_users_is_left_behind_and_named),
		ON_AN_AGENT(the_time_limit_strikes),
		ON_AN_AGENT(a_signal_reaches_every_process),
		ON_AN_AGENT(a_warning_comes_before_the_time_limit),
		ON_AN_AGENT(a_scripts_own_shell_is_not_warned),
		ON_AN_AGENT(without_a_time_limit_nobody_is_warned),
		ON_AN_AGENT(who_has_more_memory_than_he_may_is_killed),
		ON_AN_AGENT(memory_that_processes_share_counts_once),
		ON_AN_AGENT(stdin_is_fed_as_it_is_wanted),
		ON_AN_AGENT(stdin_that_ends_at_once_is_empty),
		ON_AN_AGENT(a_large_stdin_arrives_whole),
		ON_AN_AGENT(stdin_goes_on_over_a_new_link),
		ON_AN_AGENT(who_closes_his_stdin_is_not_fed_any_more),
		ON_AN_AGENT(who_ignores_his_stdin_costs_nothing),
		ON_AN_AGENT(a_task_that_is_being_fed_can_be_cancelled),
		ON_AN_AGENT(more_than_was_wanted_closes_the_link),
		ON_AN_AGENT(stdin_can_be_a_file),
		ON_AN_AGENT(srun_runs_the_steps_tasks),
		ON_AN_AGENT(sruns_exit_status_is_the_highest),
		ON_AN_AGENT(srun_labels_and_names_files),
		ON_AN_AGENT(srun_refuses_by_name),
		ON_AN_AGENT(srun_knows_all_of_slurms_options),
		ON_AN_AGENT(srun_exports_what_has_commas),
		ON_AN_AGENT(a_signal_reaches_a_steps_tasks_once),
		ON_AN_AGENT(a_step_belongs_to_the_task),
		ON_AN_AGENT(cancelling_a_queued_run_ends_it_unstarted),
		ON_AN_AGENT(slots_bound_what_runs_at_a_time),
		ON_AN_AGENT(a_run_larger_than_the_node_runs_alone),
		ON_AN_AGENT(slots_can_change),
		ON_AN_AGENT(a_queued_run_can_be_recalled_a_running_one_not),
		ON_AN_AGENT(a_run_that_comes_twice_runs_once),
		ON_AN_AGENT(a_released_run_is_forgotten_and_a_running_one_killed_silently),
		ON_AN_AGENT(output_resumes_where_a_link_broke),
		ON_AN_AGENT(what_ended_while_nobody_listened_is_kept),
		ON_AN_AGENT(a_queued_run_goes_on_over_a_new_link),
		ON_AN_AGENT(a_new_mount_takes_the_link_over),
		ON_AN_AGENT(silent_connections_disturb_nobody),
		ON_AN_AGENT(nonsense_closes_that_link_only),
		ON_AN_AGENT(nonsense_from_the_mount_keeps_its_runs),
		ON_AN_AGENT(runs_of_one_state_are_not_given_to_another),
		ON_AN_AGENT(a_large_output_is_bounded_by_credit_and_not_kept_in_memory),
		ON_AN_AGENT(a_flood_does_not_hold_up_a_trickle),
		ON_AN_AGENT(a_full_disk_pauses_the_task_and_loses_nothing),
		ON_AN_AGENT(a_run_released_while_the_disk_is_full_frees_its_slot),
		ON_AN_AGENT(a_run_whose_runner_is_killed_is_lost_and_leaves_nothing),
		ON_AN_AGENT(a_runner_that_does_not_answer_is_killed),
		ON_AN_AGENT(a_runner_that_dies_unheard_gets_no_other_run),
		ON_AN_AGENT(nothing_survives_an_agent_that_is_killed),
		ON_AN_AGENT(a_second_agent_is_not_started),
		ON_AN_AGENT(a_directory_others_can_write_is_refused),
		ON_AN_AGENT(an_agent_without_work_or_mount_goes),
		ON_AN_AGENT(an_agent_alone_for_its_lease_kills_and_goes),
		ON_AN_AGENT(sigterm_ends_the_agent_and_its_tasks),
		ON_AN_AGENT(attach_relays_and_starts_what_is_missing),
		ON_AN_AGENT(hundreds_of_runs_go_through),
	};

	prctl(PR_SET_CHILD_SUBREAPER, 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
