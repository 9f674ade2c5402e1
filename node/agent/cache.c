/* cache.c - parcels come in, are kept, and go. The working directory is DIR. */
#include "node/agent/cache.h"

#include "node/agent/platform.h"
#include "node/agent/remove.h"
#include "node/agent/say.h"
#include "store/base/clock.h"
#include "store/base/io.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	ASK = 1024 * 1024,              /* bytes of one FETCH */
	ASK_AHEAD = 2 * ASK,            /* that are under way */
	RETRY_MS = 1000,                /* after a full disk */
	PARTIAL_MS = 10 * 60 * 1000,    /* so long a part stays that no run needs */
};

/* --- files ---------------------------------------------------------------------------------------- */

static const char *file_of(const char hash[WIRE_HASH], const char *suffix)
{
	static char path[sizeof "cache/" + 2 * WIRE_HASH + sizeof ".part"];
	char *to = path + sprintf(path, "cache/");

	for (int i = 0; i < WIRE_HASH; i++)
		to += sprintf(to, "%02x", (unsigned char)hash[i]);
	strcpy(to, suffix);
	return path;
}

const char *cache_file(const char hash[WIRE_HASH])
{
	return file_of(hash, "");
}

static int hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool parse_name(const char *name, char hash[WIRE_HASH])
{
	if (strlen(name) != 2 * WIRE_HASH)
		return false;
	for (int i = 0; i < WIRE_HASH; i++) {
		int high = hex_digit(name[2 * i]), low = hex_digit(name[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		hash[i] = (char)(high << 4 | low);
	}
	return true;
}

/* --- the table ------------------------------------------------------------------------------------ */

static struct ParcelBucket *bucket_of(Cache *cache, const char *hash)
{
	return &cache->buckets[(unsigned char)hash[0] % CACHE_BUCKETS];
}

static Parcel *find(Cache *cache, const char *hash)
{
	Parcel *parcel;

	LIST_FOREACH(parcel, bucket_of(cache, hash), in_bucket)
		if (memcmp(parcel->hash, hash, WIRE_HASH) == 0)
			return parcel;
	return NULL;
}

static bool is_whole(const Parcel *parcel)
{
	return parcel->have == parcel->size;
}

static struct ParcelList *list_of(Cache *cache, const Parcel *parcel)
{
	return is_whole(parcel) ? &cache->whole : &cache->partial;
}

static Parcel *enter(Cache *cache, const char *hash, uint64_t size, uint64_t have)
{
	Parcel *parcel = mem_new_zeroed(sizeof *parcel);

	memcpy(parcel->hash, hash, WIRE_HASH);
	parcel->size = size;
	parcel->have = parcel->asked = have;
	cache->bytes += have;
	TAILQ_INSERT_TAIL(list_of(cache, parcel), parcel, in_list);
	LIST_INSERT_HEAD(bucket_of(cache, hash), parcel, in_bucket);
	return parcel;
}

static void drop(Cache *cache, Parcel *parcel)
{
	unlink(file_of(parcel->hash, is_whole(parcel) ? "" : ".part"));
	cache->bytes -= parcel->have;
	TAILQ_REMOVE(list_of(cache, parcel), parcel, in_list);
	LIST_REMOVE(parcel, in_bucket);
	free(parcel);
}

/* --- what an earlier agent left ------------------------------------------------------------------- */

/* A machine that crashed may have lost what was written last, whatever the names and sizes say. */
static bool is_of_this_boot(void)
{
	char boot[64], found[64] = "";
	int fd;

	platform_boot_id(boot, sizeof boot);
	fd = open("cache/boot", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return false;
	if (read(fd, found, sizeof found - 1) >= 0 && boot[0] && strcmp(boot, found) == 0) {
		close(fd);
		return true;
	}
	close(fd);
	return false;
}

static void sign_boot(void)
{
	char boot[64];
	int fd = open("cache/boot", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);

	platform_boot_id(boot, sizeof boot);
	if (fd >= 0 && write(fd, boot, strlen(boot)) < 0)
		say("cache/boot: %s", strerror(errno));
	if (fd >= 0)
		close(fd);
}

typedef struct Found {
	char hash[WIRE_HASH];
	uint64_t size;
	time_t used;
} Found;

static int by_use(const void *a, const void *b)
{
	time_t x = ((const Found *)a)->used, y = ((const Found *)b)->used;

	return (x > y) - (x < y);
}

static void look(int directory, const char *name, Buf *list)
{
	struct stat st;
	Found found;

	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || strcmp(name, "boot") == 0)
		return;
	if (!parse_name(name, found.hash) || fstatat(directory, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(st.st_mode)) {
		remove_tree(directory, name);
		return;
	}
	found.size = (uint64_t)st.st_size;
	found.used = st.st_mtime;
	buf_add(list, &found, sizeof found);
}

static void take_over(Cache *cache)
{
	DIR *dir = opendir("cache");
	Buf list = BUF_INIT;
	struct dirent *entry;
	Found *found;

	while (dir && (entry = readdir(dir)))
		look(dirfd(dir), entry->d_name, &list);
	if (dir)
		closedir(dir);
	found = (Found *)(void *)list.data;
	if (list.length)
		qsort(found, list.length / sizeof *found, sizeof *found, by_use);
	for (size_t i = 0; i < list.length / sizeof *found; i++)
		enter(cache, found[i].hash, found[i].size, found[i].size);
	buf_release(&list);
}

void cache_init(Cache *cache, Runs *runs)
{
	*cache = (Cache){ .runs = runs, .stalled_until = -1, .limit = UINT64_MAX };
	TAILQ_INIT(&cache->whole);
	TAILQ_INIT(&cache->partial);
	if (mkdir("cache", 0700) < 0 && errno == EEXIST && is_of_this_boot()) {
		take_over(cache);
		return;
	}
	remove_tree(AT_FDCWD, "cache");
}

/* Made when it is needed: most nodes never see a parcel. */
static void prepare(void)
{
	struct stat st;

	if (lstat("cache", &st) == 0 && S_ISDIR(st.st_mode) && is_of_this_boot())
		return;
	remove_tree(AT_FDCWD, "cache");
	if (mkdir("cache", 0700) < 0)
		say("cannot make cache: %s", strerror(errno));
	sign_boot();
}

void cache_new_link(Cache *cache, uint64_t limit)
{
	Parcel *parcel;

	cache->limit = limit;
	TAILQ_FOREACH(parcel, &cache->partial, in_list)
		parcel->asked = parcel->have;
}

/* --- runs ----------------------------------------------------------------------------------------- */

static bool is_on_disk(const Parcel *parcel)
{
	struct stat st;

	return lstat(file_of(parcel->hash, is_whole(parcel) ? "" : ".part"), &st) == 0 && S_ISREG(st.st_mode) &&
	       (uint64_t)st.st_size >= parcel->have;
}

/* Somebody may have emptied his ~/.cache. */
static Parcel *take(Cache *cache, const WireParcel *wanted)
{
	Parcel *parcel = find(cache, wanted->hash);

	if (parcel && parcel->users == 0 && (parcel->size != wanted->size || !is_on_disk(parcel))) {
		drop(cache, parcel);
		parcel = NULL;
	}
	if (!parcel) {
		if (TAILQ_EMPTY(&cache->whole) && TAILQ_EMPTY(&cache->partial))
			prepare();
		parcel = enter(cache, wanted->hash, wanted->size, 0);
	} else if (is_whole(parcel)) {
		utimensat(AT_FDCWD, file_of(parcel->hash, ""), NULL, 0);
		TAILQ_REMOVE(&cache->whole, parcel, in_list);
		TAILQ_INSERT_TAIL(&cache->whole, parcel, in_list);
	}
	parcel->users++;
	return parcel;
}

void cache_want(Cache *cache, Run *run, Slice list)
{
	size_t count = 0, missing = 0;
	WireParcel wanted;
	Parcel **parcels;

	if (list.length == 0)
		return;
	parcels = mem_new(list.length / WIRE_PARCEL_BYTES * sizeof(Parcel *));
	while (wire_take_parcel(&list, &wanted)) {
		parcels[count] = take(cache, &wanted);
		missing += !is_whole(parcels[count++]);
	}
	runs_needs(cache->runs, run, parcels, count, missing);
}

void cache_let_go(Run *run)
{
	for (size_t i = 0; i < run->parcel_count; i++)
		if (--run->parcels[i]->users == 0)
			run->parcels[i]->unused_since = clock_mono_ms();
	free(run->parcels);
	run->parcels = NULL;
	run->parcel_count = 0;
}

static bool needs(const Run *run, const Parcel *parcel)
{
	for (size_t i = 0; i < run->parcel_count; i++)
		if (run->parcels[i] == parcel)
			return true;
	return false;
}

/* A run may name one parcel twice. */
static void tell_runs(Cache *cache, const Parcel *parcel)
{
	Run *run, *next;

	for (run = TAILQ_FIRST(&cache->runs->unready); run; run = next) {
		next = TAILQ_NEXT(run, in_queue);
		for (size_t i = 0; i < run->parcel_count; i++)
			if (run->parcels[i] == parcel)
				runs_parcel_came(cache->runs, run);
	}
}

/* --- fetching ------------------------------------------------------------------------------------- */

static Parcel *next_to_fetch(const Cache *cache)
{
	Parcel *parcel;

	TAILQ_FOREACH(parcel, &cache->partial, in_list)
		if (parcel->users > 0)
			return parcel;
	return NULL;
}

static void ask(Parcel *parcel, uint64_t *under_way, Buf *out)
{
	*under_way += parcel->asked - parcel->have;
	while (parcel->asked < parcel->size && *under_way < ASK_AHEAD) {
		uint64_t left = parcel->size - parcel->asked;
		Message fetch = { .type = WIRE_FETCH, .fetch = { { parcel->hash, WIRE_HASH }, parcel->asked, left < ASK ? left : ASK } };

		wire_put(out, &fetch);
		parcel->asked += fetch.fetch.most;
		*under_way += fetch.fetch.most;
	}
}

void cache_ask(Cache *cache, Buf *out)
{
	uint64_t under_way = 0;
	Parcel *parcel;

	if (clock_mono_ms() < cache->stalled_until)
		return;
	cache->stalled_until = -1;
	TAILQ_FOREACH(parcel, &cache->partial, in_list) {
		if (under_way >= ASK_AHEAD)
			return;
		if (parcel->users > 0)
			ask(parcel, &under_way, out);
	}
}

int64_t cache_patience(const Cache *cache)
{
	int64_t now = clock_mono_ms();

	if (cache->stalled_until < 0 || !next_to_fetch(cache))
		return -1;
	return cache->stalled_until > now ? cache->stalled_until - now : 0;
}

/* Written at its own place, so that a write which failed half way is simply done again. */
static int write_piece(const Parcel *parcel, Slice data, Err *err)
{
	const char *path = file_of(parcel->hash, ".part");
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | (parcel->have ? 0 : O_TRUNC), 0600), failed;

	if (fd < 0)
		return err_sys(err, errno, "%s", path);
	failed = pwrite_all(fd, data.data, data.length, parcel->have) < 0 ? errno : 0;
	if (close(fd) < 0 && !failed)
		failed = errno;
	return failed ? err_sys(err, failed, "%s", path) : 0;
}

/* Nothing that comes now follows on: it is all asked for again. */
static void stall(Cache *cache, Parcel *parcel, const Err *err)
{
	say("%s; the runs that need it wait until there is room", err->text);
	parcel->asked = parcel->have;
	cache->stalled_until = clock_mono_ms() + RETRY_MS;
}

static void become_whole(Cache *cache, Parcel *parcel)
{
	char part[128];
	Err err;

	strcpy(part, file_of(parcel->hash, ".part"));
	TAILQ_REMOVE(&cache->partial, parcel, in_list);
	if (rename(part, file_of(parcel->hash, "")) < 0) {
		err_sys(&err, errno, "%s", part);
		cache->bytes -= parcel->have;
		parcel->have = 0;
		TAILQ_INSERT_TAIL(&cache->partial, parcel, in_list);
		stall(cache, parcel, &err);
		return;
	}
	TAILQ_INSERT_TAIL(&cache->whole, parcel, in_list);
	tell_runs(cache, parcel);
}

static bool drop_one(Cache *cache, struct ParcelList *list)
{
	Parcel *parcel;

	TAILQ_FOREACH(parcel, list, in_list)
		if (parcel->users == 0) {
			drop(cache, parcel);
			return true;
		}
	return false;
}

static bool make_room(Cache *cache)
{
	return drop_one(cache, &cache->partial) || drop_one(cache, &cache->whole);
}

void cache_add(Cache *cache, const Message *message)
{
	Slice data = message->parcel.data;
	Parcel *parcel = find(cache, message->parcel.hash.data);
	Err err;

	if (!parcel || is_whole(parcel) || message->parcel.offset != parcel->have || data.length > parcel->size - parcel->have)
		return;
	while (write_piece(parcel, data, &err) < 0)
		if (!make_room(cache)) {
			stall(cache, parcel, &err);
			return;
		}
	cache->bytes += data.length;
	parcel->have += data.length;
	if (is_whole(parcel))
		become_whole(cache, parcel);
}

void cache_is_gone(Cache *cache, Slice hash, Buf *out)
{
	Parcel *parcel = find(cache, hash.data);
	Run *run, *next;

	if (!parcel || is_whole(parcel))
		return;
	parcel->asked = parcel->have;   /* if it is there again, none of what was asked for follows on */
	for (run = TAILQ_FIRST(&cache->runs->unready); run; run = next) {
		Message recalled = { .type = WIRE_RECALLED, .run = run->name };

		next = TAILQ_NEXT(run, in_queue);
		if (!needs(run, parcel))
			continue;
		runs_forget(cache->runs, run);
		wire_put(out, &recalled);
	}
}

/* --- going ---------------------------------------------------------------------------------------- */

static void drop_unwanted(Cache *cache)
{
	int64_t now = clock_mono_ms();
	Parcel *parcel, *next;

	for (parcel = TAILQ_FIRST(&cache->partial); parcel; parcel = next) {
		next = TAILQ_NEXT(parcel, in_list);
		if (parcel->users == 0 && now - parcel->unused_since >= PARTIAL_MS)
			drop(cache, parcel);
	}
}

void cache_trim(Cache *cache)
{
	drop_unwanted(cache);
	while (cache->bytes > cache->limit && make_room(cache))
		;
}
