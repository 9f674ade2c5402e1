/* describe.c - read sshd_config(5) as far as it concerns others: where sshd listens, who it is. */
#include "node/announce/describe.h"

#include "node/child.h"

#include <fcntl.h>
#include <glob.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum { INCLUDES_MAX = 8 };      /* one in the other */

static const char directory[] = "/etc/ssh/";
static const char *const usual_keys[] = {
	"/etc/ssh/ssh_host_ed25519_key", "/etc/ssh/ssh_host_ecdsa_key", "/etc/ssh/ssh_host_rsa_key",
};

/* --- the configuration ------------------------------------------------------------------------- */

static void add_key(SshServer *server, const char *private)
{
	Buf path = BUF_INIT;

	buf_addf(&path, "%s.pub", private);
	if (server->count < HOST_KEYS_MAX && access(path.data, R_OK) == 0)
		server->keys[server->count++] = buf_take(&path);
	buf_release(&path);
}

static void read_file(SshServer *server, const char *path, int depth);

/* A relative path is one of sshd's own directory; several may match. */
static void include(SshServer *server, const char *pattern, int depth)
{
	Buf path = BUF_INIT;
	glob_t found;

	buf_addf(&path, "%s%s", pattern[0] == '/' ? "" : directory, pattern);
	if (depth < INCLUDES_MAX && glob(path.data, 0, NULL, &found) == 0) {
		for (size_t i = 0; i < found.gl_pathc; i++)
			read_file(server, found.gl_pathv[i], depth + 1);
		globfree(&found);
	}
	buf_release(&path);
}

/* The first Port counts here: sshd listens at all of them. False: what follows is for some users only. */
static bool take_line(SshServer *server, char *line, int depth)
{
	char *save = NULL, *word = strtok_r(line, " \t=\"\r\n", &save), *value = word ? strtok_r(NULL, " \t=\"\r\n", &save) : NULL;

	if (!value || word[0] == '#')
		return true;
	if (strcasecmp(word, "Match") == 0)
		return false;
	if (strcasecmp(word, "Port") == 0 && !server->port && atoi(value) > 0 && atoi(value) < 65536)
		server->port = (unsigned)atoi(value);
	else if (strcasecmp(word, "HostKey") == 0)
		add_key(server, value);
	else if (strcasecmp(word, "Include") == 0)
		for (; value; value = strtok_r(NULL, " \t=\"\r\n", &save))
			include(server, value, depth);
	return true;
}

static void read_file(SshServer *server, const char *path, int depth)
{
	FILE *file = fopen(path, "re");
	char *line = NULL;
	size_t room = 0;

	while (file && getline(&line, &room, file) >= 0 && take_line(server, line, depth))
		;
	free(line);
	if (file)
		fclose(file);
}

void ssh_server_read(SshServer *server, const char *path)
{
	*server = (SshServer){ 0 };
	read_file(server, path, 0);
	if (!server->port)
		server->port = 22;
	if (server->count > 0)
		return;
	for (size_t i = 0; i < sizeof usual_keys / sizeof *usual_keys; i++)
		add_key(server, usual_keys[i]);
}

void ssh_server_release(SshServer *server)
{
	for (size_t i = 0; i < server->count; i++)
		free(server->keys[i]);
}

/* --- fingerprints ------------------------------------------------------------------------------ */

/* What ssh-keygen says of it is what its owner will compare: "256 SHA256:... comment (ED25519)". */
static void ask_keygen(const char *path, Buf *answer)
{
	char *argv[] = { (char *)"ssh-keygen", (char *)"-lf", (char *)path, NULL };
	int out[2];
	pid_t pid;
	ssize_t n;

	if (pipe2(out, O_CLOEXEC) < 0)
		return;
	pid = child_start(argv, (int[]){ -1, out[1], -1 }, NULL);
	close(out[1]);
	while (pid > 0 && answer->length < 4096 && (n = read(out[0], buf_space(answer, 1024), 1024)) > 0)
		buf_grew(answer, (size_t)n);
	close(out[0]);
	if (pid > 0)
		child_end(pid);
}

void describe_fingerprints(const SshServer *server, Buf *list)
{
	for (size_t i = 0; i < server->count; i++) {
		Buf answer = BUF_INIT;
		const char *fingerprint;

		ask_keygen(server->keys[i], &answer);
		fingerprint = strstr(buf_text(&answer), "SHA256:");
		if (fingerprint)
			buf_addf(list, "%s%.*s", list->length ? "," : "", (int)strcspn(fingerprint, " \n"), fingerprint);
		buf_release(&answer);
	}
}
