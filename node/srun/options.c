/* options.c - srun's options. The table is complete on purpose, with all long names of Slurm 22.05's srun(1)
 * and no other: a script written for Slurm must either mean the same here or be refused by the name of the option,
 * and a name cut short must be as ambiguous as it is there. What asks a cluster for what one node has no choice
 * about, or a job for what it has already, is ignored. */
#include "node/srun/step.h"

#include "store/base/piece.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

typedef int SetOption(Step *step, const char *value, Err *err);

static SetOption set_tasks, set_tasks_per_node, set_cpus, set_nodes, set_directory, set_input, set_output, set_error, set_mode,
	set_label, set_kill, set_export, set_gpus, set_gres, refuse_gpus, refuse_hook, refuse_programs, refuse_terminal,
	refuse_display, refuse_other_uses;

typedef struct Option {
	const char *name;
	char letter;            /* 0: none */
	int takes;              /* getopt_long(3)'s has_arg */
	SetOption *set;         /* NULL: ignored */
} Option;

enum { NO_VALUE = no_argument, VALUE = required_argument, OPTIONAL = optional_argument };

static const Option options[] = {
	{ "ntasks",             'n', VALUE,    set_tasks },
	{ "cpus-per-task",      'c', VALUE,    set_cpus },
	{ "ntasks-per-node",    0,   VALUE,    set_tasks_per_node },
	{ "tasks-per-node",     0,   VALUE,    set_tasks_per_node },
	{ "nodes",              'N', VALUE,    set_nodes },
	{ "chdir",              'D', VALUE,    set_directory },
	{ "input",              'i', VALUE,    set_input },
	{ "output",             'o', VALUE,    set_output },
	{ "error",              'e', VALUE,    set_error },
	{ "open-mode",          0,   VALUE,    set_mode },
	{ "label",              'l', NO_VALUE, set_label },
	{ "kill-on-bad-exit",   'K', OPTIONAL, set_kill },
	{ "export",             0,   VALUE,    set_export },
	{ "gres",               0,   VALUE,    set_gres },
	{ "gpus",               'G', VALUE,    set_gpus },
	{ "gpus-per-node",      0,   VALUE,    set_gpus },
	{ "gpus-per-socket",    0,   VALUE,    set_gpus },
	{ "gpus-per-task",      0,   VALUE,    set_gpus },

	{ "accel-bind",         0,   VALUE,    NULL },
	{ "account",            'A', VALUE,    NULL },
	{ "acctg-freq",         0,   VALUE,    NULL },
	{ "bb",                 0,   VALUE,    NULL },
	{ "bbf",                0,   VALUE,    NULL },
	{ "bcast",              0,   OPTIONAL, NULL },
	{ "bcast-exclude",      0,   VALUE,    NULL },
	{ "begin",              'b', VALUE,    NULL },
	{ "cluster",            0,   VALUE,    NULL },
	{ "cluster-constraint", 0,   VALUE,    NULL },
	{ "clusters",           'M', VALUE,    NULL },
	{ "comment",            0,   VALUE,    NULL },
	{ "compress",           0,   OPTIONAL, NULL },
	{ "constraint",         'C', VALUE,    NULL },
	{ "container",          0,   VALUE,    NULL },
	{ "context",            0,   VALUE,    NULL },
	{ "contiguous",         0,   NO_VALUE, NULL },
	{ "core-spec",          'S', VALUE,    NULL },
	{ "cores-per-socket",   0,   VALUE,    NULL },
	{ "cpu-bind",           0,   VALUE,    NULL },
	{ "cpu-freq",           0,   VALUE,    NULL },
	{ "cpu_bind",           0,   VALUE,    NULL },
	{ "deadline",           0,   VALUE,    NULL },
	{ "delay-boot",         0,   VALUE,    NULL },
	{ "dependency",         'd', VALUE,    NULL },
	{ "disable-status",     'X', NO_VALUE, NULL },
	{ "distribution",       'm', VALUE,    NULL },
	{ "exact",              0,   NO_VALUE, NULL },
	{ "exclude",            'x', VALUE,    NULL },
	{ "exclusive",          0,   OPTIONAL, NULL },
	{ "extra-node-info",    'B', VALUE,    NULL },
	{ "gid",                0,   VALUE,    NULL },
	{ "gpu-bind",           0,   VALUE,    NULL },
	{ "gpu-freq",           0,   VALUE,    NULL },
	{ "gres-flags",         0,   VALUE,    NULL },
	{ "het-group",          0,   VALUE,    NULL },
	{ "hint",               0,   VALUE,    NULL },
	{ "hold",               'H', NO_VALUE, NULL },
	{ "immediate",          'I', OPTIONAL, NULL },
	{ "interactive",        0,   NO_VALUE, NULL },
	{ "job-name",           'J', VALUE,    NULL },
	{ "jobid",              0,   VALUE,    NULL },
	{ "licenses",           'L', VALUE,    NULL },
	{ "mail-type",          0,   VALUE,    NULL },
	{ "mail-user",          0,   VALUE,    NULL },
	{ "mcs-label",          0,   VALUE,    NULL },
	{ "mem",                0,   VALUE,    NULL },
	{ "mem-bind",           0,   VALUE,    NULL },
	{ "mem-per-cpu",        0,   VALUE,    NULL },
	{ "mincpus",            0,   VALUE,    NULL },
	{ "mpi",                0,   VALUE,    NULL },
	{ "msg-timeout",        0,   VALUE,    NULL },
	{ "network",            0,   VALUE,    NULL },
	{ "nice",               0,   OPTIONAL, NULL },
	{ "no-kill",            'k', OPTIONAL, NULL },
	{ "nodefile",           'F', VALUE,    NULL },
	{ "nodelist",           'w', VALUE,    NULL },
	{ "ntasks-per-core",    0,   VALUE,    NULL },
	{ "ntasks-per-socket",  0,   VALUE,    NULL },
	{ "overcommit",         'O', NO_VALUE, NULL },
	{ "overlap",            0,   OPTIONAL, NULL },
	{ "oversubscribe",      's', NO_VALUE, NULL },
	{ "pack-group",         0,   VALUE,    NULL },
	{ "partition",          'p', VALUE,    NULL },
	{ "power",              0,   VALUE,    NULL },
	{ "prefer",             0,   VALUE,    NULL },
	{ "preserve-env",       'E', NO_VALUE, NULL },
	{ "priority",           0,   VALUE,    NULL },
	{ "profile",            0,   VALUE,    NULL },
	{ "propagate",          0,   OPTIONAL, NULL },
	{ "qos",                'q', VALUE,    NULL },
	{ "quiet",              'Q', NO_VALUE, NULL },
	{ "quit-on-interrupt",  0,   NO_VALUE, NULL },
	{ "reboot",             0,   NO_VALUE, NULL },
	{ "relative",           'r', VALUE,    NULL },
	{ "reservation",        0,   VALUE,    NULL },
	{ "resv-ports",         0,   OPTIONAL, NULL },
	{ "send-libs",          0,   OPTIONAL, NULL },
	{ "signal",             0,   VALUE,    NULL },
	{ "slurmd-debug",       0,   VALUE,    NULL },
	{ "sockets-per-node",   0,   VALUE,    NULL },
	{ "spread-job",         0,   NO_VALUE, NULL },
	{ "switches",           0,   VALUE,    NULL },
	{ "thread-spec",        0,   VALUE,    NULL },
	{ "threads",            'T', VALUE,    NULL },
	{ "threads-per-core",   0,   VALUE,    NULL },
	{ "time",               't', VALUE,    NULL },
	{ "time-min",           0,   VALUE,    NULL },
	{ "tmp",                0,   VALUE,    NULL },
	{ "uid",                0,   VALUE,    NULL },
	{ "unbuffered",         'u', NO_VALUE, NULL },
	{ "use-min-nodes",      0,   NO_VALUE, NULL },
	{ "verbose",            'v', NO_VALUE, NULL },
	{ "wait",               'W', VALUE,    NULL },
	{ "wckey",              0,   VALUE,    NULL },
	{ "whole",              0,   NO_VALUE, NULL },

	{ "cpus-per-gpu",       0,   VALUE,    refuse_gpus },
	{ "mem-per-gpu",        0,   VALUE,    refuse_gpus },
	{ "ntasks-per-gpu",     0,   VALUE,    refuse_gpus },
	{ "ntasks-per-tres",    0,   VALUE,    refuse_gpus },
	{ "prolog",             0,   VALUE,    refuse_hook },
	{ "epilog",             0,   VALUE,    refuse_hook },
	{ "task-prolog",        0,   VALUE,    refuse_hook },
	{ "task-epilog",        0,   VALUE,    refuse_hook },
	{ "multi-prog",         0,   NO_VALUE, refuse_programs },
	{ "pty",                0,   NO_VALUE, refuse_terminal },
	{ "x11",                0,   OPTIONAL, refuse_display },
	{ "debugger-test",      0,   NO_VALUE, refuse_other_uses },
	{ "help",               'h', NO_VALUE, refuse_other_uses },
	{ "no-allocate",        'Z', NO_VALUE, refuse_other_uses },
	{ "test-only",          0,   NO_VALUE, refuse_other_uses },
	{ "usage",              0,   NO_VALUE, refuse_other_uses },
	{ "version",            'V', NO_VALUE, refuse_other_uses },
};

enum { OPTION_COUNT = sizeof options / sizeof *options, LONG = 256 };

static int read_count(const char *value, int most, int *count, Err *err)
{
	char *end;
	long number = strtol(value, &end, 10);

	if (end == value || *end || number < 1 || number > most)
		return err_set(err, EINVAL, "\"%.80s\" is not a number from 1 to %d", value, most);
	*count = (int)number;
	return 0;
}

static int set_tasks(Step *step, const char *value, Err *err)
{
	step->tasks_given = true;
	return read_count(value, STEP_TASKS_MAX, &step->tasks, err);
}

/* There is one node; --ntasks says more than this does. */
static int set_tasks_per_node(Step *step, const char *value, Err *err)
{
	int tasks = 1;

	if (read_count(value, STEP_TASKS_MAX, &tasks, err) < 0)
		return -1;
	if (!step->tasks_given)
		step->tasks = tasks;
	return 0;
}

static int set_cpus(Step *step, const char *value, Err *err)
{
	int cpus;

	step->cpus = value;
	return read_count(value, 65536, &cpus, err);
}

static int set_nodes(Step *step, const char *value, Err *err)
{
	(void)step;
	if (value[0] == '1' && (!value[1] || (value[1] == '-' && strspn(value + 2, "0123456789") == strlen(value + 2))))
		return 0;
	return err_set(err, EINVAL, "a job runs on one node, not on \"%.80s\"", value);
}

static int set_directory(Step *step, const char *value, Err *err)
{
	(void)err;
	step->directory = value;
	return 0;
}

/* "all" is what happens anyway. */
static const char *stream_of(const char *value)
{
	return strcmp(value, "all") == 0 ? NULL : strcmp(value, "none") == 0 ? "/dev/null" : value;
}

static int set_input(Step *step, const char *value, Err *err)
{
	(void)err;
	step->input = stream_of(value);
	return 0;
}

static int set_output(Step *step, const char *value, Err *err)
{
	(void)err;
	step->output = stream_of(value);
	return 0;
}

static int set_error(Step *step, const char *value, Err *err)
{
	(void)err;
	step->error = stream_of(value);
	return 0;
}

static int set_mode(Step *step, const char *value, Err *err)
{
	if (strcmp(value, "append") != 0 && strcmp(value, "truncate") != 0)
		return err_set(err, EINVAL, "\"%.80s\" is neither append nor truncate", value);
	step->append = value[0] == 'a';
	return 0;
}

static int set_label(Step *step, const char *value, Err *err)
{
	(void)value, (void)err;
	step->label = true;
	return 0;
}

static int set_kill(Step *step, const char *value, Err *err)
{
	(void)err;
	step->kill_on_bad_exit = !value || strcmp(value, "0") != 0;
	return 0;
}

/* NAME=VALUE counts; what is there already, all of it, is exported anyway. */
static void export_piece(char *piece)
{
	char *equals = strchr(piece, '=');

	if (!equals || equals == piece)
		return;
	*equals = '\0';
	setenv(piece, equals + 1, 1);
}

static int set_export(Step *step, const char *value, Err *err)
{
	(void)step, (void)err;
	for (;; value++) {
		Buf bytes = BUF_INIT;
		char *piece;

		piece_take(&value, &bytes);
		piece = buf_take(&bytes);
		export_piece(piece);
		free(piece);
		if (!*value)
			return 0;
	}
}

static int refuse_gpus(Step *step, const char *value, Err *err)
{
	(void)step, (void)value;
	return err_set(err, EINVAL, "wulfs does not manage GPUs");
}

/* [TYPE:]COUNT: none is what there is. */
static int set_gpus(Step *step, const char *value, Err *err)
{
	const char *count = strrchr(value, ':');

	return strcmp(count ? count + 1 : value, "0") == 0 ? 0 : refuse_gpus(step, value, err);
}

/* As --gres of a spec. */
static int set_gres(Step *step, const char *value, Err *err)
{
	return strcasestr(value, "gpu") ? set_gpus(step, value, err) : 0;
}

/* "none" keeps slurm.conf's from running. */
static int refuse_hook(Step *step, const char *value, Err *err)
{
	(void)step;
	if (strcasecmp(value, "none") == 0)
		return 0;
	return err_set(err, EINVAL, "no other program runs before or after a step here; the script can run it");
}

static int refuse_programs(Step *step, const char *value, Err *err)
{
	(void)step, (void)value;
	return err_set(err, EINVAL, "one srun runs one program here; start several in the background and wait");
}

static int refuse_terminal(Step *step, const char *value, Err *err)
{
	(void)step, (void)value;
	return err_set(err, EINVAL, "there is no terminal in a job");
}

static int refuse_display(Step *step, const char *value, Err *err)
{
	(void)step, (void)value;
	return err_set(err, EINVAL, "there is no display in a job");
}

static int refuse_other_uses(Step *step, const char *value, Err *err)
{
	(void)step, (void)value;
	return err_set(err, EINVAL, "this srun, which is of wulfs, only starts a step of its job; see STEPS in wulfs(1)");
}

/* --- getopt_long's tables ---------------------------------------------------------------------- */

static void make_tables(struct option longs[OPTION_COUNT + 1], char shorts[3 * OPTION_COUNT + 2])
{
	size_t n = 0;

	shorts[n++] = '+'; /* what follows the command is the command's */
	for (int i = 0; i < OPTION_COUNT; i++) {
		longs[i] = (struct option){ options[i].name, options[i].takes, NULL, LONG + i };
		if (!options[i].letter)
			continue;
		shorts[n++] = options[i].letter;
		for (int colons = options[i].takes; colons > 0; colons--)
			shorts[n++] = ':';
	}
	shorts[n] = '\0';
	longs[OPTION_COUNT] = (struct option){ NULL, 0, NULL, 0 };
}

static const Option *option_of(int found)
{
	if (found >= LONG)
		return &options[found - LONG];
	for (int i = 0; i < OPTION_COUNT; i++)
		if (options[i].letter == found)
			return &options[i];
	return NULL;
}

/* getopt_long(3) does not tell what is ambiguous from what is unknown. The words are its own. */
static int refuse_name(const char *word, Err *err)
{
	const char *name = strncmp(word, "--", 2) == 0 ? word + 2 : "";
	size_t n = strcspn(name, "=");
	Buf possible = BUF_INIT;

	for (int i = 0; n && i < OPTION_COUNT; i++)
		if (strncmp(options[i].name, name, n) == 0)
			buf_addf(&possible, " '--%s'", options[i].name);
	if (possible.length)
		err_set(err, EINVAL, "option '%.80s' is ambiguous; possibilities:%s", word, buf_text(&possible));
	else
		err_set(err, EINVAL, "%.80s: this srun, which is of wulfs, has no such option", word);
	buf_release(&possible);
	return -1;
}

static int refuse_unknown(char **argv, Err *err)
{
	if (optopt > 0 && optopt < LONG && option_of(optopt))
		return err_set(err, EINVAL, "-%c: a value is missing", optopt);
	if (optopt >= LONG)
		return err_set(err, EINVAL, "--%s: its value is missing, or it takes none", option_of(optopt)->name);
	if (optopt > 0)
		return err_set(err, EINVAL, "-%c: this srun, which is of wulfs, has no such option", optopt);
	return refuse_name(argv[optind - 1], err);
}

int step_read(Step *step, int argc, char **argv, Err *err)
{
	struct option longs[OPTION_COUNT + 1];
	char shorts[3 * OPTION_COUNT + 2];
	const Option *option;
	int found;
	Err why;

	make_tables(longs, shorts);
	opterr = 0;
	while ((found = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		option = found == '?' ? NULL : option_of(found);
		if (!option)
			return refuse_unknown(argv, err);
		if (option->set && option->set(step, optarg, &why) < 0)
			return err_set(err, EINVAL, "--%s: %s", option->name, why.text);
	}
	step->command = argv + optind;
	if (!*step->command)
		return err_set(err, EINVAL, "no command: srun [OPTIONS] COMMAND [ARGUMENTS]");
	return 0;
}
