/* main.c - wulfs(1): parse, go into the background, open the state, mount, run the loop, leave tidily.
 *
 * The command returns when the mount is usable: the parent waits for one message of the child, the sentence that
 * says why not, or for "ready" a NUL and what there is to say all the same. */
#include "fs/files_out.h"
#include "fs/fuse.h"
#include "fs/given.h"
#include "fs/late.h"
#include "fs/look.h"
#include "fs/mountpoint.h"
#include "fs/options.h"
#include "fs/rendering.h"
#include "fs/surroundings.h"
#include "node/connect_local.h"
#include "node/discovery/listener.h"
#include "node/ssh/connection.h"
#include "node/thread.h"
#include "store/base/clock.h"
#include "store/base/log.h"
#include "store/open.h"
#include "store/transfer.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LARGE_TEXT = 1024 * 1024 };

typedef struct Daemon {
	uv_loop_t loop;
	uv_signal_t signals[3];
	State state;
	Fs fs;
	Mount *mount;
	int parent;             /* where the message goes; -1: in the foreground, or sent */
	int reserved;           /* keeps others from mounting here while we do; -1: not now */
} Daemon;

/* --- telling the parent ------------------------------------------------------------------------ */

static void tell_parent(Daemon *daemon, bool ready, const char *message)
{
	Buf text = BUF_INIT;

	if (daemon->parent < 0)
		return;
	if (ready)
		buf_add(&text, "", 1);
	/* The NUL says that it is all; a parent that reads none knows that we crashed. */
	buf_add(&text, message, strlen(message) + 1);
	if (write(daemon->parent, text.data, text.length) < 0)
		log_warn("nobody waits for this mount");
	buf_release(&text);
	close(daemon->parent);
	daemon->parent = -1;
}

static int hear_child(int fd)
{
	char message[1024] = "";
	size_t used = 0;
	ssize_t n;

	while (used < sizeof message - 1 && (n = read(fd, message + used, sizeof message - 1 - used)) > 0)
		used += (size_t)n;
	message[used] = '\0';
	if (used && !message[0]) {
		if (message[1])
			fprintf(stderr, "wulfs: %s\n", message + 1);
		return 0;
	}
	fprintf(stderr, "wulfs: %s\n", used ? message : "the daemon died before the mount was ready; see STATE/wulfs.log");
	return 1;
}

/* --- the daemon -------------------------------------------------------------------------------- */

static const char copied[] =
	"this state is a copy, or was put back from one, and is a state of its own from now on: jobs that were running begin "
	"again here, and what still runs of them on nodes is left to the original; if there is none any more, end "
	"it: see LIFE AND DEATH in the manual";

static void warn_of_copy(const Daemon *daemon)
{
	if (!cluster_former(daemon->fs.cluster))
		return;
	log_warn("%s (it was %s, and is %s)", copied, cluster_former(daemon->fs.cluster), cluster_uuid(daemon->fs.cluster));
}

static void is_ready(void *arg)
{
	Daemon *daemon = arg;

	log_info("mounted on %s, state in %s", daemon->fs.mountpoint, daemon->state.directory);
	tell_parent(daemon, true, cluster_former(daemon->fs.cluster) ? copied : "");
}

static void is_gone(void *arg)
{
	Daemon *daemon = arg;

	log_info("unmounted");
	uv_stop(&daemon->loop);
}

static void signal_came(uv_signal_t *handle, int number)
{
	Daemon *daemon = handle->data;

	log_info("%s: unmounting", strsignal(number));
	uv_stop(&daemon->loop);
}

static void watch_signals(Daemon *daemon)
{
	static const int numbers[] = { SIGTERM, SIGINT, SIGHUP };

	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);       /* ulimit -f: a write that fails is dealt with like a full disk */
	for (size_t i = 0; i < 3; i++) {
		uv_signal_init(&daemon->loop, &daemon->signals[i]);
		daemon->signals[i].data = daemon;
		uv_signal_start(&daemon->signals[i], signal_came, numbers[i]);
	}
}

static void point_stderr_at_log(const State *state)
{
	char *path = state_path(state, "wulfs.log");
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	if (log_to(path) < 0)
		dup2(null, STDERR_FILENO);
	close(null);
	free(path);
}

static int open_state(Daemon *daemon, Options *options, Err *err)
{
	Fs *fs = &daemon->fs;

	if (state_open(&daemon->state, options->state, err) < 0)
		return -1;
	if (!options->foreground)
		point_stderr_at_log(&daemon->state);
	fs->mountpoint = mountpoint_prepare(options->mountpoint, &daemon->reserved, err);
	if (!fs->mountpoint)
		return -1;
	state_sign(&daemon->state, fs->mountpoint);
	fs->cluster = cluster_open(&daemon->state, err);
	if (!fs->cluster)
		return -1;
	warn_of_copy(daemon);
	options->seen_hosts = state_path(&daemon->state, "known_hosts");
	options->roster.ssh.seen_hosts = options->seen_hosts;
	options->roster.ssh.state = cluster_uuid(fs->cluster);
	fs->events = events_open(fs->cluster, err);
	return fs->events ? 0 : -1;
}

static void let_others_look(Daemon *daemon)
{
	if (daemon->reserved >= 0)
		close(daemon->reserved);
	daemon->reserved = -1;
}

static int begin(Daemon *daemon, Options *options, Err *err)
{
	MountOwner owner = { is_ready, is_gone, daemon };
	struct passwd *user = getpwuid(geteuid());
	Fs *fs = &daemon->fs;

	fs->owner = geteuid();
	fs->group = getegid();
	fs->owner_name = mem_copy_text(user ? user->pw_name : "");
	surroundings_mend(user);
	fs->mounted = clock_wall_ms();
	fs->mounted_mono = clock_mono_ms();
	if (open_state(daemon, options, err) < 0)
		return -1;
	watch_signals(daemon);
	local_raise_files();
	fs->turn = turn_new(&daemon->loop, fs->cluster, fs->events);
	fs->pool = pool_new(fs->turn, options->patience, err);
	if (!fs->pool)
		return -1;
	fs->roster = roster_new(fs->pool, &options->roster, err);
	if (!fs->roster)
		return -1;
	/* Where we were started must not be kept busy. */
	if (chdir("/") < 0)
		return err_sys(err, errno, "/");
	late_init(fs);
	looks_init(fs);
	daemon->mount = mount_new(fs, options->fuse, owner, err);
	let_others_look(daemon);
	if (daemon->mount)
		transfer_mounted(fs->mountpoint, given_open, fs);
	return daemon->mount ? 0 : -1;
}

static void close_handle(uv_handle_t *handle, void *arg)
{
	(void)arg;
	if (!uv_is_closing(handle))
		uv_close(handle, NULL);
}

/* Last things first. Jobs go on: their agent keeps what they write until the next mount asks for it. */
static void end(Daemon *daemon)
{
	Fs *fs = &daemon->fs;

	if (fs->turn)
		turn_end(fs->turn);     /* while those who wait for it are still there to be told */
	mount_free(daemon->mount);
	looks_release(fs);
	pool_free(fs->pool);
	roster_free(fs->roster);
	uv_walk(&daemon->loop, close_handle, NULL);
	uv_run(&daemon->loop, UV_RUN_DEFAULT);
	uv_loop_close(&daemon->loop);
	turn_free(fs->turn);
	events_close(fs->events);
	cluster_close(fs->cluster);
	refusals_release(&fs->refusals);
	late_release(fs);
	renderings_release(fs);
	out_release(fs);
	state_close(&daemon->state);
	let_others_look(daemon);
	free((char *)fs->mountpoint);
	free((char *)fs->owner_name);
}

static int run(Options *options, int parent)
{
	Daemon daemon = { .parent = parent, .state = { NULL, -1 }, .reserved = -1 };
	Err err;
	int rc = 0;

	log_verbose(options->debug);
	mallopt(M_MMAP_THRESHOLD, LARGE_TEXT);  /* else glibc raises it, and large texts are not given back */
	uv_loop_init(&daemon.loop);
	if (begin(&daemon, options, &err) == 0) {
		uv_run(&daemon.loop, UV_RUN_DEFAULT);
	} else {
		rc = 1;
		if (daemon.parent < 0)
			fprintf(stderr, "wulfs: %s\n", err.text);
		tell_parent(&daemon, false, err.text);
	}
	end(&daemon);
	return rc;
}

static int run_in_background(Options *options)
{
	int pipes[2], rc;
	pid_t child;

	if (pipe2(pipes, O_CLOEXEC) < 0 || (child = fork()) < 0) {
		fprintf(stderr, "wulfs: cannot start the daemon: %s\n", strerror(errno));
		return 1;
	}
	if (child == 0) {
		close(pipes[0]);
		setsid();
		return run(options, pipes[1]);
	}
	close(pipes[1]);
	rc = hear_child(pipes[0]);
	close(pipes[0]);
	return rc;
}

static int leave(int rc)
{
	if (threads_are_left()) {
		fflush(NULL);
		_exit(rc);
	}
	return rc;
}

/* Whoever started us with stdin, stdout or stderr closed: their numbers must not become our files. */
static void fill_standard_files(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	close(fd);
}

int main(int argc, char **argv)
{
	Options options;
	Err err;
	int rc;

	fill_standard_files();
	if (argc > 1 && strcmp(argv[1], LISTEN_WORD) == 0)
		return listen_main(argc > 2 ? argv[2] : NULL);
	if (options_parse(&options, argc, argv, &err) < 0) {
		fprintf(stderr, "wulfs: %s\n", err.text);
		rc = 2;
	} else if (options.help) {
		fputs(options_usage, stdout);
		rc = 0;
	} else if (options.version) {
		puts("wulfs " WULFS_VERSION);
		rc = 0;
	} else {
		rc = options.foreground ? run(&options, -1) : run_in_background(&options);
	}
	options_release(&options);
	return leave(rc);
}
