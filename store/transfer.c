/* transfer.c - from --transfer's paths to what lies there. */
#include "store/transfer.h"

#include "store/base/clock.h"
#include "store/model.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include <uthash.h>

/* --- the list ------------------------------------------------------------------------------------- */

static char *join(const char *directory, const char *name)
{
	Buf path = BUF_INIT;

	buf_addf(&path, "%s/%s", strcmp(directory, "/") == 0 ? "" : directory, name);
	return buf_take(&path);
}

bool transfer_next(const Spec *spec, const char *directory, size_t *at, TransferPath *path)
{
	const char *text = spec->transfer + *at, *slash;

	if (!spec->transfer || *at >= spec->transfer_length)
		return false;
	*at += strlen(text) + 1;
	slash = strrchr(text, '/');
	if (text[0] == '/')
		*path = (TransferPath){ mem_copy_text(text), mem_copy(text, slash == text ? 1 : (size_t)(slash - text)),
					mem_copy_text(slash + 1), NULL, -1, NULL };
	else
		*path = (TransferPath){ directory ? join(directory, text) : NULL,
					directory ? mem_copy_text(directory) : NULL, mem_copy_text(text),
					directory ? NULL : mem_copy_text(text), -1, NULL };
	return true;
}

void transfer_path_release(TransferPath *path)
{
	free(path->source);
	free(path->base);
	free(path->name);
	free(path->inside);
	if (path->given >= 0)
		close(path->given);
}

/* --- the mount ------------------------------------------------------------------------------------ */

static struct {                 /* written once, before any other thread looks */
	bool there;
	unsigned major, minor;
	TransferOpen open;
	void *arg;
} mount;

/* What the kernel knows without asking a filesystem's server. */
static int look_at(int directory, const char *name, struct statx *st)
{
	return statx(directory, name, AT_SYMLINK_NOFOLLOW | AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT, STATX_TYPE | STATX_MNT_ID, st);
}

static bool is_of_mount(const struct statx *st)
{
	return mount.there && st->stx_dev_major == mount.major && st->stx_dev_minor == mount.minor;
}

static bool is_mount(int directory, const char *name)
{
	struct statx st;

	return mount.there && look_at(directory, name, &st) == 0 && is_of_mount(&st);
}

void transfer_mounted(const char *mountpoint, TransferOpen open, void *arg)
{
	struct statx st;

	if (look_at(AT_FDCWD, mountpoint, &st) < 0)
		return;
	mount.major = st.stx_dev_major;
	mount.minor = st.stx_dev_minor;
	mount.open = open;
	mount.arg = arg;
	mount.there = true;
}

/* proc(5), mountinfo: blanks and backslashes in paths are written in octal. */
static void unescape(char *path)
{
	char *to = path;

	for (char *from = path; *from; to++) {
		if (from[0] == '\\' && from[1] && from[2] && from[3]) {
			*to = (char)((from[1] - '0') << 6 | (from[2] - '0') << 3 | (from[3] - '0'));
			from += 4;
		} else {
			*to = *from++;
		}
	}
	*to = '\0';
}

/* What of our mount the mount of that number shows: all of it, but for bind mounts of a part. NULL: unknown. */
static char *root_of(uint64_t number)
{
	FILE *table = fopen("/proc/thread-self/mountinfo", "re");
	char *line = NULL, *root = NULL;
	size_t room = 0;

	while (table && !root && getline(&line, &room, table) > 0) {
		char *where = mem_new(room);
		unsigned long long id;

		if (sscanf(line, "%llu %*s %*s %s", &id, where) == 2 && id == number) {
			unescape(where);
			root = where;
		} else {
			free(where);
		}
	}
	free(line);
	if (table)
		fclose(table);
	return root;
}

int transfer_can_give(const char *inside, Err *err)
{
	TransferPath path = { .name = mem_copy_text(inside), .inside = mem_copy_text(inside), .given = -1 };
	bool by_name;
	int rc = transfer_give(&path, UINT64_MAX, &by_name, err);

	transfer_path_release(&path);
	return rc;
}

int transfer_give(TransferPath *path, uint64_t before, bool *by_name, Err *err)
{
	Err why;

	if (!mount.there)
		return err_set(err, EINVAL, "--transfer: %.200s: it is not known where this was written from; write an absolute path",
			       path->name);
	path->given = mount.open(mount.arg, path->inside, before, by_name, &why);
	return path->given < 0 ? err_set(err, why.number, "--transfer: %s", why.text) : 0;
}

/* --- where it leads ------------------------------------------------------------------------------- */

static bool is_in(const char *path, const char *top)
{
	size_t n = strcmp(top, "/") == 0 ? 0 : strlen(top);

	return strncmp(path, top, n) == 0 && (path[n] == '/' || !path[n]);
}

typedef struct TransferSeen {
	char *path;
	UT_hash_handle hh;
} TransferSeen;

/* Was the path looked at and found good before? If not, *key is what to remember it by. */
static bool was_seen(const TransferWatch *watch, const TransferPath *path, char **key)
{
	Buf name = BUF_INIT;
	TransferSeen *seen;

	buf_addf(&name, "%s//%s", path->source ? path->source : "", path->name);
	*key = buf_take(&name);
	HASH_FIND_STR(watch->seen, *key, seen);
	return seen;
}

static void note_seen(TransferWatch *watch, char *key)
{
	TransferSeen *seen = mem_new_zeroed(sizeof *seen);

	seen->path = key;
	HASH_ADD_KEYPTR(hh, watch->seen, seen->path, strlen(seen->path), seen);
}

/* Mount points of filesystems that did not answer. */
enum { STUCK_MAX = 16, STUCK_MS = 1000 };

static struct {
	pthread_mutex_t lock;
	struct { char *point; int64_t until; } of[STUCK_MAX];
	unsigned next;
} stuck = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* The mount point that the path lies below, without asking what is mounted. The caller's to free. */
static char *point_of(const char *path)
{
	FILE *table = fopen("/proc/thread-self/mountinfo", "re");
	char *line = NULL, *point = mem_copy_text("/");
	size_t room = 0;

	while (table && getline(&line, &room, table) > 0) {
		char *where = mem_new(room);

		if (sscanf(line, "%*s %*s %*s %*s %s", where) == 1) {
			unescape(where);
			if (is_in(path, where) && strlen(where) >= strlen(point)) {
				free(point);
				point = mem_copy_text(where);
			}
		}
		free(where);
	}
	free(line);
	if (table)
		fclose(table);
	return point;
}

void transfer_watch_init(TransferWatch *watch)
{
	*watch = (TransferWatch){ .left = TRANSFER_LOOK_ALL };
	pthread_mutex_init(&watch->lock, NULL);
}

void transfer_watch_release(TransferWatch *watch)
{
	TransferSeen *seen, *next;

	HASH_ITER(hh, watch->seen, seen, next) {
		HASH_DEL(watch->seen, seen);
		free(seen->path);
		free(seen);
	}
	pthread_mutex_destroy(&watch->lock);
	free(watch->at);
}

/* The root is never called stuck: all paths begin there. */
char *transfer_watch_stuck(TransferWatch *watch, int64_t pause)
{
	char *at, *point;

	pthread_mutex_lock(&watch->lock);
	at = watch->at && clock_mono_ms() - watch->moved >= STUCK_MS ? mem_copy_text(watch->at) : NULL;
	pthread_mutex_unlock(&watch->lock);
	point = at ? point_of(at) : NULL;
	if (point && strcmp(point, "/") != 0) {
		pthread_mutex_lock(&stuck.lock);
		free(stuck.of[stuck.next].point);
		stuck.of[stuck.next].point = mem_copy_text(point);
		stuck.of[stuck.next].until = clock_mono_ms() + pause;
		stuck.next = (stuck.next + 1) % STUCK_MAX;
		pthread_mutex_unlock(&stuck.lock);
	}
	free(point);
	return at;
}

static int watch_enter(TransferWatch *watch, const char *path, Err *err)
{
	int64_t now = clock_mono_ms();
	int rc = 0;

	pthread_mutex_lock(&watch->lock);
	free(watch->at);
	watch->at = mem_copy_text(path);
	watch->moved = now;
	pthread_mutex_unlock(&watch->lock);
	pthread_mutex_lock(&stuck.lock);
	for (unsigned i = 0; i < STUCK_MAX && rc == 0; i++)
		if (stuck.of[i].point && now < stuck.of[i].until && is_in(path, stuck.of[i].point))
			rc = err_set(err, ETIMEDOUT, "%.200s: has not answered lately; it is asked again in %d s", stuck.of[i].point,
				     (int)((stuck.of[i].until - now + 999) / 1000));
	pthread_mutex_unlock(&stuck.lock);
	return rc;
}

enum { LINKS_MAX = 40 };        /* as the kernel has it */

typedef struct Walk {
	Buf real;               /* what was walked so far, without links; "" for the root */
	char *rest;             /* what is still to be walked */
	char *inside;           /* it went into the mount */
	unsigned links;
	TransferWatch *watch;
} Walk;

static void leave_last(Buf *path)
{
	while (path->length > 0 && path->data[--path->length] != '/')
		;
	if (path->data)
		path->data[path->length] = '\0';
}

/* The first name of the rest, taken from it; NULL: there is none. The caller's to free. */
static char *take_name(char *rest)
{
	size_t skip = strspn(rest, "/"), n = strcspn(rest + skip, "/");
	char *name = n ? mem_copy(rest + skip, n) : NULL;

	memmove(rest, rest + skip + n, strlen(rest + skip + n) + 1);
	return name;
}

/* The way from the mount's top. Only the owner's thread can tell what lies there. */
static int go_inside(Walk *walk, const char *path, uint64_t number, Err *err)
{
	char *root = root_of(number), *name;
	Buf inside = BUF_INIT;
	int rc = 0;

	if (!root)
		return err_set(err, EINVAL, "%.200s: leads into this mount by a way that cannot be told", path);
	buf_addf(&inside, "%s", strcmp(root, "/") == 0 ? "" : root);
	while (rc == 0 && (name = take_name(walk->rest))) {
		if (strcmp(name, "..") == 0 && inside.length == 0)
			rc = err_set(err, EINVAL, "%.200s: leads through this mount and out again; name it without", path);
		else if (strcmp(name, "..") == 0)
			leave_last(&inside);
		else if (strcmp(name, ".") != 0)
			buf_addf(&inside, "/%s", name);
		free(name);
	}
	if (rc == 0)
		walk->inside = mem_copy_text(inside.length ? buf_text(&inside) + 1 : "");
	free(root);
	buf_release(&inside);
	return rc;
}

static int follow(Walk *walk, const char *path, Err *err)
{
	char target[PATH_MAX];
	ssize_t n = readlink(buf_text(&walk->real), target, sizeof target - 1);
	Buf rest = BUF_INIT;

	if (n < 0 || ++walk->links > LINKS_MAX)
		return err_sys(err, n < 0 ? errno : ELOOP, "%.200s", path);
	target[n] = '\0';
	buf_addf(&rest, "%s/%s", target, walk->rest);
	free(walk->rest);
	walk->rest = buf_take(&rest);
	if (target[0] == '/')
		walk->real.length = 0;
	else
		leave_last(&walk->real);
	return 0;
}

static int enter(Walk *walk, const char *path, const char *name, Err *err)
{
	struct statx st;

	if (strcmp(name, ".") == 0)
		return 0;
	if (strcmp(name, "..") == 0) {
		leave_last(&walk->real);
		return 0;
	}
	buf_addf(&walk->real, "/%s", name);
	if (walk->watch && watch_enter(walk->watch, buf_text(&walk->real), err) < 0)
		return -1;
	if (look_at(AT_FDCWD, buf_text(&walk->real), &st) < 0)
		return err_sys(err, errno, "%.200s", path);
	if (is_of_mount(&st))
		return go_inside(walk, path, st.stx_mask & STATX_MNT_ID ? st.stx_mnt_id : 0, err);
	return S_ISLNK(st.stx_mode) ? follow(walk, path, err) : 0;
}

/* As realpath(3), which would ask the mount's daemon where it goes through. NULL: it is not there, or *inside says
 * where in the mount it is; that is the caller's to free, too. */
static char *find_real(const char *path, TransferWatch *watch, char **inside, Err *err)
{
	Walk walk = { .real = BUF_INIT, .rest = mem_copy_text(path), .watch = watch };
	char *name, *real = NULL;
	int rc = 0;

	while (rc == 0 && !walk.inside && (name = take_name(walk.rest))) {
		rc = enter(&walk, path, name, err);
		free(name);
	}
	if (rc == 0 && !walk.inside)
		real = mem_copy_text(walk.real.length ? buf_text(&walk.real) : "/");
	*inside = walk.inside;
	buf_release(&walk.real);
	free(walk.rest);
	return real;
}

/* The real path, the caller's to free. NULL: it is not there, is somewhere else, or in the mount: path->inside. */
static char *resolve(TransferPath *path, Err *err)
{
	char *real = find_real(path->source, path->watch, &path->inside, err), *inside = NULL, *base = NULL;
	Err why = { .number = 0 };

	if (path->inside)
		err_set(&why, EINVAL, "%.200s: lies in the mount", path->source);
	else if (!real)
		why = *err;
	else if (!(base = find_real(path->base, path->watch, &inside, &why)) && inside)
		err_set(&why, EINVAL, "%.200s: leads through this mount and out again; name it without", path->source);
	else if (base && is_in(real, base)) {
		free(base);
		return real;
	} else if (base)
		err_set(&why, EINVAL, "%.100s: is a link that leads out of its directory, to %.100s; name that itself",
			path->source, real);
	err_set(err, why.number, "--transfer: %s", why.text);
	free(inside);
	free(real);
	free(base);
	return NULL;
}

/* --- packing -------------------------------------------------------------------------------------- */

static unsigned count_names(const char *name)
{
	unsigned n = 1;

	if (strcmp(name, ".") == 0)
		return 0;
	for (; *name; name++)
		n += *name == '/';
	return n;
}

static int pack_child(void *arg, int directory, const char *name, Err *err)
{
	return packer_add(arg, directory, name, name, err);
}

static int pack_given(Packer *packer, int fd, const char *name, Err *err)
{
	if (strcmp(name, ".") == 0)
		return parcel_each_name(fd, pack_child, packer, err);
	return packer_add_open(packer, fd, name, err);
}

static int pack_real(Packer *packer, const char *real, const char *name, Err *err)
{
	const char *slash = strrchr(real, '/');
	bool all = strcmp(name, ".") == 0;
	char *parent = all ? mem_copy_text(real) : mem_copy(real, slash == real ? 1 : (size_t)(slash - real));
	int fd = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC), rc;

	if (fd < 0)
		rc = err_sys(err, errno, "%.200s", parent);
	else
		rc = all ? parcel_each_name(fd, pack_child, packer, err) : packer_add(packer, fd, slash + 1, name, err);
	if (fd >= 0)
		close(fd);
	free(parent);
	return rc;
}

/* A directory of the mount is as the root is: what it is itself must not be asked. */
static int leave(Packer *packer, const TransferPath *from, const char *name, Err *err)
{
	char *path = from->given >= 0 ? mem_copy_text("/") : join(from->base, name);
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc = fd < 0 ? err_sys(err, errno, "%.200s", path) : packer_leave(packer, fd, name, err);

	if (fd >= 0)
		close(fd);
	free(path);
	return rc;
}

/* Into the directories that stand before the last name, which need not be what is sent themselves. */
static int pack_from(Packer *packer, const TransferPath *path, const char *real, size_t at, Err *err)
{
	const char *slash = strchr(path->name + at, '/');
	char *directory;
	int rc;

	if (!slash)
		return real ? pack_real(packer, real, path->name, err) : pack_given(packer, path->given, path->name, err);
	directory = mem_copy(path->name, (size_t)(slash - path->name));
	rc = packer_enter(packer, directory, err);
	if (rc == 0)
		rc = pack_from(packer, path, real, (size_t)(slash - path->name) + 1, err);
	if (rc == 0)
		rc = leave(packer, path, directory, err);
	free(directory);
	return rc;
}

int transfer_pack(TransferPath *path, ParcelSink sink, bool survey, int64_t *newest, Err *err)
{
	Packer packer = { .sink = sink, .survey = survey, .top = count_names(path->name), .avoid = is_mount };
	char *real = path->inside ? NULL : resolve(path, err);
	Err why;
	int rc = -1;

	if (!real && path->given < 0)
		return -1;
	if (packer_begin(&packer, &why) == 0 && pack_from(&packer, path, real, 0, &why) == 0 &&
	    packer_end(&packer, &why) == 0)
		rc = 0;
	else
		err_set(err, why.number, "--transfer: %s", why.text);
	if (newest)
		*newest = packer.newest;
	packer_release(&packer);
	free(real);
	return rc;
}

/* --- looking before a job is accepted ------------------------------------------------------------- */

typedef struct Look {
	TransferWatch *watch;
	unsigned takes, most;   /* a dozen or so an entry */
	bool enough;
} Look;

static int look_on(void *arg, const void *bytes, size_t n, bool identity, Err *err)
{
	Look *look = arg;

	(void)bytes, (void)n, (void)identity;
	pthread_mutex_lock(&look->watch->lock);
	look->watch->moved = clock_mono_ms();
	pthread_mutex_unlock(&look->watch->lock);
	look->enough = ++look->takes > look->most;
	return look->enough ? err_set(err, E2BIG, "that will do") : 0;
}

static int check_path(TransferPath *path, TransferWatch *watch, Buf *inside, Err *err)
{
	const unsigned most = watch->left < TRANSFER_LOOK_MAX ? watch->left : TRANSFER_LOOK_MAX;
	Look look = { watch, 0, 8 * (most + 4), false };
	unsigned seen;
	char *key;
	int rc;

	if (was_seen(watch, path, &key)) {
		free(key);
		return 0;
	}
	rc = path->inside ? -1 : transfer_pack(path, (ParcelSink){ look_on, &look }, true, NULL, err);
	seen = look.takes / 8;
	watch->left -= seen < watch->left ? seen : watch->left;
	if (!path->inside && (rc == 0 || look.enough))
		note_seen(watch, key);
	else
		free(key);
	if (path->inside)
		buf_add(inside, path->inside, strlen(path->inside) + 1);
	return !path->inside && rc < 0 && !look.enough ? -1 : 0;
}

/* Two that would be one in the scratch directory. */
static int check_names(const Spec *spec, const char *directory, size_t until, const char *name, Err *err)
{
	TransferPath other;
	int rc = 0;

	for (size_t at = 0; rc == 0 && at < until && transfer_next(spec, directory, &at, &other);) {
		if (strcmp(other.name, name) == 0)
			rc = err_set(err, EINVAL, "--transfer: two of the paths would be %.200s on the node", name);
		transfer_path_release(&other);
	}
	return rc;
}

int transfer_check(const Spec *spec, const char *directory, TransferWatch *watch, Buf *inside, Err *err)
{
	TransferPath path;
	int rc = 0;

	for (size_t at = 0, begun = 0; rc == 0 && transfer_next(spec, directory, &at, &path); begun = at) {
		path.watch = watch;
		rc = check_path(&path, watch, inside, err);
		if (rc == 0)
			rc = check_names(spec, directory, begun, path.name, err);
		transfer_path_release(&path);
	}
	return rc;
}
