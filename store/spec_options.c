/* spec_options.c - the option table, and getopt_long(3)'s rules of how options and values are written.
 *
 * The table is complete on purpose: a script written for sbatch must either mean the same here or be
 * refused by the name of the option that wulfs cannot honour. What only tunes a cluster's accounting or
 * placement is recorded: it stays in the spec's text and changes nothing. */
#include "store/spec_options.h"

#include "store/spec_values.h"

#include <errno.h>
#include <string.h>

typedef enum Takes {
	NO_VALUE,
	OPTIONAL,               /* --name[=VALUE], -x[VALUE] */
	VALUE,                  /* --name=VALUE, --name VALUE, -xVALUE, -x VALUE */
	REFUSED,                /* whatever follows; set says why */
} Takes;

typedef struct Option {
	const char *name;
	char letter;            /* 0: none */
	Takes takes;
	SetOption *set;
} Option;

static SetOption record, refuse_gpus, refuse_wrap, refuse_command, refuse_file;

static const Option options[] = {
	{ "job-name",           'J', VALUE,    set_name },
	{ "cpus-per-task",      'c', VALUE,    set_cpus_per_task },
	{ "ntasks",             'n', VALUE,    set_ntasks },
	{ "ntasks-per-node",    0,   VALUE,    set_ntasks_per_node },
	{ "tasks-per-node",     0,   VALUE,    set_ntasks_per_node },
	{ "nodes",              'N', VALUE,    set_nodes },
	{ "use-min-nodes",      0,   NO_VALUE, record },
	{ "time",               't', VALUE,    set_time },
	{ "nice",               0,   OPTIONAL, set_nice },
	{ "hold",               'H', NO_VALUE, set_hold },
	{ "requeue",            0,   NO_VALUE, set_requeue },
	{ "no-requeue",         0,   NO_VALUE, set_no_requeue },
	{ "chdir",              'D', VALUE,    set_directory },
	{ "export",             0,   VALUE,    set_environment },
	{ "nodelist",           'w', VALUE,    set_nodelist },
	{ "exclude",            'x', VALUE,    set_exclude },
	{ "constraint",         'C', VALUE,    set_constraint },
	{ "array",              'a', VALUE,    set_array },
	{ "dependency",         'd', VALUE,    set_dependency },
	{ "kill-on-invalid-dep", 0,  VALUE,    set_kill_invalid },
	{ "begin",              'b', VALUE,    set_begin },
	{ "exclusive",          0,   OPTIONAL, set_exclusive },
	{ "retries",            0,   VALUE,    set_retries },
	{ "mem",                0,   VALUE,    set_memory },
	{ "mem-per-cpu",        0,   VALUE,    set_memory_per_cpu },
	{ "signal",             0,   VALUE,    set_signal },
	{ "input",              'i', VALUE,    set_input },
	{ "stdin",              0,   NO_VALUE, set_stdin },
	{ "distribution",       'm', VALUE,    set_distribution },
	{ "gres",               0,   VALUE,    set_gres },
	{ "partition",          'p', VALUE,    set_partition },
	{ "account",            'A', VALUE,    set_account },
	{ "transfer",           0,   VALUE,    set_transfer },
	{ "return",             0,   VALUE,    set_returns },

	{ "acctg-freq",           0,   VALUE,    record },
	{ "batch",                0,   VALUE,    record },
	{ "bb",                   0,   VALUE,    record },
	{ "bbf",                  0,   VALUE,    record },
	{ "cluster",              0,   VALUE,    record },
	{ "cluster-constraint",   0,   VALUE,    record },
	{ "clusters",             'M', VALUE,    record },
	{ "comment",              0,   VALUE,    record },
	{ "container",            0,   VALUE,    record },
	{ "context",              0,   VALUE,    record },
	{ "contiguous",           0,   NO_VALUE, record },
	{ "core-spec",            'S', VALUE,    record },
	{ "cores-per-socket",     0,   VALUE,    record },
	{ "cpu-freq",             0,   VALUE,    record },
	{ "deadline",             0,   VALUE,    record },
	{ "delay-boot",           0,   VALUE,    record },
	{ "error",                'e', VALUE,    record },
	{ "extra-node-info",      'B', VALUE,    record },
	{ "get-user-env",         0,   OPTIONAL, record },
	{ "gid",                  0,   VALUE,    record },
	{ "gpu-bind",             0,   VALUE,    record },
	{ "gpu-freq",             0,   VALUE,    record },
	{ "gres-flags",           0,   VALUE,    record },
	{ "hint",                 0,   VALUE,    record },
	{ "ignore-pbs",           0,   NO_VALUE, record },
	{ "licenses",             'L', VALUE,    record },
	{ "mail-type",            0,   VALUE,    record },
	{ "mail-user",            0,   VALUE,    record },
	{ "mcs-label",            0,   VALUE,    record },
	{ "mem-bind",             0,   VALUE,    record },
	{ "mincpus",              0,   VALUE,    record },
	{ "network",              0,   VALUE,    record },
	{ "no-kill",              'k', OPTIONAL, record },
	{ "ntasks-per-core",      0,   VALUE,    record },
	{ "ntasks-per-socket",    0,   VALUE,    record },
	{ "open-mode",            0,   VALUE,    record },
	{ "output",               'o', VALUE,    record },
	{ "overcommit",           'O', NO_VALUE, record },
	{ "oversubscribe",        's', NO_VALUE, record },
	{ "parsable",             0,   NO_VALUE, record },
	{ "power",                0,   VALUE,    record },
	{ "prefer",               0,   VALUE,    record },
	{ "priority",             0,   VALUE,    record },
	{ "profile",              0,   VALUE,    record },
	{ "propagate",            0,   OPTIONAL, record },
	{ "qos",                  'q', VALUE,    record },
	{ "quiet",                'Q', NO_VALUE, record },
	{ "reboot",               0,   NO_VALUE, record },
	{ "reservation",          0,   VALUE,    record },
	{ "sockets-per-node",     0,   VALUE,    record },
	{ "spread-job",           0,   NO_VALUE, record },
	{ "switches",             0,   VALUE,    record },
	{ "thread-spec",          0,   VALUE,    record },
	{ "threads-per-core",     0,   VALUE,    record },
	{ "time-min",             0,   VALUE,    record },
	{ "tmp",                  0,   VALUE,    record },
	{ "uid",                  0,   VALUE,    record },
	{ "verbose",              'v', NO_VALUE, record },
	{ "wait",                 'W', NO_VALUE, record },
	{ "wait-all-nodes",       0,   VALUE,    record },
	{ "wckey",                0,   VALUE,    record },

	{ "cpus-per-gpu",       0,   REFUSED,  refuse_gpus },
	{ "gpus",               'G', REFUSED,  refuse_gpus },
	{ "gpus-per-node",      0,   REFUSED,  refuse_gpus },
	{ "gpus-per-socket",    0,   REFUSED,  refuse_gpus },
	{ "gpus-per-task",      0,   REFUSED,  refuse_gpus },
	{ "mem-per-gpu",        0,   REFUSED,  refuse_gpus },
	{ "ntasks-per-gpu",     0,   REFUSED,  refuse_gpus },

	{ "export-file",        0,   REFUSED,  refuse_file },
	{ "nodefile",           'F', REFUSED,  refuse_file },
	{ "ntasks-per-tres",    0,   REFUSED,  refuse_gpus },
	{ "help",               0,   REFUSED,  refuse_command },
	{ "test-only",          0,   REFUSED,  refuse_command },
	{ "usage",              0,   REFUSED,  refuse_command },
	{ "version",            'V', REFUSED,  refuse_command },
	{ "wrap",               0,   REFUSED,  refuse_wrap },
};

enum { OPTION_COUNT = sizeof options / sizeof *options };

static int record(Spec *spec, const char *value, Err *err)
{
	(void)spec, (void)value, (void)err;
	return 0;
}

static int refuse_gpus(Spec *spec, const char *value, Err *err)
{
	(void)spec, (void)value;
	return err_set(err, EINVAL, "wulfs does not manage GPUs");
}

static int refuse_wrap(Spec *spec, const char *value, Err *err)
{
	(void)spec, (void)value;
	return err_set(err, EINVAL, "not needed here: write the command itself");
}

static int refuse_command(Spec *spec, const char *value, Err *err)
{
	(void)spec, (void)value;
	return err_set(err, EINVAL, "is for the sbatch command itself, and there is none here");
}

static int refuse_file(Spec *spec, const char *value, Err *err)
{
	(void)spec, (void)value;
	return err_set(err, EINVAL, "a file is not read; write what is in it as the value of --export or --nodelist");
}

/* sbatch does not have it, so no beginning of it may mean anything. */
static bool is_ours(const Option *option)
{
	static const char *const ours[] = { "retries", "return", "stdin", "transfer" };

	for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
		if (strcmp(option->name, ours[i]) == 0)
			return true;
	return false;
}

/* As getopt_long(3): the whole name, or the beginning of one name only. */
static const Option *find_name(const char *name, size_t n)
{
	const Option *found = NULL;
	size_t count = 0;

	for (size_t i = 0; n && i < OPTION_COUNT; i++) {
		if (strncmp(options[i].name, name, n) != 0)
			continue;
		if (!options[i].name[n])
			return &options[i];
		if (is_ours(&options[i]))
			continue;
		found = &options[i];
		count++;
	}
	return count == 1 ? found : NULL;
}

static const Option *find_letter(char letter)
{
	size_t i;

	for (i = 0; i < OPTION_COUNT; i++)
		if (options[i].letter == letter)
			return &options[i];
	return NULL;
}

enum {
	TYPO_NAME_MAX = 32,     /* longer than any option by more than a typo */
	TYPO_MOST = 2,          /* one letter twice wrong, or two exchanged */
};

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Levenshtein's: how many letters to insert, drop or change to make one of the other. */
static size_t edit_distance(const char *name, size_t n, const char *other)
{
	size_t row[TYPO_NAME_MAX + 1];
	size_t i;

	for (i = 0; i <= n; i++)
		row[i] = i;
	for (; *other; other++) {
		size_t diagonal = row[0]++;

		for (i = 1; i <= n; i++) {
			size_t changed = diagonal + (name[i - 1] != *other);

			diagonal = row[i];
			row[i] = least(changed, 1 + least(row[i], row[i - 1]));
		}
	}
	return row[n];
}

static const Option *find_nearest(const char *name, size_t n)
{
	const Option *nearest = NULL;
	size_t bound = least(TYPO_MOST, n / 2) + 1;
	size_t i;

	if (n > TYPO_NAME_MAX)
		return NULL;
	for (i = 0; i < OPTION_COUNT; i++) {
		size_t distance = edit_distance(name, n, options[i].name);

		if (distance < bound) {
			bound = distance;
			nearest = &options[i];
		}
	}
	return nearest;
}

/* What is in hand while an option is read. */
typedef struct Reader {
	Words *words;
	Word option;            /* the word that begins with a dash */
	Word value;             /* the one after it, if it was the option's value */
	Spec *spec;
	Err *err;
} Reader;

static int refuse(Reader *r, const Word *word, const Option *option, const char *why)
{
	err_set(r->err, EINVAL, "--%s: %s", option->name, why);
	return err_point(r->err, word->at, word->length);
}

static int refuse_unknown_name(Reader *r, const char *name, size_t n)
{
	const Option *nearest = find_nearest(name, n);
	int shown = n < 80 ? (int)n : 80;

	if (nearest)
		err_set(r->err, EINVAL, "--%.*s: unknown option; did you mean --%s?", shown, name, nearest->name);
	else
		err_set(r->err, EINVAL, "--%.*s: unknown option", shown, name);
	return err_point(r->err, r->option.at, r->option.length);
}

static int refuse_unknown_letter(Reader *r, const char *letters)
{
	err_set(r->err, EINVAL, "-%.80s: unknown option", letters);
	return err_point(r->err, r->option.at, r->option.length);
}

static int apply(Reader *r, const Option *option, const char *value, const Word *word)
{
	Err why;

	if (option->set(r->spec, value, &why) < 0)
		return refuse(r, word, option, why.text);
	return 0;
}

/* The value stands in the option's own word, or else is the next word, even one that begins with a
 * dash: getopt_long(3) takes it too. */
static int apply_with_value(Reader *r, const Option *option, const char *attached)
{
	int got;

	if (attached)
		return apply(r, option, attached, &r->option);
	got = words_next(r->words, &r->value, r->err);
	if (got < 0)
		return -1;
	if (got == 0)
		return refuse(r, &r->option, option, "a value is missing");
	return apply(r, option, word_text(&r->value), &r->value);
}

static int read_name(Reader *r, const char *name)
{
	size_t n = strcspn(name, "=");
	const char *attached = name[n] ? name + n + 1 : NULL;
	const Option *option = find_name(name, n);

	if (!option)
		return refuse_unknown_name(r, name, n);
	if (option->takes == VALUE)
		return apply_with_value(r, option, attached);
	if (option->takes == NO_VALUE && attached)
		return refuse(r, &r->option, option, "takes no value");
	return apply(r, option, attached, &r->option);
}

/* -Hc2 is -H -c 2: letters go on until one of them may have a value, which is the rest of the word. */
static int read_letters(Reader *r, const char *letters)
{
	for (; *letters; letters++) {
		const Option *option = find_letter(*letters);
		const char *rest = letters[1] ? letters + 1 : NULL;

		if (!option)
			return refuse_unknown_letter(r, letters);
		if (option->takes == VALUE)
			return apply_with_value(r, option, rest);
		if (option->takes == OPTIONAL)
			return apply(r, option, rest, &r->option);
		if (apply(r, option, NULL, &r->option) < 0)
			return -1;
	}
	return 0;
}

static bool is_option(const char *word)
{
	return word[0] == '-' && word[1];
}

/* 1: read one, 0: there is none left. */
static int read_option(Reader *r)
{
	size_t before = r->words->at;
	int got = words_next(r->words, &r->option, r->err);
	const char *word = word_text(&r->option);

	if (!is_option(word)) {
		r->words->at = before;          /* not an option: its quotes are its reader's affair */
		return 0;
	}
	if (got < 0)
		return -1;
	if (strcmp(word, "--") == 0)
		return 0;
	if (word[1] == '-')
		return read_name(r, word + 2) < 0 ? -1 : 1;
	return read_letters(r, word + 1) < 0 ? -1 : 1;
}

int options_read(Words *words, Spec *spec, Err *err)
{
	Reader r = { words, WORD_INIT, WORD_INIT, spec, err };
	int got;

	do
		got = read_option(&r);
	while (got > 0);
	word_release(&r.option);
	word_release(&r.value);
	return got;
}
