/* listener_process.c - the listening process, from its start to the start of the next one. */
#include "node/discovery/listener_process.h"

#include "node/discovery/listener.h"
#include "node/discovery/listener_wire.h"
#include "store/base/log.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

enum {
	AGAIN_MS = 5 * 1000,            /* after it ended */
	RESTART_MS = 60 * 1000,         /* when there was too much: who was left out gets his chance */
	READ_BYTES = 64 * 1024,
};

typedef struct Listener {
	Discover *discover;     /* NULL: it is to end, and nobody listens to it any more */
	uv_process_t process;
	uv_pipe_t hold, said;   /* its stdin, which ends when we do; its stdout */
	int handles;            /* of these, not closed yet */
	Buf in;
} Listener;

struct Discover {
	uv_loop_t *loop;
	Listener *listener;     /* NULL: none runs */
	Proposals *proposals;
	DiscoverOwner owner;
	char *interface;
	uv_timer_t again;
	struct SaidBefore { uint64_t number; UT_hash_handle hh; } *said;       /* announcements that stand */
	bool on, crowded;
};

static void start(uv_timer_t *timer);

/* --- what stands ------------------------------------------------------------------------------- */

static void note_said(Discover *discover, uint64_t number)
{
	struct SaidBefore *said;

	HASH_FIND(hh, discover->said, &number, sizeof number, said);
	if (said)
		return;
	said = mem_new_zeroed(sizeof *said);
	said->number = number;
	HASH_ADD(hh, discover->said, number, sizeof said->number, said);
}

static void take_back(Discover *discover, struct SaidBefore *said)
{
	HASH_DEL(discover->said, said);
	proposals_unhear(discover->proposals, said->number);
	free(said);
}

static void take_back_all(Discover *discover)
{
	struct SaidBefore *said, *next;

	HASH_ITER(hh, discover->said, said, next)
		take_back(discover, said);
}

/* --- its end ----------------------------------------------------------------------------------- */

static void closed(uv_handle_t *handle)
{
	Listener *listener = handle->data;

	if (--listener->handles > 0)
		return;
	buf_release(&listener->in);
	free(listener);
}

static void close_all(Listener *listener)
{
	uv_close((uv_handle_t *)&listener->process, closed);
	uv_close((uv_handle_t *)&listener->hold, closed);
	uv_close((uv_handle_t *)&listener->said, closed);
}

static void let_go(Discover *discover)
{
	Listener *listener = discover->listener;

	discover->listener = NULL;
	listener->discover = NULL;
	uv_read_stop((uv_stream_t *)&listener->said);
	uv_process_kill(&listener->process, SIGKILL);   /* its exit closes the rest */
	take_back_all(discover);
}

static void set_state(Discover *discover, bool on, const char *why)
{
	discover->on = on;
	discover->owner.state(discover->owner.arg, on, why);
}

static void fail(Discover *discover, const char *why)
{
	let_go(discover);
	discover->owner.afresh(discover->owner.arg);
	set_state(discover, false, why);
	uv_timer_start(&discover->again, start, AGAIN_MS, 0);
}

static void exited(uv_process_t *process, int64_t status, int signal)
{
	Listener *listener = process->data;
	Err err;

	if (listener->discover) {
		err_set(&err, ECHILD, signal ? "the process that listens died of signal %d; it is started again"
			: "the process that listens ended with %d; it is started again", signal ? signal : (int)status);
		fail(listener->discover, err.text);
	}
	close_all(listener);
}

/* --- what it says ------------------------------------------------------------------------------ */

static void be_crowded(Discover *discover, const char *what)
{
	if (discover->crowded)
		return;
	discover->crowded = true;
	log_warn("%s on the network; the others are left out", what);
	uv_timer_start(&discover->again, start, RESTART_MS, 0);
}

static void take_announcement(Discover *discover, const Hearsay *hearsay)
{
	Announcement announcement = { hearsay->wulfs, hearsay->host, hearsay->port, hearsay->place, hearsay->txt,
				      hearsay->txt_count };
	char what[64];

	if (proposals_hear(discover->proposals, hearsay->number, &announcement))
		note_said(discover, hearsay->number);
	if (!proposals_overflowed(discover->proposals))
		return;
	snprintf(what, sizeof what, "more than %d machines announce themselves", PROPOSALS_MAX);
	be_crowded(discover, what);
}

static void take_unsaid(Discover *discover, const Hearsay *hearsay)
{
	struct SaidBefore *said;

	HASH_FIND(hh, discover->said, &hearsay->number, sizeof hearsay->number, said);
	if (said)
		take_back(discover, said);
}

static void take_state(Discover *discover, const Hearsay *hearsay)
{
	set_state(discover, hearsay->on, hearsay->text);
}

static void take_crowded(Discover *discover, const Hearsay *hearsay)
{
	be_crowded(discover, hearsay->text);
}

static void (*const takes[HEARSAY_KINDS])(Discover *, const Hearsay *) = {
	[HEARSAY_SAID] = take_announcement, [HEARSAY_UNSAID] = take_unsaid, [HEARSAY_STATE] = take_state,
	[HEARSAY_CROWDED] = take_crowded,
};

static void give_room(uv_handle_t *handle, size_t wanted, uv_buf_t *room)
{
	Listener *listener = handle->data;

	(void)wanted;
	*room = uv_buf_init(buf_space(&listener->in, READ_BYTES), READ_BYTES);
}

static void hear(uv_stream_t *stream, ssize_t n, const uv_buf_t *room)
{
	Listener *listener = stream->data;
	Discover *discover = listener->discover;
	Hearsay hearsay;
	size_t done = 0;
	long size = 0;
	Err err;

	(void)room;
	if (n <= 0 || !discover)        /* at its end: exited tells */
		return;
	buf_grew(&listener->in, (size_t)n);
	while ((size = hearsay_take(listener->in.data + done, listener->in.length - done, &hearsay, &err)) > 0) {
		takes[hearsay.kind](discover, &hearsay);
		done += (size_t)size;
	}
	buf_consume(&listener->in, done);
	if (size < 0)
		fail(discover, "the process that listens makes no sense; it is started again");
	discover->owner.heard(discover->owner.arg);
}

/* --- its start --------------------------------------------------------------------------------- */

static int spawn(Discover *discover, Listener *listener)
{
	char program[PATH_MAX], word[] = LISTEN_WORD;
	char *arguments[] = { program, word, discover->interface, NULL };
	uv_stdio_container_t stdio[] = {
		{ .flags = UV_CREATE_PIPE | UV_READABLE_PIPE, .data.stream = (uv_stream_t *)&listener->hold },
		{ .flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE, .data.stream = (uv_stream_t *)&listener->said },
		{ .flags = UV_INHERIT_FD, .data.fd = STDERR_FILENO },
	};
	uv_process_options_t options = { .exit_cb = exited, .file = program, .args = arguments, .stdio = stdio,
					 .stdio_count = sizeof stdio / sizeof *stdio };
	size_t room = sizeof program;

	if (uv_exepath(program, &room) < 0)
		strcpy(program, "/proc/self/exe");
	return uv_spawn(discover->loop, &listener->process, &options);
}

static void start_listener(Discover *discover)
{
	Listener *listener = mem_new_zeroed(sizeof *listener);
	Err err;
	int rc;

	listener->discover = discover;
	listener->handles = 3;
	listener->process.data = listener->hold.data = listener->said.data = listener;
	uv_pipe_init(discover->loop, &listener->hold, 0);
	uv_pipe_init(discover->loop, &listener->said, 0);
	rc = spawn(discover, listener);
	if (rc < 0) {
		err_set(&err, -rc, "the process that listens cannot be started: %s", uv_strerror(rc));
		set_state(discover, false, err.text);
		close_all(listener);
		uv_timer_start(&discover->again, start, AGAIN_MS, 0);
		return;
	}
	discover->listener = listener;
	uv_read_start((uv_stream_t *)&listener->said, give_room, hear);
}

static void start(uv_timer_t *timer)
{
	Discover *discover = timer->data;

	if (discover->listener) {
		let_go(discover);
		discover->owner.afresh(discover->owner.arg);
	}
	discover->crowded = false;
	start_listener(discover);
}

Discover *discover_new(uv_loop_t *loop, const char *interface, Proposals *proposals, DiscoverOwner owner)
{
	Discover *discover = mem_new_zeroed(sizeof *discover);

	discover->loop = loop;
	discover->proposals = proposals;
	discover->owner = owner;
	discover->interface = interface ? mem_copy_text(interface) : NULL;
	discover->again.data = discover;
	uv_timer_init(loop, &discover->again);
	uv_timer_start(&discover->again, start, 0, 0);
	return discover;
}

static void freed(uv_handle_t *handle)
{
	Discover *discover = handle->data;

	free(discover->interface);
	free(discover);
}

/* Nobody waits for its exit: the loop goes, and so do we. */
void discover_free(Discover *discover)
{
	Listener *listener = discover ? discover->listener : NULL;

	if (!discover)
		return;
	if (listener) {
		let_go(discover);
		close_all(listener);
	}
	uv_close((uv_handle_t *)&discover->again, freed);
}
