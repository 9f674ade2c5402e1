/* gather.c - globs become a parcel. One walk serves all of them: each entry is compared with the names at its
 * depth of those globs whose earlier names its directories matched, so nothing is packed twice, and only
 * directories that lead to a match are looked into. */
#include "node/agent/gather.h"

#include "node/agent/platform.h"
#include "node/agent/say.h"
#include "node/agent/stream.h"
#include "node/agent/unpack.h"
#include "store/base/clock.h"
#include "store/base/io.h"
#include "store/base/parcel.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	GLOBS_MAX = 64,                 /* bits of a Set */
	COMPLAINTS_MAX = 20,            /* sentences on stderr */
	STRAYS_MAX = 16 << 20,          /* bytes kept of what nobody asked for */
	GONE_MAX = 8,                   /* names on stderr of what is not */
	GONE_NAME_MAX = 100,
	FULL_MS = 1000,                 /* between tries on a full disk */
	OUT_BYTES = 128 * 1024,
};

typedef uint64_t Set;           /* of globs, by number */

typedef struct Gather {
	Work *work;
	const char *glob[GLOBS_MAX];    /* the rest of each, from the name at this depth on */
	int count;
	bool strays;            /* everything, with a bound; instead of globs */
	Packer packer;
	int out;
	uint64_t size;
	int failed;             /* errno of the disk */
	bool called_off;
	unsigned complaints;
	Buf stderr_text;
	size_t used;
	char bytes[OUT_BYTES];
} Gather;

/* --- the parcel ----------------------------------------------------------------------------------- */

static int flush(Gather *gather, Err *err)
{
	gather->called_off = unpack_is_called_off(gather->work->shop.agent);
	if (gather->called_off)
		return err_set(err, ECANCELED, "nobody waits for it");
	if (write_all(gather->out, gather->bytes, gather->used) < 0) {
		gather->failed = errno;
		return err_sys(err, errno, "what is returned");
	}
	gather->size += gather->used;
	gather->used = 0;
	return 0;
}

static int take(void *arg, const void *bytes, size_t n, bool identity, Err *err)
{
	Gather *gather = arg;

	(void)identity;
	if (gather->used + n > sizeof gather->bytes && flush(gather, err) < 0)
		return -1;
	memcpy(gather->bytes + gather->used, bytes, n);         /* a piece of a file at most */
	gather->used += n;
	return 0;
}

/* A name may hold anything; it must not become a line, or a command to a terminal. */
static void add_name(Buf *text, const char *name, size_t most)
{
	size_t n = strlen(name);

	for (size_t i = 0; i < n && i < most; i++)
		buf_add_char(text, (unsigned char)name[i] < ' ' || name[i] == 127 ? '?' : name[i]);
	if (n > most)
		buf_add_text(text, "...");
}

static void leave_out(void *arg, const Err *why)
{
	Gather *gather = arg;

	gather->complaints++;
	if (gather->strays) {
		if (gather->complaints <= GONE_MAX) {
			buf_add_text(&gather->stderr_text, gather->complaints > 1 ? ", " : "");
			add_name(&gather->stderr_text, buf_text(&gather->packer.path), GONE_NAME_MAX);
		}
		return;
	}
	if (gather->complaints <= COMPLAINTS_MAX)
		buf_addf(&gather->stderr_text, "wulfs: --return: %s; left out\n", why->text);
}

/* --- the walk ------------------------------------------------------------------------------------- */

typedef struct Step {           /* one directory of the walk */
	Gather *gather;
	Set globs;              /* that got this far */
	unsigned depth;
	const char *path;       /* of the directory; "" for the first */
	bool entered;           /* the parcel has it */
	struct Step *above;
} Step;

/* The glob's name at this depth, and whether more follow. */
static bool name_at(const char *glob, unsigned depth, char name[PARCEL_PATH_MAX + 1], bool *last)
{
	for (; depth > 0; depth--) {
		glob += strcspn(glob, "/");
		if (!*glob)
			return false;
		glob++;
	}
	memcpy(name, glob, strcspn(glob, "/"));
	name[strcspn(glob, "/")] = '\0';
	*last = !glob[strcspn(glob, "/")];
	return true;
}

/* Which of the globs the name matches: with all of them, or so far. */
static void match(const Step *step, const char *name, Set *whole, Set *so_far)
{
	char wanted[PARCEL_PATH_MAX + 1];
	bool last;

	*whole = *so_far = 0;
	for (int i = 0; i < step->gather->count; i++) {
		Set bit = (Set)1 << i;

		if (!(step->globs & bit) || !name_at(step->gather->glob[i], step->depth, wanted, &last) ||
		    fnmatch(wanted, name, FNM_PERIOD) != 0)
			continue;
		*(last ? whole : so_far) |= bit;
	}
}

/* The directories above a match are in the parcel, too: before it, and once. */
static int enter(Step *step, Err *err)
{
	if (step->entered || !step->above)
		return 0;
	if (enter(step->above, err) < 0 || packer_enter(&step->gather->packer, step->path, err) < 0)
		return -1;
	step->entered = true;
	return 0;
}

static char *join(const char *path, const char *name)
{
	Buf whole = BUF_INIT;

	buf_addf(&whole, "%s%s%s", path, *path ? "/" : "", name);
	return buf_take(&whole);
}

static int visit(void *arg, int directory, const char *name, Err *err);

static int descend(Step *above, int directory, const char *name, const char *path, Set globs, Err *err)
{
	Step step = { above->gather, globs, above->depth + 1, path, false, above };
	int fd = openat(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), rc;

	if (fd < 0 || step.depth > PARCEL_DEPTH_MAX) {
		if (fd >= 0)
			close(fd);
		return 0;       /* no directory, or none of ours to look into: nothing in it matches */
	}
	rc = parcel_each_name(fd, visit, &step, err);
	if (rc == 0 && step.entered)
		rc = packer_leave(&above->gather->packer, fd, path, err);
	close(fd);
	return rc;
}

static int visit(void *arg, int directory, const char *name, Err *err)
{
	Step *step = arg;
	Set whole, so_far;
	char *path;
	int rc = 0;

	match(step, name, &whole, &so_far);
	if (!whole && !so_far)
		return 0;
	path = join(step->path, name);
	if (whole)
		rc = enter(step, err) < 0 ? -1 : packer_add(&step->gather->packer, directory, name, path, err);
	else
		rc = descend(step, directory, name, path, so_far, err);
	free(path);
	return rc;
}

static int pack_child(void *arg, int directory, const char *name, Err *err)
{
	return packer_add(arg, directory, name, name, err);
}

/* "." is everything, without comparing. */
static bool wants_all(const Gather *gather)
{
	for (int i = 0; i < gather->count; i++)
		if (strcmp(gather->glob[i], ".") == 0)
			return true;
	return gather->strays;
}

static int pack(Gather *gather, int start, Err *err)
{
	Step first = { gather, ~(Set)0, 0, "", true, NULL };
	int rc;

	gather->packer = (Packer){ .sink = { take, gather }, .leave_out = leave_out, .most = gather->strays ? STRAYS_MAX : 0 };
	if (packer_begin(&gather->packer, err) < 0)
		return -1;
	rc = wants_all(gather) ? parcel_each_name(start, pack_child, &gather->packer, err)
			       : parcel_each_name(start, visit, &first, err);
	return rc < 0 || packer_end(&gather->packer, err) < 0 || flush(gather, err) < 0 ? -1 : 0;
}

/* --- one try after the other ---------------------------------------------------------------------- */

static int try(Gather *gather, int start, int spool, Err *err)
{
	int rc;

	gather->size = gather->used = gather->failed = 0;
	gather->complaints = 0;
	buf_clear(&gather->stderr_text);
	gather->out = openat(spool, stream_file(gather->work->task.name, WIRE_STREAM_RETURN), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (gather->out < 0) {
		gather->failed = errno;
		return err_sys(err, errno, "what is returned");
	}
	rc = pack(gather, start, err);
	if (close(gather->out) < 0 && rc == 0) {
		gather->failed = errno;
		rc = err_sys(err, errno, "what is returned");
	}
	packer_release(&gather->packer);
	return rc;
}

static bool disk_is_full(const Gather *gather)
{
	return gather->failed == ENOSPC || gather->failed == EDQUOT || gather->failed == EFBIG;
}

static void read_globs(Gather *gather, const Task *task)
{
	for (size_t at = 0; at < task->returns_length && gather->count < GLOBS_MAX; at += strlen(task->returns + at) + 1)
		gather->glob[gather->count++] = task->returns + at;
}

/* Nothing half: there is the whole parcel, or none. */
static void settle(Gather *gather, int rc, int spool, const Err *err)
{
	Work *work = gather->work;

	if (rc == 0) {
		work->returned = gather->size;
	} else {
		unlinkat(spool, stream_file(work->task.name, WIRE_STREAM_RETURN), 0);
		buf_clear(&gather->stderr_text);
		buf_addf(&gather->stderr_text, "wulfs: --return: %s; nothing is returned\n", err->text);
	}
	if (gather->complaints > COMPLAINTS_MAX)
		buf_addf(&gather->stderr_text, "wulfs: --return: and %u more\n", gather->complaints - COMPLAINTS_MAX);
	if (gather->stderr_text.length)
		report_sentence(work, gather->stderr_text.data);
}

/* What was left in the scratch directory, after the sentence that says that the task was there at all. */
static void settle_strays(Gather *gather, int rc, int spool, Buf *line)
{
	if (rc < 0) {
		unlinkat(spool, stream_file(gather->work->task.name, WIRE_STREAM_RETURN), 0);
		buf_add_text(line, "; what it left there is gone, as it could not be packed");
		return;
	}
	gather->work->returned = gather->size;
	buf_add_text(line, "; what it left there is kept in its out/");
	if (gather->complaints == 0)
		return;
	buf_addf(line, ", %d MiB at most; gone: %s", STRAYS_MAX >> 20, buf_text(&gather->stderr_text));
	if (gather->complaints > GONE_MAX)
		buf_addf(line, " and %u more", gather->complaints - GONE_MAX);
}

static int gather_into(Gather *gather, int start, int spool, Err *err)
{
	int rc;

	while ((rc = try(gather, start, spool, err)) < 0 && disk_is_full(gather) &&
	       !unpack_is_called_off(gather->work->shop.agent)) {
		say("%s; it waits until there is room", err->text);
		platform_poll(NULL, 0, FULL_MS);
	}
	return rc;
}

void gather_returns(Work *work)
{
	int start = work->task.returns ? open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	int spool = open(work->shop.directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	Gather *gather;
	Err err = { .number = 0 };

	work->returned = 0;
	if (start >= 0 && spool >= 0) {
		gather = mem_new_zeroed(sizeof *gather);
		gather->work = work;
		read_globs(gather, &work->task);
		settle(gather, gather_into(gather, start, spool, &err), spool, &err);
		buf_release(&gather->stderr_text);
		free(gather);
	} else if (work->task.returns) {
		report_sentence(work, "wulfs: --return: the directory the job started in cannot be read; nothing is returned\n");
	}
	if (start >= 0)
		close(start);
	if (spool >= 0)
		close(spool);
}

/* --- what nobody asked for ------------------------------------------------------------------------ */

static int count_one(void *arg, int directory, const char *name, Err *err)
{
	(void)directory, (void)name, (void)err;
	++*(int *)arg;
	return -1;      /* one is enough */
}

static bool is_empty(int directory)
{
	int names = 0;

	parcel_each_name(directory, count_one, &names, NULL);
	return names == 0;
}

static void pack_strays(Work *work, int start, Buf *line)
{
	int spool = open(work->shop.directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	Gather *gather = mem_new_zeroed(sizeof *gather);
	Err err = { .number = 0 };
	int rc = -1;

	gather->work = work;
	gather->strays = true;
	if (spool >= 0)
		rc = gather_into(gather, start, spool, &err);
	settle_strays(gather, rc, spool, line);
	buf_release(&gather->stderr_text);
	free(gather);
	if (spool >= 0)
		close(spool);
}

static void begin_line(const Task *task, Buf *line)
{
	buf_add_text(line, "wulfs: ran in a scratch directory, since ");
	if (!task->missing) {
		buf_add_text(line, "it is not known where it was sent from");
		return;
	}
	add_name(line, task->missing, WIRE_OUTPUT_MAX / 2);
	buf_add_text(line, " is not there");
}

void gather_strays(Work *work, bool ended_well)
{
	const Task *task = &work->task;
	int start = task->astray ? open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	bool left = start >= 0 && !task->returns && !is_empty(start);
	Buf line = BUF_INIT;

	if (left || task->insists || (task->missing && !ended_well)) {
		begin_line(task, &line);
		if (left)
			pack_strays(work, start, &line);
		buf_add_char(&line, '\n');
		report_sentence(work, buf_text(&line));
	}
	buf_release(&line);
	if (start >= 0)
		close(start);
}
