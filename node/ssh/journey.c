/* journey.c - what a connection's thread does, from the name of a node to the last byte of its agent.
 * Each step either leads to the next or ends with a sentence to the owner. */
#include "node/ssh/journey.h"

#include "node/ssh/deliver.h"
#include "node/ssh/known_hosts.h"
#include "node/ssh/revoked.h"
#include "node/ssh/session.h"
#include "node/ssh/stream.h"
#include "node/thread.h"
#include "store/base/buf.h"
#include "store/base/clock.h"

#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { STACK = 1024 * 1024 };   /* of address space, not of memory; libcrypto and name services are not modest */

/* Threads that are out. The one thing here that threads share. */
static atomic_uint out_now;

/* --- what it is sent out with ------------------------------------------------------------------ */

static char *copy(const char *text)
{
	return text ? mem_copy_text(text) : NULL;
}

Journey *journey_new(const SshSettings *settings, const SshTarget *target)
{
	Journey *journey = mem_new_zeroed(sizeof *journey);

	journey->owner = -1;
	journey->settings = (SshSettings){
		.identity = copy(settings->identity), .config = copy(settings->config),
		.known_hosts = copy(settings->known_hosts), .user = copy(settings->user),
		.seen_hosts = copy(settings->seen_hosts), .state = copy(settings->state),
	};
	journey->target = *target;
	journey->target.name = copy(target->name);
	journey->target.user = copy(target->user);
	journey->target.place = copy(target->place);
	journey->target.host_key = copy(target->host_key);
	return journey;
}

void journey_free(Journey *journey)
{
	if (!journey)
		return;
	if (journey->owner >= 0)
		close(journey->owner);
	free((char *)journey->settings.identity);
	free((char *)journey->settings.config);
	free((char *)journey->settings.known_hosts);
	free((char *)journey->settings.user);
	free((char *)journey->settings.seen_hosts);
	free((char *)journey->settings.state);
	free((char *)journey->target.name);
	free((char *)journey->target.user);
	free((char *)journey->target.place);
	free((char *)journey->target.host_key);
	free(journey);
}

/* --- telling the owner ------------------------------------------------------------------------- */

static void tell(const Journey *journey, const Report *report)
{
	size_t done = 0;

	while (done < sizeof *report) {
		ssize_t n = send(journey->owner, (const char *)report + done, sizeof *report - done, MSG_NOSIGNAL);

		if (n < 0 && errno != EINTR)
			return; /* it has gone, and the next wait will say so */
		done += n > 0 ? (size_t)n : 0;
	}
}

/* --- is it the host that it should be? --------------------------------------------------------- */

/* The line of a known hosts file is NAME TYPE BASE64. */
static bool is_revoked(const SshHost *host, const Report *report, Wait *wait, Err *err)
{
	Err why;

	if (!host->revoked || !revoked_has(host->revoked, strchr(report->line, ' ') + 1, wait, &why))
		return false;
	err_set(err, EKEYREVOKED, "the host key %s of %s is not taken: %s", report->fingerprint, host->known_as, why.text);
	return true;
}

/* A key that the owner named in this very request counts as known, unless a file revokes it. */
static HostVerdict judge(const Journey *journey, const HostKeys *keys, const char *key, const char *fingerprint, Err *err)
{
	const SshTarget *target = &journey->target;
	HostVerdict verdict = hostkeys_judge(keys, key, err);

	if (!target->host_key || verdict == HOST_REVOKED)
		return verdict;
	if (strcmp(target->host_key, fingerprint) == 0)
		return HOST_KNOWN;
	err_set(err, EKEYREJECTED, "the host key is %s, and not %s as wanted", fingerprint, target->host_key);
	return HOST_CHANGED;
}

static int show_key(const HostKeys *keys, const char *key, Report *report, Err *err)
{
	Buf fingerprint = BUF_INIT, line = BUF_INIT;
	int rc = 0;

	*report = (Report){ .kind = REPORT_HOST_KEY };
	if (hostkeys_fingerprint(key, &fingerprint) < 0 || hostkeys_line(keys, key, &line) < 0 ||
	    line.length >= sizeof report->line || fingerprint.length >= sizeof report->fingerprint)
		rc = err_set(err, EPROTO, "the host shows a key that is none");
	else {
		strcpy(report->fingerprint, fingerprint.data);
		strcpy(report->line, line.data);
	}
	buf_release(&fingerprint);
	buf_release(&line);
	return rc;
}

static int trust(const Journey *journey, const SshHost *host, const HostKeys *keys, const char *key, Wait *wait, Err *err)
{
	bool record = journey->target.accept_new && !journey->target.host_key && journey->target.purpose == SSH_AGENT;
	Report report;
	HostVerdict verdict;

	if (show_key(keys, key, &report, err) < 0)
		return -1;
	verdict = is_revoked(host, &report, wait, err) ? HOST_REVOKED : judge(journey, keys, key, report.fingerprint, err);
	report.known = verdict == HOST_KNOWN;
	snprintf(report.user, sizeof report.user, "%s", host->user);
	report.revoked = verdict == HOST_REVOKED;
	if (report.revoked)
		report.why = *err;
	report.last = report.known && journey->target.purpose == SSH_READ_KEY;
	tell(journey, &report);
	if (verdict == HOST_KNOWN)
		return 0;
	if (verdict == HOST_UNKNOWN && record)
		return hostkeys_add(journey->settings.seen_hosts, report.line, err);
	return -1;
}

/* --- the steps --------------------------------------------------------------------------------- */

static int exchange(const Journey *journey, const SshHost *host, Session *session, Reach *reach, Wait *wait,
		    SshTrouble *trouble, Err *err)
{
	HostKeys *keys = hostkeys_read(host->known_hosts.texts, host->known_hosts.count, host->known_as);
	Buf algorithms = BUF_INIT, key = BUF_INIT;
	int rc = hostkeys_prefer(keys, host->host_keys, &algorithms, err), fd = reach->fd;

	if (rc == 0)
		rc = session_choose(session, host, err);
	if (rc == 0) {
		reach->fd = -1; /* libssh closes it */
		rc = session_exchange(session, fd, algorithms.data, &key, wait, err);
		if (rc < 0)
			reach_explain(reach, err);
	}
	if (rc == 0) {
		*trouble = SSH_UNTRUSTED;
		rc = trust(journey, host, keys, key.data, wait, err);
	}
	buf_release(&algorithms);
	buf_release(&key);
	hostkeys_free(keys);
	return rc;
}

static ssize_t carrier_read(void *arg, char *bytes, size_t n, Wait *wait, Err *err)
{
	return session_read(arg, bytes, n, wait, err);
}

static int carrier_write(void *arg, const char *bytes, size_t n, Wait *wait, Err *err)
{
	return session_write(arg, bytes, n, wait, err);
}

static const char *carrier_said(void *arg)
{
	return session_said(arg);
}

/* A connection that breaks off is not the agent's fault: it is tried again soon. */
static int start_agent(const Journey *journey, Session *session, Buf *rest, Err *caveat, Wait *wait, SshTrouble *trouble, Err *err)
{
	const Carrier carrier = { carrier_read, carrier_write, carrier_said, session };

	*trouble = SSH_NO_AGENT;
	if (session_exec(session, DELIVER_COMMAND, wait, err) == 0 &&
	    deliver(&carrier, journey->settings.state, journey->target.name, rest, caveat, wait, err) == 0)
		return 0;
	if (err->number == ECONNRESET || !session_is_connected(session))
		*trouble = SSH_UNREACHABLE;
	return -1;
}

/* What the agent said already goes in front; there is none of it unless it talks without being asked. */
static void hand_over(const Journey *journey, Session *session, const Buf *rest, const Err *caveat)
{
	tell(journey, &(Report){ .kind = REPORT_UP, .why = *caveat });
	if (rest->length == 0 || send(journey->owner, rest->data, rest->length, MSG_NOSIGNAL) == (ssize_t)rest->length)
		session_pump(session, journey->owner);
}

static int walk(const Journey *journey, const SshHost *host, Session *session, Reach *reach, Wait *wait,
		SshTrouble *trouble, Err *err)
{
	bool refused = false;
	Buf rest = BUF_INIT;
	Err caveat = { 0 };
	int rc;

	if (reach_open(reach, host, wait, err) < 0 || exchange(journey, host, session, reach, wait, trouble, err) < 0)
		return -1;
	if (journey->target.purpose == SSH_READ_KEY)
		return 0;
	*trouble = SSH_UNREACHABLE;
	if (session_login(session, host, &refused, wait, err) < 0) {
		*trouble = refused ? SSH_REFUSED : SSH_UNREACHABLE;
		return -1;
	}
	rc = start_agent(journey, session, &rest, &caveat, wait, trouble, err);
	if (rc == 0)
		hand_over(journey, session, &rest, &caveat);
	buf_release(&rest);
	return rc;
}

static void go(const Journey *journey)
{
	Report failed = { .kind = REPORT_FAILED, .trouble = SSH_UNREACHABLE };
	Wait wait = { .owner = journey->owner };
	Reach reach = REACH_INIT;
	Session *session = NULL;
	SshHost host;
	int rc = ssh_host_read(&host, &journey->settings, &journey->target, &wait, &failed.why);

	if (rc == 0) {
		session = session_new(&host);
		rc = walk(journey, &host, session, &reach, &wait, &failed.trouble, &failed.why);
	}
	if (rc < 0)
		tell(journey, &failed);
	/* The owner first: what follows may wait for a proxy to end. */
	shutdown(journey->owner, SHUT_RDWR);
	session_free(session);
	reach_close(&reach);
	ssh_host_release(&host);
}

/* --- the thread -------------------------------------------------------------------------------- */

static void travel(void *arg)
{
	Journey *journey = arg;

	go(journey);
	journey_free(journey);
	atomic_fetch_sub(&out_now, 1);
}

int journey_start(Journey *journey)
{
	atomic_fetch_add(&out_now, 1);
	if (thread_start(travel, journey, STACK) == 0)
		return 0;
	atomic_fetch_sub(&out_now, 1);
	return -1;
}

void journeys_end(unsigned milliseconds)
{
	for (int64_t end = clock_mono_ms() + milliseconds; atomic_load(&out_now) > 0 && clock_mono_ms() < end; )
		poll(NULL, 0, 2);
}
