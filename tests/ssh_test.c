/* ssh_test.c - real SSH servers on loopback, from generated configuration and keys; the real agent behind them.
 *
 * Each test has a directory of its own with a home in it (sshd's SetEnv makes it the login's), servers on free
 * ports and an ssh_config; nothing of the user's own is read or written. What is waited for has a deadline.
 * Some tests need root (mount) or a program (csh, fish); without it they are skipped. */
#define _GNU_SOURCE 1
#include "node/ssh/connection.h"
#include "node/ssh/known_hosts.h"
#include "node/wire/wire.h"
#include "store/host_name.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <glob.h>
#include <netinet/in.h>
#include <poll.h>
#include <pwd.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "deadline.h"

enum { DEADLINE_MS = 60000, SERVERS_MAX = 4, LINKS_MAX = 16, PATH = 256 };

typedef struct Server {
	pid_t pid;
	unsigned port;
	char key[PATH];         /* its host key; .pub beside it */
	char log[PATH];
} Server;

typedef struct Heard {          /* what the owner of a link was told */
	SshLink *link;
	int fd;
	bool up, failed, shown, known;
	SshTrouble trouble;
	Err why;
	char fingerprint[128], line[4096];
} Heard;

typedef struct Bed {
	char dir[64];
	char home[96], config[96], known[96], seen[96];
	Server servers[SERVERS_MAX];
	size_t count;
	Heard heard[LINKS_MAX];
	uv_loop_t loop;
	Ssh *ssh;
	SshSettings settings;
	char instance[64];      /* of the agent that said WELCOME last */
	pid_t keyring;          /* an ssh-agent; 0: none */
} Bed;

/* --- small things ------------------------------------------------------------------------------ */

__attribute__((format(printf, 1, 2))) static int run(const char *format, ...)
{
	char *command;
	va_list args;
	int status;

	va_start(args, format);
	assert_true(vasprintf(&command, format, args) > 0);
	va_end(args);
	status = system(command);
	free(command);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

__attribute__((format(printf, 2, 3))) static void write_file(const char *path, const char *format, ...)
{
	FILE *file = fopen(path, "w");
	va_list args;

	assert_non_null(file);
	va_start(args, format);
	vfprintf(file, format, args);
	va_end(args);
	fclose(file);
	chmod(path, 0600);
}

static char *read_file(const char *path)
{
	static char text[1 << 20];
	int fd = open(path, O_RDONLY);
	ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof text - 1);

	if (fd >= 0)
		close(fd);
	text[n > 0 ? n : 0] = '\0';
	return text;
}

static bool says(const char *path, const char *text)
{
	return strstr(read_file(path), text) != NULL;
}

static char *join(const Bed *bed, const char *name)
{
	static char paths[8][256];
	static unsigned next;
	char *path = paths[next++ % 8];

	snprintf(path, 256, "%s/%s", bed->dir, name);
	return path;
}

static void assert_says(const char *text, const char *wanted)
{
	if (!strstr(text, wanted))
		fail_msg("\"%s\" does not say \"%s\"", text, wanted);
}

static const char *user(void)
{
	return getpwuid(getuid())->pw_name;
}

/* --- servers ----------------------------------------------------------------------------------- */

static int listen_somewhere(unsigned *port)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof at;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_return_code(bind(fd, (struct sockaddr *)&at, sizeof at), errno);
	assert_return_code(listen(fd, 16), errno);
	getsockname(fd, (struct sockaddr *)&at, &size);
	*port = ntohs(at.sin_port);
	return fd;
}

static void make_key(const char *path, const char *type, const char *passphrase)
{
	assert_int_equal(run("ssh-keygen -q -t %s -N '%s' -C '%s' -f %s </dev/null", type, passphrase, strrchr(path, '/') + 1,
			     path), 0);
}

static void start_sshd(Server *server, const char *config)
{
	server->pid = fork();
	if (server->pid == 0) {
		int log = open(server->log, O_WRONLY | O_CREAT | O_APPEND, 0600);

		dup2(log, STDERR_FILENO);
		execl("/usr/sbin/sshd", "/usr/sbin/sshd", "-D", "-e", "-f", config, (char *)NULL);
		_exit(127);
	}
	wait_until(says(server->log, "Server listening"));
}

/* more: lines of sshd_config. */
static Server *serve(Bed *bed, const char *more)
{
	Server *server = &bed->servers[bed->count];
	char config[PATH], name[32];

	snprintf(name, sizeof name, "host%zu", bed->count);
	strcpy(server->key, join(bed, name));
	snprintf(name, sizeof name, "sshd%zu.log", bed->count);
	strcpy(server->log, join(bed, name));
	snprintf(name, sizeof name, "sshd%zu.conf", bed->count);
	strcpy(config, join(bed, name));
	bed->count++;
	if (access(server->key, F_OK) < 0)
		make_key(server->key, "ed25519", "");
	close(listen_somewhere(&server->port));
	write_file(config, "%sListenAddress 127.0.0.1\nPort %u\nHostKey %s\nAuthorizedKeysFile %s/authorized\nPidFile none\n"
		   "UsePAM no\nStrictModes no\nPasswordAuthentication no\nKbdInteractiveAuthentication no\nLogLevel DEBUG1\n"
		   "PermitRootLogin yes\nUseDNS no\nPrintMotd no\nPrintLastLog no\n"
		   "SetEnv HOME=%s TMPDIR=%s/tmp XDG_CACHE_HOME=\n", more, server->port, server->key, bed->dir, bed->home, bed->dir);
	start_sshd(server, config);
	return server;
}

/* With the sessions it has: each is a process group's child of it. */
static void stop(Server *server)
{
	if (server->pid <= 0)
		return;
	kill(server->pid, SIGTERM);
	waitpid(server->pid, NULL, 0);
	server->pid = 0;
}

static void know(Bed *bed, const Server *server)
{
	assert_int_equal(run("{ printf '[127.0.0.1]:%u '; cat %s.pub; } >>%s", server->port, server->key, bed->known), 0);
}

static const char *name_of(const Server *server)
{
	static char names[4][64];
	static unsigned next;
	char *name = names[next++ % 4];

	snprintf(name, 64, "%s@127.0.0.1:%u", user(), server->port);
	return name;
}

/* --- links ------------------------------------------------------------------------------------- */

static void up(void *arg, int fd)
{
	Heard *heard = arg;

	assert_false(heard->up || heard->failed);
	heard->up = true;
	heard->fd = fd;
}

static void failed(void *arg, SshTrouble trouble, const Err *why)
{
	Heard *heard = arg;

	assert_false(heard->up || heard->failed);
	heard->failed = true;
	heard->trouble = trouble;
	heard->why = *why;
}

static void host_key(void *arg, const char *fingerprint, const char *line, bool known)
{
	Heard *heard = arg;

	heard->shown = true;
	heard->known = known;
	snprintf(heard->fingerprint, sizeof heard->fingerprint, "%s", fingerprint);
	snprintf(heard->line, sizeof heard->line, "%s", line);
}

static void forget(Heard *heard)
{
	ssh_link_close(heard->link);
	if (heard->up && heard->fd >= 0)
		close(heard->fd);
	*heard = (Heard){ .fd = -1 };
}

static Heard *open_link(Bed *bed, size_t i, const SshTarget *target)
{
	Heard *heard = &bed->heard[i];

	forget(heard);
	if (!bed->ssh)
		bed->ssh = ssh_shared_new(&bed->loop, &bed->settings);
	heard->link = ssh_link_open(bed->ssh, target, (SshOwner){ up, failed, host_key, heard });
	return heard;
}

static bool is_over(const Heard *heard, const SshTarget *target)
{
	return heard->up || heard->failed || (target->purpose == SSH_READ_KEY && heard->shown && heard->known);
}

static void wake(uv_timer_t *timer)
{
	(void)timer;
}

static void turn_until(Bed *bed, const Heard *heard, const SshTarget *target)
{
	uv_timer_t tick;

	uv_timer_init(&bed->loop, &tick);
	uv_timer_start(&tick, wake, 50, 50);
	until_within(DEADLINE_MS, is_over(heard, target), uv_run(&bed->loop, UV_RUN_ONCE));
	uv_close((uv_handle_t *)&tick, NULL);
	uv_run(&bed->loop, UV_RUN_NOWAIT);
}

static Heard *connect_as(Bed *bed, const SshTarget *target)
{
	Heard *heard = open_link(bed, 0, target);

	turn_until(bed, heard, target);
	return heard;
}

static Heard *connect_to(Bed *bed, const char *name)
{
	return connect_as(bed, &(SshTarget){ .name = name });
}

static void assert_failed(const Heard *heard, SshTrouble trouble, const char *wanted)
{
	if (heard->up)
		fail_msg("the link came up, but \"%s\" was expected", wanted);
	if (heard->trouble != trouble)
		fail_msg("trouble %d, not %d: %s", (int)heard->trouble, (int)trouble, heard->why.text);
	assert_says(heard->why.text, wanted);
}

static void assert_up(const Heard *heard)
{
	if (!heard->up)
		fail_msg("not up: %s", heard->why.text);
}

/* --- the agent behind a link ------------------------------------------------------------------- */

static void send_hello(int fd)
{
	Message hello = { .type = WIRE_HELLO };
	Buf out = BUF_INIT;

	hello.hello.version = WIRE_VERSION;
	hello.hello.state = slice_of("e7a0c0de-0000-4000-8000-000000000001");
	hello.hello.slots = 1;
	hello.hello.lease_s = 600;
	hello.hello.credit = WIRE_CREDIT;
	wire_put(&out, &hello);
	assert_int_equal(write(fd, out.data, out.length), (ssize_t)out.length);
	buf_release(&out);
}

static bool hear(Bed *bed, int fd, Buf *in)
{
	Message message;
	Err err;
	long n = wire_take(buf_text(in), in->length, &message, &err);

	if (n < 0)
		fail_msg("%s", err.text);
	if (n == 0) {
		ssize_t got;

		wait_readable(fd);
		got = read(fd, buf_space(in, 65536), 65536);
		if (got <= 0)
			fail_msg("the agent is gone before it said that is all");
		buf_grew(in, (size_t)got);
		return true;
	}
	if (message.type == WIRE_WELCOME)
		snprintf(bed->instance, sizeof bed->instance, "%.*s", (int)message.welcome.instance.length,
			 message.welcome.instance.data);
	n = message.type == WIRE_THAT_IS_ALL ? -n : n;
	buf_consume(in, (size_t)labs(n));
	return n > 0;
}

static void assert_answers(Bed *bed, const Heard *heard)
{
	Buf in = BUF_INIT;

	assert_up(heard);
	send_hello(heard->fd);
	bed->instance[0] = '\0';
	while (hear(bed, heard->fd, &in))
		;
	assert_int_not_equal(bed->instance[0], '\0');
	buf_release(&in);
}

static bool has_ended(int fd)
{
	struct pollfd ready = { fd, POLLIN, 0 };
	char bytes[4096];
	ssize_t n = 1;

	fcntl(fd, F_SETFL, 0);
	while (n > 0 && poll(&ready, 1, DEADLINE_MS) == 1)
		n = read(fd, bytes, sizeof bytes);
	return n <= 0;
}

/* A second link to the same node: an agent that has nothing to do goes when its last link does. */
static void assert_finds_the_same(Bed *bed, const char *name)
{
	SshTarget target = { .name = name };
	char instance[sizeof bed->instance];

	strcpy(instance, bed->instance);
	open_link(bed, 1, &target);
	turn_until(bed, &bed->heard[1], &target);
	assert_answers(bed, &bed->heard[1]);
	assert_string_equal(bed->instance, instance);
}

/* The path of the one cached agent below the directory. */
static bool cached(const char *directory, char *path, struct stat *st)
{
	char pattern[256];
	glob_t found;
	bool one;

	snprintf(pattern, sizeof pattern, "%s/agent-*", directory);
	one = glob(pattern, 0, NULL, &found) == 0 && found.gl_pathc == 1;
	if (one) {
		snprintf(path, 256, "%s", found.gl_pathv[0]);
		one = stat(path, st) == 0;
	}
	globfree(&found);
	return one;
}

/* Agents outlive their links: they are ours to end. */
static void end_agents(const Bed *bed)
{
	run("for lock in %s/home/.cache/wulfs/node-*/lock %s/tmp/wulfs-*/node-*/lock %s/*/.cache/wulfs/node-*/lock; do "
	    "[ -f \"$lock\" ] && kill \"$(cat \"$lock\")\" 2>/dev/null; done; true", bed->dir, bed->dir, bed->dir);
}

/* --- a bed for each test ----------------------------------------------------------------------- */

static void write_config(const Bed *bed, const char *more)
{
	write_file(bed->config, "%s\nHost *\n  IdentityFile %s/user\n  IdentityAgent none\n  GlobalKnownHostsFile /dev/null\n"
		   "  UserKnownHostsFile %s %s/more_known\n", more, bed->dir, bed->known, bed->dir);
}

static int set_up(void **state)
{
	Bed *bed = mem_new_zeroed(sizeof *bed);

	strcpy(bed->dir, "/tmp/wulfs-ssh-XXXXXX");
	assert_non_null(mkdtemp(bed->dir));
	snprintf(bed->home, sizeof bed->home, "%s/home", bed->dir);
	snprintf(bed->config, sizeof bed->config, "%s/ssh_config", bed->dir);
	snprintf(bed->known, sizeof bed->known, "%s/known_hosts", bed->dir);
	snprintf(bed->seen, sizeof bed->seen, "%s/seen_hosts", bed->dir);
	mkdir(bed->home, 0700);
	mkdir(join(bed, "tmp"), 01777);
	chmod(join(bed, "tmp"), 01777);
	make_key(join(bed, "user"), "ed25519", "");
	run("cp %s/user.pub %s/authorized", bed->dir, bed->dir);
	write_config(bed, "");
	bed->settings = (SshSettings){ .config = bed->config, .seen_hosts = bed->seen, .state = "state-1" };
	for (size_t i = 0; i < LINKS_MAX; i++)
		bed->heard[i].fd = -1;
	uv_loop_init(&bed->loop);
	*state = bed;
	return 0;
}

static int tear_down(void **state)
{
	Bed *bed = *state;

	for (size_t i = 0; i < LINKS_MAX; i++)
		forget(&bed->heard[i]);
	ssh_shared_free(bed->ssh);
	uv_run(&bed->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&bed->loop), 0);
	for (size_t i = 0; i < bed->count; i++)
		stop(&bed->servers[i]);
	end_agents(bed);
	if (bed->keyring > 0) {
		kill(bed->keyring, SIGTERM);
		waitpid(bed->keyring, NULL, 0);
	}
	if (getuid() == 0 && umount2(join(bed, "mounted"), MNT_DETACH) < 0 && errno != EINVAL && errno != ENOENT)
		print_error("%s/mounted: %s\n", bed->dir, strerror(errno));
	/* The agents may still be tidying up in there. */
	for (int i = 0; i < 100 && run("rm -rf %s 2>/dev/null", bed->dir) != 0; i++)
		poll(NULL, 0, 20);
	free(bed);
	return 0;
}

static Server *known_server(Bed *bed, const char *more)
{
	Server *server = serve(bed, more);

	know(bed, server);
	return server;
}

/* --- the agent gets there ---------------------------------------------------------------------- */

static void the_agent_travels_and_answers(void **state)
{
	Bed *bed = *state;
	Server *server = known_server(bed, "");
	Heard *heard = connect_to(bed, name_of(server));
	struct stat st;
	char path[256];

	assert_answers(bed, heard);
	assert_true(heard->shown && heard->known);
	assert_true(cached(join(bed, "home/.cache/wulfs"), path, &st));
	assert_int_equal(st.st_mode & 0777, 0700);
	assert_int_equal(stat(join(bed, "home/.cache/wulfs"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
}

static void the_second_time_nothing_is_sent_and_the_same_agent_answers(void **state)
{
	Bed *bed = *state;
	const char *name = name_of(known_server(bed, ""));
	struct stat before, after;
	char path[256];

	assert_answers(bed, connect_to(bed, name));
	assert_true(cached(join(bed, "home/.cache/wulfs"), path, &before));
	assert_finds_the_same(bed, name);
	assert_true(cached(join(bed, "home/.cache/wulfs"), path, &after));
	assert_true(before.st_ino == after.st_ino);
}

static void two_nodes_with_one_home_are_two_agents(void **state)
{
	Bed *bed = *state;
	Server *a = known_server(bed, ""), *b = known_server(bed, "");
	char instance[64];

	assert_answers(bed, connect_to(bed, name_of(a)));
	strcpy(instance, bed->instance);
	assert_answers(bed, connect_to(bed, name_of(b)));
	assert_string_not_equal(bed->instance, instance);
}

static void a_damaged_copy_is_replaced(void **state)
{
	Bed *bed = *state;
	const char *name = name_of(known_server(bed, ""));
	struct stat st;
	char path[256];

	assert_answers(bed, connect_to(bed, name));
	end_agents(bed);
	assert_true(cached(join(bed, "home/.cache/wulfs"), path, &st));
	assert_int_equal(run("printf '#!/bin/sh\\nexit 0\\n' >%s.x && chmod 700 %s.x && mv %s.x %s", path, path, path, path), 0);
	assert_answers(bed, connect_to(bed, name));
	assert_true(cached(join(bed, "home/.cache/wulfs"), path, &st));
	assert_true(st.st_size > 100000);
}

static void agents_that_nobody_asked_for_in_a_week_are_removed(void **state)
{
	Bed *bed = *state;
	const char *name = name_of(known_server(bed, ""));

	run("mkdir -p -m 700 %s/.cache/wulfs && cd %s/.cache/wulfs && echo >agent-old && touch -d '9 days ago' agent-old && "
	    "echo >agent-young && mkdir node-state-1-0123456789abcdef-other", bed->home, bed->home);
	assert_answers(bed, connect_to(bed, name));
	assert_int_equal(access(join(bed, "home/.cache/wulfs/agent-old"), F_OK), -1);
	assert_int_equal(access(join(bed, "home/.cache/wulfs/agent-young"), F_OK), 0);
	assert_int_equal(access(join(bed, "home/.cache/wulfs/node-state-1-0123456789abcdef-other"), F_OK), 0);
}

/* A PATH of its own, in which uname names a machine that nobody builds for. */
static void strange_machine(const char *path, bool compiler)
{
	run("mkdir %s && for d in /usr/bin /bin; do for p in $d/*; do [ -e %s/${p##*/} ] || ln -s $p %s/; done; done", path, path, path);
	run("cd %s && rm -f uname && printf '#!/bin/sh\\n[ $1 = -s ] && echo Linux || echo pdp11\\n' >uname && chmod 755 uname", path);
	if (!compiler)
		run("cd %s && rm -f cc gcc clang tcc", path);
}

static void where_no_binary_fits_the_agent_is_compiled(void **state)
{
	Bed *bed = *state;
	char more[512], path[PATH];
	struct stat st;

	strange_machine(join(bed, "bin"), true);
	snprintf(more, sizeof more, "SetEnv HOME=%s TMPDIR=%s/tmp PATH=%s/bin\n", bed->home, bed->dir, bed->dir);
	assert_answers(bed, connect_to(bed, name_of(known_server(bed, more))));
	assert_true(cached(join(bed, "home/.cache/wulfs"), path, &st));
	assert_says(path, "-Linux-pdp11");
}

static void without_a_compiler_the_reason_says_what_to_install(void **state)
{
	Bed *bed = *state;
	char more[512];

	strange_machine(join(bed, "bin"), false);
	snprintf(more, sizeof more, "SetEnv HOME=%s TMPDIR=%s/tmp PATH=%s/bin\n", bed->home, bed->dir, bed->dir);
	assert_failed(connect_to(bed, name_of(known_server(bed, more))), SSH_NO_AGENT, "C compiler");
}

/* --- logins that are not plain ----------------------------------------------------------------- */

static void a_login_that_talks_and_dawdles_is_no_trouble(void **state)
{
	Bed *bed = *state;

	write_file(join(bed, "home/.bashrc"), "echo hello; seq 20000; sleep 1; printf 'no newline'; echo warning >&2\n");
	assert_answers(bed, connect_to(bed, name_of(known_server(bed, ""))));
}

static void under_shell(Bed *bed, const char *shell)
{
	char more[128];

	if (access(shell, X_OK) < 0)
		skip();
	snprintf(more, sizeof more, "ForceCommand exec %s -c \"$SSH_ORIGINAL_COMMAND\"\n", shell);
	assert_answers(bed, connect_to(bed, name_of(known_server(bed, more))));
}

static void a_csh_login_works(void **state)
{
	under_shell(*state, "/usr/bin/tcsh");
}

static void a_fish_login_works(void **state)
{
	under_shell(*state, "/usr/bin/fish");
}

static void a_zsh_login_works(void **state)
{
	under_shell(*state, "/usr/bin/zsh");
}

/* The script itself, read by each of what may be a node's sh. */
static void every_shell_understands_the_script(void **state)
{
	static const char *const shells[] = { "/bin/dash", "/bin/bash", "/bin/bash --posix", "/bin/busybox sh", "/bin/zsh --emulate sh", "/bin/ksh" };
	Bed *bed = *state;
	Server *server = known_server(bed, "");
	char config[PATH], more[128];

	for (size_t i = 0; i < sizeof shells / sizeof *shells; i++) {
		snprintf(more, sizeof more, "%.*s", (int)strcspn(shells[i], " "), shells[i]);
		if (access(more, X_OK) < 0)
			continue;
		stop(server);
		strcpy(config, join(bed, "sshd0.conf"));
		run("sed -i '/^ForceCommand/d' %s && echo 'ForceCommand exec %s' >>%s", config, shells[i], config);
		unlink(server->log);
		start_sshd(server, config);
		end_agents(bed);
		run("rm -rf %s/.cache", bed->home);
		assert_answers(bed, connect_to(bed, name_of(server)));
		assert_finds_the_same(bed, name_of(server));
		forget(&bed->heard[1]);
	}
}

static void a_forced_command_is_named(void **state)
{
	Bed *bed = *state;

	assert_failed(connect_to(bed, name_of(known_server(bed, "LogLevel INFO\nForceCommand echo only backups here\n"))), SSH_NO_AGENT,
		      "only backups here");
	assert_failed(connect_to(bed, name_of(known_server(bed, "LogLevel INFO\nForceCommand true\n"))), SSH_NO_AGENT, "restricted");
}

static void what_comes_from_the_other_side_is_shown_harmless(void **state)
{
	Bed *bed = *state;
	Heard *heard = connect_to(bed, name_of(known_server(bed, "LogLevel INFO\nForceCommand printf '\\033[2Jboo\\007\\n'\n")));

	assert_failed(heard, SSH_NO_AGENT, "boo");
	assert_null(strchr(heard->why.text, '\033'));
	assert_null(strchr(heard->why.text, '\007'));
}

static void a_shell_that_prints_for_ever_is_left(void **state)
{
	Bed *bed = *state;

	assert_failed(connect_to(bed, name_of(known_server(bed, "ForceCommand yes\n"))), SSH_NO_AGENT, "without end");
}

/* --- homes that are none ----------------------------------------------------------------------- */

static void with_home_on(Bed *bed, const char *options)
{
	if (getuid() != 0)
		skip();
	mkdir(join(bed, "mounted"), 0700);
	if (mount("tmpfs", join(bed, "mounted"), "tmpfs", strstr(options, "noexec") ? MS_NOEXEC : 0,
		  strstr(options, "size") ? options : NULL) < 0)
		skip();
	snprintf(bed->home, sizeof bed->home, "%s/mounted", bed->dir);
}

static void assert_elsewhere(Bed *bed)
{
	struct stat st;
	char path[256], directory[64];
	const char *name = name_of(known_server(bed, ""));

	assert_answers(bed, connect_to(bed, name));
	snprintf(directory, sizeof directory, "tmp/wulfs-%u", (unsigned)getuid());
	assert_true(cached(join(bed, directory), path, &st));
	assert_finds_the_same(bed, name);
}

static void a_home_mounted_noexec_is_not_used(void **state)
{
	with_home_on(*state, "noexec");
	assert_elsewhere(*state);
}

static void a_full_home_is_not_used(void **state)
{
	with_home_on(*state, "size=64k");
	assert_elsewhere(*state);
}

static void a_home_that_is_not_there_is_not_made(void **state)
{
	Bed *bed = *state;

	snprintf(bed->home, sizeof bed->home, "%s/nowhere", bed->dir);
	assert_elsewhere(bed);
	assert_int_equal(access(bed->home, F_OK), -1);
}

static void a_cache_that_others_may_write_to_is_not_used(void **state)
{
	Bed *bed = *state;

	run("mkdir -p %s/.cache/wulfs && chmod 777 %s/.cache/wulfs", bed->home, bed->home);
	assert_elsewhere(bed);
}

/* --- who they are ------------------------------------------------------------------------------ */

static bool sent_nothing(const Server *server)
{
	return !says(server->log, "userauth");
}

static void an_unknown_host_is_sent_nothing(void **state)
{
	Bed *bed = *state;
	Server *server = serve(bed, "");
	Heard *heard = connect_to(bed, name_of(server));

	assert_failed(heard, SSH_UNTRUSTED, heard->fingerprint);
	assert_true(heard->shown && !heard->known);
	assert_true(sent_nothing(server));
}

static void reading_a_key_sends_nothing_else(void **state)
{
	Bed *bed = *state;
	Server *server = serve(bed, "");
	SshTarget target = { .name = name_of(server), .purpose = SSH_READ_KEY };
	Heard *heard = connect_as(bed, &target);

	assert_failed(heard, SSH_UNTRUSTED, "not known");
	assert_true(heard->shown);
	assert_int_equal(run("ssh-keygen -lf %s.pub | grep -q -F '%s'", server->key, heard->fingerprint), 0);
	know(bed, server);
	heard = connect_as(bed, &target);
	assert_true(heard->shown && heard->known && !heard->failed);
	assert_true(sent_nothing(server));
}

static void a_trusted_key_is_known_from_then_on(void **state)
{
	Bed *bed = *state;
	const char *name = name_of(serve(bed, ""));
	Heard *heard = connect_to(bed, name);
	struct stat st;
	Err err;

	assert_failed(heard, SSH_UNTRUSTED, "not known");
	assert_int_equal(ssh_trust(bed->ssh, heard->line, &err), 0);
	assert_int_equal(ssh_trust(bed->ssh, heard->line, &err), 0);
	assert_int_equal(stat(bed->seen, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(st.st_size, strlen(heard->line) + 1);
	assert_answers(bed, connect_to(bed, name));
}

static void the_first_key_is_recorded_where_new_hosts_are_accepted(void **state)
{
	Bed *bed = *state;
	Server *server = serve(bed, "");
	SshTarget target = { .name = name_of(server), .accept_new = true };

	assert_answers(bed, connect_as(bed, &target));
	assert_true(says(bed->seen, "ssh-ed25519"));
	/* The same port, another key. */
	stop(server);
	run("rm %s %s.pub", server->key, server->key);
	make_key(server->key, "ed25519", "");
	unlink(server->log);
	start_sshd(server, join(bed, "sshd0.conf"));
	assert_failed(connect_as(bed, &target), SSH_UNTRUSTED, "has changed");
	assert_true(sent_nothing(server));
}

static void a_changed_key_is_refused_and_the_line_named(void **state)
{
	Bed *bed = *state;
	Server *server = serve(bed, "");

	make_key(join(bed, "other"), "ed25519", "");
	run("{ echo '# a comment'; printf '[127.0.0.1]:%u '; cat %s/other.pub; } >%s", server->port, bed->dir, bed->known);
	assert_failed(connect_to(bed, name_of(server)), SSH_UNTRUSTED, "known_hosts:2");
	assert_true(sent_nothing(server));
}

static void a_revoked_key_is_refused_even_if_known(void **state)
{
	Bed *bed = *state;
	Server *server = known_server(bed, "");
	SshTarget target = { .name = name_of(server), .accept_new = true };

	run("{ printf '@revoked * '; cat %s.pub; } >>%s", server->key, bed->known);
	assert_failed(connect_as(bed, &target), SSH_UNTRUSTED, "is revoked by");
	assert_true(sent_nothing(server));
}

static void a_revoked_key_cannot_be_trusted(void **state)
{
	Bed *bed = *state;
	Server *server = serve(bed, "");
	const char *name = name_of(server);
	Heard *heard;
	Err err;

	run("{ printf '@revoked * '; cat %s.pub; } >%s", server->key, bed->known);
	heard = connect_to(bed, name);
	assert_failed(heard, SSH_UNTRUSTED, "is revoked by");
	assert_int_equal(ssh_trust(bed->ssh, heard->line, &err), -1);
	assert_int_equal(err.number, EKEYREVOKED);
	assert_says(err.text, "is revoked by");
	assert_int_not_equal(access(bed->seen, F_OK), 0);
	/* A line that is gone does not count any more. */
	unlink(bed->known);
	heard = connect_to(bed, name);
	assert_failed(heard, SSH_UNTRUSTED, "not known");
	assert_int_equal(ssh_trust(bed->ssh, heard->line, &err), 0);
	assert_answers(bed, connect_to(bed, name));
}

/* more: a line of ssh_config about the one host there is. */
__attribute__((format(printf, 2, 3))) static void configure(const Bed *bed, const char *more, ...)
{
	char line[512];
	va_list args;

	va_start(args, more);
	vsnprintf(line, sizeof line, more, args);
	va_end(args);
	write_config(bed, line);
}

static void keys_of_revoked_host_keys_are_refused(void **state)
{
	Bed *bed = *state;
	Server *server = known_server(bed, "");
	const char *name = name_of(server);

	configure(bed, "RevokedHostKeys %s/revoked", bed->dir);
	assert_failed(connect_to(bed, name), SSH_UNTRUSTED, "cannot be read, so that no host key is good");
	make_key(join(bed, "another"), "ed25519", "");
	run("{ echo '# stolen'; cat %s/another.pub; } >%s/revoked", bed->dir, bed->dir);
	assert_answers(bed, connect_to(bed, name));
	forget(&bed->heard[0]);
	run("cat %s.pub >>%s/revoked", server->key, bed->dir);
	assert_failed(connect_to(bed, name), SSH_UNTRUSTED, "(RevokedHostKeys)");
	/* The same as a list that ssh-keygen makes. */
	assert_int_equal(run("cd %s && ssh-keygen -q -k -f revoked another.pub", bed->dir), 0);
	assert_answers(bed, connect_to(bed, name));
	forget(&bed->heard[0]);
	assert_int_equal(run("cd %s && ssh-keygen -q -k -u -f revoked %s.pub", bed->dir, server->key), 0);
	assert_failed(connect_to(bed, name), SSH_UNTRUSTED, "(RevokedHostKeys)");
}

static void only_the_key_that_was_named_is_accepted(void **state)
{
	Bed *bed = *state;
	Server *server = serve(bed, "");
	SshTarget target = { .name = name_of(server) };
	char fingerprint[128];
	Heard *heard = connect_as(bed, &target);

	strcpy(fingerprint, heard->fingerprint);
	target.host_key = fingerprint;
	assert_answers(bed, connect_as(bed, &target));
	target.host_key = "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
	know(bed, server);
	assert_failed(connect_as(bed, &target), SSH_UNTRUSTED, "and not SHA256:AAAA");
}

static void hashed_lines_and_second_files_are_read(void **state)
{
	Bed *bed = *state;
	Server *server = known_server(bed, "");

	assert_int_equal(run("ssh-keygen -q -H -f %s >/dev/null 2>&1 && mv %s %s/more_known", bed->known, bed->known, bed->dir), 0);
	assert_true(says(join(bed, "more_known"), "|1|"));
	assert_answers(bed, connect_to(bed, name_of(server)));
}

static void the_server_is_asked_for_a_key_that_is_known(void **state)
{
	Bed *bed = *state;
	char more[160];
	Server *server;

	make_key(join(bed, "rsa"), "rsa", "");
	snprintf(more, sizeof more, "HostKey %s/rsa\n", bed->dir);
	server = serve(bed, more);
	run("{ printf '[127.0.0.1]:%u '; cat %s/rsa.pub; } >%s", server->port, bed->dir, bed->known);
	assert_answers(bed, connect_to(bed, name_of(server)));
}

/* --- with which algorithms --------------------------------------------------------------------- */

static void the_algorithms_of_ssh_config_are_used(void **state)
{
	static const struct { const char *line, *logged; } cases[] = {
		{ "Ciphers aes256-ctr", "cipher: aes256-ctr MAC" },
		{ "Ciphers aes128-gcm@openssh.com", "cipher: aes128-gcm@openssh.com MAC" },
		{ "Ciphers aes192-ctr\nMACs hmac-sha2-512", "cipher: aes192-ctr MAC: hmac-sha2-512 " },
		{ "KexAlgorithms ecdh-sha2-nistp384", "kex: algorithm: ecdh-sha2-nistp384" },
		{ "HostKeyAlgorithms rsa-sha2-256", "kex: host key algorithm: rsa-sha2-256" },
	};
	Bed *bed = *state;
	char more[160];
	Server *server;

	make_key(join(bed, "rsa"), "rsa", "");
	snprintf(more, sizeof more, "HostKey %s/rsa\n", bed->dir);
	server = known_server(bed, more);
	run("{ printf '[127.0.0.1]:%u '; cat %s/rsa.pub; } >>%s", server->port, bed->dir, bed->known);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_false(says(server->log, cases[i].logged));
		configure(bed, "%s", cases[i].line);
		assert_answers(bed, connect_to(bed, name_of(server)));
		if (!says(server->log, cases[i].logged))
			fail_msg("%s: sshd did not log \"%s\"", cases[i].line, cases[i].logged);
		forget(&bed->heard[0]);
	}
	configure(bed, "PubkeyAcceptedAlgorithms rsa-sha2-512");
	assert_failed(connect_to(bed, name_of(server)), SSH_REFUSED, "refused the login");
}

static void algorithms_that_nobody_here_knows_are_named(void **state)
{
	Bed *bed = *state;
	Server *server = known_server(bed, "");

	configure(bed, "KexAlgorithms sntrup761x25519-sha512@openssh.com");
	assert_failed(connect_to(bed, name_of(server)), SSH_UNREACHABLE, "KexAlgorithms sntrup761x25519-sha512@openssh.com of");
	configure(bed, "HostKeyAlgorithms ssh-ed25519-cert-v01@openssh.com");
	assert_failed(connect_to(bed, name_of(server)), SSH_UNREACHABLE, "HostKeyAlgorithms ssh-ed25519-cert-v01@openssh.com of");
	assert_true(sent_nothing(server));
}

/* --- who we are -------------------------------------------------------------------------------- */

static void a_refused_login_says_who_tried_what(void **state)
{
	Bed *bed = *state;
	Server *server = known_server(bed, "");
	Heard *heard;

	write_file(join(bed, "authorized"), "# nobody\n");
	heard = connect_to(bed, name_of(server));
	assert_failed(heard, SSH_REFUSED, user());
	assert_says(heard->why.text, "/user");
	assert_says(heard->why.text, "127.0.0.1");
}

static void an_encrypted_key_is_a_reason_and_no_question(void **state)
{
	Bed *bed = *state;
	Server *server = known_server(bed, "");

	unlink(join(bed, "user"));
	unlink(join(bed, "user.pub"));
	make_key(join(bed, "user"), "ed25519", "secret");
	assert_failed(connect_to(bed, name_of(server)), SSH_REFUSED, "encrypted");
	run("ssh-keygen -q -p -m PEM -t rsa -P secret -N secret -f %s/user >/dev/null 2>&1", bed->dir);
	make_key(join(bed, "rsa"), "rsa -m PEM", "secret");
	run("mv %s/rsa %s/user; mv %s/rsa.pub %s/user.pub", bed->dir, bed->dir, bed->dir, bed->dir);
	assert_failed(connect_to(bed, name_of(server)), SSH_REFUSED, "encrypted");
}

static void a_key_that_others_can_read_is_not_used(void **state)
{
	Bed *bed = *state;

	chmod(join(bed, "user"), 0644);
	assert_failed(connect_to(bed, name_of(known_server(bed, ""))), SSH_REFUSED, "can be read by others");
}

/* An agent with so many keys beside the right one, which comes last. */
static void start_keyring(Bed *bed, int others)
{
	bed->keyring = fork();
	if (bed->keyring == 0) {
		dup2(open("/dev/null", O_WRONLY), STDOUT_FILENO);
		execlp("ssh-agent", "ssh-agent", "-D", "-a", join(bed, "keyring"), (char *)NULL);
		_exit(127);
	}
	wait_until(access(join(bed, "keyring"), F_OK) == 0);
	for (int i = 0; i < others; i++) {
		char name[32];

		snprintf(name, sizeof name, "other%d", i);
		make_key(join(bed, name), "ed25519", "");
		run("SSH_AUTH_SOCK=%s ssh-add -q %s 2>/dev/null", join(bed, "keyring"), join(bed, name));
	}
	assert_int_equal(run("SSH_AUTH_SOCK=%s ssh-add -q %s 2>/dev/null", join(bed, "keyring"), join(bed, "user")), 0);
}

static void agent_config(const Bed *bed, const char *more)
{
	write_file(bed->config, "IdentityAgent %s/keyring\nGlobalKnownHostsFile /dev/null\nUserKnownHostsFile %s\n%s", bed->dir,
		   bed->known, more);
}

static void keys_come_from_ssh_agent(void **state)
{
	Bed *bed = *state;
	Server *server = known_server(bed, "");
	char more[160];

	start_keyring(bed, 1);
	unlink(join(bed, "user"));
	agent_config(bed, "");
	assert_answers(bed, connect_to(bed, name_of(server)));
	snprintf(more, sizeof more, "IdentityFile %s/other0\nIdentitiesOnly yes\n", bed->dir);
	agent_config(bed, more);
	assert_failed(connect_to(bed, name_of(server)), SSH_REFUSED, "other0 (ssh-agent)");
}

/* Servers hang up after six attempts: what is configured must come before what is merely there. */
static void the_agents_configured_key_comes_first(void **state)
{
	Bed *bed = *state;
	Server *server = known_server(bed, "");
	char more[160];

	start_keyring(bed, 8);
	snprintf(more, sizeof more, "IdentityFile %s/user\n", bed->dir);
	unlink(join(bed, "user"));
	agent_config(bed, more);
	assert_answers(bed, connect_to(bed, name_of(server)));
	agent_config(bed, "IdentityFile none\n");
	assert_failed(connect_to(bed, name_of(server)), SSH_REFUSED, "refused");
}

static void rsa_and_ecdsa_keys_are_good_too(void **state)
{
	Bed *bed = *state;
	Server *server = known_server(bed, "");

	for (size_t i = 0; i < 2; i++) {
		unlink(join(bed, "user"));
		unlink(join(bed, "user.pub"));
		make_key(join(bed, "user"), i ? "rsa" : "ecdsa", "");
		run("cp %s/user.pub %s/authorized", bed->dir, bed->dir);
		assert_answers(bed, connect_to(bed, name_of(server)));
	}
}

static void ssh_config_says_where_and_who(void **state)
{
	Bed *bed = *state;
	Server *server = serve(bed, "");
	char more[512];

	run("mv %s/user %s/there.key; mv %s/user.pub %s/there.key.pub", bed->dir, bed->dir, bed->dir, bed->dir);
	write_file(join(bed, "included"), "Host pi\n  HostName 127.0.0.1\n  Port %u\n  User %s\n  IdentityFile %s/%%n.key\n"
		   "  HostKeyAlias the-pi\nHost there\n  HostName 127.0.0.1\n  Port %u\n  IdentityFile %s/%%n.key\n",
		   server->port, user(), bed->dir, server->port, bed->dir);
	run("cp %s/there.key %s/pi.key; cp %s/there.key.pub %s/pi.key.pub", bed->dir, bed->dir, bed->dir, bed->dir);
	snprintf(more, sizeof more, "Include %s/included", bed->dir);
	write_config(bed, more);
	run("{ printf 'the-pi '; cat %s.pub; } >>%s", server->key, bed->known);
	assert_answers(bed, connect_to(bed, "pi"));
	assert_failed(connect_to(bed, "there"), SSH_UNTRUSTED, "not known");
	know(bed, server);
	assert_answers(bed, connect_to(bed, "there"));
}

static void a_config_that_does_not_parse_is_ssh_s_own_sentence(void **state)
{
	Bed *bed = *state;

	write_config(bed, "Nonsense yes");
	assert_failed(connect_to(bed, "somewhere"), SSH_UNREACHABLE, "ssh -G");
}

static void names_that_are_none_are_refused(void **state)
{
	static const char *const names[] = { "-oProxyCommand=x", "a b", "a;b", "u@", "@h", "h:0", "h:70000", "h:x", "$(x)", "", "a/b", ".", "..", "u@..", "..:22" };
	Err err;

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		assert_int_equal(host_name_check(names[i], &err), -1);
	assert_int_equal(host_name_check("u@[::1]:22", &err), 0);
	assert_int_equal(host_name_check("fe80::1", &err), 0);
	assert_int_equal(host_name_check("pi_4.local:2222", &err), 0);
}

static void proxy_command_and_proxy_jump_are_used(void **state)
{
	Bed *bed = *state;
	Server *server = known_server(bed, "");
	char more[512];

	snprintf(more, sizeof more, "Host by-command\n  HostName 127.0.0.1\n  Port %u\n"
		 "  ProxyCommand ssh -F %s -p %u %s@127.0.0.1 -W %%h:%%p\n"
		 "Host by-jump\n  HostName 127.0.0.1\n  Port %u\n  ProxyJump %s@localhost:%u\nHost localhost\n  HostKeyAlias the-jump\n",
		 server->port, bed->config, server->port, user(), server->port, user(), server->port);
	write_config(bed, more);
	run("{ printf 'the-jump '; cat %s.pub; } >>%s", server->key, bed->known);
	assert_answers(bed, connect_to(bed, "by-command"));
	assert_answers(bed, connect_to(bed, "by-jump"));
}

static void a_proxy_that_fails_says_why(void **state)
{
	Bed *bed = *state;

	write_config(bed, "Host far\n  ProxyCommand echo no route to the moon >&2; exit 1");
	assert_failed(connect_to(bed, "far"), SSH_UNREACHABLE, "no route to the moon");
}

/* --- servers that are in trouble --------------------------------------------------------------- */

static void nobody_there_is_unreachable(void **state)
{
	Bed *bed = *state;
	unsigned port;
	char name[64];

	close(listen_somewhere(&port));
	snprintf(name, sizeof name, "127.0.0.1:%u", port);
	assert_failed(connect_to(bed, name), SSH_UNREACHABLE, "refused");
	assert_failed(connect_to(bed, "no-such-host.invalid"), SSH_UNREACHABLE, "no-such-host.invalid");
}

static void a_server_that_says_nothing_is_given_up(void **state)
{
	Bed *bed = *state;
	int64_t begun = now_ms();
	unsigned port;
	int fd = listen_somewhere(&port);
	char name[64];

	snprintf(name, sizeof name, "127.0.0.1:%u", port);
	assert_failed(connect_to(bed, name), SSH_UNREACHABLE, "no answer within");
	assert_in_time(begun, 25000);
	close(fd);
}

/* Freeing waits for the threads: they must have noticed. */
static void an_attempt_can_be_given_up_at_once(void **state)
{
	Bed *bed = *state;
	unsigned port;
	int fd = listen_somewhere(&port), peer;
	char name[64];
	int64_t begun;
	Heard *heard;

	snprintf(name, sizeof name, "127.0.0.1:%u", port);
	heard = open_link(bed, 0, &(SshTarget){ .name = name });
	peer = accept(fd, NULL, NULL);
	begun = now_ms();
	forget(heard);
	ssh_shared_free(bed->ssh);
	bed->ssh = NULL;
	assert_in_time(begun, 500);
	close(peer);
	close(fd);
}

static void what_is_no_ssh_server_is_unreachable(void **state)
{
	Bed *bed = *state;
	unsigned port;
	int fd = listen_somewhere(&port);
	char name[64];
	pid_t pid = fork();

	if (pid == 0) {
		int peer = accept(fd, NULL, NULL);

		dprintf(peer, "220 smtp here\r\n");
		poll(NULL, 0, 1000);
		_exit(0);
	}
	snprintf(name, sizeof name, "127.0.0.1:%u", port);
	assert_failed(connect_to(bed, name), SSH_UNREACHABLE, "");
	waitpid(pid, NULL, 0);
	close(fd);
}

static void a_session_that_is_killed_ends_the_descriptor(void **state)
{
	Bed *bed = *state;
	Server *server = known_server(bed, "");
	Heard *heard = connect_to(bed, name_of(server));

	assert_answers(bed, heard);
	assert_int_equal(run("pkill -KILL -P %d", (int)server->pid), 0);
	assert_true(has_ended(heard->fd));
}

static void an_agent_that_dies_ends_the_descriptor(void **state)
{
	Bed *bed = *state;
	Heard *heard = connect_to(bed, name_of(known_server(bed, "")));

	assert_answers(bed, heard);
	end_agents(bed);
	assert_true(has_ended(heard->fd));
}

static void closing_the_descriptor_ends_the_session(void **state)
{
	Bed *bed = *state;
	Server *server = known_server(bed, "");
	Heard *heard = connect_to(bed, name_of(server));

	assert_answers(bed, heard);
	forget(heard);
	wait_until(run("pgrep -P %d >/dev/null", (int)server->pid) != 0);
}

static void sixteen_at_once_all_get_in(void **state)
{
	Bed *bed = *state;
	Server *server = known_server(bed, "MaxStartups 5:100:5\n");
	SshTarget target = { .name = name_of(server) };

	for (size_t i = 0; i < LINKS_MAX; i++)
		open_link(bed, i, &target);
	for (size_t i = 0; i < LINKS_MAX; i++) {
		turn_until(bed, &bed->heard[i], &target);
		assert_up(&bed->heard[i]);
	}
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(the_agent_travels_and_answers),
		TEST(the_second_time_nothing_is_sent_and_the_same_agent_answers),
		TEST(two_nodes_with_one_home_are_two_agents),
		TEST(a_damaged_copy_is_replaced),
		TEST(agents_that_nobody_asked_for_in_a_week_are_removed),
		TEST(where_no_binary_fits_the_agent_is_compiled),
		TEST(without_a_compiler_the_reason_says_what_to_install),
		TEST(a_login_that_talks_and_dawdles_is_no_trouble),
		TEST(a_csh_login_works),
		TEST(a_fish_login_works),
		TEST(a_zsh_login_works),
		TEST(every_shell_understands_the_script),
		TEST(a_forced_command_is_named),
		TEST(what_comes_from_the_other_side_is_shown_harmless),
		TEST(a_shell_that_prints_for_ever_is_left),
		TEST(a_home_mounted_noexec_is_not_used),
		TEST(a_full_home_is_not_used),
		TEST(a_home_that_is_not_there_is_not_made),
		TEST(a_cache_that_others_may_write_to_is_not_used),
		TEST(an_unknown_host_is_sent_nothing),
		TEST(reading_a_key_sends_nothing_else),
		TEST(a_trusted_key_is_known_from_then_on),
		TEST(the_first_key_is_recorded_where_new_hosts_are_accepted),
		TEST(a_changed_key_is_refused_and_the_line_named),
		TEST(a_revoked_key_is_refused_even_if_known),
		TEST(a_revoked_key_cannot_be_trusted),
		TEST(keys_of_revoked_host_keys_are_refused),
		TEST(only_the_key_that_was_named_is_accepted),
		TEST(hashed_lines_and_second_files_are_read),
		TEST(the_server_is_asked_for_a_key_that_is_known),
		TEST(the_algorithms_of_ssh_config_are_used),
		TEST(algorithms_that_nobody_here_knows_are_named),
		TEST(a_refused_login_says_who_tried_what),
		TEST(an_encrypted_key_is_a_reason_and_no_question),
		TEST(a_key_that_others_can_read_is_not_used),
		TEST(keys_come_from_ssh_agent),
		TEST(the_agents_configured_key_comes_first),
		TEST(rsa_and_ecdsa_keys_are_good_too),
		TEST(ssh_config_says_where_and_who),
		TEST(a_config_that_does_not_parse_is_ssh_s_own_sentence),
		TEST(names_that_are_none_are_refused),
		TEST(proxy_command_and_proxy_jump_are_used),
		TEST(a_proxy_that_fails_says_why),
		TEST(nobody_there_is_unreachable),
		TEST(a_server_that_says_nothing_is_given_up),
		TEST(an_attempt_can_be_given_up_at_once),
		TEST(what_is_no_ssh_server_is_unreachable),
		TEST(a_session_that_is_killed_ends_the_descriptor),
		TEST(an_agent_that_dies_ends_the_descriptor),
		TEST(closing_the_descriptor_ends_the_session),
		TEST(sixteen_at_once_all_get_in),
	};

	signal(SIGPIPE, SIG_IGN);
	/* Debian's start script makes it; sshd of root wants it. */
	if (getuid() == 0)
		mkdir("/run/sshd", 0755);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
