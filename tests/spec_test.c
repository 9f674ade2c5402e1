/* spec_test.c - one-line specs: every option, every shape of a value, every refusal, and the command,
 * which nobody touches. Scripts are in spec_script_test.c. */
#include "store/spec.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <time.h>

#include <cmocka.h>

#include "spec_text.h"

#define COUNT(table) (sizeof (table) / sizeof *(table))

typedef struct Accepted {
	const char *line, *options, *command;
} Accepted;

static void assert_accepted(const Accepted *row)
{
	Err err = { 0 };
	Spec *spec = spec_parse(row->line, strlen(row->line), &err);
	char *options;

	if (!spec)
		print_error("%s\nrefused: %s\n", row->line, err.text);
	assert_non_null(spec);
	options = options_text(spec);
	assert_string_equal(options, row->options);
	assert_string_equal(spec->text, row->line);
	assert_string_equal(spec->text + spec->command, row->command);
	assert_false(spec->script);
	free(options);
	spec_free(spec);
}

static void options_say_what_sbatch_makes_of_them(void **state)
{
	static const Accepted rows[] = {
		{ "true", "", "true" },
		{ "-J sim true", "name(sim) ", "true" },
		{ "-Jsim true", "name(sim) ", "true" },
		{ "-J=sim true", "name(=sim) ", "true" },
		{ "--job-name sim true", "name(sim) ", "true" },
		{ "--job-name=sim true", "name(sim) ", "true" },
		{ "--job-name=a=b true", "name(a=b) ", "true" },
		{ "--job-name -c true", "name(-c) ", "true" },
		{ "-c 2 true", "cpus(2) ", "true" },
		{ "-c2 true", "cpus(2) ", "true" },
		{ "--cpus-per-task=65536 true", "cpus(65536) ", "true" },
		{ "-n 3 true", "cpus(3) ntasks(3) ", "true" },
		{ "-n 3 -c 2 true", "cpus(6) ntasks(3) ", "true" },
		{ "-c 2 --ntasks 3 true", "cpus(6) ntasks(3) ", "true" },
		{ "-c 2 -n 3 -c 4 true", "cpus(12) ntasks(3) ", "true" },
		{ "-c 2 -n 3 -n 1 true", "cpus(2) ", "true" },
		{ "-H true", "hold ", "true" },
		{ "--hold true", "hold ", "true" },
		{ "--nice true", "nice(100) ", "true" },
		{ "--nice 5 true", "nice(100) ", "5 true" },
		{ "--nice=5 true", "nice(5) ", "true" },
		{ "--nice=-2147483645 true", "nice(-2147483645) ", "true" },
		{ "--nice=2147483645 true", "nice(2147483645) ", "true" },
		{ "--no-requeue true", "no-requeue ", "true" },
		{ "--no-requeue --requeue true", "", "true" },
		{ "-D /tmp true", "chdir(/tmp) ", "true" },
		{ "-D ./ true", "chdir(./) ", "true" },
		{ "--chdir=../run true", "chdir(../run) ", "true" },
		{ "--chdir='/a b' -D /c true", "chdir(/c) ", "true" },
		{ "--export=A=1 true", "export(A=1) ", "true" },
		{ "--export=A=1,_b2=x=y,C= true", "export(A=1) export(_b2=x=y) export(C=) ", "true" },
		{ "--export=ALL true", "", "true" },
		{ "--export=NONE true", "", "true" },
		{ "--export ALL,A=1 true", "export(A=1) ", "true" },
		{ "--export=A=1 --export=B=2 true", "export(B=2) ", "true" },
		{ "--export=A=1 --export=NONE true", "", "true" },
		{ "--export='A=two words' true", "export(A=two words) ", "true" },
		{ "-N 1 true", "", "true" },
		{ "--nodes=1-1 true", "", "true" },
		{ "--mem=500 true", "memory(512000K) ", "true" },
		{ "--mem 4G true", "memory(4194304K) ", "true" },
		{ "--mem=1024K true", "memory(1024K) ", "true" },
		{ "--mem=2M true", "memory(2048K) ", "true" },
		{ "--mem=2mb true", "memory(2048K) ", "true" },
		{ "--mem=64T true", "memory(68719476736K) ", "true" },
		{ "--mem=1GB true", "memory(1048576K) ", "true" },
		{ "--mem=0 true", "", "true" },
		{ "--mem=1G --mem=0 true", "", "true" },
		{ "--mem-per-cpu=100 true", "memory(102400K) ", "true" },
		{ "--mem-per-cpu=100 -c 2 -n 3 true", "cpus(6) ntasks(3) memory(614400K) ", "true" },
		{ "-c 65536 --mem-per-cpu 64T true", "cpus(65536) memory(4503599627370496K) ", "true" },
		{ "--mem-per-cpu=100 --mem=1G -c 2 true", "cpus(2) memory(1048576K) ", "true" },
		{ "--mem=1G -c 2 --mem-per-cpu=100 true", "cpus(2) memory(204800K) ", "true" },
		{ "--mem=1G --mem-per-cpu=0 true", "", "true" },
		{ "--signal=USR1 true", "warn(10 before 60) ", "true" },
		{ "--signal SIGTERM@120 true", "warn(15 before 120) ", "true" },
		{ "--signal=2@0 true", "warn(2 before 0) ", "true" },
		{ "--signal=B:USR2@65535 true", "warn(first 12 before 65535) ", "true" },
		{ "--signal=R:USR1 true", "warn(10 before 60) ", "true" },
		{ "--signal=RB:USR1@5 true", "warn(first 10 before 5) ", "true" },
		{ "--signal=R:B:64 true", "warn(first 64 before 60) ", "true" },
		{ "-i data.%j cat", "input(data.%j) ", "cat" },
		{ "--input=/a cat", "input(/a) ", "cat" },
		{ "--stdin cat", "stdin ", "cat" },
		{ "-Hc2 true", "cpus(2) hold ", "true" },
		{ "-HQvJ x true", "name(x) hold ", "true" },
		{ "-a 0-15:4%2 true", "array(0-15:4%2) ", "true" },
		{ "--array=1,3,5 --array=7 true", "array(7) ", "true" },
		{ "-d afterok:1:2,afterany:sim,after:3+5 true", "after(afterok:1:2,afterany:sim,after:3+5) ", "true" },
		{ "-d 'afterok:1?singleton' true", "after(afterok:1?singleton) ", "true" },
		{ "-d aftercorr:10000001_4 --kill-on-invalid-dep=yes true", "after(aftercorr:10000001_4, or never) ", "true" },
		{ "--kill-on-invalid-dep=no true", "", "true" },
		{ "--begin=now+1hour true", "later ", "true" },
		{ "-b 16:00 true", "later ", "true" },
		{ "--retries=3 true", "retries(3) ", "true" },
		{ "--exclusive true", "exclusive ", "true" },
		{ "--exclusive=user true", "exclusive ", "true" },
		{ "-c 2 -t 10 -J sim ./sim 42", "name(sim) cpus(2) limit(600) ", "./sim 42" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++)
		assert_accepted(&rows[i]);
}

static void options_of_other_clusters_are_recorded(void **state)
{
	static const char *const recorded[] = {
		"-p long", "--partition=long", "-A lab", "--account=lab", "-q low", "--qos low", "--mail-type=END",
		"--mail-user=me@lab.org", "--hint=nomultithread", "--reservation=r1", "--comment=''", "--comment 'a b'",
		"-o out.%j", "--output=out.%j", "-e err.%j", "--error=err.%j", "--wckey=w", "-k",
		"-koff", "--no-kill", "--no-kill=off", "--open-mode=append", "--parsable", "-Q", "--quiet", "-v", "-vvv",
		"--verbose", "--get-user-env", "--get-user-env=10L", "--threads-per-core=1", "--ntasks-per-core=1",
		"--ntasks-per-socket=1", "-L matlab:1", "--licenses=matlab", "--cpu-freq=high", "--profile=all",
		"--switches=1@10", "--spread-job", "-m block", "--distribution=cyclic", "-B 2:4:1",
		"--extra-node-info=2", "--contiguous", "--tmp=10G", "-O", "--overcommit", "-s", "--oversubscribe",
		"--propagate", "--propagate=NONE", "--priority=7", "-M here", "--clusters=here",
		"--cluster-constraint=big", "--deadline=noon", "--acctg-freq=30", "-W", "--wait",
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(recorded); i++) {
		Buf line = BUF_INIT;

		buf_addf(&line, "%s ./sim 42", recorded[i]);
		assert_accepted(&(Accepted){ buf_text(&line), "", "./sim 42" });
		buf_release(&line);
	}
}

static void options_are_split_as_the_shell_splits(void **state)
{
	static const Accepted rows[] = {
		{ "-J 'a b' true", "name(a b) ", "true" },
		{ "-J \"a b\" true", "name(a b) ", "true" },
		{ "-J a\\ b true", "name(a b) ", "true" },
		{ "-J a' 'b\" \"c true", "name(a b c) ", "true" },
		{ "'--job-name=a b' true", "name(a b) ", "true" },
		{ "\"--job-name=a b\" true", "name(a b) ", "true" },
		{ "--job-name='a'\\''b' true", "name(a'b) ", "true" },
		{ "--job-name='a\\b' true", "name(a\\b) ", "true" },
		{ "--job-name=\"a\\b\\\"\\\\\\$\\`\" true", "name(a\\b\"\\$`) ", "true" },
		{ "--job-name=a#b true", "name(a#b) ", "true" },
		{ "--job-name='#' true", "name(#) ", "true" },
		{ "--job-name=$HOME true", "name($HOME) ", "true" },
		{ "\\-c \"\"2 true", "cpus(2) ", "true" },
		{ " \t -c\t2 \t true", "cpus(2) ", "true" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++)
		assert_accepted(&rows[i]);
}

static void the_command_is_not_touched(void **state)
{
	static const Accepted rows[] = {
		{ "echo  a   b  ", "", "echo  a   b  " },
		{ "   echo a", "", "echo a" },
		{ "-c 2 \t echo 'a  b' # note\t", "cpus(2) ", "echo 'a  b' # note\t" },
		{ "-c 2 echo it's", "cpus(2) ", "echo it's" },
		{ "it's", "", "it's" },
		{ "'my prog' --job-name=x", "", "'my prog' --job-name=x" },
		{ "'unclosed", "", "'unclosed" },
		{ "echo \\\\", "", "echo \\\\" },
		{ "printf '\\n'", "", "printf '\\n'" },
		{ "-c 2 \"$x\" -c 3", "cpus(2) ", "\"$x\" -c 3" },
		{ "-- -c", "", "-c" },
		{ "-c 2 -- --bogus x", "cpus(2) ", "--bogus x" },
		{ "-c 2 --  true", "cpus(2) ", "true" },
		{ "-- -- x", "", "-- x" },
		{ "-", "", "-" },
		{ "-c 2 - x", "cpus(2) ", "- x" },
		{ "true;#x", "", "true;#x" },
		{ "a\rb", "", "a\rb" },
		{ "$(echo -c) || true", "", "$(echo -c) || true" },
		{ "\303\251cho \377", "", "\303\251cho \377" },
		{ "''", "", "''" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++)
		assert_accepted(&rows[i]);
}

typedef struct Refused {
	const char *line, *sentence, *word;
} Refused;

static void assert_rows_refused(const Refused *rows, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		assert_refused(rows[i].line, strlen(rows[i].line), EINVAL, rows[i].sentence, rows[i].word);
}

static void an_unknown_option_is_refused_by_name(void **state)
{
	static const Refused rows[] = {
		{ "--bogus true", "--bogus: unknown option", "--bogus" },
		{ "-c 2 --bogus=3 true", "--bogus: unknown option", "--bogus=3" },
		{ "--job-nam=x --jb-name=x true", "--jb-name: unknown option; did you mean --job-name?", "--jb-name=x" },
		{ "--tiem=10 true", "--tiem: unknown option; did you mean --time?", "--tiem=10" },
		{ "--cpu-per-task=2 true", "--cpu-per-task: unknown option; did you mean --cpus-per-task?",
		  "--cpu-per-task=2" },
		{ "--Hold true", "--Hold: unknown option; did you mean --hold?", "--Hold" },
		{ "--no-such-option-was-ever-in-sbatch true", "--no-such-option-was-ever-in-sbatch: unknown option",
		  "--no-such-option-was-ever-in-sbatch" },
		{ "--=x true", "--: unknown option", "--=x" },
		{ "-Z true", "-Z: unknown option", "-Z" },
		{ "-HZ true", "-Z: unknown option", "-HZ" },
		{ "-c 2 -5 true", "-5: unknown option", "-5" },
		{ "'--bogus' true", "--bogus: unknown option", "'--bogus'" },
	};

	(void)state;
	assert_rows_refused(rows, COUNT(rows));
}

static void a_bad_value_is_refused_with_its_reason(void **state)
{
	static const Refused rows[] = {
		{ "--cpus-per-task=lots true", "--cpus-per-task: \"lots\" is not a number", "--cpus-per-task=lots" },
		{ "-c lots true", "--cpus-per-task: \"lots\" is not a number", "lots" },
		{ "-c=2 true", "--cpus-per-task: \"=2\" is not a number", "-c=2" },
		{ "-c '' true", "--cpus-per-task: \"\" is not a number", "''" },
		{ "-c 2x true", "--cpus-per-task: \"2x\" is not a number", "2x" },
		{ "-c ' 2' true", "--cpus-per-task: \" 2\" is not a number", "' 2'" },
		{ "-c 0 true", "--cpus-per-task: \"0\" is not in the range 1 to 65536", "0" },
		{ "-c -1 true", "--cpus-per-task: \"-1\" is not in the range 1 to 65536", "-1" },
		{ "-n 65537 true", "--ntasks: \"65537\" is not in the range 1 to 65536", "65537" },
		{ "-n 99999999999999999999 true",
		  "--ntasks: \"99999999999999999999\" is not in the range 1 to 65536", "99999999999999999999" },
		{ "--mem=lots true", "--mem: \"lots\" is not an amount of memory such as 500M, 4G or 1T", "--mem=lots" },
		{ "--mem= true", "--mem: \"\" is not an amount of memory such as 500M, 4G or 1T", "--mem=" },
		{ "--mem=-1 true", "--mem: \"-1\" is not an amount of memory such as 500M, 4G or 1T", "--mem=-1" },
		{ "--mem=1.5G true", "--mem: \"1.5G\" is not an amount of memory such as 500M, 4G or 1T", "--mem=1.5G" },
		{ "--mem 4P true", "--mem: \"4P\" is not an amount of memory such as 500M, 4G or 1T", "4P" },
		{ "--mem 4B true", "--mem: \"4B\" is not an amount of memory such as 500M, 4G or 1T", "4B" },
		{ "--mem 4GBB true", "--mem: \"4GBB\" is not an amount of memory such as 500M, 4G or 1T", "4GBB" },
		{ "--mem=1023K true", "--mem: \"1023K\" is less than 1M, in which no program starts", "--mem=1023K" },
		{ "--mem=65T true", "--mem: \"65T\" is more than 64T", "--mem=65T" },
		{ "--mem-per-cpu=99999999999999999999 true", "--mem-per-cpu: \"99999999999999999999\" is more than 64T",
		  "--mem-per-cpu=99999999999999999999" },
		{ "--signal=WINNER true",
		  "--signal: \"WINNER\" is not a signal; expected a name like TERM or a number", "--signal=WINNER" },
		{ "--signal= true", "--signal: \"\" is not a signal; expected a name like TERM or a number", "--signal=" },
		{ "--signal=65 true", "--signal: \"65\" is not a number from 1 to 64", "--signal=65" },
		{ "--signal=0 true", "--signal: \"0\" is not a number from 1 to 64", "--signal=0" },
		{ "--signal=USR1@ true", "--signal: \"\" is not a number", "--signal=USR1@" },
		{ "--signal=USR1@1m true", "--signal: \"1m\" is not a number", "--signal=USR1@1m" },
		{ "--signal=USR1@65536 true", "--signal: \"65536\" is not in the range 0 to 65535", "--signal=USR1@65536" },
		{ "--signal=X:USR1 true", "--signal: \"X:USR1\" is not of the form [B:]SIG[@SECONDS]",
		  "--signal=X:USR1" },
		{ "--signal=:USR1 true", "--signal: \":USR1\" is not of the form [B:]SIG[@SECONDS]", "--signal=:USR1" },
		{ "-i '' true", "--input: the path is empty", "''" },
		{ "--stdin=x true", "--stdin: takes no value", "--stdin=x" },
		{ "-n 4096 -c 17 true",
		  "--cpus-per-task: 4096 tasks of 17 CPUs are 69632 CPUs; a job has at most 65536", "17" },
		{ "-c 17 -n 4096 true", "--ntasks: 4096 tasks of 17 CPUs are 69632 CPUs; a job has at most 65536",
		  "4096" },
		{ "--nice=kind true", "--nice: \"kind\" is not a number", "--nice=kind" },
		{ "--nice= true", "--nice: \"\" is not a number", "--nice=" },
		{ "--nice=2147483646 true",
		  "--nice: \"2147483646\" is not in the range -2147483645 to 2147483645", "--nice=2147483646" },
		{ "--nodes=2 true", "--nodes: a job runs on one node, not on \"2\"", "--nodes=2" },
		{ "-N 2-4 true", "--nodes: a job runs on one node, not on \"2-4\"", "2-4" },
		{ "-N few true", "--nodes: \"few\" is not a number of nodes, or a range such as 1-4", "few" },
		{ "--job-name= true", "--job-name: the name is empty", "--job-name=" },
		{ "--chdir= true", "--chdir: the path is empty", "--chdir=" },
		{ "-D ~ true", "--chdir: \"~\": only a shell knows what ~ is; write the path", "~" },
		{ "--chdir=~/x true", "--chdir: \"~/x\": only a shell knows what ~ is; write the path", "--chdir=~/x" },
		{ "--export=HOME true",
		  "--export: \"HOME\" has no value; wulfs cannot see the shell's: write HOME=VALUE", "--export=HOME" },
		{ "--export=ALL,HOME true",
		  "--export: \"HOME\" has no value; wulfs cannot see the shell's: write HOME=VALUE",
		  "--export=ALL,HOME" },
		{ "--export=2A=1 true", "--export: \"2A=1\" does not begin with the name of a variable", "--export=2A=1" },
		{ "--export=A-B=1 true", "--export: \"A-B=1\" does not begin with the name of a variable",
		  "--export=A-B=1" },
		{ "--export==1 true", "--export: \"=1\" does not begin with the name of a variable", "--export==1" },
		{ "--export=A=1, true", "--export: \"\" does not begin with the name of a variable", "--export=A=1," },
		{ "--time=soon true",
		  "--time: \"soon\" is not a time: M, M:S, H:M:S, D-H, D-H:M, D-H:M:S or UNLIMITED", "--time=soon" },
	};

	(void)state;
	assert_rows_refused(rows, COUNT(rows));
}

static void a_value_too_few_or_too_many_is_refused(void **state)
{
	static const Refused rows[] = {
		{ "--job-name", "--job-name: a value is missing", "--job-name" },
		{ "-J", "--job-name: a value is missing", "-J" },
		{ "-HJ", "--job-name: a value is missing", "-HJ" },
		{ "-J #x", "--job-name: a value is missing", "-J" },
		{ "--partition", "--partition: a value is missing", "--partition" },
		{ "-a 3-1 true", "--array: \"3-1\" is no range of tasks; expected N, N-M or N-M:STEP, from 0 to 4000000", "3-1" },
		{ "-a 0-3%0 true", "--array: \"%0\" is not how many tasks may run at a time; expected %N", "0-3%0" },
		{ "-d 7 true", "--dependency: \"7\" is no dependency; expected after, afterok, afterany, afternotok, "
		  "aftercorr, each with :ID, or singleton", "7" },
		{ "-d afterok true", "--dependency: afterok: a job is missing; expected afterok:ID", "afterok" },
		{ "-d afterok: true", "--dependency: afterok: the id or name of a job is expected after the colon", "afterok:" },
		{ "-d singleton:1 true", "--dependency: singleton takes no job", "singleton:1" },
		{ "-d after:1+x true", "--dependency: \"x\" is not a number of minutes", "after:1+x" },
		{ "-d after:1,after:2?after:3 true", "--dependency: either all (commas) or any (question marks) can be asked "
		  "for, not a mixture", "after:1,after:2?after:3" },
		{ "--kill-on-invalid-dep=maybe true", "--kill-on-invalid-dep: \"maybe\" is neither yes nor no",
		  "--kill-on-invalid-dep=maybe" },
		{ "--begin=soon true", "--begin: \"soon\" is not a time: H:M[:S], now+1hour, noon, tomorrow, or 2030-01-20T12:34",
		  "--begin=soon" },
		{ "--retries=-1 true", "--retries: \"-1\" is not in the range 0 to 1000", "--retries=-1" },
		{ "--exclusive=all true", "--exclusive: \"all\" is not user, mcs or topo", "--exclusive=all" },
		{ "--hold=yes true", "--hold: takes no value", "--hold=yes" },
		{ "--parsable= true", "--parsable: takes no value", "--parsable=" },
	};

	(void)state;
	assert_rows_refused(rows, COUNT(rows));
}

static void assert_brackets(const char *list, size_t length, const char *wanted)
{
	Buf text = BUF_INIT;

	for (size_t at = 0; at < length; at += strlen(list + at) + 1)
		buf_addf(&text, "[%s]", list + at);
	assert_string_equal(buf_text(&text), wanted);
	buf_release(&text);
}

/* What --transfer and --return make of their values: a path a bracket. */
static void paths_are_listed_with_commas_between(void **state)
{
	static const struct {
		const char *line, *transfer, *returns;
	} rows[] = {
		{ "--transfer=sim true", "[sim]", "" },
		{ "--transfer sim,data/in.txt true", "[sim][data/in.txt]", "" },
		{ "--transfer=./sim,a//b/./c/,. true", "[sim][a/b/c][.]", "" },
		{ "--transfer=/opt/x,/opt/./y/ true", "[/opt/x][/opt/y]", "" },
		{ "'--transfer=with space,comma\\,inside,back\\\\slash' true", "[with space][comma,inside][back\\slash]", "" },
		{ "--transfer=..data,a..b true", "[..data][a..b]", "" },
		{ "--transfer=one --transfer=two true", "[two]", "" },
		{ "'--return=*.txt,out/**/x?' true", "", "[*.txt][out/**/x?]" },
		{ "'--return=./out/,a\\,b,\\*' true", "", "[out][a\\,b][\\*]" },
		{ "--transfer=in --return=. true", "[in]", "[.]" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		Err err = { 0 };
		Spec *spec = spec_parse(rows[i].line, strlen(rows[i].line), &err);

		if (!spec)
			fail_msg("%s: %s", rows[i].line, err.text);
		assert_brackets(spec->transfer, spec->transfer_length, rows[i].transfer);
		assert_brackets(spec->returns, spec->returns_length, rows[i].returns);
		spec_free(spec);
	}
}

static void paths_that_lead_out_are_refused(void **state)
{
	static const Refused rows[] = {
		{ "--transfer=../x true", "--transfer: \"../x\": \"..\" leads out of the directory; write an absolute path", "--transfer=../x" },
		{ "--transfer=a/../../x true",
		  "--transfer: \"a/../../x\": \"..\" leads out of the directory; write an absolute path", "--transfer=a/../../x" },
		{ "--transfer=/ true", "--transfer: \"/\" is all there is", "--transfer=/" },
		{ "--transfer= true", "--transfer: \"\" is not a list of paths with commas between", "--transfer=" },
		{ "--transfer=a, true", "--transfer: \"a,\" is not a list of paths with commas between", "--transfer=a," },
		{ "--transfer=,a true", "--transfer: \",a\" is not a list of paths with commas between", "--transfer=,a" },
		{ "--return=/etc/passwd true", "--return: \"/etc/passwd\" leads out of the directory that the job starts in", "--return=/etc/passwd" },
		{ "--return=x/.. true", "--return: \"x/..\" leads out of the directory that the job starts in", "--return=x/.." },
		{ "--return", "--return: a value is missing", "--return" },
	};
	Buf many = BUF_INIT;
	Err err = { 0 };

	(void)state;
	assert_rows_refused(rows, COUNT(rows));
	buf_add_text(&many, "--transfer=0");
	for (int i = 1; i <= SPEC_PATHS_MAX; i++)
		buf_addf(&many, ",%d", i);
	buf_add_text(&many, " true");
	assert_null(spec_parse(many.data, many.length, &err));
	assert_string_equal(err.text, "--transfer: there are more than 64 paths; name a directory that holds them");
	buf_release(&many);
}

static void what_wulfs_will_not_do_is_refused_by_name(void **state)
{
	static const Refused rows[] = {
		{ "--gres=gpu:1 true", "--gres: wulfs does not manage GPUs", "--gres=gpu:1" },
		{ "--gpus 1 true", "--gpus: wulfs does not manage GPUs", "--gpus" },
		{ "-G1 true", "--gpus: wulfs does not manage GPUs", "-G1" },
		{ "--gpus-per-node=1 true", "--gpus-per-node: wulfs does not manage GPUs", "--gpus-per-node=1" },
		{ "--gpus-per-task=1 true", "--gpus-per-task: wulfs does not manage GPUs", "--gpus-per-task=1" },
		{ "--wrap='sim 42'", "--wrap: not needed here: write the command itself", "--wrap='sim 42'" },
	};

	(void)state;
	assert_rows_refused(rows, COUNT(rows));
}

static void a_quote_left_open_among_options_is_refused(void **state)
{
	static const Refused rows[] = {
		{ "-J 'a b", "the quote ' is never closed", "'a b" },
		{ "--job-name='a b true", "the quote ' is never closed", "'a b true" },
		{ "-J \"a\\\" true", "the quote \" is never closed", "\"a\\\" true" },
		{ "'--job-name=a true", "the quote ' is never closed", "'--job-name=a true" },
	};

	(void)state;
	assert_rows_refused(rows, COUNT(rows));
}

static void a_job_has_one_standard_input(void **state)
{
	Err err = { 0 };

	(void)state;
	assert_null(spec_parse("--stdin -i data cat", 19, &err));
	assert_string_equal(err.text, "--stdin and --input: a job has one standard input; give one of them");
	assert_null(spec_parse("#!/bin/sh\n#SBATCH -i data\n#SBATCH --stdin\n", 43, &err));
}

static void a_line_without_a_command_is_refused(void **state)
{
	static const char *const lines[] = { "", "  \t ", "-c 2", "-c 2  ", "--", "-c 2 --", "-c 2 -- ", "# x", "-c 2 # x" };
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(lines); i++)
		assert_refused(lines[i], strlen(lines[i]), EINVAL,
			       "no command: a line is options, then the command to run", "");
}

static void someone_who_forgot_the_first_line_is_told(void **state)
{
	static const Refused rows[] = {
		{ "#SBATCH -c 2", "#SBATCH outside a script: a first line such as #!/bin/sh is missing", "#SBATCH" },
		{ "#SBATCH", "#SBATCH outside a script: a first line such as #!/bin/sh is missing", "#SBATCH" },
		{ "#SBATCH--hold", "#SBATCH outside a script: a first line such as #!/bin/sh is missing", "#SBATCH" },
		{ "#WULFS\t-H", "#WULFS outside a script: a first line such as #!/bin/sh is missing", "#WULFS" },
	};

	(void)state;
	assert_rows_refused(rows, COUNT(rows));
}

#define NO_SCRIPT "#! is not the first two bytes of what was written, so this is no script: each line would be a job"
#define MARK "the text begins with a byte order mark (the bytes EF BB BF): save it without"
#define OUTSIDE " outside a script: a first line such as #!/bin/sh is missing"

/* Each of these lines may stand in a text that was meant as one script. */
static void lines_of_a_script_that_is_none_are_refused(void **state)
{
	static const Refused rows[] = {
		{ " #!/bin/bash", NO_SCRIPT, " #!" },
		{ "\t #! /bin/bash", NO_SCRIPT, "\t #!" },
		{ "# !/bin/bash", NO_SCRIPT, "# !" },
		{ "  #\t! /bin/bash", NO_SCRIPT, "  #\t!" },
		{ "\357\273\277#!/bin/bash", MARK, "\357\273\277" },
		{ "\357\273\277# my job", MARK, "\357\273\277" },
		{ "\357\273\277-c 2 true", MARK, "\357\273\277" },
		{ "#PBS -N x", "#PBS" OUTSIDE, "#PBS" },
		{ "#$ -cwd", "#$" OUTSIDE, "#$" },
		{ "#$-cwd", "#$" OUTSIDE, "#$" },
		{ "#BSUB -J x", "#BSUB" OUTSIDE, "#BSUB" },
	};

	(void)state;
	assert_rows_refused(rows, COUNT(rows));
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_false(spec_is_blank(rows[i].line, strlen(rows[i].line)));
}

static void comments_stay_comments(void **state)
{
	static const char *const lines[] = {
		"# my job!", "#PBS is not here", "#$x -y", "# ! note", "#BSUBS -J", "# #!/bin/sh", "# PBS -N x", "#$",
	};
	size_t at;

	(void)state;
	for (size_t i = 0; i < COUNT(lines); i++)
		assert_int_equal(spec_check_stray(lines[i], strlen(lines[i]), &at, NULL), 0);
	assert_int_equal(spec_check_stray("true\n# x\n \n#!/bin/sh\nrm *\n", 26, &at, NULL), -1);
	assert_int_equal(at, 11);
	assert_int_equal(spec_check_stray("true\n# x\n", 9, &at, NULL), 0);
}

static void a_line_that_goes_on_is_refused(void **state)
{
	static const char sentence[] =
		"the line goes on after its last backslash; a job is one line: write it as one, or as a script";
	static const Refused rows[] = {
		{ "echo train \\", sentence, "\\" },
		{ "echo a\\\\\\", sentence, "\\" },
		{ "-J a\\", sentence, "\\" },
		{ "\\", sentence, "\\" },
	};
	Spec *again;

	(void)state;
	assert_rows_refused(rows, COUNT(rows));
	again = spec_parse_again(rows[0].line, strlen(rows[0].line), NULL);
	assert_non_null(again);         /* an earlier version took it */
	spec_free(again);
}

static void bytes_no_text_has_are_refused(void **state)
{
	(void)state;
	assert_refused("true\0x", 6, EINVAL, "the text holds a NUL byte", "");
	assert_refused("true\r", 5, EINVAL,
		       "the line ends in a carriage return: the text was saved with DOS line ends", "\r");
	assert_refused("true\nfalse", 10, EINVAL, "a job is one line; a script begins with #!", "\n");
}

static char *line_of(size_t n)
{
	char *line = mem_new(n + 1);

	memset(line, 'x', n);
	line[n] = '\0';
	return line;
}

static void the_bounds_are_exact(void **state)
{
	char *line = line_of(SPEC_LINE_MAX + 1);

	(void)state;
	assert_refused(line, SPEC_LINE_MAX + 1, E2BIG, "the line is longer than 65536 bytes", "");
	line[SPEC_LINE_MAX] = '\0';
	assert_accepted(&(Accepted){ line, "", line });
	free(line);
}

static void a_name_has_a_bound(void **state)
{
	char *name = line_of(SPEC_NAME_MAX + 1);
	Buf line = BUF_INIT;
	Spec *spec;

	(void)state;
	buf_addf(&line, "-J %s true", name);
	assert_refused(buf_text(&line), line.length, EINVAL, "--job-name: the name is longer than 1024 bytes", name);

	buf_clear(&line);
	buf_addf(&line, "-J %s true", name + 1);
	spec = spec_parse(buf_text(&line), line.length, NULL);
	assert_non_null(spec);
	assert_string_equal(spec->name, name + 1);
	spec_free(spec);
	buf_release(&line);
	free(name);
}

static void a_directory_has_a_bound(void **state)
{
	char *word = line_of(4096);
	Buf line = BUF_INIT;

	(void)state;
	word[0] = '/';
	buf_addf(&line, "-D %s true", word);
	assert_refused(buf_text(&line), line.length, EINVAL, "--chdir: the path is not shorter than 4096 bytes", word);
	buf_release(&line);
	free(word);
}

static void blank_lines_and_comments_are_no_jobs(void **state)
{
	static const struct {
		const char *line;
		bool blank;
	} rows[] = {
		{ "", true },          { " \t", true },        { "# note", true },     { "  # note", true },
		{ "#", true },         { "##SBATCH", true },   { "#SBATCHER", true },  { " #SBATCH -c 2", true },
		{ "true", false },     { "#!/bin/sh", false }, { "#SBATCH", false },   { "#SBATCH -c 2", false },
		{ "#WULFS -H", false }, { "\r", false },       { "# note\r", false },  { "-c 2", false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++)
		assert_int_equal(spec_is_blank(rows[i].line, strlen(rows[i].line)), rows[i].blank);
	assert_false(spec_is_blank("# \0", 3));
}

static void times_are_sbatchs(void **state)
{
	static const struct {
		const char *word;
		uint32_t seconds;
	} rows[] = {
		{ "0", 0 },          { "1", 60 },           { "10", 600 },        { "10:30", 630 },
		{ "90:00", 5400 },   { "0:05", 5 },         { "00:00:07", 7 },    { "1:10:30", 4230 },
		{ "100:00:00", 360000 }, { "2-1", 176400 }, { "2-1:10", 177000 }, { "2-1:10:30", 177030 },
		{ "0-0", 0 },        { "1-00:00:00", 86400 }, { "UNLIMITED", 0 }, { "infinite", 0 },
		{ "71582788", 4294967280u }, { "49710-6:28:14", 4294967294u },
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		uint32_t seconds = 4711;

		assert_int_equal(spec_parse_time(rows[i].word, &seconds, NULL), 0);
		assert_int_equal(seconds, rows[i].seconds);
	}
}

static void moments_to_begin_at_are_those_of_sbatch(void **state)
{
	enum { NOW = 1764072000 };      /* 2025-11-25 12:00:00 UTC */
	static const struct {
		const char *word;
		int64_t after;          /* seconds after NOW */
	} rows[] = {
		{ "now", 0 }, { "now+60", 60 }, { "now+60s", 60 }, { "now+2minutes", 120 }, { "now+1hour", 3600 },
		{ "now+3days", 259200 }, { "now+1week", 604800 }, { "16:00", 4 * 3600 }, { "16:00:30", 4 * 3600 + 30 },
		{ "4:00 pm", 4 * 3600 }, { "4:00AM", 16 * 3600 }, { "12:00am", 12 * 3600 }, { "12:00", 86400 },
		{ "11:59", 86340 }, { "midnight", 12 * 3600 }, { "noon", 86400 }, { "fika", 3 * 3600 },
		{ "teatime", 4 * 3600 }, { "today", -12 * 3600 }, { "tomorrow", 12 * 3600 },
		{ "2025-11-26", 12 * 3600 }, { "2025-11-26T01:02", 13 * 3600 + 120 }, { "2025-11-26T01:02:03", 13 * 3600 + 123 },
		{ "11/26/25", 12 * 3600 }, { "112625", 12 * 3600 }, { "11.26.25", 12 * 3600 },
	};
	static const char *const wrong[] = {
		"", "soon", "now-1", "now+", "now+1fortnight", "25:00", "12:60", "13:00 pm", "2025-13-01", "2025-11-26T", "1126",
	};
	int64_t moment;
	size_t i;

	(void)state;
	setenv("TZ", "UTC", 1);
	tzset();
	for (i = 0; i < COUNT(rows); i++) {
		moment = -1;
		if (spec_parse_begin(rows[i].word, (int64_t)NOW * 1000, &moment, NULL) < 0 || moment != (NOW + rows[i].after) * 1000)
			fail_msg("%s: %lld s after", rows[i].word, (long long)(moment / 1000 - NOW));
	}
	for (i = 0; i < COUNT(wrong); i++)
		if (spec_parse_begin(wrong[i], (int64_t)NOW * 1000, &moment, NULL) == 0)
			fail_msg("\"%s\" was accepted", wrong[i]);
}

static void what_is_no_time_is_refused(void **state)
{
	static const char *const words[] = {
		"", ":", "-", "10:", ":10", "1:2:3:4", "1-", "-1", "1-2-3", "10m", "1 ", " 1", "+1", "1.5", "1--2",
		"1:-2", "never", "UNLIMITED1",
	};
	static const struct {
		const char *word, *sentence;
	} rows[] = {
		{ "1-0:0:99999999999999999999", "\"1-0:0:99999999999999999999\" is too long; UNLIMITED sets no limit" },
		{ "71582789", "\"71582789\" is too long; UNLIMITED sets no limit" },
		{ "49710-6:28:15", "\"49710-6:28:15\" is too long; UNLIMITED sets no limit" },
		{ "99999999999999999999-0", "\"99999999999999999999-0\" is too long; UNLIMITED sets no limit" },
	};
	uint32_t seconds = 4711;
	Err err;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(words); i++)
		assert_int_equal(spec_parse_time(words[i], &seconds, &err), -1);
	for (i = 0; i < COUNT(rows); i++) {
		assert_int_equal(spec_parse_time(rows[i].word, &seconds, &err), -1);
		assert_string_equal(err.text, rows[i].sentence);
	}
	assert_int_equal(seconds, 4711);
}

/* For the sanitizers: nothing is asserted but that each comes back. */
static void a_hostile_line_is_survived(void **state)
{
	static const char *const patterns[] = { "-H ", "\\-H", "''", "\"\"", "\\", "-H", "--x ", ",", "-J x ", "9" };
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(patterns); i++) {
		Buf line = BUF_INIT;

		while (line.length + strlen(patterns[i]) <= SPEC_LINE_MAX)
			buf_add_text(&line, patterns[i]);
		spec_free(spec_parse(buf_text(&line), line.length, NULL));
		buf_release(&line);
	}
}

static void a_line_is_named_after_its_program(void **state)
{
	static const struct {
		const char *line, *name;
	} rows[] = {
		{ "sim 42", "sim" }, { "/opt/bin/sim", "sim" }, { "-c 2 ./sim", "sim" }, { "sim;true", "sim" }, { "sim>out", "sim" },
		{ "~/bin/sim -x", "sim" }, { "$HOME/bin/sim", "sim" }, { "$SIM 1", "$SIM" },
		{ "A=1 sim", "sim" }, { "A=1 _b2= ./sim 3", "sim" }, { "A='x y' B=\"a 'b\" C=d\\ e sim", "sim" }, { "A=/x/y sim", "sim" },
		{ "A=$(cat f | wc -l) sim", "sim" }, { "A=$( (echo a; echo b) ) sim", "sim" }, { "A=`cat f` sim", "sim" },
		{ "A=1; sim", "sim" }, { "A=1", "line" }, { "A=", "line" }, { "2=x sim", "2=x" }, { "a-b=c", "a-b=c" },
		{ "{ sim; true; }", "sim" }, { "{\tA=1 ./sim; }", "sim" }, { "(sim)", "sim" }, { "( cd x && sim )", "cd" },
		{ "((sim))", "sim" }, { "! sim", "sim" }, { "A=1 { sim", "sim" }, { "{sim", "{sim" }, { "{", "{" }, { "!", "!" },
		{ "'my sim' 1", "my sim" }, { "\"$HOME/my sim\" 1", "my sim" }, { "my\\ sim", "my sim" }, { "'a;b' c", "a;b" },
		{ "$(which sim) 1", "line" }, { "`which sim`", "line" }, { "'sim", "sim" }, { "A='sim", "line" }, { "A=$(sim", "line" },
		{ "x/", "line" }, { "<in sim", "line" }, { "|", "line" }, { "( ", "line" }, { "'' x", "line" },
		{ "#!/bin/sh\nA=1 sim\n", "script" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		Spec *spec = spec_parse(rows[i].line, strlen(rows[i].line), NULL);
		char *name;

		assert_non_null(spec);
		name = spec_default_name(spec);
		if (strcmp(name, rows[i].name) != 0)
			fail_msg("%s is called \"%s\", not \"%s\"", rows[i].line, name, rows[i].name);
		free(name);
		spec_free(spec);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_is_named_after_its_program),
		cmocka_unit_test(options_say_what_sbatch_makes_of_them),
		cmocka_unit_test(options_of_other_clusters_are_recorded),
		cmocka_unit_test(options_are_split_as_the_shell_splits),
		cmocka_unit_test(the_command_is_not_touched),
		cmocka_unit_test(an_unknown_option_is_refused_by_name),
		cmocka_unit_test(a_bad_value_is_refused_with_its_reason),
		cmocka_unit_test(a_value_too_few_or_too_many_is_refused),
		cmocka_unit_test(paths_are_listed_with_commas_between),
		cmocka_unit_test(paths_that_lead_out_are_refused),
		cmocka_unit_test(what_wulfs_will_not_do_is_refused_by_name),
		cmocka_unit_test(a_quote_left_open_among_options_is_refused),
		cmocka_unit_test(a_job_has_one_standard_input),
		cmocka_unit_test(a_line_without_a_command_is_refused),
		cmocka_unit_test(someone_who_forgot_the_first_line_is_told),
		cmocka_unit_test(lines_of_a_script_that_is_none_are_refused),
		cmocka_unit_test(comments_stay_comments),
		cmocka_unit_test(a_line_that_goes_on_is_refused),
		cmocka_unit_test(bytes_no_text_has_are_refused),
		cmocka_unit_test(the_bounds_are_exact),
		cmocka_unit_test(a_name_has_a_bound),
		cmocka_unit_test(a_directory_has_a_bound),
		cmocka_unit_test(blank_lines_and_comments_are_no_jobs),
		cmocka_unit_test(times_are_sbatchs),
		cmocka_unit_test(what_is_no_time_is_refused),
		cmocka_unit_test(moments_to_begin_at_are_those_of_sbatch),
		cmocka_unit_test(a_hostile_line_is_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
