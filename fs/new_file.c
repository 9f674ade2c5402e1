/* new_file.c - jobs/new: from bytes to jobs.
 *
 * Lines become jobs one by one, in the write that completes them. A document that begins with "#!", or with
 * #WULFS lines before it, is one job: it is judged while it is written, kept as a draft at every flush, and starts at the last close, or
 * when its handle is read for the id. A lone line without a newline is treated as such a document is: only
 * the close shows that it is all there. What is answered to the writer waits for the commit (fuse.c). */
#include "fs/handle.h"

#include "fs/late.h"
#include "fs/lines.h"
#include "fs/look.h"
#include "store/submit.h"
#include "store/transfer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct Intake {
	bool script;            /* a '#!' document */
	bool begun;             /* so much is there that it is known which */
	bool cut;               /* the line that was refused goes on in the next one */
	bool started;           /* the document became a job */
	size_t judged;          /* length at which it was judged last */
	uint64_t draft;         /* number of its draft; 0: none */
	char *directory;        /* the writer's; NULL: unknown, or inside the mount */
	bool at_top;            /* it is the mount point */
	Look *look;             /* at what the request in hand names */
	Buf ids;                /* of the jobs made, a line each, for whoever reads the handle */
	size_t ids_before;      /* the write that is going on; its turn may fail */
	size_t ids_read;
} Intake;

static int new_open(Handle *handle, Err *err)
{
	(void)err;
	handle->own = mem_new_zeroed(sizeof(Intake));
	return 0;
}

/* --- making jobs ------------------------------------------------------------------------------- */

static bool is_below(const char *path, const char *top)
{
	size_t n = strlen(top);

	return strncmp(path, top, n) == 0 && (path[n] == '/' || path[n] == '\0');
}

/* The kernel shows a word behind the name of a directory that was removed. To look whether it is there would ask
 * its filesystem, which may not answer. */
static bool is_removed(const char *path)
{
	static const char word[] = " (deleted)";
	size_t n = strlen(path), m = sizeof word - 1;

	return n >= m && strcmp(path + n - m, word) == 0;
}

/* Where the writer stands is where its job starts, as with sbatch. Not inside the mount: a job that sits
 * there would keep it from being unmounted, and can write nothing. */
static void note_directory(Handle *handle, pid_t pid)
{
	Intake *intake = handle->own;
	char link[32], path[4096];
	ssize_t n;

	snprintf(link, sizeof link, "/proc/%d/cwd", (int)pid);
	n = pid > 0 ? readlink(link, path, sizeof path - 1) : -1;
	path[n > 0 ? n : 0] = '\0';
	free(intake->directory);
	intake->at_top = strcmp(path, handle->fs->mountpoint) == 0;
	intake->directory = n > 0 && !is_below(path, handle->fs->mountpoint) && !is_removed(path) ? mem_copy_text(path) : NULL;
}

/* A job has no directory in the mount: at its top relative paths are those of results, elsewhere they are unknown. */
static int check_beginnings(const Intake *intake, const Spec *spec, Err *err)
{
	for (size_t at = 0; !intake->directory && !intake->at_top && at < spec->transfer_length;
	     at += strlen(spec->transfer + at) + 1)
		if (spec->transfer[at] != '/')
			return err_set(err, EINVAL, "--transfer: %.200s: it is not known where this was written from (a directory in the "
				       "mount?); write an absolute path", spec->transfer + at);
	return 0;
}

static int check_transfer(Handle *handle, const Spec *spec, Err *err)
{
	Intake *intake = handle->own;

	if (!spec->transfer)
		return 0;
	if (check_beginnings(intake, spec, err) < 0)
		return -1;
	return intake->look ? look_result(intake->look, spec, err) : err_set(err, EAGAIN, "--transfer: could not be looked at; try again");
}

static int check_directory(const Handle *handle, const Spec *spec, Err *err)
{
	const Intake *intake = handle->own;
	char *path;
	size_t n;

	if (!spec->directory || spec->transfer)
		return 0;
	path = spec_start_directory(spec, intake->directory);
	n = path ? strlen(path) : 0;
	free(path);
	if (n >= SPEC_PATH_MAX)
		return err_set(err, EINVAL, "--chdir: the path is not shorter than %d bytes", SPEC_PATH_MAX);
	return n > 0 ? 0 : err_set(err, EINVAL, "--chdir: \"%.80s\": it is not known where this was written from (a directory "
				   "in the mount?); write an absolute path", spec->directory);
}

static Spec *parse(Handle *handle, const char *text, size_t n, Err *err)
{
	Spec *spec = spec_parse(text, n, err);

	if (!spec || (check_directory(handle, spec, err) == 0 && check_transfer(handle, spec, err) == 0))
		return spec;
	spec_free(spec);
	return NULL;
}

static int submit(Handle *handle, const char *text, size_t n, Err *err)
{
	Intake *intake = handle->own;
	Spec *spec = parse(handle, text, n, err);
	Job *job = spec ? cluster_submit(handle->fs->cluster, spec, intake->directory, err) : NULL;

	if (!job) {
		spec_free(spec);
		return -1;
	}
	if (handle->readable)
		buf_addf(&intake->ids, "%llu\n", (unsigned long long)job->id);
	return 0;
}

static int take_line(Handle *handle, const char *line, size_t n, Err *err)
{
	Intake *intake = handle->own;

	if (spec_is_blank(line, n))
		return 0;
	if (submit(handle, line, n, err) == 0)
		return 0;
	intake->cut = spec_goes_on(line, n);
	return -1;
}

/* --- lines that were meant as one script -------------------------------------------------------- */

enum { STRAY_BYTES = 128 };     /* the beginning of a line shows it */

static size_t line_length(const char *bytes, size_t n)
{
	const char *newline = n ? memchr(bytes, '\n', n) : NULL;

	return newline ? (size_t)(newline - bytes) : n;
}

/* The line that began in an earlier write: its beginning, once it is longer by these bytes. */
static int check_held_line(Handle *handle, const char *bytes, size_t n, Err *err)
{
	Buf line = BUF_INIT;
	size_t at;
	int rc = 0;

	if (handle->text.length < STRAY_BYTES) {
		buf_add(&line, handle->text.data, handle->text.length);
		buf_add(&line, bytes, n < STRAY_BYTES ? n : STRAY_BYTES);
		rc = spec_check_stray(line.data, line.length, &at, err);
	}
	if (rc < 0)
		handle_refused(handle, line.data, line.length, err);
	buf_release(&line);
	return rc;
}

/* Refuses the whole write before any of it runs, and all that follows: of a script that is taken for lines, some
 * line would do harm without those before it. */
static int check_stray(Handle *handle, const char *bytes, size_t n, Err *err)
{
	size_t held = handle->text.length ? line_length(bytes, n) : 0, at;

	if (handle->text.length && check_held_line(handle, bytes, held, err) < 0)
		return lines_poison(handle, err);
	bytes += held;
	n -= held;
	if (spec_check_stray(bytes, n, &at, err) == 0)
		return 0;
	handle_refused(handle, bytes + at, line_length(bytes + at, n - at), err);
	return lines_poison(handle, err);
}

static int write_lines(Handle *handle, const char *bytes, size_t n, size_t *taken, Err *err)
{
	Intake *intake = handle->own;
	int rc;

	if (intake->begun && check_stray(handle, bytes, n, err) < 0)
		return -1;
	rc = lines_take(handle, bytes, n, SPEC_LINE_MAX, take_line, taken, err);
	if (intake->cut && !handle->poisoned)
		lines_poison(handle, err);
	return rc;
}

/* --- documents --------------------------------------------------------------------------------- */

enum { ALWAYS_JUDGED = 64 * 1024 };

static int refuse_document(Handle *handle, Err *err)
{
	handle_refused(handle, handle->text.data, handle->text.length, err);
	return lines_poison(handle, err);
}

/* Long ones are judged again when they have doubled, so that writing stays linear. */
static int judge(Handle *handle, Err *err)
{
	Intake *intake = handle->own;
	size_t length = handle->text.length;

	if (length > ALWAYS_JUDGED && length < 2 * intake->judged)
		return 0;
	intake->judged = length;
	return spec_check_script(handle->text.data, length, err);
}

static int write_document(Handle *handle, const char *bytes, size_t n, Err *err)
{
	Intake *intake = handle->own;

	if (intake->started)
		return err_set(err, EINVAL, "this script was started when its id was read; open jobs/new again for another");
	if (handle->text.length + n > SPEC_SCRIPT_MAX) {
		err_set(err, E2BIG, "a script is longer than %d bytes", SPEC_SCRIPT_MAX);
		return refuse_document(handle, err);
	}
	buf_add(&handle->text, bytes, n);
	return judge(handle, err) < 0 ? refuse_document(handle, err) : 0;
}

/* What waits in the handle becomes a job: a document, or a lone line without its newline. */
static int start_document(Handle *handle, Err *err)
{
	Intake *intake = handle->own;

	if (submit(handle, handle->text.data, handle->text.length, err) < 0)
		return refuse_document(handle, err);
	cluster_draft(handle->fs->cluster, &intake->draft, NULL, 0, NULL);
	intake->started = true;
	return 0;
}

/* --- the handle's functions -------------------------------------------------------------------- */

/* The first bytes tell lines from a document; fewer of them must wait for the rest. */
static bool find_out(Handle *handle, const char *bytes, size_t n)
{
	Intake *intake = handle->own;
	size_t have = handle->text.length;
	char first[SPEC_KIND_BYTES];
	SpecKind kind;

	if (intake->begun)
		return intake->script;
	if (n > sizeof first - have)
		n = sizeof first - have;
	if (have)
		memcpy(first, handle->text.data, have);
	memcpy(first + have, bytes, n);
	kind = spec_kind(first, have + n);
	intake->script = kind == SPEC_SCRIPT;
	intake->begun = kind != SPEC_UNDECIDED;
	return intake->script;
}

static int new_write(Handle *handle, const char *bytes, size_t n, pid_t pid, size_t *taken, Err *err)
{
	Intake *intake = handle->own;
	int rc;

	intake->ids_before = intake->ids.length;
	if (handle->poisoned) {
		*err = handle->poison;
		return -1;
	}
	note_directory(handle, pid);
	if (intake->look && look_is_late(intake->look, err)) {
		handle_refused(handle, bytes, line_length(bytes, n), err);
		return -1;
	}
	if (find_out(handle, bytes, n)) {
		rc = write_document(handle, bytes, n, err);
		*taken = rc < 0 ? 0 : n;
		return rc;
	}
	/* A draft of a lone line: it goes on after all. */
	cluster_draft(handle->fs->cluster, &intake->draft, NULL, 0, NULL);
	return write_lines(handle, bytes, n, taken, err);
}

/* The writer is told; nothing of the write is left, and no rest of a line may follow. */
static void new_undone(Handle *handle)
{
	Intake *intake = handle->own;
	Err err;

	intake->ids.length = intake->ids_before;
	if (handle->text.length == 0)
		return;
	err_set(&err, ENOSPC, "an earlier part could not be stored");
	lines_poison(handle, &err);
}

static bool waits_for_close(const Handle *handle)
{
	const Intake *intake = handle->own;

	if (handle->poisoned || intake->started || handle->text.length == 0)
		return false;
	return intake->script || !spec_is_blank(handle->text.data, handle->text.length);
}

static int refuse_half_line(Err *err)
{
	return err_set(err, EINVAL, "the last line has no newline, so it may be half a line; it was not run");
}

/* Any close of a copy of the descriptor comes here, not only the last: nothing may be started yet, and
 * nothing thrown away. */
static int new_flush(Handle *handle, Err *err)
{
	Intake *intake = handle->own;
	Spec *spec;
	int rc;

	if (!waits_for_close(handle))
		return 0;
	if (!intake->script && handle->writes > 1)
		return refuse_half_line(err);
	spec = parse(handle, handle->text.data, handle->text.length, err);
	rc = spec ? cluster_judge(handle->fs->cluster, spec, err) : -1;
	spec_free(spec);
	if (rc < 0)
		return refuse_document(handle, err);
	cluster_draft(handle->fs->cluster, &intake->draft, handle->text.data, handle->text.length, intake->directory);
	return 0;
}

static void new_release(Handle *handle)
{
	Intake *intake = handle->own;
	Err err;

	if (waits_for_close(handle) && (intake->script || handle->writes == 1)) {
		late_submit(handle->fs, handle->text.data, handle->text.length, intake->directory, intake->draft);
	} else if (waits_for_close(handle)) {
		refuse_half_line(&err);
		handle_refused(handle, handle->text.data, handle->text.length, &err);
	}
	if (handle->poisoned)           /* what an earlier flush kept of it is no job cut off */
		cluster_draft(handle->fs->cluster, &intake->draft, NULL, 0, NULL);
	free(intake->directory);
	look_free(intake->look);
	buf_release(&intake->ids);
	free(intake);
}

/* The offset means nothing here: after a write of n bytes a shell reads on from offset n. */
static ReadAnswer new_read(Handle *handle, uint64_t offset, size_t n, Chunk *chunk, Err *err)
{
	Intake *intake = handle->own;
	size_t left;

	(void)offset;
	if (intake->script && waits_for_close(handle)) {
		intake->ids_before = intake->ids.length;
		if (start_document(handle, err) < 0)
			return READ_REFUSED;
		if (turn_commit(handle->fs->turn, err) < 0) {
			new_undone(handle);
			return READ_REFUSED;
		}
	}
	left = intake->ids.length - intake->ids_read;
	if (n > left)
		n = left;
	*chunk = (Chunk){ buf_text(&intake->ids) + intake->ids_read, n, -1, 0 };
	intake->ids_read += n;
	return READ_DONE;
}

/* --- what is looked at first -------------------------------------------------------------------- */

static const char transfer_word[] = "transfer";

static void add_to_look(Look *look, const char *text, size_t n)
{
	Err err;
	Spec *spec = n && memmem(text, n, transfer_word, sizeof transfer_word - 1) ? spec_parse(text, n, &err) : NULL;

	if (spec)
		look_add(look, spec);
}

/* The lines that these bytes complete. */
static void add_lines(Handle *handle, Look *look, const char *bytes, size_t n)
{
	Buf text = BUF_INIT;
	const char *line, *newline;

	buf_add(&text, handle->text.data, handle->text.length);
	buf_add(&text, bytes, n);
	for (line = buf_text(&text); (newline = memchr(line, '\n', text.length - (size_t)(line - text.data))); line = newline + 1)
		add_to_look(look, line, (size_t)(newline - line));
	buf_release(&text);
}

static bool new_delay(Handle *handle, const char *bytes, size_t n, pid_t pid, void (*go_on)(void *arg), void *arg)
{
	Intake *intake = handle->own;

	look_free(intake->look);
	intake->look = NULL;
	if (handle->poisoned)
		return false;
	if (n)
		note_directory(handle, pid);
	if (n && find_out(handle, bytes, n))
		return false;
	if (!n && !waits_for_close(handle))
		return false;
	intake->look = look_new(handle->fs, intake->directory);
	if (n)
		add_lines(handle, intake->look, bytes, n);
	else
		add_to_look(intake->look, handle->text.data, handle->text.length);
	if (!look_is_empty(intake->look)) {
		look_start(intake->look, go_on, arg);
		return true;
	}
	look_free(intake->look);
	intake->look = NULL;
	return false;
}

const HandleKind new_handle = {
	.delay = new_delay,
	.open = new_open, .read = new_read, .write = new_write, .undone = new_undone, .flush = new_flush,
	.release = new_release,
};
