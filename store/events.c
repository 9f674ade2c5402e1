/* events.c - STATE/events. A full disk costs lines here, never a job: the log says so once. */
#include "events.h"

#include "job.h"
#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct Events {
	int fd;
	uint64_t size;
	int64_t changed;
	Buf lines;              /* not written yet */
	bool complained;
};

static void add_line(Events *events, const char *what, const char *id, const char *old, const char *new, const char *node)
{
	int64_t now = clock_ms();

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
	char *path = state_path(cluster_state(cluster), "events");
	struct stat st;

	events->fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (events->fd < 0 || fstat(events->fd, &st) < 0) {
		err_sys(err, errno, "%s", path);
		events_close(events);
		events = NULL;
	} else {
		events->size = (uint64_t)st.st_size;
		events->changed = (int64_t)st.st_mtim.tv_sec * 1000;
		cluster_watch(cluster, task_changed, events);
	}
	free(path);
	return events;
}

void events_close(Events *events)
{
	if (!events)
		return;
	events_flush(events);
	if (events->fd >= 0)
		close(events->fd);
	buf_release(&events->lines);
	free(events);
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
	done = write(events->fd, events->lines.data, events->lines.length);
	if (done > 0)
		events->size += (uint64_t)done;
	if (done < (ssize_t)events->lines.length) {
		if (!events->complained)
			log_warn("events: lines are missing: %s", done < 0 ? strerror(errno) : "the disk is full");
		events->complained = true;
	} else {
		events->complained = false;
	}
	events->changed = clock_ms();
	buf_clear(&events->lines);
}

uint64_t events_size(const Events *events)
{
	return events->size;
}

int64_t events_changed(const Events *events)
{
	return events->changed;
}

ssize_t events_read(const Events *events, uint64_t offset, void *to, size_t n)
{
	return pread(events->fd, to, n, (off_t)offset);
}
