/* sbatch_test.c - values as sbatch takes them: an option of a script, and what it comes to. An empty answer: it is refused.
 * The answers are those of Slurm 22.05's sbatch, but where its answer would surprise: it takes 30 February for 2 March,
 * and hands an array of no tasks or no nodes on to its controller. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "store/indices.h"
#include "store/spec.h"

static char said[256];

/* What of the spec the table is about. */
typedef void Tell(const Spec *spec);

static void tell_limit(const Spec *spec) { snprintf(said, sizeof said, "%u", spec->limit); }
static void tell_tasks(const Spec *spec) { snprintf(said, sizeof said, "%u of %u", spec->ntasks, spec->cpus / spec->ntasks); }
static void tell_taken(const Spec *spec) { (void)spec; strcpy(said, "taken"); }
static void tell_name(const Spec *spec) { snprintf(said, sizeof said, "%s", spec->name ? spec->name : "-"); }

static void tell_array(const Spec *spec)
{
	Indices indices;
	uint32_t limit = 0;
	Err err;

	if (indices_parse(spec->array, &indices, &limit, &err) == 0)
		snprintf(said, sizeof said, "%u at most %u", indices.count, limit);
	indices_release(&indices);
}

static void tell_environment(const Spec *spec)
{
	size_t n = 0;

	said[0] = '-', said[1] = '\0';
	for (; n < spec->environment_length && n < sizeof said - 1; n++)
		said[n] = spec->environment[n] ? spec->environment[n] : '|';
	if (n)
		said[n] = '\0';
}

static void tell_begin(const Spec *spec)
{
	time_t when = (time_t)(spec->begin / 1000);
	struct tm parts;

	localtime_r(&when, &parts);
	strftime(said, sizeof said, "%m-%d %H:%M:%S", &parts);
}

static const struct {
	Tell *tell;
	const char *option, *wanted;
} table[] = {
	/* minutes and seconds beyond 59, hours beyond 23 */
	{ tell_limit, "--time=10", "600" },
	{ tell_limit, "--time=90:00", "5400" },
	{ tell_limit, "--time=1:60", "120" },
	{ tell_limit, "--time=00:90:00", "5400" },
	{ tell_limit, "--time=0-00:60:00", "3600" },
	{ tell_limit, "--time=0-25:00", "90000" },
	{ tell_limit, "--time=99:99:99", "362439" },
	{ tell_limit, "--time=1-2", "93600" },
	{ tell_limit, "--time=1-2:3:4", "93784" },
	{ tell_limit, "--time=UNLIMITED", "0" },
	{ tell_limit, "--time=infinite", "0" },
	{ tell_limit, "--time=1:2:3:4", "" },
	{ tell_limit, "--time=ten", "" },
	{ tell_limit, "-t 5", "300" },
	/* a comment behind a value */
	{ tell_limit, "--time=10# ten minutes", "600" },
	{ tell_limit, "--time=10 # ten minutes", "600" },
	{ tell_tasks, "--ntasks=2#x", "2 of 1" },
	{ tell_name, "--job-name=a#b", "a" },
	{ tell_name, "--job-name='a#b'", "a#b" },
	{ tell_name, "--job-name=\"a # b\"", "a # b" },
	{ tell_name, "--job-name=a\\#b", "a#b" },
	/* tasks of a node are tasks */
	{ tell_tasks, "--ntasks-per-node=3", "3 of 1" },
	{ tell_tasks, "--tasks-per-node=3", "3 of 1" },
	{ tell_tasks, "--tasks=3", "3 of 1" },
	{ tell_tasks, "--ntasks-per-node=3 -c 2", "3 of 2" },
	{ tell_tasks, "-c 2 --ntasks-per-node=3", "3 of 2" },
	{ tell_tasks, "-n 4 --ntasks-per-node=4", "4 of 1" },
	{ tell_tasks, "--ntasks-per-node=2 -n 4", "4 of 1" },
	{ tell_tasks, "-N 1 --ntasks-per-node=8", "8 of 1" },
	{ tell_tasks, "--ntasks-per-node=0", "" },
	{ tell_tasks, "--ntasks-per-node=lots", "" },
	/* one node is enough for a range that begins with it */
	{ tell_taken, "--nodes=1", "taken" },
	{ tell_taken, "-N1", "taken" },
	{ tell_taken, "--nodes=1-1", "taken" },
	{ tell_taken, "--nodes=1-4", "taken" },
	{ tell_taken, "--nodes=1-2 --use-min-nodes", "taken" },
	{ tell_taken, "--nodes=2", "" },
	{ tell_taken, "--nodes=2-4", "" },
	{ tell_taken, "--nodes=0", "" },
	{ tell_taken, "--nodes=1-", "" },
	{ tell_taken, "--nodes=some", "" },
	/* recorded: they change nothing here */
	{ tell_taken, "--time-min=5", "taken" },
	{ tell_taken, "--mincpus=2", "taken" },
	{ tell_taken, "--wait-all-nodes=1", "taken" },
	{ tell_taken, "--mem-bind=local", "taken" },
	{ tell_taken, "--sockets-per-node=1", "taken" },
	{ tell_taken, "--cores-per-socket=4", "taken" },
	{ tell_taken, "--core-spec=1", "taken" },
	{ tell_taken, "-S 1", "taken" },
	{ tell_taken, "--thread-spec=1", "taken" },
	{ tell_taken, "--network=sn_all", "taken" },
	{ tell_taken, "--power=level", "taken" },
	{ tell_taken, "--delay-boot=5", "taken" },
	{ tell_taken, "--mcs-label=x", "taken" },
	{ tell_taken, "--bb=x", "taken" },
	{ tell_taken, "--bbf=x", "taken" },
	{ tell_taken, "--ignore-pbs", "taken" },
	{ tell_taken, "--uid=me", "taken" },
	{ tell_taken, "--gid=us", "taken" },
	{ tell_taken, "--reboot", "taken" },
	{ tell_taken, "--container=x", "taken" },
	{ tell_taken, "--context=x", "taken" },
	{ tell_taken, "--prefer=fast", "taken" },
	{ tell_taken, "--batch=fast", "taken" },
	{ tell_taken, "--gpu-bind=none", "taken" },
	{ tell_taken, "--gres-flags=enforce-binding", "taken" },
	{ tell_taken, "--gres=none", "taken" },
	{ tell_taken, "--gres=gpu:0", "taken" },
	{ tell_taken, "--gres=lscratch:100", "taken" },
	{ tell_taken, "--gres=gpu:1", "" },
	{ tell_taken, "--gres=gpu", "" },
	{ tell_taken, "--gres=lscratch:100,gpu:2", "" },
	{ tell_taken, "--gpus=1", "" },
	{ tell_taken, "--test-only", "" },
	{ tell_taken, "--help", "" },
	{ tell_taken, "--export-file=x", "" },
	{ tell_taken, "--nodefile=x", "" },
	{ tell_taken, "-F x", "" },
	{ tell_taken, "-m block:cyclic", "taken" },
	{ tell_taken, "--distribution=plane=2", "taken" },
	{ tell_taken, "-m *:block", "taken" },
	{ tell_taken, "-mem=4G", "" },
	{ tell_taken, "-time=10", "" },
	{ tell_taken, "-ntasks=4", "" },
	{ tell_taken, "-array=1-3", "" },
	/* the beginning of one name only */
	{ tell_taken, "--out=x", "taken" },
	{ tell_taken, "--outp x", "taken" },
	{ tell_taken, "--err=x", "taken" },
	{ tell_taken, "--part=x", "taken" },
	{ tell_taken, "--dep=singleton", "taken" },
	{ tell_taken, "--depend=singleton", "taken" },
	{ tell_name, "--job=sim", "sim" },
	{ tell_name, "--job-n sim", "sim" },
	{ tell_limit, "--ti=10", "" },          /* --time-min, too */
	{ tell_limit, "--tim=10", "" },
	{ tell_taken, "--de=singleton", "" },   /* --deadline, --delay-boot */
	{ tell_taken, "--no-r", "taken" },
	{ tell_taken, "--no=1", "" },
	{ tell_taken, "--cpu=2", "" },
	{ tell_taken, "--exc=n1", "" },
	{ tell_taken, "--exclu=n1", "" },
	{ tell_taken, "--excludes=n1", "" },
	{ tell_taken, "--acc=x", "" },          /* --account, --acctg-freq */
	{ tell_taken, "--acco=x", "taken" },
	{ tell_taken, "--trans=x", "" },        /* not sbatch's */
	{ tell_taken, "--retr=2", "" },
	{ tell_taken, "--std", "" },
	{ tell_taken, "--", "taken" },
	/* the environment */
	{ tell_environment, "--export=ALL", "-" },
	{ tell_environment, "--export=all", "-" },
	{ tell_environment, "--export=None", "-" },
	{ tell_environment, "--export=nil", "-" },
	{ tell_environment, "--export=NIL,A=1", "A=1|" },
	{ tell_environment, "--export=ALL,A=1,B=2", "A=1|B=2|" },
	{ tell_environment, "--export=A=", "A=|" },
	{ tell_environment, "'--export=LIST=\"1,2\",B=3'", "LIST=1,2|B=3|" },
	{ tell_environment, "\"--export=LIST='1,2'\"", "LIST=1,2|" },
	{ tell_environment, "'--export=LIST=1\\,2,B=3'", "LIST=1,2|B=3|" },
	{ tell_environment, "'--export=A=\"x y\"'", "A=x y|" },
	{ tell_environment, "--export=A=b=c", "A=b=c|" },
	{ tell_environment, "--export=LIST=1,2", "" },
	{ tell_environment, "--export=HOME", "" },
	{ tell_environment, "--export=1=2", "" },
	/* arrays */
	{ tell_array, "--array=1-3", "3 at most 0" },
	{ tell_array, "--array=[1-3]", "3 at most 0" },
	{ tell_array, "--array=1-3,", "3 at most 0" },
	{ tell_array, "--array=[1-3,7]%2", "4 at most 2" },
	{ tell_array, "--array=1-3%2", "3 at most 2" },
	{ tell_array, "-a 0-15:4", "4 at most 0" },
	{ tell_array, "-a 3-1", "" },
	{ tell_array, "-a ,", "" },
	{ tell_array, "-a []", "" },
	{ tell_array, "-a 1,,2", "" },
	/* days and hours */
	{ tell_begin, "--begin=2030-12-25", "12-25 00:00:00" },
	{ tell_begin, "--begin=2030-12-25T16:30", "12-25 16:30:00" },
	{ tell_begin, "--begin=2030-12-25T16:30:15", "12-25 16:30:15" },
	{ tell_begin, "--begin=12/25", "12-25 00:00:00" },
	{ tell_begin, "--begin=12/25/30", "12-25 00:00:00" },
	{ tell_begin, "--begin=122530", "12-25 00:00:00" },
	{ tell_begin, "--begin=2026-02-30", "" },
	{ tell_begin, "--begin=2030-02-29", "" },
	{ tell_begin, "--begin=2032-02-29", "02-29 00:00:00" },
	{ tell_begin, "--begin=2030-13-01", "" },
	{ tell_begin, "--begin=02/30", "" },
	{ tell_begin, "--begin=02/30/30", "" },
	{ tell_begin, "--begin=2030-12-25T25:00", "" },
	{ tell_begin, "--begin=someday", "" },
};

static void check_row(size_t row)
{
	char text[512];
	Err err = { 0 };
	Spec *spec;

	snprintf(text, sizeof text, "#!/bin/sh\n#SBATCH %s\ntrue\n", table[row].option);
	spec = spec_parse(text, strlen(text), &err);
	said[0] = '\0';
	if (spec)
		table[row].tell(spec);
	if (strcmp(said, table[row].wanted) != 0)
		print_error("%s: \"%s\", wanted \"%s\" (%s)\n", table[row].option, said, table[row].wanted, err.text);
	if (!spec && !err.text[0])
		print_error("%s: refused without a word\n", table[row].option);
	spec_free(spec);
}

static void values_are_taken_as_sbatch_takes_them(void **state)
{
	size_t wrong = 0;

	(void)state;
	for (size_t row = 0; row < sizeof table / sizeof *table; row++) {
		check_row(row);
		wrong += strcmp(said, table[row].wanted) != 0;
	}
	assert_int_equal(wrong, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(values_are_taken_as_sbatch_takes_them) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
