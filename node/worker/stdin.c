/* stdin.c - a run's stdin, from the disk to the node that asks for it.
 *
 * The node says how far it has room (INPUT_WANTED); what there is so far is sent, a piece of each run in turn,
 * as long as little waits in the link. What nobody has written yet is sent when it is there (worker_input_grew).
 * Nothing is kept but two offsets a run: on a new link the node asks anew, and nothing is lost or doubled. */
#include "node/worker/inside.h"

#include "store/base/log.h"
#include "store/input.h"

enum { LINK_MOST = 1024 * 1024 };       /* bytes that may wait in the link */

static void become_hungry(Worker *worker, Flight *flight)
{
	if (flight->hungry || flight->ended || flight->input_at >= flight->input_until)
		return;
	flight->hungry = true;
	TAILQ_INSERT_TAIL(&worker->hungry, flight, in_hungry);
}

Taken feed_wanted(Worker *worker, Flight *flight, const Message *message, Err *err)
{
	if (message->wanted.from > INT64_MAX || message->wanted.from > message->wanted.until)
		return breach(err, "wants stdin that no file has");
	if (flight->input_until == 0)
		flight->input_at = message->wanted.from;
	if (message->wanted.until > flight->input_until)
		flight->input_until = message->wanted.until;
	become_hungry(worker, flight);
	return FRAME_TAKEN;
}

/* A piece. It then waits for its next turn, for more to be wanted, or for more to be written. */
static void feed(Worker *worker, Flight *flight)
{
	static char piece[WIRE_INPUT_MAX];
	uint64_t room = flight->input_until - flight->input_at;
	Message input = { .type = WIRE_INPUT, .run = { flight->id, flight->run } };
	bool last = false;
	ssize_t n;
	Err err;

	flight_is_fed(worker, flight);
	n = input_read(cluster_state(worker->cluster), flight->task->job->id, flight->input_at, piece,
		       room < sizeof piece ? room : sizeof piece, &last, &err);
	if (n < 0)
		log_error("%s", err.text);
	if (n < 0 || (n == 0 && !last))
		return;
	input.input.offset = flight->input_at;
	input.input.last = last;
	input.input.data = (Slice){ piece, (uint32_t)n };
	link_send(worker->link, &input);
	flight->input_at += (uint64_t)n;
	if (last)
		flight->input_until = flight->input_at;
	else
		become_hungry(worker, flight);
}

void feed_hungry(Worker *worker)
{
	Flight *flight;

	while (worker->phase == PHASE_UP && link_pending(worker->link) < LINK_MOST &&
	       (flight = TAILQ_FIRST(&worker->hungry)))
		feed(worker, flight);
}

void worker_input_grew(Worker *worker, const Job *job)
{
	Flight *flight, *next;

	HASH_ITER(hh, worker->flights, flight, next)
		if (flight->task->job == job)
			become_hungry(worker, flight);
}
