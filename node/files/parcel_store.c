/* parcel_store.c - parcels are made, found, read and removed. */
#include "node/files/parcel_store.h"

#include "node/files/unsent.h"
#include "store/base/clock.h"
#include "store/base/io.h"
#include "store/base/log.h"
#include "store/model.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A file that was changed just before it was looked at can be changed again without its times telling. */
static const int64_t settled_ns = 2000000000;

typedef struct Stored {
	WireParcel parcel;
	unsigned holders;
	bool old;               /* of an earlier mount; that is one holder */
	TAILQ_ENTRY(Stored) all;
	UT_hash_handle hh;
} Stored;

struct Parcels {
	char *directory;
	uint64_t limit;
	Stored *by_hash;
	TAILQ_HEAD(, Stored) all;       /* the least recently used first */
	uint64_t bytes;
	uint64_t serial;
};

static char *path_of(const Parcels *parcels, const char hash[WIRE_HASH])
{
	Buf path = BUF_INIT;

	buf_addf(&path, "%s/", parcels->directory);
	for (int i = 0; i < WIRE_HASH; i++)
		buf_addf(&path, "%02x", (unsigned char)hash[i]);
	return buf_take(&path);
}

/* --- the table ------------------------------------------------------------------------------------ */

static Stored *find(const Parcels *parcels, const char hash[WIRE_HASH])
{
	Stored *stored;

	HASH_FIND(hh, parcels->by_hash, hash, WIRE_HASH, stored);
	return stored;
}

static Stored *enter(Parcels *parcels, const WireParcel *parcel)
{
	Stored *stored = mem_new_zeroed(sizeof *stored);

	stored->parcel = *parcel;
	HASH_ADD(hh, parcels->by_hash, parcel.hash, WIRE_HASH, stored);
	TAILQ_INSERT_TAIL(&parcels->all, stored, all);
	parcels->bytes += parcel->size;
	return stored;
}

static void forget(Parcels *parcels, Stored *stored)
{
	HASH_DEL(parcels->by_hash, stored);
	TAILQ_REMOVE(&parcels->all, stored, all);
	parcels->bytes -= stored->parcel.size;
	free(stored);
}

static void drop(Parcels *parcels, Stored *stored)
{
	char *path = path_of(parcels, stored->parcel.hash);

	if (unlink(path) < 0 && errno != ENOENT)
		log_warn("%s: cannot be removed: %s", path, strerror(errno));
	free(path);
	forget(parcels, stored);
}

bool parcels_hold(Parcels *parcels, const WireParcel *parcel)
{
	Stored *stored = find(parcels, parcel->hash);

	if (!stored)
		return false;
	stored->holders++;
	TAILQ_REMOVE(&parcels->all, stored, all);
	TAILQ_INSERT_TAIL(&parcels->all, stored, all);
	return true;
}

void parcels_let_go(Parcels *parcels, const WireParcel *parcel)
{
	Stored *stored = find(parcels, parcel->hash);

	if (stored && stored->holders > 0)
		stored->holders--;
}

void parcels_let_go_old(Parcels *parcels)
{
	Stored *stored;

	TAILQ_FOREACH(stored, &parcels->all, all) {
		stored->holders -= stored->old;
		stored->old = false;
	}
}

void parcels_trim(Parcels *parcels, bool all)
{
	Stored *stored, *next;

	for (stored = TAILQ_FIRST(&parcels->all); stored && (all || parcels->bytes > parcels->limit); stored = next) {
		next = TAILQ_NEXT(stored, all);
		if (stored->holders == 0)
			drop(parcels, stored);
	}
}

/* --- reading -------------------------------------------------------------------------------------- */

/* A file that is not what it should be is as good as none: it is made again. */
ssize_t parcels_read(Parcels *parcels, const char hash[WIRE_HASH], uint64_t offset, void *to, size_t n, uint64_t *total)
{
	Stored *stored = find(parcels, hash);
	char *path = stored ? path_of(parcels, hash) : NULL;
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) : -1;
	ssize_t got = fd < 0 ? -1 : pread(fd, to, n, (off_t)offset);

	free(path);
	if (fd >= 0)
		close(fd);
	if (stored && (got < 0 || (got == 0 && offset < stored->parcel.size))) {
		forget(parcels, stored);
		return -1;
	}
	*total = stored ? stored->parcel.size : 0;
	return got;
}

/* --- packing -------------------------------------------------------------------------------------- */

typedef struct Writing {
	Digest *digest;
	int fd;                 /* -1: only what tells whether it has changed is wanted */
	uint64_t size;
	size_t used;
	char bytes[2 * PARCEL_PIECE];
} Writing;

static int flush(Writing *writing, Err *err)
{
	if (write_all(writing->fd, writing->bytes, writing->used) < 0)
		return err_sys(err, errno, "its packed form in the state directory");
	writing->size += writing->used;
	writing->used = 0;
	return 0;
}

static int take(void *arg, const void *bytes, size_t n, bool identity, Err *err)
{
	Writing *writing = arg;

	if (identity)
		digest_add(writing->digest, bytes, n);
	if (writing->fd < 0)
		return 0;
	if (writing->used + n > sizeof writing->bytes && flush(writing, err) < 0)
		return -1;
	memcpy(writing->bytes + writing->used, bytes, n);
	writing->used += n;
	return 0;
}

static int survey(TransferPath *path, unsigned char hash[DIGEST_BYTES], int64_t *newest, Err *err)
{
	Writing *writing = mem_new_zeroed(sizeof *writing);
	int rc;

	writing->fd = -1;
	writing->digest = digest_new();
	rc = transfer_pack(path, (ParcelSink){ take, writing }, true, newest, err);
	digest_end(writing->digest, hash);
	free(writing);
	return rc;
}

static int pack(PackOrder *order)
{
	Writing *writing = mem_new_zeroed(sizeof *writing);
	int rc = -1;

	writing->digest = digest_new();
	writing->fd = open(order->file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (writing->fd < 0)
		err_sys(&order->err, errno, "%s", order->file);
	else if (transfer_pack(&order->path, (ParcelSink){ take, writing }, false, NULL, &order->err) == 0 &&
		 flush(writing, &order->err) == 0)
		rc = fdatasync(writing->fd) < 0 ? err_sys(&order->err, errno, "%s", order->file) : 0;
	if (writing->fd >= 0)
		close(writing->fd);
	digest_end(writing->digest, (unsigned char *)order->parcel.hash);
	order->parcel.size = writing->size;
	free(writing);
	return rc;
}

/* Looked at before and after it is read: if both times it was the same, and old enough, it need not be read
 * again as long as it looks so. */
void parcels_pack(PackOrder *order)
{
	unsigned char before[DIGEST_BYTES], after[DIGEST_BYTES];
	int64_t newest = 0, begun = clock_wall_ms() * 1000000;

	order->rc = survey(&order->path, before, &newest, &order->err);
	if (order->rc < 0)
		return;
	order->unchanged = order->known && memcmp(before, order->survey, sizeof before) == 0;
	if (order->unchanged)
		return;
	memcpy(order->survey, before, sizeof before);
	order->rc = pack(order);
	order->settled = order->rc == 0 && newest + settled_ns < begun && survey(&order->path, after, NULL, &order->err) == 0 &&
			 memcmp(before, after, sizeof after) == 0;
}

void parcels_order(Parcels *parcels, PackOrder *order, const TransferPath *path)
{
	Buf file = BUF_INIT;

	buf_addf(&file, "%s/part.%llu", parcels->directory, (unsigned long long)++parcels->serial);
	*order = (PackOrder){ .path = *path, .file = buf_take(&file) };
}

void parcels_order_release(PackOrder *order)
{
	unlink(order->file);
	free(order->file);
	transfer_path_release(&order->path);
}

int parcels_keep(Parcels *parcels, PackOrder *order, Err *err)
{
	char *path;
	int rc;

	if (find(parcels, order->parcel.hash))
		return 0;       /* equal to one that is there */
	path = path_of(parcels, order->parcel.hash);
	rc = rename(order->file, path) < 0 ? err_sys(err, errno, "%s", path) : 0;
	free(path);
	if (rc == 0)
		enter(parcels, &order->parcel);
	return rc;
}

/* --- beginning and end ---------------------------------------------------------------------------- */

static bool parse_hash(const char *name, char hash[WIRE_HASH])
{
	if (strlen(name) != 2 * WIRE_HASH || strspn(name, "0123456789abcdef") != 2 * WIRE_HASH)
		return false;
	for (int i = 0; i < WIRE_HASH; i++) {
		char pair[3] = { name[2 * i], name[2 * i + 1], '\0' };

		hash[i] = (char)strtoul(pair, NULL, 16);
	}
	return true;
}

static int take_over(void *arg, int directory, const char *name, Err *err)
{
	Parcels *parcels = arg;
	WireParcel parcel;
	struct stat st;
	Stored *stored;
	uint64_t task;
	uint32_t run;

	(void)err;
	if (unsent_is_mark(name, &task, &run))
		return 0;
	if (!parse_hash(name, parcel.hash) || fstatat(directory, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(st.st_mode)) {
		unlinkat(directory, name, 0);
		return 0;
	}
	parcel.size = (uint64_t)st.st_size;
	stored = enter(parcels, &parcel);
	stored->old = true;
	stored->holders = 1;
	return 0;
}

const char *parcels_directory(const Parcels *parcels)
{
	return parcels->directory;
}

Parcels *parcels_open(const State *state, uint64_t limit, Err *err)
{
	Parcels *parcels = mem_new_zeroed(sizeof *parcels);
	int fd = -1;

	TAILQ_INIT(&parcels->all);
	parcels->limit = limit;
	parcels->directory = state_path(state, "parcels");
	if (state_make_directories(parcels->directory, err) == 0) {
		fd = open(parcels->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd < 0)
			err_sys(err, errno, "%s", parcels->directory);
	}
	if (fd < 0 || parcel_each_name(fd, take_over, parcels, err) < 0) {
		parcels_close(parcels);
		parcels = NULL;
	}
	if (fd >= 0)
		close(fd);
	return parcels;
}

void parcels_close(Parcels *parcels)
{
	Stored *stored;

	if (!parcels)
		return;
	while ((stored = TAILQ_FIRST(&parcels->all)))
		forget(parcels, stored);
	free(parcels->directory);
	free(parcels);
}
