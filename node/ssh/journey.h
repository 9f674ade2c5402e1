/* journey.h - between the owner's side of a connection (connection.c) and its thread (journey.c). */
#ifndef NODE_SSH_JOURNEY_H
#define NODE_SSH_JOURNEY_H

#include "node/ssh/connection.h"

enum {
	SSH_LINE_MAX = 4096,            /* a known_hosts line: host and port, an RSA key of 16384 bits */
	SSH_FINGERPRINT_MAX = 64,
	SSH_USER_MAX = 64,
};

typedef enum ReportKind { REPORT_STILL, REPORT_HOST_KEY, REPORT_FAILED, REPORT_UP } ReportKind;

/* What the thread tells the owner, in one write; after REPORT_UP the socketpair carries the agent's bytes. */
typedef struct Report {
	ReportKind kind;
	SshTrouble trouble;
	Err why;                        /* of FAILED, of HOST_KEY if that is revoked, of UP if something is amiss */
	bool known, revoked, last;      /* of HOST_KEY; last: nothing more will come */
	unsigned seconds;               /* of STILL: the next report comes within so many */
	char fingerprint[SSH_FINGERPRINT_MAX];
	char line[SSH_LINE_MAX];
	char user[SSH_USER_MAX];        /* of HOST_KEY: who will log in */
} Report;

typedef struct Journey {                /* what a thread is sent out with; every text is its own */
	int owner;                      /* its end of the socketpair */
	SshSettings settings;
	SshTarget target;
} Journey;

Journey *journey_new(const SshSettings *settings, const SshTarget *target);
void journey_free(Journey *journey);

/* In a thread of its own, which takes the journey. -1: there can be none, nothing was taken. */
int journey_start(Journey *journey);

/* Wait up to so many milliseconds until no thread is left. */
void journeys_end(unsigned milliseconds);

#endif
