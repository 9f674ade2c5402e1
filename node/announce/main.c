/* main.c - wulfs-announce(1): tell the network that this machine may be used as a node.
 *
 * It says where the machine's SSH server is, and no more: who may log in there is that server's business.
 * It opens no port of its own beside that of mDNS. */
#include "node/announce/describe.h"
#include "node/announce/publish.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

static const char usage[] =
	"Usage: wulfs-announce [-f] [-p PORT]\n"
	"Announce this machine on its networks as a node for wulfs (_wulfs._tcp), until stopped by SIGTERM.\n"
	"\n"
	"  -f            stay in the foreground\n"
	"  -p PORT       of its SSH server  [as sshd_config says, else 22]\n"
	"  -h, --help    this text\n"
	"  -V, --version\n"
	"\n"
	"Without -f it returns when the machine is announced.\n";

enum { TXT_STRINGS = 5 };

typedef struct Options {
	bool foreground, help, version;
	unsigned port;          /* 0: as the configuration says */
} Options;

/* --- the command line -------------------------------------------------------------------------- */

static const struct option long_options[] = {
	{ "help", no_argument, NULL, 'h' }, { "version", no_argument, NULL, 'V' }, { 0 },
};

static int take_port(Options *options, const char *text, Err *err)
{
	char *end;
	long port = strtol(text, &end, 10);

	if (end == text || *end || port < 1 || port > 65535)
		return err_set(err, EINVAL, "-p: \"%s\" is not a port from 1 to 65535", text);
	options->port = (unsigned)port;
	return 0;
}

static int take_option(Options *options, int c, char **argv, Err *err)
{
	switch (c) {
	case 'f':
		options->foreground = true;
		return 0;
	case 'p':
		return take_port(options, optarg, err);
	case 'h':
		options->help = true;
		return 0;
	case 'V':
		options->version = true;
		return 0;
	default:
		if (optopt == 'p')
			return err_set(err, EINVAL, "-p: a port is expected after it");
		return err_set(err, EINVAL, "%s: unknown option; see wulfs-announce -h",
			       optopt ? (char[]){ '-', (char)optopt, 0 } : argv[optind - 1]);
	}
}

static int parse(Options *options, int argc, char **argv, Err *err)
{
	int c, rc = 0;

	*options = (Options){ 0 };
	opterr = 0;
	while (rc == 0 && (c = getopt_long(argc, argv, "fp:hV", long_options, NULL)) != -1)
		rc = take_option(options, c, argv, err);
	if (rc == 0 && optind < argc)
		rc = err_set(err, EINVAL, "\"%s\" is one argument too many; see wulfs-announce -h", argv[optind]);
	return rc;
}

/* --- what is announced ------------------------------------------------------------------------- */

typedef struct Self {
	unsigned port;
	char *txt[TXT_STRINGS + 1];
} Self;

static void say(Self *self, size_t *n, const char *key, const char *value)
{
	Buf text = BUF_INIT;

	buf_addf(&text, "%s=%s", key, value);
	if (*value && text.length < 256)
		self->txt[(*n)++] = buf_take(&text);
	buf_release(&text);
}

static void say_number(Self *self, size_t *n, const char *key, long long value)
{
	char text[32];

	snprintf(text, sizeof text, "%lld", value);
	say(self, n, key, text);
}

static void describe(Self *self, const Options *options)
{
	struct utsname system;
	SshServer server;
	Buf fingerprints = BUF_INIT;
	size_t n = 0;

	uname(&system);
	ssh_server_read(&server, "/etc/ssh/sshd_config");
	describe_fingerprints(&server, &fingerprints);
	*self = (Self){ .port = options->port ? options->port : server.port };
	say(self, &n, "version", WULFS_VERSION);
	say_number(self, &n, "cpus", sysconf(_SC_NPROCESSORS_ONLN));
	say_number(self, &n, "memory", (long long)sysconf(_SC_PHYS_PAGES) * sysconf(_SC_PAGESIZE));
	say(self, &n, "arch", system.machine);
	say(self, &n, "fingerprint", buf_text(&fingerprints));
	buf_release(&fingerprints);
	ssh_server_release(&server);
}

static void self_release(Self *self)
{
	for (size_t i = 0; i < TXT_STRINGS; i++)
		free(self->txt[i]);
}

/* --- saying so --------------------------------------------------------------------------------- */

/* In the background: the parent waits for one message, empty for "announced" or the sentence that says why not. */
static void tell_parent(int *parent, const char *message)
{
	if (*parent < 0)
		return;
	if (write(*parent, message, strlen(message) + 1) < 0)
		_exit(1);
	close(*parent);
	*parent = -1;
}

typedef struct Telling {
	int parent;             /* -1: in the foreground, or told */
	unsigned port;
} Telling;

static void let_go_of_terminal(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		dup2(null, fd);
	if (null > STDERR_FILENO)
		close(null);
}

static void announced(void *arg, const char *name)
{
	Telling *telling = arg;

	if (telling->parent < 0) {
		printf("announced as \"%s\", SSH on port %u\n", name, telling->port);
		fflush(stdout);
		return;
	}
	tell_parent(&telling->parent, "");
	let_go_of_terminal();
}

static int announce(const Options *options, int parent)
{
	Telling telling = { parent, 0 };
	Self self;
	Err err;
	int rc;

	describe(&self, options);
	telling.port = self.port;
	rc = publish(&(Service){ "_wulfs._tcp", self.port, (const char *const *)self.txt }, announced, &telling, &err);
	self_release(&self);
	if (rc < 0 && telling.parent < 0)
		fprintf(stderr, "wulfs-announce: %s\n", err.text);
	if (rc < 0)
		tell_parent(&telling.parent, err.text);
	return rc < 0;
}

static int hear_child(int fd)
{
	char message[512];
	size_t used = 0;
	ssize_t n;

	while (used < sizeof message - 1 && (n = read(fd, message + used, sizeof message - 1 - used)) > 0)
		used += (size_t)n;
	message[used] = '\0';
	if (used == 1)
		return 0;
	fprintf(stderr, "wulfs-announce: %s\n", used ? message : "it ended before the machine was announced");
	return 1;
}

static int announce_in_background(const Options *options)
{
	int pipes[2];
	pid_t child;

	if (pipe2(pipes, O_CLOEXEC) < 0 || (child = fork()) < 0) {
		fprintf(stderr, "wulfs-announce: cannot go into the background: %s\n", strerror(errno));
		return 1;
	}
	if (child == 0) {
		close(pipes[0]);
		setsid();
		if (chdir("/") < 0)
			return 1;
		return announce(options, pipes[1]);
	}
	close(pipes[1]);
	return hear_child(pipes[0]);
}

int main(int argc, char **argv)
{
	Options options;
	Err err;

	if (parse(&options, argc, argv, &err) < 0) {
		fprintf(stderr, "wulfs-announce: %s\n", err.text);
		return 2;
	}
	if (options.help || options.version) {
		fputs(options.help ? usage : "wulfs-announce " WULFS_VERSION "\n", stdout);
		return 0;
	}
	return options.foreground ? announce(&options, -1) : announce_in_background(&options);
}
