/* revoked.c - a text file of public keys, or a KRL. Of the latter ssh-keygen knows the format, so it is asked. On
 * a connection's thread. */
#include "node/ssh/revoked.h"

#include "node/child.h"
#include "store/base/buf.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ASK_SECONDS = 15 };

static bool cannot_read(const char *path, int number, Err *err)
{
	err_sys(err, number, "RevokedHostKeys %s cannot be read, so that no host key is good", path);
	return true;
}

static bool is_in(const char *path, Err *err)
{
	err_set(err, EKEYREVOKED, "it is revoked by %s (RevokedHostKeys)", path);
	return true;
}

/* Lines of TYPE BASE64 [COMMENT]. */
static bool text_has(FILE *file, const char *key)
{
	size_t n = strlen(key), room = 0;
	char *line = NULL;
	bool has = false;

	while (!has && getline(&line, &room, file) > 0) {
		const char *text = line + strspn(line, " \t");

		has = strncmp(text, key, n) == 0 && strchr(" \t\r\n", text[n]);
	}
	free(line);
	return has;
}

/* Its end is waited for by the end of what it says. */
static int wait_for(int said, Wait *wait, Err *err)
{
	char text[512];
	ssize_t n;

	do {
		if (wait_ready(wait, said, POLLIN, -1, err) < 0)
			return -1;
		n = read(said, text, sizeof text);
	} while (n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR)));
	return 0;
}

/* ssh-keygen -Q: 0 not revoked, 1 revoked or cannot tell. */
static bool list_has(const char *path, const char *key, Wait *wait, Err *err)
{
	char *argv[] = { (char *)"ssh-keygen", (char *)"-Q", (char *)"-f", (char *)path, (char *)"/dev/stdin", NULL };
	int in[2], said[2], rc, status;
	pid_t pid;

	if (pipe2(in, O_CLOEXEC) < 0)
		return cannot_read(path, errno, err);
	if (pipe2(said, O_CLOEXEC) < 0) {
		close(in[0]);
		close(in[1]);
		return cannot_read(path, errno, err);
	}
	pid = child_start(argv, (int[]){ in[0], said[1], said[1] }, err);
	close(in[0]);
	close(said[1]);
	/* Less than a pipe holds: it does not wait. */
	rc = pid < 0 || dprintf(in[1], "%s\n", key) < 0 ? -1 : 0;
	close(in[1]);
	wait_begin(wait, ASK_SECONDS, "from ssh-keygen, which reads RevokedHostKeys");
	if (rc == 0)
		rc = wait_for(said[0], wait, err);
	close(said[0]);
	if (pid < 0)
		return true;
	status = child_end(pid);
	if (rc < 0)
		return true;
	return !(WIFEXITED(status) && WEXITSTATUS(status) == 0) && is_in(path, err);
}

bool revoked_has(const char *path, const char *key, Wait *wait, Err *err)
{
	static const char magic[] = "SSHKRL\n";
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	char begins[sizeof magic] = "";
	struct stat st;
	FILE *file;
	bool has;

	if (fd < 0)
		return cannot_read(path, errno, err);
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		close(fd);
		return cannot_read(path, EINVAL, err);
	}
	if (pread(fd, begins, sizeof magic - 1, 0) == sizeof magic - 1 && memcmp(begins, magic, sizeof magic - 1) == 0) {
		close(fd);
		return list_has(path, key, wait, err);
	}
	file = fdopen(fd, "r");
	has = text_has(file, key) && is_in(path, err);
	fclose(file);
	return has;
}
