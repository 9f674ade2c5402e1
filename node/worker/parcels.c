/* parcels.c - the node asks for the files its runs need. Nothing is remembered of what it has: it says from
 * where on it wants how much, and that is sent as the link takes it, so that a parcel of any size costs no more
 * memory than a small one. */
#include "node/worker/inside.h"

#include <stdlib.h>

enum { PENDING_MAX = 1024 * 1024 };     /* bytes that wait in the link while there is more to send */

Taken parcels_take_fetch(Worker *worker, const Message *message, Err *err)
{
	const Slice hash = message->fetch.hash;
	Fetch *fetch;

	if (hash.length != WIRE_HASH || message->fetch.most == 0 || message->fetch.offset > INT64_MAX - message->fetch.most)
		return breach(err, "asks for nothing that could be sent");
	if (worker->fetch_count == FETCHES_MAX || worker->denials == DENIALS_MAX)
		return breach(err, "asks for more than it takes");
	fetch = &worker->fetches[worker->fetch_count++];
	memcpy(fetch->hash, hash.data, WIRE_HASH);
	fetch->offset = message->fetch.offset;
	fetch->end = message->fetch.offset + message->fetch.most;
	return FRAME_TAKEN;
}

/* --- what it has by now ------------------------------------------------------------------------ */

void parcels_forget_sent(Worker *worker)
{
	Sent *sent, *next;

	HASH_ITER(hh, worker->sent, sent, next) {
		HASH_DEL(worker->sent, sent);
		free(sent);
	}
}

static void note_sent(Worker *worker, const Fetch *fetch)
{
	Sent *sent;

	HASH_FIND(hh, worker->sent, fetch->hash, WIRE_HASH, sent);
	if (!sent) {
		if (HASH_COUNT(worker->sent) == SENT_MAX)
			parcels_forget_sent(worker);
		sent = mem_new_zeroed(sizeof *sent);
		memcpy(sent->hash, fetch->hash, WIRE_HASH);
		HASH_ADD(hh, worker->sent, hash, WIRE_HASH, sent);
	}
	sent->there = fetch->offset;
}

/* It asks in the order of the list and never for what it has: what stands before one that it asked for is there. */
static void add_up(const Worker *worker, Slice list, FilesSent *files)
{
	uint64_t unasked = 0;
	WireParcel parcel;
	Sent *sent;

	while (wire_take_parcel(&list, &parcel)) {
		HASH_FIND(hh, worker->sent, parcel.hash, WIRE_HASH, sent);
		files->all += parcel.size;
		files->there += sent ? unasked + sent->there : 0;
		unasked = sent ? 0 : unasked + parcel.size;
	}
}

bool worker_files(Worker *worker, const Task *task, FilesSent *files)
{
	const Flight *flight = worker->phase == PHASE_UP ? flight_find(worker, task->id, task->now.run) : NULL;
	Buf list = BUF_INIT;
	Err err;

	*files = (FilesSent){ 0 };
	if (!flight || flight->ended || task->now.state != TASK_PENDING)
		return false;
	if (flight->staging)
		return true;
	files->packed = staging_list(worker->staging, task, &list, &err) == PACKED;
	add_up(worker, (Slice){ list.data, (uint32_t)list.length }, files);
	buf_release(&list);
	return files->packed;
}

/* --- being asked ------------------------------------------------------------------------------- */

/* One piece; false when there is no more to come of this fetch. */
static bool answer(Worker *worker, Fetch *fetch)
{
	static char bytes[WIRE_OUTPUT_MAX];
	Message parcel = { .type = WIRE_PARCEL, .parcel = { { fetch->hash, WIRE_HASH }, fetch->offset, 0, { bytes, 0 } } };
	uint64_t left = fetch->end - fetch->offset;
	ssize_t n = parcels_read(staging_parcels(worker->staging), fetch->hash, fetch->offset, bytes,
				 left < sizeof bytes ? (size_t)left : sizeof bytes, &parcel.parcel.total);

	if (n < 0)
		parcel.parcel.total = 0;        /* it is not here any more: what needs it comes back */
	else if (n == 0)
		return false;
	else
		parcel.parcel.data.length = (uint32_t)n;
	worker->denials += n < 0;
	link_send(worker->link, &parcel);
	fetch->offset += n > 0 ? (uint64_t)n : 0;
	note_sent(worker, fetch);
	return n > 0 && fetch->offset < fetch->end;
}

void parcels_answer(Worker *worker)
{
	size_t done = 0;

	while (done < worker->fetch_count && link_pending(worker->link) < PENDING_MAX)
		if (!answer(worker, &worker->fetches[done]))
			done++;
	worker->fetch_count -= done;
	memmove(worker->fetches, worker->fetches + done, worker->fetch_count * sizeof *worker->fetches);
}
