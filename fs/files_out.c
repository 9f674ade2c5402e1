/* files_out.c - what --return brought, read-only, with its own modes, sizes and times. */
#include "fs/files_out.h"

#include "fs/handle.h"
#include "fs/subject.h"
#include "store/returned.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct Out {
	uint64_t inode;
	uint64_t task;
	char *path;             /* below out/ */
	uint64_t told;          /* so often the kernel was told of it, less what it forgot */
	UT_hash_handle hh;
};

static const uint64_t out_bit = (uint64_t)1 << 62;     /* in no number of a table: those are ids << 16 */

bool out_is_inode(uint64_t inode)
{
	return inode & out_bit;
}

uint64_t out_inode(const Place *place)
{
	return place->out->inode;
}

/* --- what is remembered --------------------------------------------------------------------------- */

/* FNV-1a, of the task's id and the path. */
static uint64_t number_of(uint64_t task, const char *path)
{
	uint64_t hash = 0xcbf29ce484222325;

	for (int i = 0; i < 8; i++)
		hash = (hash ^ (task >> (8 * i) & 0xff)) * 0x100000001b3;
	for (; *path; path++)
		hash = (hash ^ (unsigned char)*path) * 0x100000001b3;
	return (hash & (out_bit - 1)) | out_bit;
}

static Out *find(const Fs *fs, uint64_t inode)
{
	Out *out;

	HASH_FIND(hh, fs->outs, &inode, sizeof inode, out);
	return out;
}

static void drop(Fs *fs, Out *out)
{
	HASH_DEL(fs->outs, out);
	free(out->path);
	free(out);
}

/* Takes path over. Two paths of one number, should that ever happen, get two that follow each other. */
static Out *remember(Fs *fs, uint64_t task, char *path)
{
	uint64_t inode = number_of(task, path);
	Out *out;

	while ((out = find(fs, inode)) && (out->task != task || strcmp(out->path, path) != 0))
		inode = ((inode + 1) & (out_bit - 1)) | out_bit;
	if (out) {
		free(path);
		return out;
	}
	out = mem_new_zeroed(sizeof *out);
	*out = (Out){ .inode = inode, .task = task, .path = path };
	HASH_ADD(hh, fs->outs, inode, sizeof out->inode, out);
	return out;
}

static void drop_unknown(Fs *fs, Out *out)
{
	if (out->told == 0)
		drop(fs, out);
}

void out_told(const Place *place)
{
	if (place->out)
		place->out->told++;
}

void out_settle(Fs *fs, const Place *place)
{
	if (place->out)
		drop_unknown(fs, place->out);
}

void out_forget(Fs *fs, uint64_t inode, uint64_t times)
{
	Out *out = find(fs, inode);

	if (!out)
		return;
	out->told -= times < out->told ? times : out->told;
	drop_unknown(fs, out);
}

void out_release(Fs *fs)
{
	Out *out, *next;

	HASH_ITER(hh, fs->outs, out, next)
		drop(fs, out);
}

/* --- the real tree -------------------------------------------------------------------------------- */

static int open_tree(Fs *fs, uint64_t task)
{
	return returned_open(cluster_state(fs->cluster), task);
}

static bool stat_path(Fs *fs, uint64_t task, const char *path, struct stat *st)
{
	int tree = open_tree(fs, task);
	bool found = tree >= 0 && fstatat(tree, path, st, AT_SYMLINK_NOFOLLOW) == 0;

	if (tree >= 0)
		close(tree);
	return found;
}

static const File out_file, out_link;

static bool make_place(Fs *fs, Out *out, const struct stat *st, Place *place)
{
	*place = (Place){ .directory = &out_directory, .id = out->task, .out = out };
	place->file = S_ISREG(st->st_mode) ? &out_file : S_ISLNK(st->st_mode) ? &out_link : NULL;
	return out_directory.find(fs, out->task, &place->subject);
}

bool out_find(Fs *fs, uint64_t inode, Place *place)
{
	Out *out = find(fs, inode);
	struct stat st;

	return out && stat_path(fs, out->task, out->path, &st) && make_place(fs, out, &st, place);
}

static char *path_below(const Place *directory, const char *name)
{
	Buf path = BUF_INIT;

	if (directory->out)
		buf_addf(&path, "%s/", directory->out->path);
	buf_add_text(&path, name);
	return buf_take(&path);
}

bool out_lookup(Fs *fs, const Place *directory, const char *name, Place *place)
{
	char *path = path_below(directory, name);
	struct stat st;
	Out *out;

	if (!stat_path(fs, directory->id, path, &st)) {
		free(path);
		return false;
	}
	out = remember(fs, directory->id, path);
	if (make_place(fs, out, &st, place))
		return true;
	drop_unknown(fs, out);
	return false;
}

bool out_stat(Fs *fs, const Place *place, struct stat *st)
{
	struct stat real;

	if (!stat_path(fs, place->out->task, place->out->path, &real))
		return false;
	st->st_mode = real.st_mode;
	st->st_size = S_ISDIR(real.st_mode) ? 0 : real.st_size;
	st->st_mtim = real.st_mtim;
	return true;
}

int out_readlink(Fs *fs, const Place *place, Buf *target)
{
	int tree = open_tree(fs, place->out->task);
	ssize_t n = tree < 0 ? -1 : readlinkat(tree, place->out->path, buf_space(target, PARCEL_PATH_MAX), PARCEL_PATH_MAX);

	if (tree >= 0)
		close(tree);
	if (n < 0)
		return -1;
	buf_grew(target, (size_t)n);
	return 0;
}

void out_path(const Place *place, Buf *path)
{
	buf_add_text(path, place->out->path);
}

/* --- listing -------------------------------------------------------------------------------------- */

static DIR *open_directory(Fs *fs, const Place *directory)
{
	int tree = open_tree(fs, directory->id), fd;
	DIR *dir;

	if (tree < 0)
		return NULL;
	fd = openat(tree, directory->out ? directory->out->path : ".", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	close(tree);
	dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir && fd >= 0)
		close(fd);
	return dir;
}

static bool visit_entry(Fs *fs, const Place *directory, const struct dirent *entry, Visit visit, void *arg)
{
	bool of_array = directory->subject.job->array;
	Place place, parent = { .directory = of_array ? &task_result_directory : &result_directory, .id = directory->id };
	bool more;

	if (strcmp(entry->d_name, ".") == 0)
		return visit(arg, ".", directory, (uint64_t)entry->d_off);
	if (strcmp(entry->d_name, "..") == 0)
		return visit(arg, "..", &parent, (uint64_t)entry->d_off);
	if (!out_lookup(fs, directory, entry->d_name, &place))
		return true;
	more = visit(arg, entry->d_name, &place, (uint64_t)entry->d_off);
	out_settle(fs, &place);
	return more;
}

/* The real directory's offsets are ours: nothing is kept between two calls. */
void out_list(Fs *fs, const Place *directory, uint64_t offset, Visit visit, void *arg)
{
	DIR *dir = open_directory(fs, directory);
	struct dirent *entry;

	if (!dir)
		return;
	if (offset)
		seekdir(dir, (long)offset);
	while ((entry = readdir(dir)))
		if (!visit_entry(fs, directory, entry, visit, arg))
			break;
	closedir(dir);
}

/* --- reading -------------------------------------------------------------------------------------- */

typedef struct Opened {
	int fd;
	uint64_t size;
} Opened;

static int opened_new(Handle *handle, int fd, Err *err)
{
	struct stat st;
	Opened *opened;

	if (fd < 0 || fstat(fd, &st) < 0) {
		err_sys(err, errno, "what was returned");
		if (fd >= 0)
			close(fd);
		return -1;
	}
	opened = mem_new(sizeof *opened);
	*opened = (Opened){ fd, (uint64_t)st.st_size };
	handle->own = opened;
	handle->rendered = true;        /* also after the job was forgotten */
	return 0;
}

static int out_open(Handle *handle, Err *err)
{
	const Out *out = handle->place.out;
	int tree = open_tree(handle->fs, out->task), fd = -1, failed;

	if (tree >= 0)
		fd = openat(tree, out->path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	failed = errno;
	if (tree >= 0)
		close(tree);
	errno = failed;
	return opened_new(handle, fd, err);
}

static ReadAnswer out_read(Handle *handle, uint64_t offset, size_t n, Chunk *chunk, Err *err)
{
	const Opened *opened = handle->own;

	(void)err;
	if (offset > opened->size)
		offset = opened->size;
	if (n > opened->size - offset)
		n = (size_t)(opened->size - offset);
	*chunk = (Chunk){ NULL, n, opened->fd, offset };
	return READ_DONE;
}

static void out_close(Handle *handle)
{
	Opened *opened = handle->own;

	close(opened->fd);
	free(opened);
}

static const HandleKind out_handle = { .open = out_open, .read = out_read, .release = out_close };

/* Their modes are asked for where it matters; these tell one kind from the other. */
static const File out_file = { .name = "", .mode = S_IFREG | 0444, .flags = CACHED, .kind = &out_handle };
static const File out_link = { .name = "", .mode = S_IFLNK | 0777, .flags = CACHED };

/* --- the table ------------------------------------------------------------------------------------ */

/* A job's only task, or one of an array. */
static bool find_task(Fs *fs, uint64_t id, Subject *subject)
{
	return subject_find_task(fs, id, subject) || (subject_find_job(fs, id, subject) && subject->task);
}

/* There once the task is finished: until then what is there is an earlier attempt's. */
static bool find_out(Fs *fs, uint64_t id, Subject *subject)
{
	int tree;

	if (!find_task(fs, id, subject) || !subject_is_finished(fs, *subject))
		return false;
	tree = open_tree(fs, id);
	if (tree >= 0)
		close(tree);
	return tree >= 0;
}

static int64_t out_changed(Fs *fs, Subject subject)
{
	(void)fs;
	return subject_ended(subject);
}

/* rm -r of the result goes through here and means it; only its last rmdir does something. */
static int unlink_nothing(Fs *fs, Subject subject, Err *err)
{
	(void)fs, (void)subject, (void)err;
	return 0;
}

static int rmdir_nothing(Fs *fs, Subject subject, const char *name, Err *err)
{
	(void)fs, (void)subject, (void)name, (void)err;
	return 0;
}

const Directory out_directory = {
	.kind = 9, .mode = 0755, .parent = &result_directory, .find = find_out, .changed = out_changed,
	.rmdir = rmdir_nothing, .unlink = unlink_nothing,
};
