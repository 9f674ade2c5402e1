/* parcel_unpack.c - from a stream to a tree, whoever wrote the stream. Every name is one step from a directory
 * that was entered without following a link, so nothing can be reached but what was unpacked before. */
#include "store/base/parcel.h"

#include "store/base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct Unpacking {
	ParcelSource source;
	int top;
	int parent;             /* the directory the last entry was in; -1: none yet */
	char parent_path[PARCEL_PATH_MAX + 1];
	char path[PARCEL_PATH_MAX + 1];
	const char *name;       /* the last of path */
	uint32_t entries;
} Unpacking;

/* --- bytes ---------------------------------------------------------------------------------------- */

static int take_number(Unpacking *unpacking, size_t bytes, uint64_t *value, Err *err)
{
	unsigned char in[8];

	if (unpacking->source.give(unpacking->source.arg, in, bytes, err) < 0)
		return -1;
	*value = 0;
	for (size_t i = bytes; i-- > 0;)
		*value = *value << 8 | in[i];
	return 0;
}

/* A path or a target: 1 to PARCEL_PATH_MAX bytes, none of them a NUL. */
static int take_text(Unpacking *unpacking, char *text, Err *err)
{
	uint64_t n;

	if (take_number(unpacking, 4, &n, err) < 0)
		return -1;
	if (n == 0 || n > PARCEL_PATH_MAX)
		return err_set(err, EPROTO, "a parcel with a path of %llu bytes", (unsigned long long)n);
	if (unpacking->source.give(unpacking->source.arg, text, (size_t)n, err) < 0)
		return -1;
	text[n] = '\0';
	if (strlen(text) != n)
		return err_set(err, EPROTO, "a parcel with a NUL in a path");
	return 0;
}

/* --- places --------------------------------------------------------------------------------------- */

/* a/b/c: relative, and every name a real one. */
static bool is_harmless(const char *path)
{
	for (;;) {
		size_t n = strcspn(path, "/");

		if (n == 0 || (n == 1 && path[0] == '.') || (n == 2 && path[0] == '.' && path[1] == '.'))
			return false;
		if (!path[n])
			return true;
		path += n + 1;
	}
}

static int enter(Unpacking *unpacking, const char *path, Err *err)
{
	char step[PARCEL_PATH_MAX + 1];
	int at = fcntl(unpacking->top, F_DUPFD_CLOEXEC, 0);

	while (at >= 0 && *path) {
		size_t n = strcspn(path, "/");
		int next;

		memcpy(step, path, n);
		step[n] = '\0';
		next = openat(at, step, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (next < 0)
			err_sys(err, errno, "%.200s", step);
		close(at);
		at = next;
		path += n + (path[n] == '/');
	}
	return at;
}

/* Takes the entry's path and makes its directory the parent. */
static int take_place(Unpacking *unpacking, Err *err)
{
	char *slash, up_to[PARCEL_PATH_MAX + 1];

	if (take_text(unpacking, unpacking->path, err) < 0)
		return -1;
	if (!is_harmless(unpacking->path))
		return err_set(err, EPROTO, "a parcel with the path %.200s", unpacking->path);
	slash = strrchr(unpacking->path, '/');
	unpacking->name = slash ? slash + 1 : unpacking->path;
	memcpy(up_to, unpacking->path, sizeof up_to);
	up_to[slash ? slash - unpacking->path : 0] = '\0';
	if (unpacking->parent >= 0 && strcmp(up_to, unpacking->parent_path) == 0)
		return 0;
	if (unpacking->parent >= 0)
		close(unpacking->parent);
	strcpy(unpacking->parent_path, up_to);
	unpacking->parent = enter(unpacking, up_to, err);
	return unpacking->parent < 0 ? -1 : 0;
}

static int fail(const Unpacking *unpacking, Err *err)
{
	return err_sys(err, errno, "%.200s", unpacking->path);
}

static int take_mode(Unpacking *unpacking, mode_t *mode, struct timespec times[2], Err *err)
{
	uint64_t bits, time;

	if (take_number(unpacking, 4, &bits, err) < 0 || take_number(unpacking, 8, &time, err) < 0)
		return -1;
	*mode = (mode_t)(bits & 0777);
	times[0] = (struct timespec){ .tv_nsec = UTIME_NOW };
	times[1] = (struct timespec){ (time_t)((int64_t)time / 1000000000), (long)((int64_t)time % 1000000000) };
	if (times[1].tv_nsec < 0)
		times[1] = (struct timespec){ times[1].tv_sec - 1, times[1].tv_nsec + 1000000000 };
	return 0;
}

/* --- entries -------------------------------------------------------------------------------------- */

/* Two of --transfer's paths may share directories. */
static int unpack_directory(Unpacking *unpacking, Err *err)
{
	struct stat st;

	if (mkdirat(unpacking->parent, unpacking->name, 0700) == 0)
		return 0;
	if (errno == EEXIST && fstatat(unpacking->parent, unpacking->name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISDIR(st.st_mode) && fchmodat(unpacking->parent, unpacking->name, 0700, 0) == 0)
		return 0;
	return fail(unpacking, err);
}

static int unpack_directory_end(Unpacking *unpacking, Err *err)
{
	struct timespec times[2];
	mode_t mode;
	int fd, rc = 0;

	if (take_mode(unpacking, &mode, times, err) < 0)
		return -1;
	fd = openat(unpacking->parent, unpacking->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || futimens(fd, times) < 0 || fchmod(fd, mode) < 0)
		rc = fail(unpacking, err);
	if (fd >= 0)
		close(fd);
	return rc;
}

static int unpack_pieces(Unpacking *unpacking, int fd, Err *err)
{
	char *piece = mem_new(PARCEL_PIECE);
	uint64_t n = 0;
	int rc;

	while ((rc = take_number(unpacking, 4, &n, err)) == 0 && n > 0) {
		if (n > PARCEL_PIECE)
			rc = err_set(err, EPROTO, "a parcel with a piece of %llu bytes", (unsigned long long)n);
		else
			rc = unpacking->source.give(unpacking->source.arg, piece, (size_t)n, err);
		if (rc == 0 && write_all(fd, piece, (size_t)n) < 0)
			rc = fail(unpacking, err);
		if (rc < 0)
			break;
	}
	free(piece);
	return rc;
}

static int unpack_file(Unpacking *unpacking, Err *err)
{
	struct timespec times[2];
	mode_t mode;
	int fd, rc;

	if (take_mode(unpacking, &mode, times, err) < 0)
		return -1;
	if (unlinkat(unpacking->parent, unpacking->name, 0) < 0 && errno != ENOENT)
		return fail(unpacking, err);
	fd = openat(unpacking->parent, unpacking->name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return fail(unpacking, err);
	rc = unpack_pieces(unpacking, fd, err);
	if (rc == 0 && (fchmod(fd, mode) < 0 || futimens(fd, times) < 0))
		rc = fail(unpacking, err);
	if (close(fd) < 0 && rc == 0)
		rc = fail(unpacking, err);
	return rc;
}

static int unpack_link(Unpacking *unpacking, Err *err)
{
	char target[PARCEL_PATH_MAX + 1];

	if (take_text(unpacking, target, err) < 0)
		return -1;
	if (!parcel_link_stays(unpacking->path, target, 0))
		return err_set(err, EPROTO, "a parcel with a link that leads out, %.200s", unpacking->path);
	if (unlinkat(unpacking->parent, unpacking->name, 0) < 0 && errno != ENOENT)
		return fail(unpacking, err);
	return symlinkat(target, unpacking->parent, unpacking->name) < 0 ? fail(unpacking, err) : 0;
}

/* 1: there is more to come. */
static int unpack_entry(Unpacking *unpacking, Err *err)
{
	static int (*const unpack[PARCEL_KINDS])(Unpacking *, Err *) = {
		[PARCEL_DIRECTORY] = unpack_directory, [PARCEL_DIRECTORY_END] = unpack_directory_end,
		[PARCEL_FILE] = unpack_file, [PARCEL_LINK] = unpack_link,
	};
	uint64_t kind;

	if (take_number(unpacking, 1, &kind, err) < 0)
		return -1;
	if (kind == PARCEL_END)
		return 0;
	if (kind >= PARCEL_KINDS || ++unpacking->entries > PARCEL_ENTRIES_MAX)
		return err_set(err, EPROTO, "a parcel with an entry of kind %d, or too many", (int)kind);
	if (take_place(unpacking, err) < 0 || unpack[kind](unpacking, err) < 0)
		return -1;
	return 1;
}

int parcel_unpack(ParcelSource source, int directory, Err *err)
{
	Unpacking *unpacking = mem_new_zeroed(sizeof *unpacking);
	char magic[PARCEL_MAGIC_LENGTH];
	int rc;

	unpacking->source = source;
	unpacking->top = directory;
	unpacking->parent = -1;
	rc = source.give(source.arg, magic, sizeof magic, err);
	if (rc == 0 && memcmp(magic, PARCEL_MAGIC, sizeof magic) != 0)
		rc = err_set(err, EPROTO, "it is no parcel");
	while (rc == 0 && (rc = unpack_entry(unpacking, err)) > 0)
		rc = 0;
	if (unpacking->parent >= 0)
		close(unpacking->parent);
	free(unpacking);
	return rc;
}
