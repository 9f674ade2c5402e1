/* session.c - libssh, and nothing but: the only file that knows it. On a connection's thread.
 *
 * The session is never in libssh's blocking mode: every call is repeated until it no longer says "again",
 * with our own poll in between, because libssh's time limits do not cover every call and none of them sees
 * that the owner has gone. */
#include "node/ssh/session.h"

#include "node/ssh/agent_filter.h"

#include <errno.h>
#include <fcntl.h>
#include <libssh/callbacks.h>
#include <libssh/libssh.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	EXCHANGE_SECONDS = 15,
	LOGIN_SECONDS = 15,             /* for one key; PAM may take its time */
	CHANNEL_SECONDS = 15,
	SLICE_MS = 200,                 /* libssh is asked again after so long, whatever poll says */
	SAID_MAX = 1024,                /* of stderr, the last */
	PUMP_BYTES = 128 * 1024,
	BUFFERED_MAX = 2 * 1024 * 1024, /* more than our window: a server that ignores it */
};

struct Session {
	ssh_session ssh;
	ssh_channel channel;
	struct ssh_channel_callbacks_struct callbacks;
	ssh_event event;                /* has the session, for the pump */
	Buf said;
};

/* --- calls that say "again" -------------------------------------------------------------------- */

static short wanted(const Session *session)
{
	return (short)(POLLIN | (ssh_get_poll_flags(session->ssh) & SSH_WRITE_PENDING ? POLLOUT : 0));
}

static int trouble(Session *session, const char *what, Err *err)
{
	const char *why = ssh_get_error(session->ssh);

	/* libssh has not always a word for a server that hangs up. */
	if (!*why || strstr(why, "Success"))
		why = "the other side closed the connection";
	return err_set(err, ECONNRESET, "%s: %s", what, why);
}

/* A server that hangs up in the middle of a login leaves libssh saying "again" for ever. */
static int wait_for_server(Session *session, Wait *wait, Err *err)
{
	if (!ssh_is_connected(session->ssh))
		return trouble(session, "the connection broke off", err);
	return wait_ready(wait, ssh_get_fd(session->ssh), wanted(session), SLICE_MS, err) < 0 ? -1 : 0;
}

/* Evaluates to the call's last answer; again only if the wait failed, err then says why. */
#define finish(session, again, call) ({ \
	int rc_; \
	while ((rc_ = (call)) == (again) && wait_for_server(session, wait, err) == 0) \
		; \
	rc_; })

/* --- beginning --------------------------------------------------------------------------------- */

Session *session_new(const SshHost *host)
{
	Session *session = mem_new_zeroed(sizeof *session);
	bool no = false;

	session->ssh = ssh_new();
	if (!session->ssh)
		abort();
	ssh_set_blocking(session->ssh, 0);
	/* config.h has read the configuration; libssh would read it differently. */
	ssh_options_set(session->ssh, SSH_OPTIONS_PROCESS_CONFIG, &no);
	ssh_options_set(session->ssh, SSH_OPTIONS_HOST, host->host);
	ssh_options_set(session->ssh, SSH_OPTIONS_USER, host->user);
	return session;
}

void session_free(Session *session)
{
	if (!session)
		return;
	if (session->event)
		ssh_event_free(session->event);
	ssh_disconnect(session->ssh);
	ssh_free(session->ssh);
	buf_release(&session->said);
	free(session);
}

int session_choose(Session *session, const SshHost *host, Err *err)
{
	const struct { const char *word, *wanted; enum ssh_options_e option; } kinds[] = {
		{ "Ciphers", host->ciphers, SSH_OPTIONS_CIPHERS_C_S }, { "Ciphers", host->ciphers, SSH_OPTIONS_CIPHERS_S_C },
		{ "MACs", host->macs, SSH_OPTIONS_HMAC_C_S }, { "MACs", host->macs, SSH_OPTIONS_HMAC_S_C },
		{ "KexAlgorithms", host->key_exchanges, SSH_OPTIONS_KEY_EXCHANGE },
		{ "PubkeyAcceptedAlgorithms", host->public_keys, SSH_OPTIONS_PUBLICKEY_ACCEPTED_TYPES },
	};

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (kinds[i].wanted && ssh_options_set(session->ssh, kinds[i].option, kinds[i].wanted) < 0)
			return err_set(err, EINVAL, "%s %s of ssh_config: wulfs (by libssh) knows none of them; allow one "
				"that it does", kinds[i].word, kinds[i].wanted);
	return 0;
}

static int host_key(Session *session, Buf *text, Err *err)
{
	ssh_key key = NULL;
	char *base64 = NULL;

	if (ssh_get_server_publickey(session->ssh, &key) == SSH_OK && ssh_pki_export_pubkey_base64(key, &base64) == SSH_OK)
		buf_add_text(text, base64);
	ssh_string_free_char(base64);
	ssh_key_free(key);
	return text->length ? 0 : trouble(session, "the host key cannot be read", err);
}

static void no_blocking(int fd)
{
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

int session_exchange(Session *session, int fd, const char *algorithms, Buf *key, Wait *wait, Err *err)
{
	int rc;

	ssh_options_set(session->ssh, SSH_OPTIONS_FD, &fd);
	if (ssh_options_set(session->ssh, SSH_OPTIONS_HOSTKEYS, algorithms) < 0)
		return trouble(session, algorithms, err);
	wait_begin(wait, EXCHANGE_SECONDS, "to the key exchange; is it an SSH server?");
	rc = finish(session, SSH_AGAIN, ssh_connect(session->ssh));
	if (rc == SSH_AGAIN)
		return -1;
	if (rc != SSH_OK)
		return trouble(session, "the key exchange failed", err);
	/* libssh has made it blocking; a send to a server that does not read would then never return. */
	no_blocking(fd);
	return host_key(session, key, err);
}

/* --- login ------------------------------------------------------------------------------------- */

typedef struct Login {
	Session *session;
	const SshHost *host;
	Buf offered;            /* in words */
	Buf notes;              /* why a key was not */
} Login;

static void note(Buf *list, const char *format, const char *what)
{
	if (list->length)
		buf_add_text(list, ", ");
	buf_addf(list, format, what);
}

static char *public_file(const char *path)
{
	Buf name = BUF_INIT;

	buf_addf(&name, "%s.pub", path);
	return buf_take(&name);
}

/* The public half, from FILE.pub; NULL if there is none. */
static char *public_key(const char *path)
{
	char *name = public_file(path), *base64 = NULL, *copy = NULL;
	ssh_key key = NULL;

	if (ssh_pki_import_pubkey_file(name, &key) == SSH_OK && ssh_pki_export_pubkey_base64(key, &base64) == SSH_OK)
		copy = mem_copy_text(base64);
	ssh_string_free_char(base64);
	ssh_key_free(key);
	free(name);
	return copy;
}

static TextList public_keys(const TextList *files)
{
	TextList keys = { mem_new_zeroed((files->count + 1) * sizeof(char *)), 0 };

	for (size_t i = 0; i < files->count; i++) {
		char *key = public_key(files->texts[i]);

		if (key)
			keys.texts[keys.count++] = key;
	}
	return keys;
}

static void release_list(TextList *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->texts[i]);
	free(list->texts);
}

/* Instead of a question to a terminal that nobody sits at. */
static int no_passphrase(const char *prompt, char *answer, size_t size, int echo, int verify, void *asked)
{
	(void)prompt, (void)answer, (void)size, (void)echo, (void)verify;
	*(bool *)asked = true;
	return -1;
}

/* As ssh: a secret that others can read is none. */
static bool is_private(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && (st.st_uid != getuid() || !(st.st_mode & 077));
}

static ssh_key private_key(Login *login, const char *path)
{
	ssh_key key = NULL;
	bool asked = false;

	if (access(path, F_OK) < 0)
		return NULL;
	if (!is_private(path))
		note(&login->notes, "%s can be read by others", path);
	else if (ssh_pki_import_privkey_file(path, NULL, no_passphrase, &asked, &key) == SSH_OK)
		return key;
	else if (asked)
		note(&login->notes, "%s is encrypted and no ssh-agent has it", path);
	else
		note(&login->notes, "%s cannot be read as a private key", path);
	ssh_key_free(key);
	return NULL;
}

static bool was_offered(const char *path, const Keyring *ring)
{
	char *public = public_key(path);
	bool was = public && keyring_has(ring, public);

	free(public);
	return was;
}

static int try_files(Login *login, const Keyring *ring, Wait *wait, Err *err)
{
	const TextList *files = &login->host->identities;
	int rc = SSH_AUTH_DENIED;

	for (size_t i = 0; i < files->count && rc == SSH_AUTH_DENIED; i++) {
		ssh_key key = was_offered(files->texts[i], ring) ? NULL : private_key(login, files->texts[i]);

		if (!key)
			continue;
		note(&login->offered, "%s", files->texts[i]);
		wait_begin(wait, LOGIN_SECONDS, "to the login");
		rc = finish(login->session, SSH_AUTH_AGAIN, ssh_userauth_publickey(login->session->ssh, NULL, key));
		ssh_key_free(key);
	}
	return rc;
}

static int try_agent(Login *login, Keyring *ring, Wait *wait, Err *err)
{
	if (ring->fd < 0)
		return SSH_AUTH_DENIED;
	note(&login->offered, "%s (ssh-agent)", buf_text(&ring->words));
	ssh_set_agent_socket(login->session->ssh, ring->fd);
	ring->fd = -1;
	wait_begin(wait, LOGIN_SECONDS, "to the login");
	return finish(login->session, SSH_AUTH_AGAIN, ssh_userauth_agent(login->session->ssh, NULL));
}

/* "none" finds out what the server takes, and is enough for the few that know us already. */
static int try_all(Login *login, Wait *wait, Err *err)
{
	const SshHost *host = login->host;
	TextList configured = public_keys(&host->identities);
	Keyring ring;
	Err why;
	int rc;

	wait_begin(wait, LOGIN_SECONDS, "to the login");
	rc = finish(login->session, SSH_AUTH_AGAIN, ssh_userauth_none(login->session->ssh, NULL));
	keyring_open(&ring, rc == SSH_AUTH_DENIED ? host->agent : NULL, &configured, host->identities_only, wait, &why);
	if (*why.text)
		note(&login->notes, "%s", why.text);
	if (rc == SSH_AUTH_DENIED)
		rc = try_agent(login, &ring, wait, err);
	if (rc == SSH_AUTH_DENIED)
		rc = try_files(login, &ring, wait, err);
	keyring_release(&ring);
	release_list(&configured);
	return rc;
}

static int refuse(Login *login, int rc, Err *err)
{
	const SshHost *host = login->host;
	int methods = ssh_userauth_list(login->session->ssh, NULL);
	const char *tail = "";

	if (rc == SSH_AUTH_PARTIAL)
		tail = "; the server wants more than a key";
	else if (methods && !(methods & SSH_AUTH_METHOD_PUBLICKEY))
		tail = "; the server takes no keys";
	return err_set(err, EACCES, "%s refused the login of %s with %s%s%s%s", host->known_as, host->user,
		login->offered.length ? login->offered.data : "no key at all (none is configured for it)", tail,
		login->notes.length ? "; " : "", buf_text(&login->notes));
}

int session_login(Session *session, const SshHost *host, bool *refused, Wait *wait, Err *err)
{
	Login login = { .session = session, .host = host };
	int rc = try_all(&login, wait, err);
	bool too_many = rc != SSH_AUTH_SUCCESS && strstr(ssh_get_error(session->ssh), "Too many auth") != NULL;

	*refused = rc == SSH_AUTH_DENIED || rc == SSH_AUTH_PARTIAL || too_many;
	if (*refused)
		refuse(&login, rc, err);
	else if (rc == SSH_AUTH_ERROR)
		trouble(session, "the login broke off", err);
	buf_release(&login.offered);
	buf_release(&login.notes);
	return rc == SSH_AUTH_SUCCESS ? 0 : -1;
}

/* --- the channel ------------------------------------------------------------------------------- */

/* stderr is taken at once, so that it never fills the window; stdout stays until it is read. */
static int data_came(ssh_session ssh, ssh_channel channel, void *data, uint32_t n, int is_stderr, void *arg)
{
	Session *session = arg;

	(void)ssh, (void)channel;
	if (!is_stderr)
		return 0;
	if (n > SAID_MAX)
		buf_clear(&session->said);
	buf_add(&session->said, (char *)data + (n > SAID_MAX ? n - SAID_MAX : 0), n > SAID_MAX ? SAID_MAX : n);
	if (session->said.length > SAID_MAX)
		buf_consume(&session->said, session->said.length - SAID_MAX);
	return (int)n;
}

int session_exec(Session *session, const char *command, Wait *wait, Err *err)
{
	int rc;

	session->channel = ssh_channel_new(session->ssh);
	if (!session->channel)
		return trouble(session, "no channel", err);
	session->callbacks = (struct ssh_channel_callbacks_struct){ .userdata = session, .channel_data_function = data_came };
	ssh_callbacks_init(&session->callbacks);
	ssh_set_channel_callbacks(session->channel, &session->callbacks);
	wait_begin(wait, CHANNEL_SECONDS, "to the request to run a command");
	rc = finish(session, SSH_AGAIN, ssh_channel_open_session(session->channel));
	if (rc == SSH_OK)
		rc = finish(session, SSH_AGAIN, ssh_channel_request_exec(session->channel, command));
	if (rc != SSH_OK && rc != SSH_AGAIN)
		trouble(session, "logged in, but no command may be run there", err);
	return rc == SSH_OK ? 0 : -1;
}

static bool has_ended(const Session *session)
{
	return ssh_channel_is_eof(session->channel) || ssh_channel_is_closed(session->channel);
}

ssize_t session_read(Session *session, char *bytes, size_t n, Wait *wait, Err *err)
{
	for (;;) {
		int got = ssh_channel_read_nonblocking(session->channel, bytes, (uint32_t)n, 0);

		if (got > 0)
			return got;
		if (got == SSH_EOF || has_ended(session))
			return 0;
		if (got < 0)
			return trouble(session, "the connection broke off", err);
		if (wait_for_server(session, wait, err) < 0)
			return -1;
	}
}

/* A command that has ended takes nothing more; what it said before is for the reader to find. */
int session_write(Session *session, const char *bytes, size_t n, Wait *wait, Err *err)
{
	while (n > 0) {
		int done = ssh_channel_write(session->channel, bytes, n > PUMP_BYTES ? PUMP_BYTES : (uint32_t)n);

		if (done <= 0 && ssh_is_connected(session->ssh) && has_ended(session))
			return 0;
		if (done < 0)
			return trouble(session, "the connection broke off", err);
		bytes += done;
		n -= (size_t)done;
		if (n > 0 && done == 0 && wait_for_server(session, wait, err) < 0)
			return -1;
	}
	return 0;
}

bool session_is_connected(Session *session)
{
	return ssh_is_connected(session->ssh);
}

const char *session_said(Session *session)
{
	return buf_text(&session->said);
}

/* --- the pump ---------------------------------------------------------------------------------- */

typedef struct Held {
	char *bytes;
	size_t start, end;
} Held;

typedef struct Pump {
	Session *session;
	int fd;
	Held in, out;           /* in: from the node */
	bool ended;             /* nothing more comes from the node */
	bool gone;              /* nobody reads what comes */
} Pump;

static bool is_full(const Held *held)
{
	return held->start < held->end;
}

/* What libssh holds for us, looking for more only if that is nothing. */
static size_t buffered(Pump *pump)
{
	int n = ssh_channel_poll(pump->session->channel, 0);

	pump->ended = pump->ended || (n < 0 && n != SSH_AGAIN);
	return n > 0 ? (size_t)n : 0;
}

/* What has arrived, up to a buffer full: libssh reads 4 KiB at a time. */
static void hear_server(Pump *pump)
{
	int rc;

	do
		rc = ssh_event_dopoll(pump->session->event, 0);
	while (rc == SSH_OK && buffered(pump) < PUMP_BYTES && !pump->ended);
	pump->ended = pump->ended || rc == SSH_ERROR;
}

static bool is_passing(ssize_t n)
{
	return n < 0 && (errno == EAGAIN || errno == EINTR);
}

static void move_in(Pump *pump)
{
	Held *in = &pump->in;
	ssize_t n;

	if (!is_full(in)) {
		int got = ssh_channel_read_nonblocking(pump->session->channel, in->bytes, PUMP_BYTES, 0);

		in->start = 0;
		in->end = got > 0 ? (size_t)got : 0;
		pump->ended = pump->ended || (got < 0 && got != SSH_AGAIN);
	}
	if (!is_full(in))
		return;
	n = send(pump->fd, in->bytes + in->start, in->end - in->start, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (n > 0)
		in->start += (size_t)n;
	else if (!is_passing(n))
		pump->gone = true;
}

static bool has_window(const Pump *pump)
{
	return ssh_channel_window_size(pump->session->channel) > 0;
}

static void move_out(Pump *pump)
{
	Held *out = &pump->out;
	ssize_t n;
	int done;

	if (!is_full(out) && has_window(pump)) {
		n = recv(pump->fd, out->bytes, PUMP_BYTES, MSG_DONTWAIT);
		out->start = 0;
		out->end = n > 0 ? (size_t)n : 0;
		pump->gone = pump->gone || (n <= 0 && !is_passing(n));
	}
	if (!is_full(out))
		return;
	done = ssh_channel_write(pump->session->channel, out->bytes + out->start, (uint32_t)(out->end - out->start));
	if (done < 0)
		pump->ended = true;
	else
		out->start += (size_t)done;
}

/* Which side is waited for follows from what is held; both are always watched for their end, but for a
 * server that has sent more than we gave it leave to: it waits until that is read. */
static void rest(Pump *pump)
{
	size_t held = pump->ended ? 0 : buffered(pump);
	bool in_full = is_full(&pump->in), reads = !pump->ended && !is_full(&pump->out) && has_window(pump);
	bool deaf = pump->ended || held > BUFFERED_MAX;
	struct pollfd fds[] = {
		{ deaf ? -1 : ssh_get_fd(pump->session->ssh), wanted(pump->session), 0 },
		{ pump->fd, (short)((in_full ? POLLOUT : 0) | (reads ? POLLIN : 0)), 0 },
	};

	if ((!in_full && (held > 0 || pump->ended)) || poll(fds, 2, -1) < 0)
		return;
	if (fds[0].revents)
		hear_server(pump);
	if (fds[1].revents & (POLLHUP | POLLERR) && !(fds[1].revents & POLLIN))
		pump->gone = true;
}

void session_pump(Session *session, int fd)
{
	Pump pump = { .session = session, .fd = fd };

	pump.in.bytes = mem_new(PUMP_BYTES);
	pump.out.bytes = mem_new(PUMP_BYTES);
	session->event = ssh_event_new();
	ssh_event_add_session(session->event, session->ssh);
	no_blocking(fd);
	while (!pump.gone && !(pump.ended && !is_full(&pump.in))) {
		move_in(&pump);
		if (!pump.ended)
			move_out(&pump);
		if (!pump.ended || is_full(&pump.in))
			rest(&pump);
	}
	free(pump.in.bytes);
	free(pump.out.bytes);
}
