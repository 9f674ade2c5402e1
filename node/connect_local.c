/* connect_local.c - find this machine's agent, or start it from the copy inside this program. */
#include "node/connect_local.h"

#include "node/ssh/agent_image.h"
#include "store/base/clock.h"
#include "store/base/io.h"
#include "store/base/log.h"
#include "store/nodes.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <unistd.h>

enum {
	RETRY_MS = 1000,
	GRACE_MS = 20000,       /* for who would rather put the old database back */
};

struct Local {
	Turn *turn;
	char *directory;        /* STATE/agent */
	Worker *asking;         /* who waits while the agent starts */
	uv_process_t process;   /* the agent being started */
	bool starting;          /* process is in use, until its close callback came */
	bool freed;
	int64_t foreign_since;  /* the agent has runs of another state: monotonic clock; 0: it has not */
	bool told_to_go;
};

/* A path in sun_path holds 107 bytes; through a descriptor of its directory any depth works. */
static int connect_to(const char *directory, Err *err)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int at = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int fd = at < 0 ? -1 : socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/socket", at);
	if (fd < 0)
		err_sys(err, errno, "%s/socket", directory);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) < 0) {
		err_sys(err, errno, "%s/socket", directory);
		close(fd);
		fd = -1;
	}
	if (at >= 0)
		close(at);
	return fd;
}

/* A fresh copy under its own name, then renamed: a running agent's file is never written to. */
static int write_image(const char *path, Err *err)
{
	const AgentImage *image = agent_image_own();
	size_t size = (size_t)(image->end - image->bytes);
	char *fresh = mem_new(strlen(path) + 5);
	int fd, rc = 0;

	sprintf(fresh, "%s.new", path);
	unlink(fresh);
	fd = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0700);
	if (fd < 0 || write_all(fd, image->bytes, size) < 0 || close(fd) < 0 || rename(fresh, path) < 0)
		rc = err_sys(err, errno, "%s: cannot put the agent there", path);
	free(fresh);
	return rc;
}

static void destroy(Local *local)
{
	free(local->directory);
	free(local);
}

static void process_closed(uv_handle_t *handle)
{
	Local *local = handle->data;

	local->starting = false;
	if (local->freed)
		destroy(local);
}

static struct rlimit files_before;      /* rlim_max 0: never raised */

void local_raise_files(void)
{
	struct rlimit more;

	if (getrlimit(RLIMIT_NOFILE, &files_before) < 0)
		return;
	more = files_before;
	more.rlim_cur = more.rlim_max;
	setrlimit(RLIMIT_NOFILE, &more);
}

static int spawn_with_files_as_before(uv_loop_t *loop, uv_process_t *process, const uv_process_options_t *options)
{
	int rc;

	if (files_before.rlim_max)
		setrlimit(RLIMIT_NOFILE, &files_before);
	rc = uv_spawn(loop, process, options);
	if (files_before.rlim_max)
		local_raise_files();
	return rc;
}

static void agent_started(uv_process_t *process, int64_t status, int signal)
{
	Local *local = process->data;
	Worker *worker = local->asking;
	Err err;
	int fd = status == 0 && signal == 0 ? connect_to(local->directory, &err) : -1;

	local->asking = NULL;
	uv_close((uv_handle_t *)process, process_closed);
	if (!worker)
		return;
	if (fd >= 0) {
		worker_connected(worker, fd);
		return;
	}
	if (status || signal)
		err_set(&err, ECHILD, "the agent did not start (exit %d); see %s/log and wulfs.log beside it",
			signal ? 128 + signal : (int)status, local->directory);
	worker_failed(worker, &err, RETRY_MS);
}

static int start(Local *local, Err *err)
{
	char *path = mem_new(strlen(local->directory) + sizeof "/wulfs-agent");
	char *args[] = { path, (char *)"serve", local->directory, NULL };
	uv_stdio_container_t stdio[3] = { { .flags = UV_IGNORE }, { .flags = UV_INHERIT_FD, .data.fd = STDERR_FILENO },
					  { .flags = UV_INHERIT_FD, .data.fd = STDERR_FILENO } };
	uv_process_options_t options = { .exit_cb = agent_started, .file = path, .args = args, .stdio = stdio,
					 .stdio_count = 3 };
	int rc;

	sprintf(path, "%s/wulfs-agent", local->directory);
	rc = write_image(path, err);
	if (rc == 0) {
		local->process.data = local;
		local->starting = true;
		rc = spawn_with_files_as_before(turn_loop(local->turn), &local->process, &options);
		if (rc < 0) {
			uv_close((uv_handle_t *)&local->process, process_closed);
			err_sys(err, -rc, "%s: cannot be run%s", path,
				rc == UV_EACCES ? " (is its filesystem mounted noexec?)" : "");
		}
	}
	free(path);
	return rc < 0 ? -1 : 0;
}

static void cancel(void *arg)
{
	Local *local = arg;

	local->asking = NULL;
}

/* --- the agent of a state that was here before ------------------------------------------------- */

/* The first line of STATE/agent/name, "" if there is none. */
static void read_line(const Local *local, const char *name, char *line, int size)
{
	Buf path = BUF_INIT;
	FILE *file;

	buf_addf(&path, "%s/%s", local->directory, name);
	file = fopen(buf_text(&path), "re");
	if (!file || !fgets(line, size, file))
		line[0] = '\0';
	line[strcspn(line, "\n")] = '\0';
	if (file)
		fclose(file);
	buf_release(&path);
}

/* An agent that an earlier wulfs left does not say, and is not ended. */
static bool is_foreign(const Local *local)
{
	char state[128];

	read_line(local, "state", state, sizeof state);
	return state[0] && strcmp(state, cluster_uuid(turn_cluster(local->turn))) != 0;
}

/* With its runners, and they with its jobs: whoever holds STATE/lock is the only one that could collect them. */
static void end_agent(Local *local)
{
	char pid[32];

	read_line(local, "lock", pid, sizeof pid);
	if (atoi(pid) <= 1)
		return;
	log_warn("%s: the jobs that the agent has of another database are ended", local->directory);
	kill(atoi(pid), local->told_to_go ? SIGKILL : SIGTERM);
	local->told_to_go = true;
	local->foreign_since = 0;
}

static void refuse_foreign(Local *local, Worker *worker)
{
	int64_t now = clock_mono_ms();
	Err err;

	if (!local->foreign_since)
		local->foreign_since = now;
	if (now - local->foreign_since >= GRACE_MS)
		end_agent(local);
	err_set(&err, EBUSY, "its agent has jobs of another database, which was removed from the state or replaced; to keep "
		"them unmount within %d s and put that one back, else they are ended and this node comes up", GRACE_MS / 1000);
	worker_failed(worker, &err, RETRY_MS);
}

static void connect_local(void *arg, Worker *worker)
{
	Local *local = arg;
	Err err;
	int fd = connect_to(local->directory, &err);

	if (fd >= 0 && is_foreign(local)) {
		close(fd);
		refuse_foreign(local, worker);
		return;
	}
	local->foreign_since = 0;
	local->told_to_go = false;
	if (fd >= 0) {
		worker_connected(worker, fd);
		return;
	}
	if (err.number == EMFILE || err.number == ENFILE) {     /* there may be an agent */
		worker_failed(worker, &err, RETRY_MS);
		return;
	}
	local->asking = worker;
	if (start(local, &err) == 0)
		return;
	local->asking = NULL;
	worker_failed(worker, &err, RETRY_MS);
}

Local *local_new(Turn *turn, Err *err)
{
	Local *local = mem_new_zeroed(sizeof *local);

	local->turn = turn;
	local->directory = state_path(cluster_state(turn_cluster(turn)), "agent");
	if (state_make_directories(local->directory, err) == 0)
		return local;
	local_free(local);
	return NULL;
}

/* An agent that is being started when the mount ends finds nobody waiting, and goes by itself. */
void local_free(Local *local)
{
	if (!local)
		return;
	local->asking = NULL;
	local->freed = true;
	if (!local->starting)
		destroy(local);
	else if (!uv_is_closing((uv_handle_t *)&local->process))
		uv_close((uv_handle_t *)&local->process, process_closed);
}

Connector local_connector(Local *local)
{
	return (Connector){ .connect = connect_local, .cancel = cancel, .arg = local };
}

void local_describe(Node *node, uint32_t slots)
{
	struct utsname name;
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);

	node->slots_default = slots;
	node->cpus = cpus > 0 ? (uint32_t)cpus : 1;
	node->memory = (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE);
	node_set_text(&node->address, "localhost");
	if (uname(&name) == 0) {
		Buf os = BUF_INIT;

		buf_addf(&os, "%s %s", name.sysname, name.release);
		free(node->os);
		node->os = buf_take(&os);
		node_set_text(&node->arch, name.machine);
	}
}
