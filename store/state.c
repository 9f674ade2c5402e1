/* state.c - the state directory and its lock. */
#include "store/state.h"

#include "store/base/buf.h"
#include "store/base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <mntent.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

/* statfs(2)'s f_type. FUSE is among them: sshfs, and our own mount. */
static const struct { long type; const char *name; } networks[] = {
	{ 0x6969, "NFS" }, { 0xff534d42, "CIFS" }, { 0xfe534d42, "SMB" }, { 0x517b, "SMB" }, { 0x00c36400, "Ceph" },
	{ 0x5346414f, "AFS" }, { 0x01021997, "9P" }, { 0x47504653, "GPFS" }, { 0x0bd00bd0, "Lustre" },
	{ 0x65735546, "FUSE" },
};

static int refuse_network(const char *directory, Err *err)
{
	struct statfs fs;

	if (statfs(directory, &fs) < 0)
		return err_sys(err, errno, "%s", directory);
	for (size_t i = 0; i < sizeof networks / sizeof *networks; i++)
		if ((unsigned)fs.f_type == (unsigned)networks[i].type)
			return err_set(err, ENOTSUP, "%s: is on a network filesystem (%s), where the database cannot be safe; "
				       "give a local directory with -o state=DIR", directory, networks[i].name);
	return 0;
}

static char *default_directory(Err *err)
{
	const char *base = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	Buf path = BUF_INIT;

	if (base && base[0] == '/') {
		buf_addf(&path, "%s/wulfs", base);
		return buf_take(&path);
	}
	if (!home || home[0] != '/') {
		struct passwd *user = getpwuid(getuid());

		home = user ? user->pw_dir : NULL;
	}
	if (!home) {
		err_set(err, ENOENT, "no home directory to keep state in; give one with -o state=DIR");
		return NULL;
	}
	buf_addf(&path, "%s/.local/state/wulfs", home);
	return buf_take(&path);
}

int state_make_directories(const char *path, Err *err)
{
	char *copy = mem_copy_text(path);
	int rc = 0;

	for (char *slash = copy + 1; rc == 0 && (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		if (mkdir(copy, 0700) < 0 && errno != EEXIST)
			rc = err_sys(err, errno, "%s: cannot make the directory", copy);
		*slash = '/';
	}
	if (rc == 0 && mkdir(copy, 0700) < 0 && errno != EEXIST)
		rc = err_sys(err, errno, "%s: cannot make the directory", copy);
	free(copy);
	return rc;
}

static int refuse_foreign(const char *directory, Err *err)
{
	struct stat st;

	if (stat(directory, &st) < 0)
		return err_sys(err, errno, "%s", directory);
	if (!S_ISDIR(st.st_mode))
		return err_set(err, ENOTDIR, "%s: is not a directory", directory);
	if (st.st_uid != geteuid())
		return err_set(err, EACCES, "%s: belongs to another user; give a directory of your own with -o state=DIR",
			       directory);
	if ((st.st_mode & 022) && !(st.st_mode & S_ISVTX))
		return err_set(err, EACCES, "%s: others can write there; chmod go-w it or give another with -o state=DIR",
			       directory);
	return 0;
}

/* fusermount3 -u returns before the daemon it unmounted has gone: who mounts again at once waits for it a
 * little. There is no event for a lock that is given back, but for waiting in flock itself, without bound. */
static int take_lock(int fd)
{
	enum { STEP_MS = 20, PATIENCE_MS = 2000 };
	int rc;

	for (int waited = 0; (rc = flock(fd, LOCK_EX | LOCK_NB)) < 0 && errno == EWOULDBLOCK && waited < PATIENCE_MS;
	     waited += STEP_MS)
		usleep(STEP_MS * 1000);
	return rc;
}

/* Here, that is in this mount namespace. */
static bool is_mounted(const char *where)
{
	FILE *table = setmntent("/proc/self/mounts", "re");
	struct mntent *mount;
	bool found = false;

	while (table && !found && (mount = getmntent(table)))
		found = strcmp(mount->mnt_dir, where) == 0;
	if (table)
		endmntent(table);
	return found;
}

/* Under that number, in this process namespace. */
static bool is_wulfs(int pid)
{
	Buf path = BUF_INIT;
	char name[32] = "";
	FILE *file;

	buf_addf(&path, "/proc/%d/comm", pid);
	file = fopen(buf_text(&path), "re");
	if (file && !fgets(name, sizeof name, file))
		name[0] = '\0';
	if (file)
		fclose(file);
	buf_release(&path);
	return strcmp(name, "wulfs\n") == 0;
}

/* What does not answer here any more may still be in use elsewhere, so it is the user who ends it. */
static int refuse_held(const State *state, const char *holder, Err *err)
{
	int pid, at = 0;

	if (sscanf(holder, "pid %d, mounted on %n", &pid, &at) < 1 || !at || is_mounted(holder + at))
		return err_set(err, EBUSY, "%s: is in use by wulfs %s; unmount that one or give another with -o state=DIR",
			       state->directory, holder);
	if (!is_wulfs(pid))
		return err_set(err, EBUSY, "%s: is in use by a wulfs of another container, %s there; unmount that one or give "
			       "another with -o state=DIR", state->directory, holder);
	return err_set(err, EBUSY, "%s: is in use by wulfs %s, which is no mount here: another mount namespace, such as a "
		       "container's, keeps it; end it with kill %d (jobs go on) or give another with -o state=DIR",
		       state->directory, holder, pid);
}

static int lock(State *state, Err *err)
{
	char *path = state_path(state, "lock"), holder[512] = "";
	int rc = 0;

	state->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (state->lock < 0) {
		rc = err_sys(err, errno, "%s: cannot open the lock", path);
	} else if (take_lock(state->lock) < 0) {
		ssize_t n = pread(state->lock, holder, sizeof holder - 1, 0);

		holder[n > 0 ? n : 0] = '\0';
		rc = refuse_held(state, holder, err);
	}
	free(path);
	return rc;
}

/* Only for that sentence: on a full disk the lock holds without it. */
void state_sign(const State *state, const char *mountpoint)
{
	Buf text = BUF_INIT;

	buf_addf(&text, "pid %d, mounted on %s", (int)getpid(), mountpoint);
	if (ftruncate(state->lock, 0) < 0 || pwrite(state->lock, text.data, text.length, 0) < 0)
		log_warn("%s/lock: cannot be written: %s", state->directory, strerror(errno));
	buf_release(&text);
}

int state_open(State *state, const char *directory, Err *err)
{
	char *wanted = directory ? mem_copy_text(directory) : default_directory(err);

	*state = (State){ NULL, -1 };
	if (!wanted)
		return -1;
	if (state_make_directories(wanted, err) < 0 || refuse_foreign(wanted, err) < 0 || refuse_network(wanted, err) < 0) {
		free(wanted);
		return -1;
	}
	state->directory = realpath(wanted, NULL);
	free(wanted);
	if (!state->directory)
		return err_sys(err, errno, "the state directory");
	if (lock(state, err) < 0) {
		state_close(state);
		return -1;
	}
	return 0;
}

void state_close(State *state)
{
	if (state->lock >= 0)
		close(state->lock);
	free(state->directory);
	*state = (State){ NULL, -1 };
}

char *state_path(const State *state, const char *name)
{
	Buf path = BUF_INIT;

	buf_addf(&path, "%s/%s", state->directory, name);
	return buf_take(&path);
}

static const char *const files_kept[STATE_FILES] = { "wulfs.db", "wulfs.db-wal", "wulfs.db-shm", "lock" };

StateFiles state_files(const State *state)
{
	StateFiles files = { .inode = { 0 } };

	for (int i = 0; i < STATE_FILES; i++) {
		char *path = state_path(state, files_kept[i]);
		struct stat st;

		if (stat(path, &st) == 0) {
			files.device[i] = st.st_dev;
			files.inode[i] = st.st_ino;
		}
		free(path);
	}
	return files;
}

int state_check(const State *state, const StateFiles *files, Err *err)
{
	StateFiles now = state_files(state);

	for (int i = 0; i < STATE_FILES; i++)
		if (files->inode[i] && (now.inode[i] != files->inode[i] || now.device[i] != files->device[i]))
			return err_set(err, EIO, "%s/%s: was %s under the mount, so nothing can be kept; put it back, "
				       "or unmount and mount again", state->directory, files_kept[i],
				       now.inode[i] ? "replaced" : "removed");
	return 0;
}

static void read_machine(char *machine, int size)
{
	FILE *file = fopen("/etc/machine-id", "re");

	if (!file || !fgets(machine, size, file))
		machine[0] = '\0';
	machine[strcspn(machine, "\n")] = '\0';
	if (file)
		fclose(file);
	if (strcmp(machine, "uninitialized") == 0)
		machine[0] = '\0';
}

StatePlace state_place(const State *state)
{
	char *path = state_path(state, "wulfs.db");
	StatePlace place = { .inode = 0 };
	struct statx st;

	read_machine(place.machine, sizeof place.machine);
	if (statx(AT_FDCWD, path, 0, STATX_INO | STATX_BTIME, &st) == 0) {
		place.inode = (int64_t)st.stx_ino;
		if (st.stx_mask & STATX_BTIME)
			place.born = st.stx_btime.tv_sec * 1000000000 + st.stx_btime.tv_nsec;
	}
	free(path);
	return place;
}
