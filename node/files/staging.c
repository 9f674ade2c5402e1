/* staging.c - who waits for what to be packed. */
#include "node/files/staging.h"

#include "node/errand.h"
#include "node/files/unsent.h"
#include "store/base/clock.h"
#include "store/base/log.h"
#include "store/nodes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	PACKS_AT_ONCE = 2,              /* the disk is one */
	PACK_THREADS = 16,              /* ... with those that have taken long and may never end */
	LONG_MS = 3000,
	FULL_PAUSE_MS = 5000,           /* before a full disk is tried again */
	FULL_TRIES = 60,
	KNOWN_MAX = 4096,               /* paths whose last packing is remembered */
};

static const uint64_t kept_bytes = (uint64_t)4 << 30;   /* of parcels that no run holds, while jobs are unfinished */

typedef struct Record Record;
typedef struct Pack Pack;

typedef struct Piece {          /* one path of one run */
	Record *record;
	Pack *pack;             /* that it waits for; NULL: none any more */
	bool held;              /* parcel is */
	WireParcel parcel;
	TAILQ_ENTRY(Piece) of_pack;
} Piece;

struct Record {                 /* one run */
	uint64_t task;
	uint32_t run;
	bool old;               /* of an earlier mount: what it needs is among the old parcels */
	bool unsent;            /* it never was, and is marked so */
	bool hurried;
	bool failed;            /* because of err */
	Err err;
	size_t count, left;     /* pieces, and those that wait */
	Piece *pieces;
	TAILQ_ENTRY(Record) settled;
	UT_hash_handle hh;
};

TAILQ_HEAD(RecordList, Record);

struct Pack {                   /* a path, packed once for all its pieces */
	Errand errand;
	Staging *staging;
	PackOrder order;
	WireParcel held;        /* the one order->known speaks of, while it is looked at */
	char *key;
	bool started;
	int64_t begun;          /* when, by the monotonic clock */
	unsigned tries;
	TAILQ_HEAD(, Piece) pieces;
	TAILQ_ENTRY(Pack) all;
};

typedef struct Known {          /* a path as it was packed last */
	char *key;
	unsigned char survey[DIGEST_BYTES];
	WireParcel parcel;
	UT_hash_handle hh;
} Known;

struct Staging {
	Turn *turn;
	void (*staged)(void *arg, Task *task);
	void *arg;
	Parcels *parcels;
	Record *records;        /* hash by task */
	Known *known;           /* hash by key */
	TAILQ_HEAD(, Pack) packs;       /* in the order they are to start */
	Errands *errands;
	size_t old;             /* records of an earlier mount's runs */
	uv_timer_t full, soon, slow;
	int timers;             /* of them not closed yet */
};

static void start_packs(Staging *staging);
static void room_again(uv_timer_t *timer);

static Task *task_of(const Staging *staging, const Record *record)
{
	Task *task = cluster_task(turn_cluster(staging->turn), record->task);

	return task && task->now.placed && task->now.run == record->run ? task : NULL;
}

static Record *find(const Staging *staging, uint64_t task)
{
	Record *record;

	HASH_FIND(hh, staging->records, &task, sizeof task, record);
	return record;
}

/* --- what is known -------------------------------------------------------------------------------- */

static char *key_of(const TransferPath *path)
{
	Buf key = BUF_INIT;

	buf_addf(&key, "%s//%s", path->source ? path->source : "", path->name);
	return buf_take(&key);
}

static void forget_known(Staging *staging)
{
	Known *known, *next;

	HASH_ITER(hh, staging->known, known, next) {
		HASH_DEL(staging->known, known);
		free(known->key);
		free(known);
	}
}

static void remember(Staging *staging, const Pack *pack)
{
	Known *known;

	HASH_FIND_STR(staging->known, pack->key, known);
	if (!known) {
		if (HASH_COUNT(staging->known) >= KNOWN_MAX)
			forget_known(staging);
		known = mem_new_zeroed(sizeof *known);
		known->key = mem_copy_text(pack->key);
		HASH_ADD_KEYPTR(hh, staging->known, known->key, strlen(known->key), known);
	}
	memcpy(known->survey, pack->order.survey, sizeof known->survey);
	known->parcel = pack->order.parcel;
}

static void use_known(Staging *staging, Pack *pack)
{
	Known *known;

	HASH_FIND_STR(staging->known, pack->key, known);
	if (!known || !parcels_hold(staging->parcels, &known->parcel))
		return;
	pack->order.known = true;
	pack->order.parcel = pack->held = known->parcel;
	memcpy(pack->order.survey, known->survey, sizeof known->survey);
}

/* --- records -------------------------------------------------------------------------------------- */

static void pack_free(Pack *pack)
{
	parcels_order_release(&pack->order);
	free(pack->key);
	free(pack);
}

/* One that nobody waits for is not packed, unless it is on its way. */
static void leave_pack(Staging *staging, Piece *piece)
{
	Pack *pack = piece->pack;

	if (!pack)
		return;
	piece->pack = NULL;
	TAILQ_REMOVE(&pack->pieces, piece, of_pack);
	if (!pack->started && TAILQ_EMPTY(&pack->pieces)) {
		TAILQ_REMOVE(&staging->packs, pack, all);
		pack_free(pack);
	}
}

static void clear_mark(const Staging *staging, Record *record)
{
	if (record->unsent)
		unsent_clear(parcels_directory(staging->parcels), record->task, record->run);
	record->unsent = false;
}

static void drop(Staging *staging, Record *record)
{
	clear_mark(staging, record);
	for (size_t i = 0; i < record->count; i++) {
		leave_pack(staging, &record->pieces[i]);
		if (record->pieces[i].held)
			parcels_let_go(staging->parcels, &record->pieces[i].parcel);
	}
	if (record->old && --staging->old == 0)
		parcels_let_go_old(staging->parcels);
	HASH_DEL(staging->records, record);
	free(record->pieces);
	free(record);
}

static Record *add(Staging *staging, const Task *task)
{
	Record *record = mem_new_zeroed(sizeof *record);

	record->task = task->id;
	record->run = task->now.run;
	HASH_ADD(hh, staging->records, task, sizeof record->task, record);
	return record;
}

/* --- packing -------------------------------------------------------------------------------------- */

static bool disk_is_full(int number)
{
	return number == ENOSPC || number == EDQUOT;
}

static void order_again(Staging *staging, Pack *pack)
{
	TransferPath path = pack->order.path;

	unlink(pack->order.file);
	free(pack->order.file);
	parcels_order(staging->parcels, &pack->order, &path);
	pack->started = false;
}

/* What it was packed as is there no more, though nothing has changed: somebody cleared it away meanwhile. */
static bool is_lost(Staging *staging, const Pack *pack)
{
	if (pack->order.rc < 0 || !pack->order.unchanged || TAILQ_EMPTY(&pack->pieces))
		return false;
	if (!parcels_hold(staging->parcels, &pack->order.parcel))
		return true;
	parcels_let_go(staging->parcels, &pack->order.parcel);
	return false;
}

static uint64_t job_of(const Staging *staging, const Piece *piece)
{
	const Task *task = cluster_task(turn_cluster(staging->turn), piece->record->task);

	return task ? task->job->id : 0;
}

/* The pieces of other jobs wait for a packing of their own. */
static void part(Staging *staging, Pack *pack, uint64_t job)
{
	Pack *other = mem_new_zeroed(sizeof *other);
	Piece *piece, *next;

	TAILQ_INIT(&other->pieces);
	for (piece = TAILQ_FIRST(&pack->pieces); piece; piece = next) {
		next = TAILQ_NEXT(piece, of_pack);
		if (job_of(staging, piece) == job)
			continue;
		TAILQ_REMOVE(&pack->pieces, piece, of_pack);
		TAILQ_INSERT_TAIL(&other->pieces, piece, of_pack);
		piece->pack = other;
	}
	if (TAILQ_EMPTY(&other->pieces)) {
		free(other);
		return;
	}
	other->staging = staging;
	other->key = mem_copy_text(pack->key);
	parcels_order(staging->parcels, &other->order, &(TransferPath){
		.source = pack->order.path.source ? mem_copy_text(pack->order.path.source) : NULL,
		.base = pack->order.path.base ? mem_copy_text(pack->order.path.base) : NULL,
		.name = mem_copy_text(pack->order.path.name), .inside = mem_copy_text(pack->order.path.inside), .given = -1 });
	TAILQ_INSERT_TAIL(&staging->packs, other, all);
}

/* A path that turns out to lead into the mount is opened here, on the owner's thread, and packed from there. */
static bool give(Staging *staging, Pack *pack)
{
	TransferPath *path = &pack->order.path;
	uint64_t job;
	bool by_name;
	int rc;

	if (pack->order.rc == 0 || !path->inside || path->given >= 0 || TAILQ_EMPTY(&pack->pieces))
		return false;
	job = job_of(staging, TAILQ_FIRST(&pack->pieces));
	rc = transfer_give(path, job, &by_name, &pack->order.err);
	if (by_name)
		part(staging, pack, job);
	if (rc < 0)
		return false;
	order_again(staging, pack);
	return true;
}

/* Later; who comes to wait for the same path meanwhile waits for this one. */
static bool try_again(Staging *staging, Pack *pack)
{
	if (!disk_is_full(pack->order.err.number) || pack->tries >= FULL_TRIES || TAILQ_EMPTY(&pack->pieces))
		return false;
	if (pack->tries++ == 0)
		log_warn("%s; jobs with --transfer wait until there is room", pack->order.err.text);
	order_again(staging, pack);
	parcels_trim(staging->parcels, true);
	uv_timer_start(&staging->full, room_again, FULL_PAUSE_MS, 0);
	return true;
}

static void settle_piece(Staging *staging, Piece *piece, const Pack *pack, struct RecordList *settled)
{
	Record *record = piece->record;

	piece->pack = NULL;
	piece->parcel = pack->order.parcel;
	piece->held = pack->order.rc == 0 && parcels_hold(staging->parcels, &piece->parcel);
	if (!piece->held && !record->failed) {
		record->failed = true;
		record->err = pack->order.err;
	}
	if (--record->left == 0)
		TAILQ_INSERT_TAIL(settled, record, settled);
}

static void tell(Staging *staging, Record *record)
{
	Task *task = task_of(staging, record);

	if (task)
		staging->staged(staging->arg, task);
}

static void settle(Staging *staging, Pack *pack)
{
	struct RecordList settled = TAILQ_HEAD_INITIALIZER(settled);
	Record *record;
	Piece *piece;

	if (pack->order.rc == 0 && !pack->order.unchanged)
		pack->order.rc = parcels_keep(staging->parcels, &pack->order, &pack->order.err);
	if (give(staging, pack) || (pack->order.rc < 0 && try_again(staging, pack)))
		return;
	if (is_lost(staging, pack)) {
		order_again(staging, pack);
		return;
	}
	if (pack->order.settled && pack->order.rc == 0)
		remember(staging, pack);
	TAILQ_REMOVE(&staging->packs, pack, all);
	while ((piece = TAILQ_FIRST(&pack->pieces))) {
		TAILQ_REMOVE(&pack->pieces, piece, of_pack);
		settle_piece(staging, piece, pack, &settled);
	}
	pack_free(pack);
	while ((record = TAILQ_FIRST(&settled))) {
		TAILQ_REMOVE(&settled, record, settled);
		tell(staging, record);
	}
}

static void pack_now(Errand *errand)
{
	parcels_pack(&((Pack *)errand)->order);
}

static void drop_pack(Errand *errand)
{
	pack_free((Pack *)errand);
}

static void packed(Errand *errand)
{
	Pack *pack = (Pack *)errand;
	Staging *staging = pack->staging;
	bool held = pack->order.known;
	WireParcel was = pack->held;

	settle(staging, pack);
	if (held)
		parcels_let_go(staging->parcels, &was);
	start_packs(staging);
}

/* Of one path one packing at a time: the next may find that nothing has changed. */
static bool can_start(const Staging *staging, const Pack *pack)
{
	const Pack *other;

	TAILQ_FOREACH(other, &staging->packs, all)
		if (other->started && strcmp(other->key, pack->key) == 0)
			return false;
	return !pack->started && (pack->tries == 0 || !uv_is_active((const uv_handle_t *)&staging->full));
}

/* How many have not taken long yet; a filesystem that does not answer must not hold up what comes from others. */
static unsigned count_quick(const Staging *staging)
{
	int64_t now = clock_mono_ms();
	const Pack *pack;
	unsigned n = 0;

	TAILQ_FOREACH(pack, &staging->packs, all)
		n += pack->started && now - pack->begun < LONG_MS;
	return n;
}

static void start_packs(Staging *staging)
{
	unsigned quick = count_quick(staging);
	Pack *pack;

	TAILQ_FOREACH(pack, &staging->packs, all) {
		if (quick >= PACKS_AT_ONCE)
			break;
		if (!can_start(staging, pack))
			continue;
		pack->started = true;
		pack->begun = clock_mono_ms();
		quick++;
		use_known(staging, pack);
		pack->errand = (Errand){ .work = pack_now, .done = packed, .drop = drop_pack };
		errands_start(staging->errands, &pack->errand);
	}
	if (quick >= PACKS_AT_ONCE && !uv_is_active((uv_handle_t *)&staging->slow))
		uv_timer_start(&staging->slow, room_again, LONG_MS, 0);
}

static void room_again(uv_timer_t *timer)
{
	start_packs(timer->data);
}

/* Takes path over. */
static void wait_for(Staging *staging, Piece *piece, const TransferPath *path)
{
	char *key = key_of(path);
	Pack *pack;

	TAILQ_FOREACH(pack, &staging->packs, all)
		if (!pack->started && strcmp(pack->key, key) == 0)
			break;
	if (pack) {
		TransferPath ours = *path;

		transfer_path_release(&ours);
		free(key);
	} else {
		pack = mem_new_zeroed(sizeof *pack);
		pack->staging = staging;
		pack->key = key;
		parcels_order(staging->parcels, &pack->order, path);
		TAILQ_INIT(&pack->pieces);
		TAILQ_INSERT_TAIL(&staging->packs, pack, all);
	}
	piece->pack = pack;
	TAILQ_INSERT_TAIL(&pack->pieces, piece, of_pack);
}

/* --- asking --------------------------------------------------------------------------------------- */

static size_t count_paths(const Spec *spec)
{
	size_t n = 0;

	for (size_t i = 0; i < spec->transfer_length; i++)
		n += !spec->transfer[i];
	return n;
}

void staging_ask(Staging *staging, const Task *task, const Spec *spec)
{
	Record *record = find(staging, task->id);
	TransferPath path;

	if (record)
		drop(staging, record);
	record = add(staging, task);
	record->unsent = true;
	unsent_mark(parcels_directory(staging->parcels), record->task, record->run);
	record->pieces = mem_new_zeroed(count_paths(spec) * sizeof *record->pieces);
	for (size_t at = 0; transfer_next(spec, task->job->directory, &at, &path);) {
		Piece *piece = &record->pieces[record->count++];

		piece->record = record;
		record->left++;
		wait_for(staging, piece, &path);
	}
	start_packs(staging);
}

static void be_quick(uv_timer_t *timer)
{
	Staging *staging = timer->data;
	Record *record, *next;

	HASH_ITER(hh, staging->records, record, next)
		if (record->hurried) {
			record->hurried = false;
			tell(staging, record);
		}
}

void staging_hurry(Staging *staging, const Task *task)
{
	Record *record = find(staging, task->id);

	if (!record)
		record = add(staging, task);
	record->hurried = true;
	uv_timer_start(&staging->soon, be_quick, 0, 0);
}

void staging_sent(Staging *staging, const Task *task)
{
	Record *record = find(staging, task->id);

	if (record)
		clear_mark(staging, record);
}

bool staging_never_sent(const Staging *staging, const Task *task)
{
	const Record *record = find(staging, task->id);

	return record && record->run == task->now.run && record->unsent;
}

Packed staging_list(Staging *staging, const Task *task, Buf *list, Err *err)
{
	Record *record = find(staging, task->id);

	if (!record || record->run != task->now.run || record->left > 0 || record->count == 0)
		return PACKED_NOT_YET;
	if (record->failed) {
		*err = record->err;
		return PACKED_NEVER;
	}
	for (size_t i = 0; i < record->count; i++)
		wire_put_parcel(list, &record->pieces[i].parcel);
	return PACKED;
}

/* --- keeping order -------------------------------------------------------------------------------- */

/* Once it has started, the node has its parcels, unpacked. */
void staging_task_changed(Staging *staging, const Task *task)
{
	Record *record = staging->records ? find(staging, task->id) : NULL;
	const Facts *now = &task->now;

	if (record && (!now->placed || now->state != TASK_PENDING || now->run != record->run))
		drop(staging, record);
}

void staging_tidy(Staging *staging)
{
	parcels_trim(staging->parcels, cluster_unfinished(turn_cluster(staging->turn)) == 0);
}

static void note_task(Staging *staging, const Task *task)
{
	Record *record = add(staging, task);

	record->old = true;
	record->unsent = unsent_is_marked(parcels_directory(staging->parcels), record->task, record->run);
	staging->old++;
}

static void note_old(Staging *staging, NodeList *nodes)
{
	Node *node;
	Task *task;

	TAILQ_FOREACH(node, nodes, all)
		TAILQ_FOREACH(task, &node->tasks, on_node)
			if (task->now.state == TASK_PENDING)
				note_task(staging, task);
}

/* The mark of a run that is over: the mount died before it could be cleared. */
static int clear_stale(void *arg, int directory, const char *name, Err *err)
{
	const Staging *staging = arg;
	const Record *record;
	uint64_t task;
	uint32_t run;

	(void)err;
	if (!unsent_is_mark(name, &task, &run))
		return 0;
	record = find(staging, task);
	if (!record || record->run != run)
		unlinkat(directory, name, 0);
	return 0;
}

static void clear_stale_marks(Staging *staging)
{
	int directory = open(parcels_directory(staging->parcels), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (directory < 0)
		return;
	parcel_each_name(directory, clear_stale, staging, NULL);
	close(directory);
}

Staging *staging_new(Turn *turn, void (*staged)(void *arg, Task *task), void *arg, Err *err)
{
	Cluster *cluster = turn_cluster(turn);
	Parcels *parcels = parcels_open(cluster_state(cluster), kept_bytes, err);
	Staging *staging;

	if (!parcels)
		return NULL;
	staging = mem_new_zeroed(sizeof *staging);
	staging->turn = turn;
	staging->staged = staged;
	staging->arg = arg;
	staging->parcels = parcels;
	TAILQ_INIT(&staging->packs);
	uv_timer_init(turn_loop(turn), &staging->full);
	uv_timer_init(turn_loop(turn), &staging->soon);
	uv_timer_init(turn_loop(turn), &staging->slow);
	staging->full.data = staging->soon.data = staging->slow.data = staging;
	staging->timers = 3;
	staging->errands = errands_new(turn_loop(turn), PACK_THREADS);
	note_old(staging, cluster_nodes(cluster));
	note_old(staging, cluster_gone_nodes(cluster));
	clear_stale_marks(staging);
	if (staging->old == 0)
		parcels_let_go_old(parcels);
	return staging;
}

static void timer_closed(uv_handle_t *handle)
{
	Staging *staging = handle->data;

	if (--staging->timers == 0)
		free(staging);
}

void staging_free(Staging *staging)
{
	Record *record, *next;

	if (!staging)
		return;
	HASH_ITER(hh, staging->records, record, next) {
		record->unsent = false; /* the mark stays: it is for the next mount */
		drop(staging, record);
	}
	errands_free(staging->errands);         /* packs that nobody waits for have gone: these are on their way */
	forget_known(staging);
	parcels_close(staging->parcels);
	uv_close((uv_handle_t *)&staging->full, timer_closed);
	uv_close((uv_handle_t *)&staging->soon, timer_closed);
	uv_close((uv_handle_t *)&staging->slow, timer_closed);
}

Parcels *staging_parcels(Staging *staging)
{
	return staging->parcels;
}
