/* many_nodes.c - one busy node among many idle ones, each a real agent behind a command of this machine.
 *
 *	many_nodes DIRECTORY AGENT NEIGHBOURS JOBS
 *
 * The daemon's own node/ and store/, without a mount and with another Connector: instead of over SSH, the
 * descriptor comes from `AGENT attach DIRECTORY/NODE` behind a socketpair. Prints the rate at which the busy
 * node, two slots, runs JOBS times `true`, chosen by --nodelist; what each of the idle nodes adds to the
 * memory; and what the daemon and all idle agents use of a processor while nothing happens. */
#include "node/pool.h"
#include "store/base/clock.h"
#include "store/task.h"
#include "store/open.h"
#include "store/submit.h"
#include "store/nodes.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { AT_ONCE = 16, SLOTS = 2, REST_SECONDS = 4 };

typedef struct Bench {
	const char *directory, *agent;
	State state;
	Cluster *cluster;
	uv_loop_t loop;
	Events *events;
	Turn *turn;
	Pool *pool;
	uv_timer_t look, rest;
	bool rested;
} Bench;

typedef struct Attach {
	Bench *bench;
	const Node *node;
} Attach;

static void die(const Err *err)
{
	fprintf(stderr, "many_nodes: %s\n", err->text);
	exit(1);
}

/* --- the transport ----------------------------------------------------------------------------- */

static void run_agent(const Attach *attach, int fd)
{
	char where[512];

	snprintf(where, sizeof where, "%s/%s", attach->bench->directory, attach->node->name);
	mkdir(where, 0700);
	setenv("HOME", where, 1);
	signal(SIGCHLD, SIG_DFL);
	dup2(fd, STDIN_FILENO);
	dup2(fd, STDOUT_FILENO);
	execl(attach->bench->agent, attach->bench->agent, "attach", where, (char *)NULL);
	_exit(127);
}

static void connect_attach(void *arg, Worker *worker)
{
	Attach *attach = arg;
	int ends[2];
	pid_t pid = -1;
	Err err;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0 || (pid = fork()) < 0) {
		err_sys(&err, errno, "node %s", attach->node->name);
		die(&err);
	}
	if (pid == 0)
		run_agent(attach, ends[1]);
	close(ends[1]);
	worker_connected(worker, ends[0]);
}

static void nothing(void *arg)
{
	(void)arg;
}

/* --- nodes and jobs ---------------------------------------------------------------------------- */

static Node *hire(Bench *bench, const char *name)
{
	Attach *attach = mem_new_zeroed(sizeof *attach);
	Node *node = cluster_add_node(bench->cluster, name, "mkdir");

	node->slots_default = SLOTS;
	*attach = (Attach){ bench, node };
	pool_hire(bench->pool, node, (Connector){ connect_attach, nothing, free, attach });
	return node;
}

static void submit(Bench *bench, long count)
{
	static const char line[] = "--nodelist=busy true";
	Err err;

	for (long i = 0; i < count; i++) {
		Spec *spec = spec_parse(line, strlen(line), &err);

		if (!spec || !cluster_submit(bench->cluster, spec, NULL, &err))
			die(&err);
	}
}

static size_t nodes_up(Bench *bench)
{
	Node *node;
	size_t up = 0;

	TAILQ_FOREACH(node, cluster_nodes(bench->cluster), all)
		up += node->up;
	return up;
}

/* --- waiting ----------------------------------------------------------------------------------- */

static void ignore(uv_timer_t *timer)
{
	(void)timer;
}

static void rested(uv_timer_t *timer)
{
	((Bench *)timer->data)->rested = true;
}

/* The busy node last, so that no list has it in front. */
static void wait_for_nodes(Bench *bench, size_t neighbours)
{
	char name[32];

	for (size_t n = 0; n <= neighbours; n++) {
		snprintf(name, sizeof name, n < neighbours ? "n%zu" : "busy", n);
		hire(bench, name);
		while (n + 1 - nodes_up(bench) >= AT_ONCE)
			uv_run(&bench->loop, UV_RUN_ONCE);
	}
	while (nodes_up(bench) <= neighbours)
		uv_run(&bench->loop, UV_RUN_ONCE);
}

static void rest(Bench *bench)
{
	bench->rested = false;
	uv_timer_start(&bench->rest, rested, REST_SECONDS * 1000, 0);
	while (!bench->rested)
		uv_run(&bench->loop, UV_RUN_ONCE);
}

static void wait_for_jobs(Bench *bench)
{
	while (cluster_unfinished(bench->cluster))
		uv_run(&bench->loop, UV_RUN_ONCE);
}

/* --- figures ----------------------------------------------------------------------------------- */

static double seconds(void)
{
	return (double)clock_mono_ms() / 1000;
}

static double processor(void)
{
	struct rusage own;

	getrusage(RUSAGE_SELF, &own);
	return (double)(own.ru_utime.tv_sec + own.ru_stime.tv_sec) + (double)(own.ru_utime.tv_usec + own.ru_stime.tv_usec) / 1e6;
}

static long resident(void)
{
	FILE *file = fopen("/proc/self/statm", "r");
	long pages = 0;

	if (file && fscanf(file, "%*d %ld", &pages) != 1)
		pages = 0;
	if (file)
		fclose(file);
	return pages * sysconf(_SC_PAGESIZE);
}

static void measure(Bench *bench, size_t neighbours, long jobs)
{
	long before = resident(), after;
	double begun, used, idle, wall;

	wait_for_nodes(bench, neighbours);
	after = resident();
	used = processor();
	rest(bench);
	idle = (processor() - used) / REST_SECONDS;
	submit(bench, jobs / 10);       /* until the agent knows its pace */
	wait_for_jobs(bench);
	submit(bench, jobs);
	begun = seconds();
	used = processor();
	wait_for_jobs(bench);
	wall = seconds() - begun;
	printf("%.0f jobs/s, %.0f us of the daemon a job, %ld bytes an idle node, %.1f %% of a processor at rest\n",
	       (double)jobs / wall, 1e6 * (processor() - used) / (double)jobs,
	       neighbours ? (after - before) / (long)neighbours : 0, 100 * idle);
}

/* --- beginning and end ------------------------------------------------------------------------- */

static void begin(Bench *bench)
{
	const Patience patience = { 15, 120, 60 };
	struct rlimit files;
	char where[512];
	Err err;

	signal(SIGPIPE, SIG_IGN);
	signal(SIGCHLD, SIG_IGN);       /* nobody asks how an attach ended */
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	snprintf(where, sizeof where, "%s/state", bench->directory);
	if (state_open(&bench->state, where, &err) < 0 || !(bench->cluster = cluster_open(&bench->state, &err)) ||
	    !(bench->events = events_open(bench->cluster, &err)))
		die(&err);
	uv_loop_init(&bench->loop);
	bench->turn = turn_new(&bench->loop, bench->cluster, bench->events);
	bench->pool = pool_new(bench->turn, patience, &err);
	if (!bench->pool)
		die(&err);
	uv_timer_init(&bench->loop, &bench->look);
	uv_timer_init(&bench->loop, &bench->rest);
	bench->rest.data = bench;
	uv_timer_start(&bench->look, ignore, 100, 100);
}

static void close_handle(uv_handle_t *handle, void *arg)
{
	(void)arg;
	if (!uv_is_closing(handle))
		uv_close(handle, NULL);
}

/* The workers' links close with the loop, and the agents, who have nothing to do, go. */
static void end(Bench *bench)
{
	turn_end(bench->turn);
	pool_free(bench->pool);
	uv_walk(&bench->loop, close_handle, NULL);
	uv_run(&bench->loop, UV_RUN_DEFAULT);
	uv_loop_close(&bench->loop);
	turn_free(bench->turn);
	events_close(bench->events);
	cluster_close(bench->cluster);
	state_close(&bench->state);
}

int main(int argc, char **argv)
{
	Bench bench = { .state = { NULL, -1 } };

	if (argc != 5 || atol(argv[4]) < 10) {
		fprintf(stderr, "usage: many_nodes DIRECTORY AGENT NEIGHBOURS JOBS\n");
		return 2;
	}
	bench.directory = argv[1];
	bench.agent = argv[2];
	begin(&bench);
	measure(&bench, (size_t)atol(argv[3]), atol(argv[4]));
	end(&bench);
	return 0;
}
