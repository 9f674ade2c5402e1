/* spec_values.c - one function an option: check its value, then put it into the spec. The forms are
 * sbatch(1)'s. Values are quoted shortened in refusals, as they may be as long as a line. */
#include "store/spec_values.h"

#include "store/base/buf.h"
#include "store/base/clock.h"
#include "store/base/piece.h"
#include "store/depend.h"
#include "store/hostlist.h"
#include "store/indices.h"
#include "store/model.h"
#include "store/spec_options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define DIGITS "0123456789"
#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_"

enum {
	NICE_MOST = 2147483645,         /* sbatch(1), --nice */
	NICE_ALONE = 100,
	RETRIES_MAX = 1000,
	WARN_SECONDS = 60,              /* sbatch(1), --signal */
	WARN_SECONDS_MOST = 65535,
};

static int read_number(const char *value, long long least, long long most, long long *number, Err *err)
{
	const char *digits = value + (*value == '-');
	long long n = strtoll(value, NULL, 10);         /* beyond its range: the nearest there is */

	if (!*digits || digits[strspn(digits, DIGITS)])
		return err_set(err, EINVAL, "\"%.80s\" is not a number", value);
	if (n < least || n > most)
		return err_set(err, EINVAL, "\"%.80s\" is not in the range %lld to %lld", value, least, most);
	*number = n;
	return 0;
}

static void replace(char **field, char *text)
{
	free(*field);
	*field = text;
}

int set_name(Spec *spec, const char *value, Err *err)
{
	if (!*value)
		return err_set(err, EINVAL, "the name is empty");
	if (strlen(value) > SPEC_NAME_MAX)
		return err_set(err, EINVAL, "the name is longer than %d bytes", SPEC_NAME_MAX);
	replace(&spec->name, mem_copy_text(value));
	return 0;
}

static int set_slots(Spec *spec, long long ntasks, long long each, Err *err)
{
	if (ntasks * each > SPEC_CPUS_MAX)
		return err_set(err, EINVAL, "%lld tasks of %lld CPUs are %lld CPUs; a job has at most %d", ntasks, each,
			       ntasks * each, SPEC_CPUS_MAX);
	spec->ntasks = (uint32_t)ntasks;
	spec->cpus = (uint32_t)(ntasks * each);
	return 0;
}

int set_cpus_per_task(Spec *spec, const char *value, Err *err)
{
	long long each = 1;

	if (read_number(value, 1, SPEC_CPUS_MAX, &each, err) < 0)
		return -1;
	return set_slots(spec, spec->ntasks, each, err);
}

int set_ntasks(Spec *spec, const char *value, Err *err)
{
	long long ntasks = 1;

	if (read_number(value, 1, SPEC_CPUS_MAX, &ntasks, err) < 0)
		return -1;
	if (set_slots(spec, ntasks, spec->cpus / spec->ntasks, err) < 0)
		return -1;
	spec->ntasks_given = true;
	return 0;
}

int set_ntasks_per_node(Spec *spec, const char *value, Err *err)
{
	long long ntasks = 1;

	if (read_number(value, 1, SPEC_CPUS_MAX, &ntasks, err) < 0)
		return -1;
	spec->ntasks_per_node = (uint32_t)ntasks;
	return 0;
}

/* -mem=4G is -m em=4G, and the limit that was meant would not exist. */
int set_distribution(Spec *spec, const char *value, Err *err)
{
	static const char *const words[] = { "*", "arbitrary", "block", "cyclic", "fcyclic", "plane", "pack", "nopack" };

	(void)spec;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strncasecmp(value, words[i], strlen(words[i])) == 0)
			return 0;
	return err_set(err, EINVAL, "\"%.80s\" is no distribution of tasks; options with long names begin with two dashes", value);
}

int set_gres(Spec *spec, const char *value, Err *err)
{
	const char *gpu = strcasestr(value, "gpu"), *count = strrchr(value, ':');

	(void)spec;
	if (!gpu || strcasecmp(value, "none") == 0 || (count && strcmp(count, ":0") == 0))
		return 0;
	return err_set(err, EINVAL, "wulfs does not manage GPUs");
}

int options_settle(Spec *spec, Err *err)
{
	if (spec->ntasks_per_node && !spec->ntasks_given &&
	    set_slots(spec, spec->ntasks_per_node, spec->cpus / spec->ntasks, err) < 0)
		return -1;
	if (spec->memory_per_cpu)
		spec->memory = spec->memory_per_cpu * spec->cpus;
	if (spec->fed && spec->input)
		return err_set(err, EINVAL, "--stdin and --input: a job has one standard input; give one of them");
	return 0;
}

int set_nodes(Spec *spec, const char *value, Err *err)
{
	size_t least = strspn(value, DIGITS), most = 0;

	(void)spec;
	if (least && value[least] == '-')
		most = 1 + strspn(value + least + 1, DIGITS);
	if (!least || most == 1 || (value[least + most] && strcspn(value + least + most, "km") != 0))
		return err_set(err, EINVAL, "\"%.80s\" is not a number of nodes, or a range such as 1-4", value);
	if (strtoul(value, NULL, 10) == 1 && (!most || strtoul(value + least + 1, NULL, 10) > 0))
		return 0;
	return err_set(err, EINVAL, "a job runs on one node, not on \"%.80s\"", value);
}

int set_time(Spec *spec, const char *value, Err *err)
{
	return spec_parse_time(value, &spec->limit, err);
}

int set_nice(Spec *spec, const char *value, Err *err)
{
	long long nice = NICE_ALONE;

	if (value && read_number(value, -NICE_MOST, NICE_MOST, &nice, err) < 0)
		return -1;
	spec->nice = (int)nice;
	return 0;
}

int set_hold(Spec *spec, const char *value, Err *err)
{
	(void)value, (void)err;
	spec->hold = true;
	return 0;
}

int set_requeue(Spec *spec, const char *value, Err *err)
{
	(void)value, (void)err;
	spec->requeue = true;
	return 0;
}

int set_no_requeue(Spec *spec, const char *value, Err *err)
{
	(void)value, (void)err;
	spec->requeue = false;
	return 0;
}

int set_directory(Spec *spec, const char *value, Err *err)
{
	if (!*value)
		return err_set(err, EINVAL, "the path is empty");
	if (*value == '~' && strchr("/", value[1]))
		return err_set(err, EINVAL, "\"%.80s\": only a shell knows what ~ is; write the path", value);
	if (strlen(value) >= SPEC_PATH_MAX)
		return err_set(err, EINVAL, "the path is not shorter than %d bytes", SPEC_PATH_MAX);
	replace(&spec->directory, mem_copy_text(value));
	return 0;
}

/* One piece of --export: the environment grows by NAME=VALUE and a NUL; ALL and NONE are Slurm's words
 * about the submitter's environment, which no write to a file carries. */
static int export_piece(Buf *environment, const char *piece, size_t n, Err *err)
{
	const char *equals = memchr(piece, '=', n);
	size_t name = equals ? (size_t)(equals - piece) : n;
	int shown = n < 80 ? (int)n : 80;

	if ((n == 3 && (strncasecmp(piece, "ALL", n) == 0 || strncasecmp(piece, "NIL", n) == 0)) ||
	    (n == 4 && strncasecmp(piece, "NONE", n) == 0))
		return 0;
	if (name == 0 || strchr(DIGITS, *piece) || strspn(piece, LETTERS DIGITS) < name)
		return err_set(err, EINVAL, "\"%.*s\" does not begin with the name of a variable", shown, piece);
	if (!equals)
		return err_set(err, EINVAL, "\"%.*s\" has no value; wulfs cannot see the shell's: write %.*s=VALUE", shown,
			       piece, shown, piece);
	buf_add(environment, piece, n);
	buf_add_char(environment, '\0');
	return 0;
}

int set_environment(Spec *spec, const char *value, Err *err)
{
	Buf environment = BUF_INIT, piece = BUF_INIT;
	int rc;

	for (;; value++) {
		buf_clear(&piece);
		piece_take(&value, &piece);
		rc = export_piece(&environment, buf_text(&piece), piece.length, err);
		if (rc < 0 || !*value)
			break;
	}
	buf_release(&piece);
	if (rc < 0) {
		buf_release(&environment);
		return -1;
	}
	spec->environment_length = environment.length;
	replace(&spec->environment, environment.length ? buf_take(&environment) : NULL);
	return 0;
}

/* Written out, with commas between. They are compared when the job is placed, as nodes come and go. A path is
 * sbatch's way to name a file of nodes, on a machine that it can see. */
static int set_nodes_named(char **field, const char *value, Err *err)
{
	Buf names = BUF_INIT;

	if (strchr(value, '/'))
		return err_set(err, EINVAL, "\"%.80s\": a file of names is not read; write the names", value);
	if (hostlist_expand(value, &names, err) < 0) {
		buf_release(&names);
		return -1;
	}
	for (size_t i = 0; i + 1 < names.length; i++)
		if (!names.data[i])
			names.data[i] = ',';
	replace(field, buf_take(&names));
	return 0;
}

/* Words with commas between. */
static int set_words(char **field, const char *value, const char *what, Err *err)
{
	if (!*value || *value == ',' || value[strlen(value) - 1] == ',' || strstr(value, ",,"))
		return err_set(err, EINVAL, "\"%.80s\" is not a list of %s with commas between", value, what);
	replace(field, mem_copy_text(value));
	return 0;
}

int set_nodelist(Spec *spec, const char *value, Err *err)
{
	return set_nodes_named(&spec->nodelist, value, err);
}

int set_exclude(Spec *spec, const char *value, Err *err)
{
	return set_nodes_named(&spec->exclude, value, err);
}

/* sbatch's AND (also its comma) and OR; its counts and brackets are for jobs of many nodes. */
int set_constraint(Spec *spec, const char *value, Err *err)
{
	if (value[strcspn(value, "[]*()")])
		return err_set(err, EINVAL, "\"%.80s\": only features with & or | between can be asked for", value);
	return set_words(&spec->constraint, value, "features", err);
}

int set_array(Spec *spec, const char *value, Err *err)
{
	Buf text = BUF_INIT;
	Indices indices;
	uint32_t limit;

	/* sbatch takes [1-3] and 1-3, for 1-3. */
	for (; *value; value++)
		if (!strchr("[]", *value) && (*value != ',' || value[1]))
			buf_add_char(&text, *value);
	if (indices_parse(buf_text(&text), &indices, &limit, err) < 0) {
		buf_release(&text);
		return -1;
	}
	indices_release(&indices);
	replace(&spec->array, buf_take(&text));
	return 0;
}

int set_dependency(Spec *spec, const char *value, Err *err)
{
	if (depends_check(value, err) < 0)
		return -1;
	replace(&spec->dependency, mem_copy_text(value));
	return 0;
}

int set_kill_invalid(Spec *spec, const char *value, Err *err)
{
	if (strcmp(value, "yes") != 0 && strcmp(value, "no") != 0)
		return err_set(err, EINVAL, "\"%.80s\" is neither yes nor no", value);
	spec->kill_invalid = strcmp(value, "yes") == 0;
	return 0;
}

int set_begin(Spec *spec, const char *value, Err *err)
{
	return spec_parse_begin(value, clock_wall_ms(), &spec->begin, err);
}

/* Slurm shares a node among one user's jobs, or among those of one account, by values that mean nothing for
 * one owner: with any of them, the job has its node for itself. */
int set_exclusive(Spec *spec, const char *value, Err *err)
{
	static const char *const values[] = { "user", "mcs", "topo" };

	for (size_t i = 0; value && i < sizeof values / sizeof *values; i++)
		if (strcmp(value, values[i]) == 0)
			value = NULL;
	if (value)
		return err_set(err, EINVAL, "\"%.80s\" is not user, mcs or topo", value);
	spec->exclusive = true;
	return 0;
}

int set_retries(Spec *spec, const char *value, Err *err)
{
	long long retries = 0;

	if (read_number(value, 0, RETRIES_MAX, &retries, err) < 0)
		return -1;
	spec->retries = (uint16_t)retries;
	return 0;
}

/* The later of the two counts. */
int set_memory(Spec *spec, const char *value, Err *err)
{
	if (spec_parse_memory(value, &spec->memory, err) < 0)
		return -1;
	spec->memory_per_cpu = 0;
	return 0;
}

int set_memory_per_cpu(Spec *spec, const char *value, Err *err)
{
	if (spec_parse_memory(value, &spec->memory_per_cpu, err) < 0)
		return -1;
	spec->memory = 0;
	return 0;
}

/* [{B|R}:]SIG[@SECONDS]; R is about reservations, which there are none of. */
int set_signal(Spec *spec, const char *value, Err *err)
{
	bool first = false;
	const char *name = value, *at;
	long long before = WARN_SECONDS;
	char *word;
	int signal = 0, rc;

	for (const char *colon; (colon = strchr(name, ':')); name = colon + 1) {
		if (colon == name || strspn(name, "BR") < (size_t)(colon - name))
			return err_set(err, EINVAL, "\"%.80s\" is not of the form [B:]SIG[@SECONDS]", value);
		first = first || memchr(name, 'B', (size_t)(colon - name));
	}
	at = strchr(name, '@');
	if (at && read_number(at + 1, 0, WARN_SECONDS_MOST, &before, err) < 0)
		return -1;
	word = mem_copy(name, at ? (size_t)(at - name) : strlen(name));
	rc = spec_parse_signal(word, &signal, err);
	free(word);
	if (rc < 0)
		return -1;
	spec->warn_signal = signal;
	spec->warn_before = (uint32_t)before;
	spec->warn_first = first;
	return 0;
}

/* On the node, from where the task starts, so nothing can be looked up here. */
int set_input(Spec *spec, const char *value, Err *err)
{
	if (!*value)
		return err_set(err, EINVAL, "the path is empty");
	if (strlen(value) >= SPEC_PATH_MAX)
		return err_set(err, EINVAL, "the path is not shorter than %d bytes", SPEC_PATH_MAX);
	replace(&spec->input, mem_copy_text(value));
	return 0;
}

int set_stdin(Spec *spec, const char *value, Err *err)
{
	(void)value, (void)err;
	spec->fed = true;
	return 0;
}

int set_partition(Spec *spec, const char *value, Err *err)
{
	(void)err;
	replace(&spec->partition, mem_copy_text(value));
	return 0;
}

int set_account(Spec *spec, const char *value, Err *err)
{
	(void)err;
	replace(&spec->account, mem_copy_text(value));
	return 0;
}
