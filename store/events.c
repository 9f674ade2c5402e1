/* events.c - STATE/events. A full disk costs lines here, never a job: the log says so once. */
#include "store/events.h"

#include "store/base/clock.h"
#include "store/base/log.h"
#include "store/commit.h"
#include "store/job.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	FILE_MAX = 16 * 1024 * 1024,    /* bytes of one file; then it is another's turn */
	FILES_KEPT = 2,                 /* while nobody reads: `events` and `events.1` */
	FILES_MAX = 16,                 /* while somebody does, who is to see every line */
};

typedef struct EventsFile {
	int fd;
	uint64_t size;
} EventsFile;

struct Events {
	char *path;             /* of the newest */
	EventsFile file[FILES_MAX];     /* the newest first: file[i] is PATH.i */
	size_t count;
	unsigned readers;
	int64_t changed;
	Buf lines;              /* not written yet */
	bool complained, cannot_rotate;
};

/* --- the files --------------------------------------------------------------------------------- */

static char *path_of(const Events *events, size_t i)
{
	Buf path = BUF_INIT;

	buf_add_text(&path, events->path);
	if (i)
		buf_addf(&path, ".%zu", i);
	return buf_take(&path);
}

static int open_file(const Events *events, size_t i, int flags, EventsFile *file, struct stat *st)
{
	char *path = path_of(events, i);

	file->fd = open(path, flags | O_CLOEXEC, 0600);
	free(path);
	if (file->fd < 0)
		return -1;
	if (fstat(file->fd, st) < 0) {
		close(file->fd);
		return -1;
	}
	file->size = (uint64_t)st->st_size;
	return 0;
}

static void drop_oldest(Events *events)
{
	char *path = path_of(events, --events->count);

	close(events->file[events->count].fd);
	unlink(path);
	free(path);
}

/* Who reads goes on where he was, so what is left of the oldest must stay: offsets count from its first byte. */
static void trim(Events *events)
{
	while (events->count > (events->readers ? (size_t)FILES_MAX - 1 : FILES_KEPT))
		drop_oldest(events);
}

static void move_up(const Events *events, size_t i)
{
	char *from = path_of(events, i), *to = path_of(events, i + 1);

	if (rename(from, to) < 0)
		log_warn("%s: %s", from, strerror(errno));
	free(from);
	free(to);
}

/* The next file, under a name of its own until all others have moved. */
static int open_next(Events *events, char *path, size_t room)
{
	int fd;

	snprintf(path, room, "%s.next", events->path);
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
	if (fd < 0 && !events->cannot_rotate)
		log_warn("%s: %s; events grows on", path, strerror(errno));
	events->cannot_rotate = fd < 0;
	return fd;
}

/* If it cannot be done now, the file grows on. */
static void rotate(Events *events)
{
	char next[PATH_MAX];
	EventsFile fresh = { open_next(events, next, sizeof next), 0 };

	if (fresh.fd < 0)
		return;
	trim(events);
	for (size_t i = events->count; i-- > 0;)
		move_up(events, i);
	if (rename(next, events->path) < 0)
		log_warn("%s: %s", events->path, strerror(errno));
	memmove(&events->file[1], &events->file[0], events->count++ * sizeof *events->file);
	events->file[0] = fresh;
	trim(events);
}

/* --- the lines --------------------------------------------------------------------------------- */

static void add_line(Events *events, const char *what, const char *id, const char *old, const char *new, const char *node)
{
	int64_t now = clock_wall_ms();

	buf_addf(&events->lines, "%lld.%03d %s %s %s %s %s\n", (long long)(now / 1000), (int)(now % 1000),
		 what, id, old, new, node);
}

static void task_changed(void *arg, Task *task, const Facts *before)
{
	const char *old = before ? task_state_name(before->state) : "-";
	const Facts *now = &task->now;
	const char *node = now->node ? now->node->name : "-";
	Buf id = BUF_INIT;

	if (before && before->state == now->state)
		return;
	if (task_is_rest(task))
		buf_addf(&id, "%llu", (unsigned long long)task->id);
	else
		task_label(task, &id);
	/* A short task starts and ends within one turn; the log has both steps all the same. */
	if (before && before->state == TASK_PENDING && task_is_finished(task) && now->started) {
		add_line(arg, "job", buf_text(&id), old, task_state_name(TASK_RUNNING), node);
		old = task_state_name(TASK_RUNNING);
	}
	add_line(arg, "job", buf_text(&id), old, task_state_name(now->state), now->state == TASK_PENDING ? "-" : node);
	buf_release(&id);
}

Events *events_open(Cluster *cluster, Err *err)
{
	Events *events = mem_new_zeroed(sizeof *events);
	struct stat st, old;

	events->path = state_path(cluster_state(cluster), "events");
	if (open_file(events, 0, O_RDWR | O_CREAT | O_APPEND, &events->file[0], &st) < 0) {
		err_sys(err, errno, "%s", events->path);
		events_close(events);
		return NULL;
	}
	events->changed = (int64_t)st.st_mtim.tv_sec * 1000;
	for (events->count = 1; events->count < FILES_MAX; events->count++)
		if (open_file(events, events->count, O_RDONLY, &events->file[events->count], &old) < 0)
			break;
	trim(events);
	cluster_watch(cluster, task_changed, events);
	return events;
}

void events_close(Events *events)
{
	if (!events)
		return;
	if (events->count)
		events_flush(events);
	for (size_t i = 0; i < events->count; i++)
		close(events->file[i].fd);
	buf_release(&events->lines);
	free(events->path);
	free(events);
}

void events_hold(Events *events)
{
	events->readers++;
}

void events_let_go(Events *events)
{
	events->readers--;
	trim(events);
}

void events_node(Events *events, const Node *node, NodeState old)
{
	add_line(events, "node", node->name, node_state_name(old), node_state_name(node_state(node)), "-");
}

void events_node_left(Events *events, const Node *node, NodeState old)
{
	add_line(events, "node", node->name, node_state_name(old), "-", "-");
}

void events_discovery(Events *events, bool on, const char *why)
{
	add_line(events, "discovery", "-", on ? "OFF" : "ON", on ? "ON" : "OFF", why[0] ? why : "-");
}

void events_flush(Events *events)
{
	ssize_t done;

	if (events->lines.length == 0)
		return;
	if (events->file[0].size >= FILE_MAX)
		rotate(events);
	done = write(events->file[0].fd, events->lines.data, events->lines.length);
	if (done > 0)
		events->file[0].size += (uint64_t)done;
	if (done < (ssize_t)events->lines.length) {
		if (!events->complained)
			log_warn("events: lines are missing: %s", done < 0 ? strerror(errno) : "the disk is full");
		events->complained = true;
	} else {
		events->complained = false;
	}
	events->changed = clock_wall_ms();
	buf_clear(&events->lines);
}

uint64_t events_size(const Events *events)
{
	uint64_t size = 0;

	for (size_t i = 0; i < events->count; i++)
		size += events->file[i].size;
	return size;
}

int64_t events_changed(const Events *events)
{
	return events->changed;
}

ssize_t events_read(const Events *events, uint64_t offset, void *to, size_t n)
{
	for (size_t i = events->count; i-- > 0; offset -= events->file[i].size)
		if (offset < events->file[i].size)
			return pread(events->file[i].fd, to, n, (off_t)offset);
	return 0;
}
