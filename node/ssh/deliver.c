/* deliver.c - our part of bringing the agent to a node; deliver.sh is the node's. On a connection's thread.
 * Whatever the node says is text from the other side: bounded, and harmless where it is shown. */
#include "node/ssh/deliver.h"

#include "node/ssh/agent_image.h"
#include "node/ssh/embed.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	ANSWER_SECONDS = 30,            /* .bashrc and the like may take their time */
	PUSH_SECONDS = 30,              /* for each piece */
	COMPILE_SECONDS = 300,
	PIECE = 64 * 1024,
	NOISE_MAX = 1024 * 1024,        /* what a login shell may print before our script runs */
	LINE_MAX_BYTES = 4096,
	QUESTIONS_MAX = 16,             /* a node that keeps asking is none of ours */
	QUOTE = 120,                    /* characters of what it said, in a reason */
};

EMBED(deliver_script, "node/ssh/deliver.sh")

typedef struct Talk {
	const Carrier *carrier;
	Wait *wait;
	char mark[40];
	Buf in;
	size_t noise;
	char last[QUOTE + 1];           /* the last line that was not for us */
	Err *caveat;
} Talk;

/* --- what the script is told ------------------------------------------------------------------- */

/* Not to be guessed by what a login prints. */
static int make_mark(char *mark, size_t size)
{
	unsigned char bytes[12];
	int fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, bytes, sizeof bytes);
	size_t at = (size_t)snprintf(mark, size, "wulfs-");

	if (fd >= 0)
		close(fd);
	for (ssize_t i = 0; i < n; i++)
		at += (size_t)snprintf(mark + at, size - at, "%02x", bytes[i]);
	return n == sizeof bytes ? 0 : -1;
}

/* FNV-1a: a node's name as one word of a file's name. */
static uint64_t name_number(const char *name)
{
	uint64_t hash = 0xcbf29ce484222325;

	for (; *name; name++)
		hash = (hash ^ (unsigned char)*name) * 0x100000001b3;
	return hash;
}

static void add_word(Buf *script, const char *word)
{
	for (; word && *word; word++)
		if (isalnum((unsigned char)*word) || *word == '-')
			buf_add_char(script, *word);
}

static void write_script(Buf *script, const char *mark, const char *state, const char *name)
{
	buf_add(script, deliver_script, (size_t)(deliver_script_end - deliver_script));
	buf_addf(script, "main %s '", mark);
	add_word(script, state);
	buf_addf(script, "' %016" PRIx64 " %.16s '", name_number(name), agent_image_source()->digest);
	for (size_t i = 0; agent_image(i); i++)
		buf_addf(script, "%s%s=%s", i ? " " : "", agent_image(i)->platform, agent_image(i)->digest);
	buf_add_text(script, "'\n");
}

/* --- lines ------------------------------------------------------------------------------------- */

static void remember(Talk *talk, const char *line)
{
	if (line[strspn(line, " \t\r")] != '\0')
		snprintf(talk->last, sizeof talk->last, "%.*s", QUOTE, line);
}

static int silent_end(Talk *talk, Err *err)
{
	const char *said = talk->carrier->said(talk->carrier->arg), *end = said + strlen(said), *line;
	char quote[QUOTE + 1];

	/* The last line of stderr says more than what went before. */
	while (end > said && isspace((unsigned char)end[-1]))
		end--;
	for (line = end; line > said && line[-1] != '\n'; line--)
		;
	snprintf(quote, sizeof quote, "%.*s", (int)(end - line), line);
	if (*quote || *talk->last)
		return err_set(err, ENOEXEC, "logged in, but the shell there ended without starting the agent; it said: %s",
			*quote ? quote : talk->last);
	return err_set(err, ENOEXEC, "logged in, but got no shell there: is the login restricted to one command, has the "
		"account no shell, or does a start-up file of the shell end it (an exit in .bashrc)?");
}

static int hear_more(Talk *talk, Err *err)
{
	ssize_t n = talk->carrier->read(talk->carrier->arg, buf_space(&talk->in, LINE_MAX_BYTES), LINE_MAX_BYTES, talk->wait, err);

	if (n <= 0)
		return n == 0 ? silent_end(talk, err) : -1;
	buf_grew(&talk->in, (size_t)n);
	talk->noise += (size_t)n;
	if (talk->noise > NOISE_MAX)
		return err_set(err, EPROTO, "logged in, but the shell there prints without end");
	return 0;
}

/* The next line, its end taken off; only pieces of a line that is too long. line is to be released. */
static int hear_line(Talk *talk, Buf *line, Err *err)
{
	size_t n;
	char *end;

	while (!(end = memchr(buf_text(&talk->in), '\n', talk->in.length)) && talk->in.length < LINE_MAX_BYTES)
		if (hear_more(talk, err) < 0)
			return -1;
	n = end ? (size_t)(end - talk->in.data) : LINE_MAX_BYTES;
	buf_clear(line);
	buf_add(line, talk->in.data, n);
	buf_consume(&talk->in, n + (end != NULL));
	return 0;
}

/* The next line that is for us, without the mark. */
static int hear(Talk *talk, Buf *line, Err *err)
{
	size_t n = strlen(talk->mark);

	for (;;) {
		if (hear_line(talk, line, err) < 0)
			return -1;
		if (line->length > n && strncmp(line->data, talk->mark, n) == 0 && line->data[n] == ' ') {
			buf_consume(line, n + 1);
			return 0;
		}
		remember(talk, buf_text(line));
	}
}

/* --- answers ----------------------------------------------------------------------------------- */

static int send_image(Talk *talk, const AgentImage *image, Err *err)
{
	size_t n = image ? (size_t)(image->end - image->bytes) : 0, piece;
	char size[32];

	snprintf(size, sizeof size, "%zu\n", n);
	if (talk->carrier->write(talk->carrier->arg, size, strlen(size), talk->wait, err) < 0)
		return -1;
	for (size_t done = 0; done < n; done += piece) {
		piece = n - done < PIECE ? n - done : PIECE;
		wait_begin(talk->wait, PUSH_SECONDS, "while the agent was sent there");
		if (talk->carrier->write(talk->carrier->arg, (const char *)image->bytes + done, piece, talk->wait, err) < 0)
			return -1;
	}
	wait_begin(talk->wait, ANSWER_SECONDS, "from the shell there");
	return 0;
}

/* want image|source SYSTEM MACHINE */
static int answer_want(Talk *talk, char *rest, Err *err)
{
	char *state, *kind = strtok_r(rest, " ", &state), *system = strtok_r(NULL, " ", &state);
	char *machine = strtok_r(NULL, " ", &state);

	if (kind && strcmp(kind, "source") == 0)
		return send_image(talk, agent_image_source(), err);
	return send_image(talk, system && machine ? agent_image_for(system, machine) : NULL, err);
}

/* 1: the agent is up. */
static int answer(Talk *talk, char *line, Err *err)
{
	size_t n = strcspn(line, " ");
	char *rest = line + n + (line[n] == ' ');

	line[n] = '\0';
	if (strcmp(line, "up") == 0)
		return 1;
	if (strcmp(line, "want") == 0)
		return answer_want(talk, rest, err);
	if (strcmp(line, "no") == 0)
		return err_set(err, ENOEXEC, "the agent cannot be started there: %s", rest);
	if (strcmp(line, "busy") == 0)
		wait_begin(talk->wait, COMPILE_SECONDS, "while the agent was compiled there");
	if (strcmp(line, "caveat") == 0 && *rest)
		err_set(talk->caveat, EPERM, "%s", rest);
	return 0;
}

static int converse(Talk *talk, Err *err)
{
	Buf line = BUF_INIT;
	int rc = 0;

	for (int i = 0; rc == 0 && i < QUESTIONS_MAX; i++) {
		rc = hear(talk, &line, err);
		if (rc == 0)
			rc = answer(talk, line.data, err);
	}
	buf_release(&line);
	return rc != 0 ? rc : err_set(err, EPROTO, "the shell there does not come to an end with its questions");
}

int deliver(const Carrier *carrier, const char *state, const char *name, Buf *rest, Err *caveat, Wait *wait, Err *err)
{
	Talk talk = { .carrier = carrier, .wait = wait, .caveat = caveat };
	Buf script = BUF_INIT;
	int rc;

	caveat->number = 0;
	if (make_mark(talk.mark, sizeof talk.mark) < 0)
		return err_set(err, EIO, "/dev/urandom cannot be read");
	write_script(&script, talk.mark, state, name);
	wait_begin(wait, ANSWER_SECONDS, "from the shell there: does something in its start-up files wait for input?");
	rc = carrier->write(carrier->arg, script.data, script.length, wait, err);
	buf_release(&script);
	if (rc == 0)
		rc = converse(&talk, err);
	buf_add(rest, buf_text(&talk.in), talk.in.length);
	buf_release(&talk.in);
	return rc < 0 ? -1 : 0;
}
