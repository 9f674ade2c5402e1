/* announcements.c - many sightings, one proposal a machine. */
#include "node/discovery/announcements.h"

#include "store/base/buf.h"
#include "store/base/list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct Sighting {
	uint64_t source;
	Proposal *of;
	bool wulfs;
	unsigned port;
	char place[PLACE_TEXT];
	Claims claims;
	TAILQ_ENTRY(Sighting) same;     /* of the same machine */
	UT_hash_handle hh;
};

struct Proposals {
	Proposal *by_host;
	Sighting *by_source;
	TAILQ_HEAD(, Proposal) all;
	bool changed, overflowed;
};

/* --- is it harmless? --------------------------------------------------------------------------- */

static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";

/* A label and ".local", of what a host's name is made of: it becomes a file name, and a word for ssh(1). In
 * other domains multicast has no say. */
static bool take_host(char host[HOST_TEXT], const char *text)
{
	size_t label = strspn(text, letters);

	if (label == 0 || label > 63 || text[0] == '-' || strcasecmp(text + label, ".local") != 0)
		return false;
	for (size_t i = 0; i <= label + strlen(".local"); i++)
		host[i] = text[i] >= 'A' && text[i] <= 'Z' ? (char)(text[i] - 'A' + 'a') : text[i];
	return true;
}

static bool take_place(char place[PLACE_TEXT], const char *text)
{
	size_t address = strspn(text, "0123456789abcdefABCDEF.:"), n = strlen(text);

	if (address == 0 || n >= PLACE_TEXT)
		return false;
	if (text[address] == '%' && text[address + 1])
		address += 1 + strspn(text + address + 1, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.:@");
	if (text[address])
		return false;
	memcpy(place, text, n + 1);
	return true;
}

/* What is not as it should be is not said. */
static uint64_t number(const char *text, uint64_t most)
{
	size_t digits = strspn(text, "0123456789");
	uint64_t value = digits && digits < 20 && !text[digits] ? strtoull(text, NULL, 10) : 0;

	return value <= most ? value : 0;
}

static void take_word(char *to, size_t size, const char *value)
{
	size_t n = strspn(value, letters);

	if (n > 0 && n < size && !value[n])
		memcpy(to, value, n + 1);
}

static bool is_fingerprint(const char *text, size_t n)
{
	static const char base64[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/";

	return n == strlen("SHA256:") + 43 && strncmp(text, "SHA256:", 7) == 0 && strspn(text + 7, base64) >= 43;
}

static void take_fingerprints(char to[FINGERPRINTS_TEXT], const char *value)
{
	const char *word = value;

	for (;;) {
		size_t n = strcspn(word, ",");

		if (!is_fingerprint(word, n))
			return;
		if (!word[n])
			break;
		word += n + 1;
	}
	snprintf(to, FINGERPRINTS_TEXT, "%s", value);
}

static void take_claim(Claims *claims, const char *text)
{
	const char *equals = strchr(text, '='), *value = equals ? equals + 1 : "";
	size_t key = equals ? (size_t)(equals - text) : 0;

	if (key == 4 && strncasecmp(text, "cpus", key) == 0)
		claims->cpus = (uint32_t)number(value, 65536);
	else if (key == 6 && strncasecmp(text, "memory", key) == 0)
		claims->memory = number(value, INT64_MAX);
	else if (key == 4 && strncasecmp(text, "arch", key) == 0)
		take_word(claims->arch, sizeof claims->arch, value);
	else if (key == 11 && strncasecmp(text, "fingerprint", key) == 0)
		take_fingerprints(claims->fingerprints, value);
}

static void take_claims(Claims *claims, const Announcement *announcement)
{
	char text[256];

	memset(claims, 0, sizeof *claims);
	if (!announcement->wulfs)
		return;         /* _ssh._tcp knows no such words */
	for (size_t i = 0; i < announcement->txt_count; i++) {
		const TxtString *string = &announcement->txt[i];

		if (string->length >= sizeof text || memchr(string->bytes, '\0', string->length))
			continue;
		memcpy(text, string->bytes, string->length);
		text[string->length] = '\0';
		take_claim(claims, text);
	}
}

/* --- what all sightings say together ----------------------------------------------------------- */

/* What works from anywhere before what works on one link only; the older protocol first, as more machines
 * have it set up. */
static int rank(const char *place)
{
	if (!strchr(place, ':'))
		return strncmp(place, "169.254.", 8) == 0 ? 2 : 0;
	return strncasecmp(place, "fe80:", 5) == 0 ? 3 : 1;
}

bool place_in(const char *places, const char *place)
{
	return place[0] && list_has(places, " ", place, strlen(place));
}

static void collect_places(Proposal *proposal)
{
	const Sighting *sighting;
	size_t used = 0;

	proposal->places[0] = '\0';
	for (int wanted = 0; wanted <= 3; wanted++)
		TAILQ_FOREACH(sighting, &proposal->sightings, same) {
			if (rank(sighting->place) != wanted || sighting->wulfs != proposal->wulfs ||
			    sighting->port != proposal->port || place_in(proposal->places, sighting->place))
				continue;
			used += (size_t)snprintf(proposal->places + used, sizeof proposal->places - used, "%s%s",
						 used ? " " : "", sighting->place);
		}
}

static void sum_up(Proposal *proposal)
{
	const Sighting *sighting, *best = TAILQ_FIRST(&proposal->sightings);

	TAILQ_FOREACH(sighting, &proposal->sightings, same)
		if (sighting->wulfs && !best->wulfs)
			best = sighting;
	proposal->wulfs = best->wulfs;
	proposal->port = best->port;
	proposal->claims = best->claims;
	collect_places(proposal);
}

/* --- coming and going -------------------------------------------------------------------------- */

static Sighting *sighting_of(Proposals *proposals, uint64_t source)
{
	Sighting *sighting;

	HASH_FIND(hh, proposals->by_source, &source, sizeof source, sighting);
	return sighting;
}

static void drop_proposal(Proposals *proposals, Proposal *proposal)
{
	HASH_DEL(proposals->by_host, proposal);
	TAILQ_REMOVE(&proposals->all, proposal, all);
	free(proposal);
}

static void drop_sighting(Proposals *proposals, Sighting *sighting)
{
	Proposal *proposal = sighting->of;

	HASH_DEL(proposals->by_source, sighting);
	TAILQ_REMOVE(&proposal->sightings, sighting, same);
	proposal->count--;
	free(sighting);
	if (proposal->count == 0)
		drop_proposal(proposals, proposal);
	else
		sum_up(proposal);
	proposals->changed = true;
}

void proposals_unhear(Proposals *proposals, uint64_t source)
{
	Sighting *sighting = sighting_of(proposals, source);

	if (sighting)
		drop_sighting(proposals, sighting);
}

Proposal *proposals_of(const Proposals *proposals, const char *host)
{
	Proposal *proposal;

	HASH_FIND_STR(proposals->by_host, host, proposal);
	return proposal;
}

static Proposal *propose(Proposals *proposals, const char *host)
{
	Proposal *proposal = proposals_of(proposals, host);

	if (proposal)
		return proposal;
	if (HASH_COUNT(proposals->by_host) == PROPOSALS_MAX)
		return NULL;
	proposal = mem_new_zeroed(sizeof *proposal);
	strcpy(proposal->host, host);
	TAILQ_INIT(&proposal->sightings);
	TAILQ_INSERT_TAIL(&proposals->all, proposal, all);
	HASH_ADD_STR(proposals->by_host, host, proposal);
	return proposal;
}

static bool add_sighting(Proposals *proposals, const char *host, const Sighting *seen)
{
	Proposal *proposal = propose(proposals, host);
	Sighting *sighting;

	if (!proposal || proposal->count == SIGHTINGS_MAX) {
		proposals->overflowed = true;
		return false;
	}
	sighting = mem_new_zeroed(sizeof *sighting);
	*sighting = *seen;
	sighting->of = proposal;
	TAILQ_INSERT_TAIL(&proposal->sightings, sighting, same);
	proposal->count++;
	HASH_ADD(hh, proposals->by_source, source, sizeof sighting->source, sighting);
	sum_up(proposal);
	proposals->changed = true;
	return true;
}

static bool claims_equal(const Claims *a, const Claims *b)
{
	return a->cpus == b->cpus && a->memory == b->memory && strcmp(a->arch, b->arch) == 0 &&
	       strcmp(a->fingerprints, b->fingerprints) == 0;
}

static bool says_the_same(const Sighting *a, const Sighting *b, const char *host)
{
	return strcmp(a->of->host, host) == 0 && a->wulfs == b->wulfs && a->port == b->port &&
	       strcmp(a->place, b->place) == 0 && claims_equal(&a->claims, &b->claims);
}

bool proposals_hear(Proposals *proposals, uint64_t source, const Announcement *announcement)
{
	Sighting *before = sighting_of(proposals, source), seen = { .source = source };
	char host[HOST_TEXT] = "";
	bool sound = announcement->port > 0 && announcement->port < 65536 && take_host(host, announcement->host) &&
		     take_place(seen.place, announcement->place);

	seen.wulfs = announcement->wulfs;
	seen.port = announcement->port;
	take_claims(&seen.claims, announcement);
	if (before && sound && says_the_same(before, &seen, host))
		return true;
	if (before)
		drop_sighting(proposals, before);
	return sound && add_sighting(proposals, host, &seen);
}

/* --- beginning, end, looking at them ----------------------------------------------------------- */

Proposals *proposals_new(void)
{
	Proposals *proposals = mem_new_zeroed(sizeof *proposals);

	TAILQ_INIT(&proposals->all);
	return proposals;
}

void proposals_free(Proposals *proposals)
{
	Sighting *sighting, *next;

	if (!proposals)
		return;
	HASH_ITER(hh, proposals->by_source, sighting, next)
		drop_sighting(proposals, sighting);
	free(proposals);
}

Proposal *proposals_first(const Proposals *proposals)
{
	return TAILQ_FIRST(&proposals->all);
}

Proposal *proposals_next(const Proposal *proposal)
{
	return TAILQ_NEXT(proposal, all);
}

size_t proposals_count(const Proposals *proposals)
{
	return HASH_COUNT(proposals->by_host);
}

bool proposals_changed(Proposals *proposals)
{
	bool changed = proposals->changed;

	proposals->changed = false;
	return changed;
}

bool proposals_overflowed(Proposals *proposals)
{
	bool overflowed = proposals->overflowed;

	proposals->overflowed = false;
	return overflowed;
}
