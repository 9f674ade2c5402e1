/* agent_filter.c - the agent protocol (draft-miller-ssh-agent), as much of it as a sieve needs. */
#include "node/ssh/agent_filter.h"

#include "node/ssh/base64.h"
#include "node/thread.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum {
	REQUEST_IDENTITIES = 11,
	IDENTITIES_ANSWER = 12,
	MESSAGE_MAX = 256 * 1024,       /* as OpenSSH has it */
	KEYS_MAX = 1000,
	LIST_SECONDS = 5,
	SIGN_SECONDS = 30,              /* the agent may ask its user */
	SIEVE_STACK = 256 * 1024,
};

typedef struct Sieve {          /* the thread's */
	int libssh, agent;
	Buf list;               /* the answer to REQUEST_IDENTITIES */
} Sieve;

typedef struct Identity {
	const unsigned char *blob;
	uint32_t blob_length;
	const char *comment;
	uint32_t comment_length;
	char *base64;
	size_t rank;            /* its place among the configured; their count: none */
} Identity;

/* --- messages ---------------------------------------------------------------------------------- */

static void put_u32(Buf *buf, uint32_t value)
{
	const unsigned char bytes[] = { (unsigned char)(value >> 24), (unsigned char)(value >> 16),
					(unsigned char)(value >> 8), (unsigned char)value };

	buf_add(buf, bytes, sizeof bytes);
}

static uint32_t get_u32(const void *at)
{
	const unsigned char *b = at;

	return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static void put_string(Buf *buf, const void *bytes, uint32_t n)
{
	put_u32(buf, n);
	buf_add(buf, bytes, n);
}

static int read_exactly(int fd, Buf *to, size_t n, Wait *wait, Err *err)
{
	while (n > 0) {
		ssize_t got;

		if (wait_ready(wait, fd, POLLIN, -1, err) < 0)
			return -1;
		got = recv(fd, buf_space(to, n), n, MSG_DONTWAIT);
		if (got == 0)
			return err_set(err, ECONNRESET, "ssh-agent closed the connection");
		if (got < 0 && errno != EAGAIN && errno != EINTR)
			return err_sys(err, errno, "ssh-agent");
		if (got > 0) {
			buf_grew(to, (size_t)got);
			n -= (size_t)got;
		}
	}
	return 0;
}

/* One whole message, its length included. */
static int read_message(int fd, Buf *message, Wait *wait, Err *err)
{
	uint32_t length;

	buf_clear(message);
	if (read_exactly(fd, message, 4, wait, err) < 0)
		return -1;
	length = get_u32(message->data);
	if (length == 0 || length > MESSAGE_MAX)
		return err_set(err, EPROTO, "ssh-agent: a message of %u bytes", length);
	return read_exactly(fd, message, length, wait, err);
}

static int write_message(int fd, const Buf *message, Wait *wait, Err *err)
{
	for (size_t done = 0; done < message->length; ) {
		ssize_t n = send(fd, message->data + done, message->length - done, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n > 0)
			done += (size_t)n;
		else if (n < 0 && errno != EAGAIN && errno != EINTR)
			return err_sys(err, errno, "ssh-agent");
		else if (wait_ready(wait, fd, POLLOUT, -1, err) < 0)
			return -1;
	}
	return 0;
}

/* --- the list ---------------------------------------------------------------------------------- */

static bool take_string(const char **at, const char *end, const char **bytes, uint32_t *n)
{
	if (end - *at < 4)
		return false;
	*n = get_u32(*at);
	if (*n > (size_t)(end - *at) - 4)
		return false;
	*bytes = *at + 4;
	*at += 4 + *n;
	return true;
}

static size_t rank_of(const char *base64, const TextList *configured)
{
	size_t i = 0;

	while (i < configured->count && strcmp(configured->texts[i], base64) != 0)
		i++;
	return i;
}

/* What does not parse ends the list: the keys before are good. */
static size_t parse(const Buf *answer, const TextList *configured, Identity *identities)
{
	const char *at = answer->data + 9, *end = answer->data + answer->length, *blob;
	uint32_t stated = answer->length >= 9 ? get_u32(answer->data + 5) : 0;
	size_t n = 0;

	while (n < stated && n < KEYS_MAX) {
		Identity *identity = &identities[n];
		Buf text = BUF_INIT;

		if (!take_string(&at, end, &blob, &identity->blob_length) ||
		    !take_string(&at, end, &identity->comment, &identity->comment_length))
			break;
		identity->blob = (const unsigned char *)blob;
		base64_add(&text, blob, identity->blob_length);
		identity->base64 = text.data ? buf_take(&text) : mem_copy_text("");
		identity->rank = rank_of(identity->base64, configured);
		n++;
	}
	return n;
}

static void offer(Keyring *keyring, Buf *list, const Identity *identity)
{
	char text[80];

	put_string(list, identity->blob, identity->blob_length);
	put_string(list, identity->comment, identity->comment_length);
	keyring->keys.texts = mem_resize(keyring->keys.texts, (keyring->keys.count + 1) * sizeof(char *));
	keyring->keys.texts[keyring->keys.count++] = mem_copy_text(identity->base64);
	snprintf(text, sizeof text, "%.*s", (int)identity->comment_length, identity->comment);
	buf_addf(&keyring->words, "%s%s", keyring->words.length ? ", " : "", text);
}

/* By rank, and the agent's order within one: thus configured keys in the order of their configuration. */
static void sieve_list(Keyring *keyring, const Buf *answer, const TextList *configured, bool only, Buf *list)
{
	Identity *identities = mem_new(KEYS_MAX * sizeof *identities);
	size_t n = parse(answer, configured, identities), ranks = configured->count + !only;
	Buf keys = BUF_INIT;

	for (size_t rank = 0; rank < ranks; rank++)
		for (size_t i = 0; i < n; i++)
			if (identities[i].rank == rank)
				offer(keyring, &keys, &identities[i]);
	for (size_t i = 0; i < n; i++)
		free(identities[i].base64);
	free(identities);
	put_u32(list, (uint32_t)keys.length + 5);
	buf_add_char(list, IDENTITIES_ANSWER);
	put_u32(list, (uint32_t)keyring->keys.count);
	buf_add(list, buf_text(&keys), keys.length);
	buf_release(&keys);
}

/* --- the sieve --------------------------------------------------------------------------------- */

static int serve_one(Sieve *sieve, Buf *message, Wait *wait, Err *err)
{
	/* libssh takes its time: it ends by closing. */
	wait->deadline = INT64_MAX;
	if (read_message(sieve->libssh, message, wait, err) < 0)
		return -1;
	wait_begin(wait, SIGN_SECONDS, "from ssh-agent");
	if (message->data[4] == REQUEST_IDENTITIES)
		return write_message(sieve->libssh, &sieve->list, wait, err);
	if (write_message(sieve->agent, message, wait, err) < 0 || read_message(sieve->agent, message, wait, err) < 0)
		return -1;
	return write_message(sieve->libssh, message, wait, err);
}

static void serve(void *arg)
{
	Sieve *sieve = arg;
	Wait wait = { .owner = -1 };
	Buf message = BUF_INIT;
	Err err;

	while (serve_one(sieve, &message, &wait, &err) == 0)
		;
	close(sieve->libssh);
	close(sieve->agent);
	buf_release(&message);
	buf_release(&sieve->list);
	free(sieve);
}

/* Takes the agent's descriptor and the list. Returns libssh's end; -1: there can be no thread. */
static int start_sieve(int agent, Buf *list)
{
	Sieve *sieve = mem_new_zeroed(sizeof *sieve);
	int pair[2], failed = -1;

	sieve->agent = agent;
	sieve->list = *list;
	*list = (Buf)BUF_INIT;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0) {
		sieve->libssh = pair[1];
		failed = thread_start(serve, sieve, SIEVE_STACK);
		if (failed) {
			close(pair[0]);
			close(pair[1]);
		}
	}
	if (!failed)
		return pair[0];
	close(agent);
	buf_release(&sieve->list);
	free(sieve);
	return -1;
}

/* --- opening ----------------------------------------------------------------------------------- */

static int connect_to(const char *path, Err *err)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(path) >= sizeof address.sun_path)
		return err_set(err, ENAMETOOLONG, "ssh-agent: %.100s... is too long for a socket", path);
	strcpy(address.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	/* Not to wait for an agent that is stopped and whose backlog is full. */
	if (fd >= 0)
		fcntl(fd, F_SETFL, O_NONBLOCK);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) == 0)
		return fd;
	err_sys(err, errno, "ssh-agent at %s", path);
	if (fd >= 0)
		close(fd);
	return -1;
}

static int ask(int agent, Buf *answer, Wait *wait, Err *err)
{
	Buf request = BUF_INIT;
	int rc;

	put_u32(&request, 1);
	buf_add_char(&request, REQUEST_IDENTITIES);
	wait_begin(wait, LIST_SECONDS, "from ssh-agent");
	rc = write_message(agent, &request, wait, err);
	buf_release(&request);
	if (rc == 0)
		rc = read_message(agent, answer, wait, err);
	if (rc == 0 && (answer->data[4] != IDENTITIES_ANSWER || answer->length < 9))
		rc = err_set(err, EPROTO, "ssh-agent does not list its keys");
	return rc;
}

void keyring_open(Keyring *keyring, const char *path, const TextList *configured, bool only, Wait *wait, Err *why)
{
	Buf answer = BUF_INIT, list = BUF_INIT;
	int agent;

	*keyring = (Keyring){ .fd = -1 };
	why->text[0] = '\0';
	if (!path)
		return;
	agent = connect_to(path, why);
	if (agent < 0)
		return;
	if (ask(agent, &answer, wait, why) == 0)
		sieve_list(keyring, &answer, configured, only, &list);
	buf_release(&answer);
	if (keyring->keys.count)
		keyring->fd = start_sieve(agent, &list);
	else
		close(agent);
	buf_release(&list);
}

bool keyring_has(const Keyring *keyring, const char *base64)
{
	return rank_of(base64, &keyring->keys) < keyring->keys.count;
}

void keyring_release(Keyring *keyring)
{
	for (size_t i = 0; i < keyring->keys.count; i++)
		free(keyring->keys.texts[i]);
	free(keyring->keys.texts);
	buf_release(&keyring->words);
	*keyring = (Keyring){ .fd = -1 };
}
