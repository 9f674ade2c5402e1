/* parcel_pack.c - from a tree to a stream. Memory is a piece of a file and the names of the directories that
 * are open. Works on descriptors: a directory that is renamed meanwhile is no way out of the tree. */
#include "store/base/parcel.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#ifdef __APPLE__
#define st_mtim st_mtimespec
#define st_ctim st_ctimespec
#endif

/* --- bytes ---------------------------------------------------------------------------------------- */

static int give(Packer *packer, const void *bytes, size_t n, bool identity, Err *err)
{
	if (packer->sink.take(packer->sink.arg, bytes, n, identity, err) == 0)
		return 0;
	packer->broken = true;
	return -1;
}

static int give_number(Packer *packer, uint64_t value, size_t bytes, bool identity, Err *err)
{
	unsigned char out[8];

	for (size_t i = 0; i < bytes; i++)
		out[i] = (unsigned char)(value >> (8 * i));
	return give(packer, out, bytes, identity, err);
}

static int give_text(Packer *packer, const char *text, size_t n, Err *err)
{
	return give_number(packer, n, 4, true, err) < 0 ? -1 : give(packer, text, n, true, err);
}

static int64_t nanoseconds(struct timespec time)
{
	return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static int begin_entry(Packer *packer, ParcelKind kind, const char *path, Err *err)
{
	if (++packer->entries > PARCEL_ENTRIES_MAX) {
		packer->broken = true;
		return err_set(err, E2BIG, "more than %d files and directories", PARCEL_ENTRIES_MAX);
	}
	return give_number(packer, kind, 1, true, err) < 0 ? -1 : give_text(packer, path, strlen(path), err);
}

static int give_mode(Packer *packer, const struct stat *st, Err *err)
{
	if (give_number(packer, st->st_mode & 0777, 4, true, err) < 0)
		return -1;
	return give_number(packer, (uint64_t)nanoseconds(st->st_mtim), 8, packer->survey, err);
}

/* --- names ---------------------------------------------------------------------------------------- */

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int read_names(int directory, Buf *names, Err *err)
{
	int fd = fcntl(directory, F_DUPFD_CLOEXEC, 0);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (!dir) {
		err_sys(err, errno, "a directory cannot be read");
		if (fd >= 0)
			close(fd);
		return -1;
	}
	rewinddir(dir);
	while ((entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
			char *name = mem_copy_text(entry->d_name);

			buf_add(names, &name, sizeof name);
		}
	closedir(dir);
	return 0;
}

int parcel_each_name(int directory, int (*visit)(void *arg, int directory, const char *name, Err *err), void *arg, Err *err)
{
	Buf names = BUF_INIT;
	int rc = read_names(directory, &names, err);
	size_t count = names.length / sizeof(char *);
	char **list = (char **)(void *)names.data;

	if (count > 1)
		qsort(list, count, sizeof *list, by_bytes);
	for (size_t i = 0; i < count; i++) {
		if (rc == 0)
			rc = visit(arg, directory, list[i], err);
		free(list[i]);
	}
	buf_release(&names);
	return rc;
}

/* --- one entry ------------------------------------------------------------------------------------ */

static int refuse(const char *path, int number, const char *why, Err *err)
{
	return err_set(err, number, "%.200s: %s", path, why);
}

/* Up to the size it has now: one that is written to without end is not read without end. */
static int pack_pieces(Packer *packer, int fd, const char *path, off_t size, Err *err)
{
	char *piece = mem_new(PARCEL_PIECE);
	int rc = 0;

	while (rc == 0 && size > 0) {
		ssize_t n = read(fd, piece, size < PARCEL_PIECE ? (size_t)size : PARCEL_PIECE);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			rc = err_sys(err, errno, "%.200s", path);
		if (n <= 0)
			break;
		rc = give_text(packer, piece, (size_t)n, err);
		size -= n;
	}
	free(piece);
	/* The entry has begun: one that cannot be read on is not left out any more. */
	if (rc < 0)
		packer->broken = true;
	return rc < 0 ? -1 : give_number(packer, 0, 4, true, err);
}

static int survey_file(Packer *packer, const struct stat *st, Err *err)
{
	const uint64_t facts[] = { (uint64_t)st->st_size, (uint64_t)nanoseconds(st->st_ctim), st->st_ino, st->st_dev };

	return give(packer, facts, sizeof facts, true, err);
}

static int pack_open_file(Packer *packer, int fd, const char *path, Err *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return refuse(path, EINVAL, "is not a file any more", err);
	if (begin_entry(packer, PARCEL_FILE, path, err) < 0 || give_mode(packer, &st, err) < 0)
		return -1;
	return packer->survey ? survey_file(packer, &st, err) : pack_pieces(packer, fd, path, st.st_size, err);
}

static int pack_file(Packer *packer, int dir, const char *name, const char *path, Err *err)
{
	/* It may be a FIFO by now, and nobody may write to it. */
	int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC), rc;

	if (fd < 0)
		return err_sys(err, errno, "%.200s", path);
	rc = pack_open_file(packer, fd, path, err);
	close(fd);
	return rc;
}

static int pack_link(Packer *packer, int dir, const char *name, const char *path, Err *err)
{
	char target[PARCEL_PATH_MAX + 1];
	ssize_t n = readlinkat(dir, name, target, sizeof target);

	if (n < 0)
		return err_sys(err, errno, "%.200s", path);
	if (n == sizeof target)
		return refuse(path, ENAMETOOLONG, "is a link with too long a target", err);
	target[n] = '\0';
	if (!parcel_link_stays(path, target, packer->top))
		return err_set(err, EINVAL, "%.120s: is a link to %.120s, outside of what is sent", path, target);
	if (begin_entry(packer, PARCEL_LINK, path, err) < 0)
		return -1;
	return give_text(packer, target, (size_t)n, err);
}

static int pack_entry(Packer *packer, int dir, const char *name, Err *err);

static int pack_below(void *arg, int directory, const char *name, Err *err)
{
	Packer *packer = arg;
	size_t before = packer->path.length;
	int rc;

	buf_addf(&packer->path, "/%s", name);
	rc = pack_entry(packer, directory, name, err);
	packer->path.length = before;
	packer->path.data[before] = '\0';
	return rc;
}

static int pack_open_directory(Packer *packer, int fd, Err *err)
{
	const char *path = packer->path.data;
	int rc;

	if (packer->depth == PARCEL_DEPTH_MAX)
		return err_set(err, ENAMETOOLONG, "%.200s: lies deeper than %d directories", path, PARCEL_DEPTH_MAX);
	packer->depth++;
	rc = packer_enter(packer, path, err);
	if (rc == 0)
		rc = parcel_each_name(fd, pack_below, packer, err);
	if (rc == 0)
		rc = packer_leave(packer, fd, packer->path.data, err);
	packer->depth--;
	return rc;
}

static int pack_directory(Packer *packer, int dir, const char *name, Err *err)
{
	int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), rc;

	if (fd < 0)
		return err_sys(err, errno, "%.200s", packer->path.data);
	rc = pack_open_directory(packer, fd, err);
	close(fd);
	return rc;
}

enum { NAME_COSTS = 512 };

static bool has_room(Packer *packer, const struct stat *st)
{
	uint64_t wants = NAME_COSTS + (S_ISREG(st->st_mode) ? (uint64_t)st->st_size : 0);

	if (packer->most && wants > packer->most - packer->taken)
		return false;
	packer->taken += wants;
	return true;
}

static int pack_kind(Packer *packer, int dir, const char *name, Err *err)
{
	const char *path = packer->path.data;
	struct stat st;

	if (packer->path.length > PARCEL_PATH_MAX)
		return err_set(err, ENAMETOOLONG, "%.200s...: the path is longer than %d bytes", path, PARCEL_PATH_MAX);
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return err_sys(err, errno, "%.200s", path);
	if (nanoseconds(st.st_ctim) > packer->newest)
		packer->newest = nanoseconds(st.st_ctim);
	if (!has_room(packer, &st))
		return refuse(path, EFBIG, "is too large", err);
	if (S_ISREG(st.st_mode))
		return pack_file(packer, dir, name, path, err);
	if (S_ISLNK(st.st_mode))
		return pack_link(packer, dir, name, path, err);
	if (S_ISDIR(st.st_mode))
		return pack_directory(packer, dir, name, err);
	return refuse(path, EINVAL, "is neither a file, a directory nor a link", err);
}

static int pack_entry(Packer *packer, int dir, const char *name, Err *err)
{
	Err why;

	if (packer->avoid && packer->avoid(dir, name))
		return 0;
	if (pack_kind(packer, dir, name, &why) == 0)
		return 0;
	if (packer->leave_out && !packer->broken) {
		packer->leave_out(packer->sink.arg, &why);
		return 0;
	}
	if (err)
		*err = why;
	return -1;
}

/* --- the whole ------------------------------------------------------------------------------------ */

int packer_begin(Packer *packer, Err *err)
{
	return give(packer, PARCEL_MAGIC, PARCEL_MAGIC_LENGTH, true, err);
}

int packer_end(Packer *packer, Err *err)
{
	return packer->broken ? -1 : give_number(packer, PARCEL_END, 1, true, err);
}

void packer_release(Packer *packer)
{
	buf_release(&packer->path);
}

int packer_add(Packer *packer, int dir, const char *name, const char *path, Err *err)
{
	buf_clear(&packer->path);
	buf_add_text(&packer->path, path);
	return pack_entry(packer, dir, name, err);
}

int packer_add_open(Packer *packer, int fd, const char *path, Err *err)
{
	struct stat st;

	buf_clear(&packer->path);
	buf_add_text(&packer->path, path);
	if (fstat(fd, &st) < 0 || lseek(fd, 0, SEEK_SET) < 0)
		return err_sys(err, errno, "%.200s", path);
	if (nanoseconds(st.st_ctim) > packer->newest)
		packer->newest = nanoseconds(st.st_ctim);
	return S_ISDIR(st.st_mode) ? pack_open_directory(packer, fd, err) : pack_open_file(packer, fd, path, err);
}

int packer_enter(Packer *packer, const char *path, Err *err)
{
	return begin_entry(packer, PARCEL_DIRECTORY, path, err);
}

int packer_leave(Packer *packer, int directory, const char *path, Err *err)
{
	struct stat st;

	if (fstat(directory, &st) < 0)
		err_sys(err, errno, "%.200s", path);
	else if (begin_entry(packer, PARCEL_DIRECTORY_END, path, err) == 0 && give_mode(packer, &st, err) == 0)
		return 0;
	packer->broken = true;
	return -1;
}
