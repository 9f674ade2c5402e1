/* options.c - the command line. Our own options are a table; the rest is FUSE's business. */
#include "fs/options.h"

#include "node/wire/wire.h"

#include <errno.h>
#include <getopt.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char options_usage[] =
	"Usage: wulfs [-f] [-d] [-o OPT[,OPT...]] [SOURCE] MOUNTPOINT\n"
	"Mount a cluster of machines as a filesystem: ls nodes, echo COMMAND > jobs/new, cat results/*/stdout.\n"
	"\n"
	"  -f            stay in the foreground, log to stderr\n"
	"  -d            the same, and log more\n"
	"  -h, --help    this text\n"
	"  -V, --version\n"
	"\n"
	"  -o state=DIR           database, outputs and log  [${XDG_STATE_HOME:-~/.local/state}/wulfs]\n"
	"  -o local=N             slots of the node `local`, this machine; 0: no such node  [online CPUs]\n"
	"  -o nodes=FILE          nodes, one [SLOTS/][USER@]HOST[:PORT] a line; # comments\n"
	"  -o trust=known|new     new: record the first host key of a node you named  [known]\n"
	"  -o identity=FILE, ssh_config=FILE, known_hosts=FILE, user=NAME\n"
	"                         as ssh's -i, -F, UserKnownHostsFile, -l  [your own SSH set-up]\n"
	"  -o discover=yes|no     list machines that announce themselves by mDNS  [yes]\n"
	"  -o interface=IF        listen for them on this network interface only  [all]\n"
	"  -o lost_after=SEC      silence after which a node is DOWN  [15]\n"
	"  -o requeue_after=SEC   silence after which its jobs run elsewhere  [120]\n"
	"  -o lease=SEC           after so long without a mount a node cleans up  [604800]\n"
	"  and those of mount.fuse3(8): allow_other, ro, fsname=NAME ...\n"
	"\n"
	"Unmount with fusermount3 -u MOUNTPOINT; running jobs go on, and the next mount takes them up again.\n"
	"Everything else: the README in the mounted tree, and man wulfs.\n";

enum { SECONDS_MAX = 365 * 86400 };

typedef struct Parsing {
	Options *options;
	Buf fuse;
} Parsing;

typedef struct Known {
	const char *name;
	int (*take)(Parsing *parsing, const char *name, const char *value, Err *err);
} Known;

static int parse_number(const char *name, const char *value, long least, long most, uint32_t *number, Err *err)
{
	char *end;
	long parsed;

	errno = 0;
	parsed = strtol(value, &end, 10);
	if (errno || *end || end == value || parsed < least || parsed > most)
		return err_set(err, EINVAL, "-o %s: \"%s\" is not a number from %ld to %ld", name, value, least, most);
	*number = (uint32_t)parsed;
	return 0;
}

static int refuse(Parsing *parsing, const char *name, const char *value, Err *err)
{
	(void)parsing;
	(void)value;
	return err_set(err, EINVAL, "-o %s: is not for this filesystem", name);
}

static int take_state(Parsing *parsing, const char *name, const char *value, Err *err)
{
	if (!value[0])
		return err_set(err, EINVAL, "-o %s: a directory is expected", name);
	free(parsing->options->state);
	parsing->options->state = mem_copy_text(value);
	return 0;
}

static int take_local(Parsing *parsing, const char *name, const char *value, Err *err)
{
	return parse_number(name, value, 0, SLOTS_MAX, &parsing->options->roster.local_slots, err);
}

static int take_discover(Parsing *parsing, const char *name, const char *value, Err *err)
{
	if (strcmp(value, "no") != 0 && strcmp(value, "yes") != 0)
		return err_set(err, EINVAL, "-o %s: \"%s\" is neither yes nor no", name, value);
	parsing->options->roster.discover = strcmp(value, "yes") == 0;
	return 0;
}

/* It need not be there yet, so its name is all that can be looked at. */
static int take_interface(Parsing *parsing, const char *name, const char *value, Err *err)
{
	if (!value[0] || strlen(value) >= IF_NAMESIZE || strpbrk(value, "/ \t\n"))
		return err_set(err, EINVAL, "-o %s: \"%s\" is not the name of a network interface", name, value);
	free(parsing->options->interface);
	parsing->options->interface = mem_copy_text(value);
	return 0;
}

static int take_lost_after(Parsing *parsing, const char *name, const char *value, Err *err)
{
	return parse_number(name, value, 1, SECONDS_MAX, &parsing->options->patience.lost_after, err);
}

static int take_requeue_after(Parsing *parsing, const char *name, const char *value, Err *err)
{
	return parse_number(name, value, 1, SECONDS_MAX, &parsing->options->patience.requeue_after, err);
}

static int take_lease(Parsing *parsing, const char *name, const char *value, Err *err)
{
	return parse_number(name, value, 1, SECONDS_MAX, &parsing->options->patience.lease, err);
}

static int take_trust(Parsing *parsing, const char *name, const char *value, Err *err)
{
	if (strcmp(value, "known") != 0 && strcmp(value, "new") != 0)
		return err_set(err, EINVAL, "-o %s: \"%s\" is neither known nor new", name, value);
	parsing->options->roster.trust_new = strcmp(value, "new") == 0;
	return 0;
}

/* The daemon leaves the directory it was started in. */
static char *absolute(const char *path)
{
	char *found = realpath(path, NULL);

	return found ? found : mem_copy_text(path);
}

/* An option whose value is a file: where it goes. */
static char **file_option(Options *options, const char *name)
{
	if (strcmp(name, "nodes") == 0)
		return &options->nodes_file;
	if (strcmp(name, "identity") == 0)
		return &options->identity;
	if (strcmp(name, "ssh_config") == 0)
		return &options->ssh_config;
	return &options->known_hosts;
}

static int take_file(Parsing *parsing, const char *name, const char *value, Err *err)
{
	char **file = file_option(parsing->options, name);

	if (access(value, R_OK) < 0)
		return err_sys(err, errno, "-o %s: %s", name, value);
	free(*file);
	*file = absolute(value);
	return 0;
}

static int take_user(Parsing *parsing, const char *name, const char *value, Err *err)
{
	if (!value[0] || value[0] == '-')
		return err_set(err, EINVAL, "-o %s: \"%s\" is not a user's name", name, value);
	free(parsing->options->user);
	parsing->options->user = mem_copy_text(value);
	return 0;
}

static const Known known[] = {
	{ "state", take_state }, { "local", take_local }, { "discover", take_discover },
	{ "interface", take_interface },
	{ "lost_after", take_lost_after }, { "requeue_after", take_requeue_after }, { "lease", take_lease },
	{ "nodes", take_file }, { "identity", take_file }, { "ssh_config", take_file }, { "known_hosts", take_file },
	{ "trust", take_trust }, { "user", take_user },
	{ "max_read", refuse },
};

static int take_option(Parsing *parsing, char *option, Err *err)
{
	char *equals = strchr(option, '=');

	for (size_t i = 0; equals && i < sizeof known / sizeof *known; i++)
		if (strlen(known[i].name) == (size_t)(equals - option) &&
		    strncmp(known[i].name, option, (size_t)(equals - option)) == 0)
			return known[i].take(parsing, known[i].name, equals + 1, err);
	if (option[0])
		buf_addf(&parsing->fuse, ",%s", option);
	return 0;
}

/* As mount(8): commas part options, a backslash keeps a comma. */
static int take_list(Parsing *parsing, const char *list, Err *err)
{
	Buf option = BUF_INIT;
	int rc = 0;

	for (const char *c = list; rc == 0; c++) {
		if (*c && *c != ',') {
			if (*c == '\\' && (c[1] == ',' || c[1] == '\\'))
				c++;
			buf_add_char(&option, *c);
			continue;
		}
		if (option.length)
			rc = take_option(parsing, option.data, err);
		buf_clear(&option);
		if (!*c)
			break;
	}
	buf_release(&option);
	return rc;
}

static int take_places(Options *options, int argc, char **argv, Parsing *parsing, Err *err)
{
	int places = argc - optind;

	if (options->help || options->version)
		return 0;
	if (places < 1)
		return err_set(err, EINVAL, "no mount point given; expected: wulfs [-o OPTIONS] MOUNTPOINT");
	if (places > 2)
		return err_set(err, EINVAL, "\"%s\" is one argument too many; expected: wulfs [SOURCE] MOUNTPOINT", argv[optind + 2]);
	if (places == 2)
		buf_addf(&parsing->fuse, ",fsname=%s", argv[optind]);
	options->mountpoint = mem_copy_text(argv[argc - 1]);
	return 0;
}

static const struct option long_options[] = {
	{ "help", no_argument, NULL, 'h' }, { "version", no_argument, NULL, 'V' }, { 0 },
};

static int take_switch(Parsing *parsing, int c, char **argv, Err *err)
{
	Options *options = parsing->options;

	switch (c) {
	case 'f':
		options->foreground = true;
		return 0;
	case 'd':
		options->foreground = options->debug = true;
		return 0;
	case 'h':
		options->help = true;
		return 0;
	case 'V':
		options->version = true;
		return 0;
	case 'o':
		return take_list(parsing, optarg, err);
	case 'n':               /* mount(8): no mtab; quiet; verbose; sloppy */
	case 'q':
	case 'v':
	case 's':
		return 0;
	default:
		if (optopt == 'o')
			return err_set(err, EINVAL, "-o: options are expected after it");
		return err_set(err, EINVAL, "%s: unknown option; see wulfs -h", optopt ? (char[]){ '-', (char)optopt, 0 } : argv[optind - 1]);
	}
}

int options_parse(Options *options, int argc, char **argv, Err *err)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	Parsing parsing = { options, BUF_INIT };
	int c, rc = 0;

	*options = (Options){ .roster = { .local_slots = cpus > 0 ? (uint32_t)cpus : 1, .discover = true },
			       .patience = { .lost_after = 15, .requeue_after = 120, .lease = 604800 } };
	buf_add_text(&parsing.fuse, "subtype=wulfs,default_permissions,fsname=wulfs");
	opterr = 0;
	while (rc == 0 && (c = getopt_long(argc, argv, "fdhVo:nqvs", long_options, NULL)) != -1)
		rc = take_switch(&parsing, c, argv, err);
	if (rc == 0)
		rc = take_places(options, argc, argv, &parsing, err);
	options->fuse = buf_take(&parsing.fuse);
	options->roster.nodes_file = options->nodes_file;
	options->roster.interface = options->interface;
	options->roster.ssh = (SshSettings){ .identity = options->identity, .config = options->ssh_config,
					     .known_hosts = options->known_hosts, .user = options->user };
	return rc;
}

void options_release(Options *options)
{
	free(options->state);
	free(options->mountpoint);
	free(options->fuse);
	free(options->nodes_file);
	free(options->identity);
	free(options->ssh_config);
	free(options->known_hosts);
	free(options->user);
	free(options->interface);
	free(options->seen_hosts);
}
