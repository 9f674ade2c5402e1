/* announcement_fuzz.c - any sequence of announcements, of any bytes: what comes of them is bounded, harmless, and
 * as good as a file name.
 *
 * The input is read as commands: a byte says what happens, the rest what with. */
#include "node/discovery/announcements.h"

#include "store/base/buf.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SOURCES = 64, STRINGS = 4 };

typedef struct Input {
	const uint8_t *at, *end;
} Input;

static void require(bool holds)
{
	if (!holds)
		abort();
}

static unsigned byte(Input *input)
{
	return input->at < input->end ? *input->at++ : 0;
}

/* A length and so many bytes, of which none is beyond the end; as a string of its own. */
static char *text(Input *input, size_t *n)
{
	size_t most = (size_t)(input->end - input->at);
	char *copy;

	*n = byte(input);
	*n = *n < most ? *n : most > 0 ? most - 1 : 0;
	copy = mem_copy(input->at, *n);
	input->at += *n;
	return copy;
}

static void hear(Proposals *proposals, Input *input, unsigned flags)
{
	TxtString strings[STRINGS];
	char *texts[STRINGS], *host, *place;
	size_t n, count = flags >> 4 & (STRINGS - 1);
	Announcement announcement = { .wulfs = flags & 1, .txt = strings, .txt_count = count };
	uint64_t source = byte(input) % SOURCES;

	announcement.port = byte(input) << 8 | byte(input);
	announcement.host = host = text(input, &n);
	announcement.place = place = text(input, &n);
	for (size_t i = 0; i < count; i++) {
		texts[i] = text(input, &n);
		strings[i] = (TxtString){ texts[i], n };
	}
	proposals_hear(proposals, source, &announcement);
	for (size_t i = 0; i < count; i++)
		free(texts[i]);
	free(host);
	free(place);
}

static bool is_plain(const char *text, size_t most)
{
	size_t n = strlen(text);

	for (size_t i = 0; i < n; i++)
		if ((unsigned char)text[i] <= ' ' || (unsigned char)text[i] >= 127 || text[i] == '/')
			return false;
	return n <= most;
}

static void check(const Proposals *proposals)
{
	size_t count = 0;

	for (Proposal *one = proposals_first(proposals); one; one = proposals_next(one), count++) {
		size_t host = strlen(one->host);

		require(is_plain(one->host, HOST_TEXT - 1) && host > strlen(".local") && one->host[0] != '-');
		require(strcmp(one->host + host - strlen(".local"), ".local") == 0);
		require(strcspn(one->host, ".") == host - strlen(".local"));
		require(proposals_of(proposals, one->host) == one);
		require(one->port > 0 && one->port < 65536 && one->count > 0 && one->count <= SIGHTINGS_MAX);
		require(one->places[0] && strlen(one->places) < sizeof one->places);
		require(is_plain(one->claims.arch, sizeof one->claims.arch - 1));
		require(!one->claims.fingerprints[0] || strncmp(one->claims.fingerprints, "SHA256:", 7) == 0);
		require(one->wulfs || !one->claims.cpus);
	}
	require(count == proposals_count(proposals) && count <= PROPOSALS_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Input input = { data, data + size };
	Proposals *proposals = proposals_new();

	while (input.at < input.end) {
		unsigned command = byte(&input);

		if (command & 2)
			proposals_unhear(proposals, byte(&input) % SOURCES);
		else
			hear(proposals, &input, command);
		check(proposals);
	}
	proposals_free(proposals);
	return 0;
}
