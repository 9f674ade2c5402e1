/* announcements.h - the machines that announce themselves, made of what comes in piece by piece.
 *
 * The same machine is announced under two types of service, on several interfaces and with several
 * addresses; here it is one Proposal, known by its host name. Nothing in it was checked by anybody: all of
 * it is bounded and made harmless on the way in, and none of it is more than a proposal. What becomes of
 * them: reconcile.h. Knows neither avahi nor nodes, and asks nobody anything. */
#ifndef NODE_DISCOVERY_ANNOUNCEMENTS_H
#define NODE_DISCOVERY_ANNOUNCEMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>
#include <uthash.h>

enum {
	PROPOSALS_MAX = 256,            /* machines; what more of them say is dropped */
	SIGHTINGS_MAX = 16,             /* of one machine: types x interfaces x protocols */
	HOST_TEXT = 63 + sizeof ".local",
	PLACE_TEXT = 64,                /* an address: 45 characters of IPv6, '%', the interface */
	FINGERPRINTS_TEXT = 256,
};

typedef struct TxtString {      /* "KEY=VALUE" as it came, any bytes */
	const char *bytes;
	size_t length;
} TxtString;

typedef struct Announcement {
	bool wulfs;             /* of _wulfs._tcp: a machine that offers itself; else of _ssh._tcp */
	const char *host;       /* "pi.local" */
	unsigned port;          /* of its SSH server */
	const char *place;      /* its address in digits, "%INTERFACE" after one that needs it */
	const TxtString *txt;
	size_t txt_count;
} Announcement;

typedef struct Claims {         /* what a _wulfs._tcp announcement says beside that; 0 or "": nothing */
	uint32_t cpus;
	uint64_t memory;        /* bytes */
	char arch[32];
	char fingerprints[FINGERPRINTS_TEXT];   /* "SHA256:...", commas between */
} Claims;

typedef struct Sighting Sighting;

typedef struct Proposal {
	char host[HOST_TEXT];   /* in lower case */
	bool wulfs;             /* it offers itself; then port, places and claims are those it offers */
	unsigned port;
	char places[SIGHTINGS_MAX * PLACE_TEXT];        /* blanks between, the best first */
	Claims claims;
	unsigned count;
	TAILQ_HEAD(, Sighting) sightings;
	TAILQ_ENTRY(Proposal) all;      /* who was seen first comes first */
	UT_hash_handle hh;
} Proposal;

typedef struct Proposals Proposals;

Proposals *proposals_new(void);
void proposals_free(Proposals *proposals);

/* Announcement number `source` says this now. False: it cannot be, or there is no room; it is not there then,
 * whatever it said before. */
bool proposals_hear(Proposals *proposals, uint64_t source, const Announcement *announcement);

/* It is said no more. */
void proposals_unhear(Proposals *proposals, uint64_t source);

Proposal *proposals_first(const Proposals *proposals);
Proposal *proposals_next(const Proposal *proposal);
Proposal *proposals_of(const Proposals *proposals, const char *host);   /* NULL: it announces nothing */
size_t proposals_count(const Proposals *proposals);

/* Is it another picture than when this was asked last? */
bool proposals_changed(Proposals *proposals);

/* Was something dropped because there was no room, since this was asked last? */
bool proposals_overflowed(Proposals *proposals);

/* Is place one of the words of places? */
bool place_in(const char *places, const char *place);

#endif
