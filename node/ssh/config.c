/* config.c - ask ssh -G what it would do, and put that into our words. On a connection's thread. */
#include "node/ssh/config.h"

#include "node/child.h"
#include "node/ssh/known_hosts.h"
#include "store/base/buf.h"
#include "store/host_name.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	ASK_SECONDS = 15,               /* ssh -G may look names up, and run what Match exec says */
	ANSWER_MAX = 256 * 1024,
};

/* --- asking ssh -------------------------------------------------------------------------------- */

static int read_all(int fd, Buf *text, Wait *wait, Err *err)
{
	ssize_t n;

	do {
		if (wait_ready(wait, fd, POLLIN, -1, err) < 0)
			return -1;
		n = read(fd, buf_space(text, 4096), 4096);
		if (n > 0)
			buf_grew(text, (size_t)n);
		if (text->length > ANSWER_MAX)
			return err_set(err, E2BIG, "ssh -G does not come to an end");
	} while (n > 0 || (n < 0 && (errno == EINTR || errno == EAGAIN)));
	return 0;
}

/* The last line it wrote is what went wrong. */
static int explain(int fd, Err *err)
{
	char said[1024];
	ssize_t n = read(fd, said, sizeof said - 1);
	char *line;

	while (n > 0 && (said[n - 1] == '\n' || said[n - 1] == '\r'))
		n--;
	said[n > 0 ? n : 0] = '\0';
	line = strrchr(said, '\n');
	return err_set(err, EINVAL, "ssh -G: %s", line ? line + 1 : *said ? said : "failed and does not say why");
}

static int run_ssh(char *const *argv, Buf *answer, Wait *wait, Err *err)
{
	int out[2], said[2] = { -1, -1 }, status, rc;
	pid_t pid;

	if (pipe2(out, O_CLOEXEC) < 0)
		return err_sys(err, errno, "pipe");
	if (child_pipe(said) < 0) {
		close(out[0]);
		close(out[1]);
		return err_sys(err, errno, "pipe");
	}
	pid = child_start(argv, (int[]){ -1, out[1], said[1] }, err);
	close(out[1]);
	close(said[1]);
	rc = pid < 0 ? -1 : read_all(out[0], answer, wait, err);
	close(out[0]);
	if (pid > 0) {
		status = child_end(pid);
		if (rc == 0 && status != 0)
			rc = explain(said[0], err);
	}
	close(said[0]);
	return rc;
}

/* The arguments that this mount's settings stand for, in front of the host. */
static size_t arguments(char **argv, size_t n, const SshSettings *settings, char **hosts_option)
{
	argv[n++] = (char *)"ssh";
	if (settings->config) {
		argv[n++] = (char *)"-F";
		argv[n++] = (char *)settings->config;
	}
	if (settings->known_hosts) {
		Buf option = BUF_INIT;

		buf_addf(&option, "UserKnownHostsFile=%s", settings->known_hosts);
		argv[n++] = (char *)"-o";
		argv[n++] = *hosts_option = buf_take(&option);
	}
	return n;
}

static int ask(Buf *answer, const SshSettings *settings, const SshTarget *target, const HostName *name, Wait *wait, Err *err)
{
	const char *user = target->user ? target->user : name->user ? name->user : settings->user;
	char *argv[16], *hosts_option = NULL;
	size_t n = arguments(argv, 0, settings, &hosts_option);
	int rc;

	if (user) {
		argv[n++] = (char *)"-l";
		argv[n++] = (char *)user;
	}
	if (name->port) {
		argv[n++] = (char *)"-p";
		argv[n++] = name->port;
	}
	if (settings->identity) {
		argv[n++] = (char *)"-i";
		argv[n++] = (char *)settings->identity;
	}
	argv[n++] = (char *)"-G";
	argv[n++] = (char *)"--";
	argv[n++] = name->host;
	argv[n] = NULL;
	wait_begin(wait, ASK_SECONDS, "from ssh -G, which reads ssh_config");
	rc = run_ssh(argv, answer, wait, err);
	free(hosts_option);
	return rc;
}

/* --- what its values stand for ----------------------------------------------------------------- */

typedef struct Answer {         /* values as ssh -G prints them, tokens not expanded */
	const char *hostname, *port, *user, *alias, *proxy_command, *proxy_jump, *agent, *bind, *family, *revoked;
	const char *ciphers, *key_exchanges, *macs, *host_keys, *public_keys;
	bool identities_only;
	const char *original;           /* the name before ssh_config: %n */
	const char *home;
	const char *local_user;
} Answer;

static const char *token(const Answer *answer, char letter, char *space, size_t size)
{
	switch (letter) {
	case '%': return "%";
	case 'd': return answer->home;
	case 'h': return answer->hostname;
	case 'n': return answer->original;
	case 'p': return answer->port;
	case 'r': return answer->user;
	case 'u': return answer->local_user;
	case 'k': return answer->alias ? answer->alias : answer->hostname;
	case 'i': snprintf(space, size, "%u", (unsigned)getuid()); return space;
	case 'l': case 'L':
		if (gethostname(space, size) < 0)
			return "";
		space[size - 1] = '\0';
		if (letter == 'L')
			space[strcspn(space, ".")] = '\0';
		return space;
	default: return NULL;
	}
}

/* Tokens it does not know stay as they are; ssh would have refused them already. */
static char *expand(const Answer *answer, const char *text)
{
	Buf out = BUF_INIT;
	char space[256];

	for (; *text; text++) {
		const char *value = *text == '%' && text[1] ? token(answer, text[1], space, sizeof space) : NULL;

		if (value) {
			buf_add_text(&out, value);
			text++;
		} else {
			buf_add_char(&out, *text);
		}
	}
	buf_add(&out, "", 0);
	return out.data ? buf_take(&out) : mem_copy_text("");
}

static char *expand_variables(const char *text)
{
	Buf out = BUF_INIT;

	while (*text) {
		size_t plain = strcspn(text, "$"), n;
		const char *value;
		char *name;

		buf_add(&out, text, plain);
		text += plain;
		n = text[0] == '$' && text[1] == '{' ? strcspn(text + 2, "}") : 0;
		if (n && text[2 + n] == '}') {
			name = mem_copy(text + 2, n);
			value = getenv(name);
			buf_add_text(&out, value ? value : "");
			free(name);
			text += n + 3;
		} else if (*text) {
			buf_add_char(&out, *text++);
		}
	}
	return out.data ? buf_take(&out) : mem_copy_text("");
}

/* ~/..., tokens and ${VARIABLES}, as in IdentityFile. ~USER is left to ssh's users with one home. */
static char *expand_path(const Answer *answer, const char *text)
{
	char *tokens = expand(answer, text), *variables = expand_variables(tokens);
	Buf path = BUF_INIT;

	if (variables[0] == '~' && (variables[1] == '/' || variables[1] == '\0'))
		buf_addf(&path, "%s%s", answer->home, variables + 1);
	else
		buf_add_text(&path, variables);
	free(tokens);
	free(variables);
	return buf_take(&path);
}

static void add_text(TextList *list, char *text)
{
	list->texts = mem_resize(list->texts, (list->count + 1) * sizeof *list->texts);
	list->texts[list->count++] = text;
}

static void add_paths(TextList *list, const Answer *answer, char *words)
{
	for (char *state, *word = strtok_r(words, " ", &state); word; word = strtok_r(NULL, " ", &state))
		if (strcmp(word, "none") != 0)
			add_text(list, expand_path(answer, word));
}

static bool is_set(const char *value)
{
	return value && *value && strcasecmp(value, "none") != 0;
}

/* ProxyJump a,b,c is: through c, which is reached through b, which is reached through a. What is between
 * asks nobody anything: there is nobody to answer. */
static char *jump_command(const SshSettings *settings, const char *jump)
{
	const char *comma = strrchr(jump, ','), *last = comma ? comma + 1 : jump;
	Buf command = BUF_INIT;

	buf_add_text(&command, "ssh -oBatchMode=yes");
	if (settings->config)
		buf_addf(&command, " -F '%s'", settings->config);
	if (comma)
		buf_addf(&command, " -J '%.*s'", (int)(comma - jump), jump);
	buf_addf(&command, " -W '[%%h]:%%p' %s%s", strncmp(last, "ssh://", 6) == 0 ? "" : "ssh://", last);
	return buf_take(&command);
}

static char *proxy_of(const Answer *answer, const SshSettings *settings)
{
	char *jump = is_set(answer->proxy_jump) ? jump_command(settings, answer->proxy_jump) : NULL;
	const char *command = jump ? jump : is_set(answer->proxy_command) ? answer->proxy_command : NULL;
	char *proxy = NULL;

	if (command) {
		char *words = expand(answer, command);
		Buf exec = BUF_INIT;

		buf_addf(&exec, "exec %s", words);
		proxy = buf_take(&exec);
		free(words);
	}
	free(jump);
	return proxy;
}

static char *agent_of(const Answer *answer)
{
	const char *value = answer->agent;

	if (value && strcmp(value, "none") == 0)
		return NULL;
	if (!value || strcmp(value, "SSH_AUTH_SOCK") == 0)
		value = getenv("SSH_AUTH_SOCK");
	else if (value[0] == '$' && value[1] != '{')
		value = getenv(value + 1);
	return value && *value ? expand_path(answer, value) : NULL;
}

static char *known_as(const Answer *answer, unsigned port)
{
	Buf name = BUF_INIT;

	/* An alias stands for the host whatever the port, as in ssh. */
	hostkeys_name(&name, answer->alias ? answer->alias : answer->hostname, answer->alias ? 22 : port);
	return buf_take(&name);
}

/* --- reading the answer ------------------------------------------------------------------------ */

static void take_value(Answer *answer, const char *word, char *value)
{
	const struct { const char *word; const char **to; } texts[] = {
		{ "hostname", &answer->hostname }, { "port", &answer->port }, { "user", &answer->user },
		{ "hostkeyalias", &answer->alias }, { "proxycommand", &answer->proxy_command },
		{ "proxyjump", &answer->proxy_jump }, { "identityagent", &answer->agent },
		{ "bindaddress", &answer->bind }, { "addressfamily", &answer->family },
		{ "revokedhostkeys", &answer->revoked }, { "ciphers", &answer->ciphers },
		{ "kexalgorithms", &answer->key_exchanges }, { "macs", &answer->macs },
		{ "hostkeyalgorithms", &answer->host_keys }, { "pubkeyacceptedalgorithms", &answer->public_keys },
	};

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (strcmp(word, texts[i].word) == 0)
			*texts[i].to = value;
	if (strcmp(word, "identitiesonly") == 0)
		answer->identities_only = strcmp(value, "yes") == 0;
}

/* Cut in place; call with each line's word and value. The lists need all single values first: tokens. */
static void take_lists(SshHost *host, const Answer *answer, const char *word, char *value)
{
	if (strcmp(word, "identityfile") == 0 && is_set(value))
		add_text(&host->identities, expand_path(answer, value));
	else if (strcmp(word, "userknownhostsfile") == 0 || strcmp(word, "globalknownhostsfile") == 0)
		add_paths(&host->known_hosts, answer, value);
}

typedef struct Line { char *word, *value; } Line;

static size_t cut_lines(Buf *text, Line *lines, size_t most)
{
	size_t n = 0;

	if (!text->data)
		return 0;
	for (char *state, *line = strtok_r(text->data, "\n", &state); line && n < most; line = strtok_r(NULL, "\n", &state)) {
		char *space = strchr(line, ' ');

		if (!space)
			continue;
		*space = '\0';
		lines[n++] = (Line){ line, space + 1 };
	}
	return n;
}

static char *copy(const char *text)
{
	return text ? mem_copy_text(text) : NULL;
}

/* Where a host was heard of says where it is, never who: it is known by its name all the same. */
static const char *where(const Answer *answer, const SshTarget *target)
{
	return target->place && strcasecmp(answer->hostname, answer->original) == 0 ? target->place : answer->hostname;
}

static int understand(SshHost *host, Buf *text, const SshSettings *settings, const SshTarget *target, Answer *answer, Err *err)
{
	enum { LINES_MAX = 1024 };
	Line *lines = mem_new(LINES_MAX * sizeof *lines);
	size_t n = cut_lines(text, lines, LINES_MAX);

	for (size_t i = 0; i < n; i++)
		take_value(answer, lines[i].word, lines[i].value);
	if (answer->hostname && answer->user && answer->port)
		for (size_t i = 0; i < n; i++)
			take_lists(host, answer, lines[i].word, lines[i].value);
	free(lines);
	if (!answer->hostname || !answer->user || !answer->port || !host_name_is_port(answer->port))
		return err_set(err, EPROTO, "ssh -G does not say where it would connect to; is it OpenSSH?");
	if (!is_set(answer->alias))
		answer->alias = NULL;
	host->host = mem_copy_text(where(answer, target));
	host->port = (unsigned)atoi(answer->port);
	host->user = mem_copy_text(answer->user);
	host->known_as = known_as(answer, host->port);
	host->proxy = proxy_of(answer, settings);
	host->agent = agent_of(answer);
	host->identities_only = answer->identities_only;
	host->revoked = is_set(answer->revoked) ? expand_path(answer, answer->revoked) : NULL;
	host->ciphers = copy(answer->ciphers);
	host->key_exchanges = copy(answer->key_exchanges);
	host->macs = copy(answer->macs);
	host->host_keys = copy(answer->host_keys);
	host->public_keys = copy(answer->public_keys);
	host->bind = is_set(answer->bind) ? mem_copy_text(answer->bind) : NULL;
	host->family = !answer->family || strcmp(answer->family, "any") == 0 ? AF_UNSPEC :
		strcmp(answer->family, "inet6") == 0 ? AF_INET6 : AF_INET;
	if (settings->seen_hosts)
		add_text(&host->known_hosts, mem_copy_text(settings->seen_hosts));
	return 0;
}

static int read_host(SshHost *host, const SshSettings *settings, const SshTarget *target, const HostName *name, Wait *wait,
		     Err *err)
{
	struct passwd entry, *self = NULL;
	char space[4096];
	Answer answer = { .original = name->host };
	Buf text = BUF_INIT;
	int rc;

	/* Like ssh, which takes ~ to be what the password file says and not what HOME says. */
	if (getpwuid_r(getuid(), &entry, space, sizeof space, &self) != 0 || !self)
		return err_set(err, ENOENT, "this machine's password file does not know who we are");
	answer.home = self->pw_dir;
	answer.local_user = self->pw_name;
	rc = ask(&text, settings, target, name, wait, err);
	if (rc == 0)
		rc = understand(host, &text, settings, target, &answer, err);
	buf_release(&text);
	return rc;
}

int ssh_host_read(SshHost *host, const SshSettings *settings, const SshTarget *target, Wait *wait, Err *err)
{
	HostName name;
	int rc;

	*host = (SshHost){ 0 };
	host_name_split(&name, target->name);
	rc = host_name_check(target->name, err);
	if (rc == 0)
		rc = read_host(host, settings, target, &name, wait, err);
	host_name_release(&name);
	return rc;
}

static void release_list(TextList *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->texts[i]);
	free(list->texts);
}

void ssh_host_release(SshHost *host)
{
	free(host->host);
	free(host->user);
	free(host->known_as);
	free(host->proxy);
	free(host->agent);
	free(host->bind);
	free(host->revoked);
	free(host->ciphers);
	free(host->key_exchanges);
	free(host->macs);
	free(host->host_keys);
	free(host->public_keys);
	release_list(&host->identities);
	release_list(&host->known_hosts);
	*host = (SshHost){ 0 };
}
