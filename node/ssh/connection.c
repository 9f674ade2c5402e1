/* connection.c - the owner's side of SSH connections: who may connect now, and what their threads report.
 * Runs on the owner thread; never blocks but in ssh_shared_free. */
#include "node/ssh/journey.h"

#include "node/ssh/known_hosts.h"
#include "store/base/buf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	CONNECTING_MAX = 32,    /* at once: a machine that is off takes its place for 15 s */
	CONNECTING_HOST = 4,    /* of those to one host: sshd's MaxStartups begins to drop at 10 */
	JITTER_MS = 15,         /* between two, at most */
	NO_ROOM_MS = 1000,      /* until the next, when this process is out of descriptors */
	FIRST_REPORT = 60,      /* seconds; the name look-up alone may take 30 */
	REPORT_GRACE = 30,      /* seconds that a step may outlast its own clock: ssh-agent asks its user */
};

typedef struct Revoked {        /* a host key that was shown and may not be used */
	char *line;             /* as the owner was told it */
	char *why;
	TAILQ_ENTRY(Revoked) next;
} Revoked;

struct Ssh {
	uv_loop_t *loop;
	SshSettings settings;
	TAILQ_HEAD(, SshLink) links;    /* waiting and connecting, in order of their opening */
	TAILQ_HEAD(, Revoked) revoked;
	uv_timer_t pause;               /* runs between two starts */
	unsigned connecting;
	unsigned random;
};

struct SshLink {
	Ssh *ssh;
	TAILQ_ENTRY(SshLink) next;
	SshOwner owner;
	Journey *journey;       /* until it starts */
	char *host;             /* the part of the name that says where it goes */
	uv_poll_t poll;
	uv_timer_t clock;
	unsigned handles;       /* of those two, open */
	int fd;                 /* -1: not started, or ended */
	bool listed, closed;
	bool in_call;           /* inside an owner's function */
	Report report;
	size_t read;            /* bytes of it */
};

static char *copy(const char *text)
{
	return text ? mem_copy_text(text) : NULL;
}

/* --- the gate ---------------------------------------------------------------------------------- */

static void begin_some(Ssh *ssh);

static void paused(uv_timer_t *timer)
{
	begin_some(timer->data);
}

static bool may_begin(const Ssh *ssh, const SshLink *link)
{
	const SshLink *other;
	unsigned same = 0;

	if (link->fd >= 0)
		return false;
	TAILQ_FOREACH(other, &ssh->links, next)
		same += other->fd >= 0 && strcmp(other->host, link->host) == 0;
	return same < CONNECTING_HOST;
}

static int begin(SshLink *link);

/* One now, the next after a moment: hundreds in the same millisecond are what sshd takes for an attack. */
static void begin_some(Ssh *ssh)
{
	SshLink *link;

	if (uv_is_active((uv_handle_t *)&ssh->pause) || ssh->connecting >= CONNECTING_MAX)
		return;
	TAILQ_FOREACH(link, &ssh->links, next)
		if (may_begin(ssh, link))
			break;
	if (!link)
		return;
	uv_timer_start(&ssh->pause, paused, 1 + (uint64_t)rand_r(&ssh->random) % JITTER_MS, 0);
	if (begin(link) < 0)
		uv_timer_start(&ssh->pause, paused, NO_ROOM_MS, 0);
}

static void leave_gate(SshLink *link)
{
	if (!link->listed)
		return;
	link->listed = false;
	TAILQ_REMOVE(&link->ssh->links, link, next);
	if (link->fd >= 0)
		link->ssh->connecting--;
	begin_some(link->ssh);
}

/* --- a link's end ------------------------------------------------------------------------------ */

static void destroy(SshLink *link)
{
	if (!link->closed || link->handles || link->in_call)
		return;
	journey_free(link->journey);
	free(link->host);
	free(link);
}

static void handle_closed(uv_handle_t *handle)
{
	SshLink *link = handle->data;

	link->handles--;
	destroy(link);
}

/* Nothing more is wanted of the thread. Returns the descriptor, which is the caller's now; -1: none. */
static int detach(SshLink *link)
{
	int fd = link->fd;

	leave_gate(link);
	link->fd = -1;
	if (fd >= 0) {
		uv_close((uv_handle_t *)&link->poll, handle_closed);
		uv_close((uv_handle_t *)&link->clock, handle_closed);
	}
	return fd;
}

void ssh_link_close(SshLink *link)
{
	int fd;

	if (!link || link->closed)
		return;
	link->closed = true;
	fd = detach(link);
	if (fd >= 0)
		close(fd);
	destroy(link);
}

static void fail(SshLink *link, SshTrouble trouble, const Err *why)
{
	int fd = detach(link);

	if (fd >= 0)
		close(fd);
	link->owner.failed(link->owner.arg, trouble, why);
}

/* --- what the thread reports ------------------------------------------------------------------- */

static void too_late(uv_timer_t *timer)
{
	SshLink *link = timer->data;
	Err err;

	err_set(&err, ETIMEDOUT, "no answer: the name look-up, ssh or ssh-agent on this machine does not come to an end");
	link->in_call = true;
	fail(link, SSH_UNREACHABLE, &err);
	link->in_call = false;
	destroy(link);
}

static Revoked *revoked_find(const Ssh *ssh, const char *line)
{
	Revoked *revoked;

	TAILQ_FOREACH(revoked, &ssh->revoked, next)
		if (strcmp(revoked->line, line) == 0)
			return revoked;
	return NULL;
}

static void revoked_forget(Ssh *ssh, Revoked *revoked)
{
	TAILQ_REMOVE(&ssh->revoked, revoked, next);
	free(revoked->line);
	free(revoked->why);
	free(revoked);
}

/* What was said of the key when it was last shown counts. */
static void note_revoked(Ssh *ssh, const Report *report)
{
	Revoked *revoked = revoked_find(ssh, report->line);

	if (revoked)
		revoked_forget(ssh, revoked);
	if (!report->revoked)
		return;
	revoked = mem_new_zeroed(sizeof *revoked);
	revoked->line = mem_copy_text(report->line);
	revoked->why = mem_copy_text(report->why.text);
	TAILQ_INSERT_TAIL(&ssh->revoked, revoked, next);
}

const char *ssh_link_user(const SshLink *link)
{
	return link->report.user;
}

const char *ssh_link_caveat(const SshLink *link)
{
	return link->report.why.number ? link->report.why.text : NULL;
}

static void take_host_key(SshLink *link, const Report *report)
{
	int fd = report->last ? detach(link) : -1;

	if (fd >= 0)
		close(fd);
	note_revoked(link->ssh, report);
	link->owner.host_key(link->owner.arg, report->fingerprint, report->line, report->known);
}

static void take_report(SshLink *link, const Report *report)
{
	switch (report->kind) {
	case REPORT_STILL:
		uv_timer_start(&link->clock, too_late, (report->seconds + REPORT_GRACE) * 1000ULL, 0);
		break;
	case REPORT_HOST_KEY:
		take_host_key(link, report);
		break;
	case REPORT_FAILED:
		fail(link, report->trouble, &report->why);
		break;
	case REPORT_UP:
		link->owner.up(link->owner.arg, detach(link));
		break;
	}
}

static void thread_died(SshLink *link)
{
	Err err;

	err_set(&err, ECONNRESET, "the connection's thread ended without a word");
	fail(link, SSH_UNREACHABLE, &err);
}

/* Exactly one report at a time: what follows the last one is the agent's. */
static void readable(uv_poll_t *poll, int status, int events)
{
	SshLink *link = poll->data;
	ssize_t n;

	(void)status, (void)events;
	link->in_call = true;
	while (link->fd >= 0) {
		n = read(link->fd, (char *)&link->report + link->read, sizeof link->report - link->read);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			break;
		if (n <= 0) {
			thread_died(link);
			break;
		}
		link->read += (size_t)n;
		if (link->read < sizeof link->report)
			continue;
		link->read = 0;
		take_report(link, &link->report);
	}
	link->in_call = false;
	destroy(link);
}

static void watch(SshLink *link, int fd)
{
	Ssh *ssh = link->ssh;

	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	link->fd = fd;
	link->handles = 2;
	ssh->connecting++;
	uv_poll_init(ssh->loop, &link->poll, fd);
	uv_timer_init(ssh->loop, &link->clock);
	link->poll.data = link->clock.data = link;
	uv_poll_start(&link->poll, UV_READABLE, readable);
	uv_timer_start(&link->clock, too_late, FIRST_REPORT * 1000, 0);
}

/* If there can be no thread, its end of the pair is closed and that is what the owner finds. */
static int begin(SshLink *link)
{
	Journey *journey = link->journey;
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return -1;
	link->journey = NULL;
	journey->owner = pair[1];
	watch(link, pair[0]);
	if (journey_start(journey) < 0)
		journey_free(journey);
	return 0;
}

/* --- beginning --------------------------------------------------------------------------------- */

Ssh *ssh_shared_new(uv_loop_t *loop, const SshSettings *settings)
{
	Ssh *ssh = mem_new_zeroed(sizeof *ssh);

	ssh->loop = loop;
	ssh->settings = (SshSettings){
		.identity = copy(settings->identity), .config = copy(settings->config),
		.known_hosts = copy(settings->known_hosts), .user = copy(settings->user),
		.seen_hosts = copy(settings->seen_hosts), .state = copy(settings->state),
	};
	ssh->random = (unsigned)uv_hrtime();
	TAILQ_INIT(&ssh->links);
	TAILQ_INIT(&ssh->revoked);
	uv_timer_init(loop, &ssh->pause);
	ssh->pause.data = ssh;
	return ssh;
}

static void pause_closed(uv_handle_t *handle)
{
	free(handle->data);
}

void ssh_shared_free(Ssh *ssh)
{
	if (!ssh)
		return;
	journeys_end(1000);
	while (!TAILQ_EMPTY(&ssh->revoked))
		revoked_forget(ssh, TAILQ_FIRST(&ssh->revoked));
	free((char *)ssh->settings.identity);
	free((char *)ssh->settings.config);
	free((char *)ssh->settings.known_hosts);
	free((char *)ssh->settings.user);
	free((char *)ssh->settings.seen_hosts);
	free((char *)ssh->settings.state);
	uv_close((uv_handle_t *)&ssh->pause, pause_closed);
}

SshLink *ssh_link_open(Ssh *ssh, const SshTarget *target, SshOwner owner)
{
	SshLink *link = mem_new_zeroed(sizeof *link);
	const char *at = strrchr(target->name, '@');

	link->ssh = ssh;
	link->owner = owner;
	link->fd = -1;
	link->host = mem_copy_text(at ? at + 1 : target->name);
	link->journey = journey_new(&ssh->settings, target);
	link->listed = true;
	TAILQ_INSERT_TAIL(&ssh->links, link, next);
	begin_some(ssh);
	return link;
}

int ssh_trust(const Ssh *ssh, const char *line, Err *err)
{
	const Revoked *revoked = revoked_find(ssh, line);

	if (revoked)
		return err_set(err, EKEYREVOKED, "%s; it cannot be trusted while that says so", revoked->why);
	return hostkeys_add(ssh->settings.seen_hosts, line, err);
}
