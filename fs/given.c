/* given.c - from a path in the mount to an open file of the state.
 *
 * Runs on the owner's thread. An open(2) of the path would ask the daemon that makes it, which would wait for itself
 * for ever, so the tables are walked instead. */
#include "fs/given.h"

#include "fs/subject.h"
#include "store/output.h"
#include "store/returned.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { LINKS_MAX = 8 };

typedef struct Walk {
	Place place;
	const char *rest;       /* below an out/, where the tables end */
	uint64_t before;        /* jobs of this id and above are not there yet */
	Buf link;               /* the way to go on instead, from the mount's top */
} Walk;

/* The newest job that the link meant when the job that names it was submitted. */
static Job *job_of_link(Fs *fs, const Walk *walk)
{
	Job *job;

	if (!walk->place.alias)
		return cluster_job_before(fs->cluster, walk->before);
	job = cluster_job(fs->cluster, walk->place.id);
	while (job && job->id >= walk->before)
		job = TAILQ_PREV(job, JobList, of_name);
	return job;
}

/* All links of the tables lead to a job's directory. False: there was no such job. */
static bool note_link(Fs *fs, Walk *walk, const char *rest)
{
	const Job *job = job_of_link(fs, walk);

	buf_clear(&walk->link);
	if (job)
		buf_addf(&walk->link, "results/%llu%s", (unsigned long long)job->id, rest);
	return job;
}

static bool is_link_to_result(const Place *place)
{
	if (place->alias)
		return place->directory == &result_directory;
	return place->file && S_ISLNK(place->file->mode) &&
	       (place->directory == &root_directory || place->directory == &results_directory);
}

/* Walk down until the path, or the tables, end, or to the first link. False: it is not there. */
static bool walk_tables(Fs *fs, const char *path, Walk *walk)
{
	const char *name = path;

	walk->place = (Place){ .directory = &root_directory };
	while (*name && walk->place.directory != &out_directory) {
		size_t n = strcspn(name, "/");
		char *one = mem_copy(name, n);
		Place above = walk->place;
		bool found = strcmp(one, ".") == 0 || (!above.file && tree_lookup(fs, &above, one, &walk->place));

		free(one);
		if (!found)
			return false;
		if (is_link_to_result(&walk->place))
			return note_link(fs, walk, name + n);
		if (walk->place.alias)
			return true;
		name += n + (name[n] == '/');
	}
	walk->rest = name;
	return true;
}

static int open_returned(Fs *fs, const Walk *walk)
{
	struct open_how how = { .flags = O_RDONLY | O_NONBLOCK | O_CLOEXEC, .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS };
	int tree = returned_open(cluster_state(fs->cluster), walk->place.id), fd, failed;

	if (tree < 0)
		return -1;
	fd = (int)syscall(SYS_openat2, tree, walk->rest[0] ? walk->rest : ".", &how, sizeof how);
	failed = errno;
	close(tree);
	errno = failed;
	return fd;
}

/* A small one has no file. */
static int open_bytes(const Buf *bytes)
{
	int fd = memfd_create("result", MFD_CLOEXEC);

	if (fd >= 0 && write(fd, bytes->data, bytes->length) != (ssize_t)bytes->length) {
		close(fd);
		return -1;
	}
	return fd;
}

static int open_stream(Fs *fs, const Task *task, Stream stream, const char *path, Err *err)
{
	Buf bytes = BUF_INIT;
	int fd;

	if (task->now.size[stream] > OUTPUT_SMALL)
		return outputs_open(cluster_state(fs->cluster), task->id, stream, err);
	if (cluster_read_output(fs->cluster, task, stream, &bytes, err) < 0)
		return -1;
	fd = open_bytes(&bytes);
	if (fd < 0)
		err_sys(err, errno, "%.200s", path);
	buf_release(&bytes);
	return fd;
}

static int open_place(Fs *fs, const Walk *walk, const char *path, Err *err)
{
	const Place *place = &walk->place;
	const char *name = place->file ? place->file->name : "";
	bool is_stream = strcmp(name, "stdout") == 0 || strcmp(name, "stderr") == 0;
	int fd;

	if (place->directory == &out_directory) {
		fd = open_returned(fs, walk);
		return fd < 0 ? err_sys(err, errno, "%.200s", path) : fd;
	}
	if (!is_stream || (place->directory != &result_directory && place->directory != &task_result_directory))
		return err_set(err, EINVAL, "%.200s: lies in this mount, of which only results/ID/stdout, results/ID/stderr and "
			       "what is in results/ID/out can be sent", path[0] ? path : ".");
	if (!place->subject.task)
		return err_set(err, EINVAL, "%.200s: is of a whole array; name one of its tasks, as in results/ID/1/%s", path, name);
	if (!subject_is_finished(fs, place->subject))
		return err_set(err, EAGAIN, "%.200s: grows until its job is finished; wait for that first", path);
	return open_stream(fs, place->subject.task, name[3] == 'o' ? STREAM_STDOUT : STREAM_STDERR, path, err);
}

int given_open(void *arg, const char *path, uint64_t before, bool *by_name, Err *err)
{
	char *way = mem_copy_text(path);
	Walk walk = { .link = BUF_INIT, .before = before };
	int fd;

	*by_name = false;
	for (int links = 0; walk_tables(arg, way, &walk); links++) {
		if (walk.link.length == 0 || links == LINKS_MAX) {
			fd = open_place(arg, &walk, path, err);
			goto done;
		}
		*by_name = true;
		free(way);
		way = mem_copy_text(buf_text(&walk.link));
		buf_clear(&walk.link);
	}
	fd = err_sys(err, ENOENT, "%.200s", path);
done:
	buf_release(&walk.link);
	free(way);
	return fd;
}
