/* spec_script_test.c - '#!' documents: where directives count, scripts as people submit them to sbatch,
 * and the judgement of a script while it is being written. */
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
	const char *text, *options;
} Accepted;

static void assert_accepted(const Accepted *row)
{
	Err err = { 0 };
	Spec *spec = spec_parse(row->text, strlen(row->text), &err);
	char *options;

	if (!spec)
		print_error("%s\nrefused: %s\n", row->text, err.text);
	assert_non_null(spec);
	options = options_text(spec);
	assert_string_equal(options, row->options);
	assert_string_equal(spec->text, row->text);
	assert_true(spec->script);
	assert_int_equal(spec->command, 0);
	free(options);
	spec_free(spec);
}

static void directives_count_until_the_first_command(void **state)
{
	static const Accepted rows[] = {
		{ "#!/bin/sh\n", "" },
		{ "#!/bin/sh", "" },
		{ "#! /usr/bin/env python3\nprint(1)\n", "" },
		{ "#!\t/bin/bash -l\n#SBATCH -c 2\n", "cpus(2) " },
		{ "#!/bin/sh\n#SBATCH -c 2", "cpus(2) " },
		{ "#!/bin/sh\n#SBATCH -c 2\n#SBATCH -J x -H\nsim\n", "name(x) cpus(2) hold " },
		{ "#!/bin/sh\n#WULFS -c 2\n#SBATCH -c 3\nsim\n", "cpus(3) " },
		{ "#!/bin/sh\n#SBATCH -c 3\n#WULFS -c 2\nsim\n", "cpus(2) " },
		{ "#!/bin/sh\n# note\n\n \t\n  # note\n#SBATCH -c 2\nsim\n", "cpus(2) " },
		{ "#!/bin/sh\nsim\n#SBATCH -c 2\n", "" },
		{ "#!/bin/sh\nsim\n#SBATCH --bogus\n", "" },
		{ "#!/bin/sh\n#SBATCH\t--job-name=x # the name\nsim\n", "name(x) " },
		{ "#!/bin/sh\n#SBATCH --job-name='x # y' #z\nsim\n", "name(x # y) " },
		{ "#!/bin/sh\n#SBATCH # nothing\n#SBATCH\n#SBATCH   \nsim\n", "" },
		{ "#!/bin/sh\n#SBATCH--hold\nsim\n", "hold " },
		{ "#!/bin/sh\n##SBATCH -c 2\n# SBATCH -c 2\n #SBATCH -c 2\n#SBATCHES -c 2\nsim\n", "" },
		{ "#!/bin/sh\n#SBATCH -c 2 --\nsim\n", "cpus(2) " },
		{ "#!/bin/sh\n#SBATCH --export=A=1\n#SBATCH --export=B=2\nsim\n", "export(B=2) " },
		{ "#!/bin/sh\nprintf 'a\rb' '\n", "" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++)
		assert_accepted(&rows[i]);
}

static void scripts_written_for_sbatch_run_unmodified(void **state)
{
	static const Accepted rows[] = {
		{ "#!/bin/bash\n"
		  "#SBATCH --job-name=serial_job_test    # Job name\n"
		  "#SBATCH --mail-type=END,FAIL          # Mail events (NONE, BEGIN, END, FAIL, ALL)\n"
		  "#SBATCH --mail-user=email@ufl.edu     # Where to send mail\n"
		  "#SBATCH --ntasks=1                    # Run on a single CPU\n"
		  "#SBATCH --time=00:05:00               # Time limit hrs:min:sec\n"
		  "#SBATCH --output=serial_test_%j.log   # Standard output and error log\n"
		  "pwd; hostname; date\n\nmodule load python\npython /data/training/SLURM/plot_template.py\n\ndate\n",
		  "name(serial_job_test) limit(300) " },
		{ "#!/bin/bash -l\n"
		  "#SBATCH -A naiss2024-22-100\n#SBATCH -p core\n#SBATCH -n 8\n#SBATCH -t 1-12:00:00\n"
		  "#SBATCH -J bwa_mem\n\nset -euo pipefail\nmodule load bioinfo-tools bwa samtools\n"
		  "bwa mem -t 8 ref.fa r1.fq r2.fq | samtools sort -o out.bam -\n",
		  "name(bwa_mem) cpus(8) ntasks(8) limit(129600) " },
		{ "#!/bin/bash\n"
		  "#SBATCH --nodes=1\n#SBATCH --ntasks-per-node=1\n#SBATCH --cpus-per-task=16\n"
		  "#SBATCH --partition=compute\n#SBATCH --account=abc123\n#SBATCH --export=ALL\n\n"
		  "export OMP_NUM_THREADS=$SLURM_CPUS_PER_TASK\nsrun ./hello_openmp\n",
		  "cpus(16) " },
		{ "#!/bin/bash\n#\n#SBATCH --job-name=test\n#SBATCH --output=res.txt\n#\n#SBATCH --ntasks=1\n"
		  "#SBATCH --time=10:00\n\nsrun hostname\nsrun sleep 60\n",
		  "name(test) limit(600) " },
		{ "#!/usr/bin/env python3\n"
		  "#SBATCH -J train -c 4 -t 120 --nice=50\n#SBATCH -o logs/%x-%j.out -e logs/%x-%j.err\n"
		  "#SBATCH --requeue --open-mode=append\n\"\"\"Train the small model.\"\"\"\nimport os\n"
		  "print(os.environ['SLURM_JOB_ID'])\n",
		  "name(train) cpus(4) limit(7200) nice(50) " },
		{ "#!/usr/bin/env Rscript\n"
		  "#SBATCH --job-name='bootstrap model'\n#SBATCH --time=2-00\n#SBATCH --chdir=/home/ana/boot\n"
		  "#SBATCH --no-requeue\n\nlibrary(boot)\nsaveRDS(boot(d, f, 1e5), 'b.rds') # SBATCH\n",
		  "name(bootstrap model) limit(172800) chdir(/home/ana/boot) no-requeue " },
		{ "#! /bin/sh\n"
		  "# Relax the structure; see notebook p. 12\n\n# SLURM\n#SBATCH --qos=normal --hint=nomultithread\n"
		  "#SBATCH -N1\n#SBATCH -n16 -c2\n#SBATCH --distribution=block:cyclic\n\n"
		  "cat <<EOF >INCAR\nENCUT = 520\n#SBATCH --bogus\nEOF\nmpirun -np $SLURM_NTASKS vasp_std\n",
		  "cpus(32) ntasks(16) " },
		{ "#!/bin/tcsh -f\n"
		  "#SBATCH --comment=\"run 7, second try\"\n#SBATCH --export=NONE,LC_ALL=C,OMP_PLACES=cores\n"
		  "#SBATCH --get-user-env\n#SBATCH --licenses=matlab:1\n#SBATCH --wckey=proj --reservation=course\n"
		  "#SBATCH -t UNLIMITED\n\nmatlab -batch \"run('a.m')\"\n",
		  "export(LC_ALL=C) export(OMP_PLACES=cores) " },
		{ "#!/bin/bash\n"
		  "#SBATCH --job-name=snakejob\n#SBATCH --parsable\n#SBATCH --threads-per-core=1\n"
		  "#SBATCH --cpu-freq=high --switches=1 --priority=100\n#SBATCH --ntasks 1 --cpus-per-task 3\n"
		  "#SBATCH --time 0-02:30\n# properties = {\"type\": \"single\", \"rule\": \"align\"}\n\n"
		  "cd '/home/user/my project' && snakemake --nolock --force\n",
		  "name(snakejob) cpus(3) limit(9000) " },
		{ "#!/bin/bash\n\n\n"
		  "#SBATCH -vQs -O\n#SBATCH -M cluster1 -L foo@db:2 -k\n#SBATCH --mail-type ALL --mail-user me@lab.org\n"
		  "##SBATCH --gres=gpu:1\n# #SBATCH --mem=4G\n\n[ -n \"$SLURM_RESTART_COUNT\" ] && resume=--resume\n"
		  "exec ./sim $resume\n",
		  "" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++)
		assert_accepted(&rows[i]);
}

static void a_bad_script_is_refused_where_it_is_bad(void **state)
{
	static const struct {
		const char *text, *sentence, *word;
	} rows[] = {
		{ "#!\nsim\n", "#! is not followed by the absolute path of an interpreter, as in #!/bin/sh", "#!" },
		{ "#! sh\nsim\n", "#! is not followed by the absolute path of an interpreter, as in #!/bin/sh",
		  "#! sh" },
		{ "#!/bin/sh\n#SBATCH -c 2 --bogus\nsim\n", "--bogus: unknown option", "--bogus" },
		{ "#!/bin/sh\n# -c 1\n#SBATCH -J x -c lots\nsim\n", "--cpus-per-task: \"lots\" is not a number", "lots" },
		{ "#!/bin/sh\n#SBATCH -N 2\n", "--nodes: a job runs on one node, not on \"2\"", "2" },
		{ "#!/bin/sh\n#SBATCH -J\n", "--job-name: a value is missing", "-J" },
		{ "#!/bin/sh\n#SBATCH --array=9-1\n", "--array: \"9-1\" is no range of tasks; expected N, N-M or N-M:STEP, "
		  "from 0 to 4000000", "--array=9-1" },
		{ "#!/bin/sh\n#SBATCH --gres=gpu:1\n", "--gres: wulfs does not manage GPUs", "--gres=gpu:1" },
		{ "#!/bin/sh\n#SBATCH -J 'x\n'\nsim\n", "the quote ' is never closed", "'x" },
		{ "#!/bin/sh\n#SBATCH -c 2 hostname\nsim\n",
		  "\"hostname\" is no option: #SBATCH takes options only, commands follow in the script", "hostname" },
		{ "#!/bin/sh\n#WULFS -- -x\nsim\n",
		  "\"-x\" is no option: #WULFS takes options only, commands follow in the script", "-x" },
		{ "#WULFS -H\nsim\n", "#WULFS outside a script: a first line such as #!/bin/sh is missing", "#WULFS" },
		{ "#WULFS -H\n", "#WULFS outside a script: a first line such as #!/bin/sh is missing", "#WULFS" },
		{ "#WULFS -H\n #!/bin/sh\n", "#WULFS outside a script: a first line such as #!/bin/sh is missing", "#WULFS" },
		{ "#!/bin/sh\n#SBATCH it's\nsim\n", "the quote ' is never closed", "'s" },
		{ "#!/bin/sh\r\nsim\r\n",
		  "the line ends in a carriage return: the text was saved with DOS line ends", "\r" },
		{ "#!/bin/sh\nsim\nsim\r", "the line ends in a carriage return: the text was saved with DOS line ends",
		  "\r" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++)
		assert_refused(rows[i].text, strlen(rows[i].text), EINVAL, rows[i].sentence, rows[i].word);
	assert_refused("#!/bin/sh\n\0sim\n", 15, EINVAL, "the text holds a NUL byte", "");
}

/* What a script is without them is not known to those lines: they win, and its own bytes are sent. */
static void lines_of_wulfs_may_stand_before_a_script(void **state)
{
	static const struct {
		const char *text, *options, *script;
	} rows[] = {
		{ "#WULFS -c 4\n#!/bin/sh\n#SBATCH -c 2 -J x\nsim\n", "name(x) cpus(4) ", "#!/bin/sh\n#SBATCH -c 2 -J x\nsim\n" },
		{ "#WULFS -c 4\n#WULFS\n#WULFS --hold # now\n#!/bin/sh\n", "cpus(4) hold ", "#!/bin/sh\n" },
		{ "#WULFS--hold\n#! /bin/sh", "hold ", "#! /bin/sh" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		Err err = { 0 };
		Spec *spec = spec_parse(rows[i].text, strlen(rows[i].text), &err);
		char *options;

		if (!spec)
			fail_msg("%s: %s", rows[i].text, err.text);
		options = options_text(spec);
		assert_string_equal(options, rows[i].options);
		assert_string_equal(spec->text + spec->command, rows[i].script);
		assert_true(spec->script);
		for (size_t part = 0; part <= spec->length; part++)
			assert_int_equal(spec_check_script(rows[i].text, part, NULL), 0);
		free(options);
		spec_free(spec);
	}
}

static void the_first_bytes_tell_what_a_text_is(void **state)
{
	static const struct {
		const char *text;
		SpecKind kind;
	} rows[] = {
		{ "", SPEC_UNDECIDED }, { "#", SPEC_UNDECIDED }, { "#WULFS", SPEC_UNDECIDED }, { "#!", SPEC_SCRIPT },
		{ "#WULFS ", SPEC_SCRIPT }, { "#WULFS\n", SPEC_SCRIPT }, { "#WULFS-H", SPEC_SCRIPT },
		{ "#WULFSX", SPEC_LINES }, { "#SBATCH", SPEC_LINES }, { "\n", SPEC_LINES }, { "# ", SPEC_LINES },
		{ " #!", SPEC_LINES }, { "e", SPEC_LINES },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_int_equal(spec_kind(rows[i].text, strlen(rows[i].text)), rows[i].kind);
}

/* Run as they are, -t 1-3 would be no array, and nobody would be told. */
static void directives_of_other_systems_alone_are_refused(void **state)
{
	static const struct {
		const char *text, *directive, *system, *line;
	} rows[] = {
		{ "#!/bin/sh\n#PBS -t 1-3\nsim\n", "#PBS", "PBS", "#PBS -t 1-3" },
		{ "#!/bin/sh\n# note\n\n#$ -cwd\n#$ -N x\nsim\n", "#$", "Grid Engine", "#$ -cwd" },
		{ "#!/bin/sh\n#BSUB -J \"x[1-3]\"", "#BSUB", "LSF", "#BSUB -J \"x[1-3]\"" },
	};
	static const char *const taken[] = {
		"#!/bin/sh\n#PBS -t 1-3\n#SBATCH -c 2\nsim\n", "#!/bin/sh\n#SBATCH\n#PBS -t 1-3\nsim\n",
		"#WULFS\n#!/bin/sh\n#PBS -t 1-3\nsim\n", "#!/bin/sh\nsim\n#PBS -t 1-3\n", "#!/bin/sh\n#PBS\n#PBS, or what?\n",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char sentence[320];
		Spec *again;

		snprintf(sentence, sizeof sentence, "%s is for %s, and is not read here: write the options behind #SBATCH, "
			 "as sbatch(1) has them, or an empty #SBATCH line to run the script without them",
			 rows[i].directive, rows[i].system);
		assert_refused(rows[i].text, strlen(rows[i].text), EINVAL, sentence, rows[i].line);
		again = spec_parse_again(rows[i].text, strlen(rows[i].text), NULL);
		assert_non_null(again);
		spec_free(again);
	}
	for (size_t i = 0; i < COUNT(taken); i++) {
		Spec *spec = spec_parse(taken[i], strlen(taken[i]), NULL);

		assert_non_null(spec);
		spec_free(spec);
	}
}

/* The write that completes the bad line fails, none before it, and all after it. */
static void a_script_is_judged_line_by_line_while_it_is_written(void **state)
{
	static const char *const rows[] = {
		"#!/bin/sh\n# note\n#SBATCH -c 2\n#SBATCH --bogus --time=10\n| sim\n",
		"#!/bin/sh\n#SBATCH -J 'x\n|#SBATCH -H'\n",
		"#!/bin/sh\n#SBATCH sim\n|",
		"#! sh\n|sim\n",
		"#!/bin/sh\n#PBS -t 1-3\n# more\nsim\n|#SBATCH\n",
		"#WULFS -H\n#!/bin/sh\n#SBATCH --bogus\n|sim\n",
		"#WULFS --bogus\n|#!/bin/sh\n",
		"#WULFS -H\n\n|#!/bin/sh\n",
		"#WULFS -H\nsim\n|",
		"#!/bin/sh\nsim\nsim\r\n|sim\n",
		"#!/bin/sh\n# a\rb\n#SBATCH -c 0\n|",
	};
	size_t i, part;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		char *text = mem_copy_text(rows[i]);
		char *mark = strchr(text, '|');
		size_t bad = (size_t)(mark - text);
		size_t n = strlen(text) - 1;

		memmove(mark, mark + 1, strlen(mark));
		for (part = 0; part <= n; part++)
			assert_int_equal(spec_check_script(text, part, NULL), part < bad ? 0 : -1);
		free(text);
	}
}

static void a_good_script_is_good_in_every_part(void **state)
{
	static const char text[] = "#!/bin/bash\n#SBATCH --job-name='a b' # name\n\n#WULFS -c 2\nsim\n#SBATCH --bogus\n";
	size_t part;

	(void)state;
	for (part = 0; part < sizeof text; part++)
		assert_int_equal(spec_check_script(text, part, NULL), 0);
}

/* "#!/bin/sh", a newline, and the pattern over and over up to n bytes; the caller releases it. */
static Buf script_of(const char *pattern, size_t n)
{
	Buf script = BUF_INIT;

	buf_add_text(&script, "#!/bin/sh\n");
	while (script.length < n)
		buf_add_text(&script, pattern);
	script.length = n;
	return script;
}

static void the_bounds_are_exact(void **state)
{
	Buf script = script_of("x", SPEC_SCRIPT_MAX + 1);
	Err err;
	Spec *spec;

	(void)state;
	assert_refused(script.data, script.length, E2BIG, "the script is longer than 4194304 bytes", "");
	assert_int_equal(spec_check_script(script.data, script.length, &err), -1);
	assert_int_equal(err.number, E2BIG);
	spec = spec_parse(script.data, SPEC_SCRIPT_MAX, &err);
	assert_non_null(spec);
	assert_int_equal(spec->length, SPEC_SCRIPT_MAX);
	spec_free(spec);
	buf_release(&script);
}

static void a_directive_is_bounded_as_a_line_is(void **state)
{
	Buf script = BUF_INIT;
	char *comment = mem_new_zeroed(SPEC_LINE_MAX + 1);

	(void)state;
	memset(comment, 'x', SPEC_LINE_MAX);
	buf_addf(&script, "#!/bin/sh\n#%s\n#SBATCH #%s\n", comment, comment);
	assert_refused(script.data, script.length, E2BIG, "#SBATCH is longer than 65536 bytes", "#SBATCH");
	buf_release(&script);
	free(comment);
}

/* One pass over 4 MiB takes hundredths of a second, tenths with sanitizers; nested ones would take hours. */
static void a_hostile_script_costs_one_pass(void **state)
{
	static const char *const patterns[] = {
		"\n", "#\n", "\r", "#SBATCH\n", "#SBATCH -H\n", "#SBATCH -J 'x'\n", "#SBATCH -c 2 -n 3 --export=A=1\n",
		"#SBATCH -HHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHH\n",
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(patterns); i++) {
		Buf script = script_of(patterns[i], SPEC_SCRIPT_MAX);
		clock_t start = clock();

		spec_free(spec_parse(script.data, script.length, NULL));
		assert_true(clock() - start < 10 * CLOCKS_PER_SEC);
		buf_release(&script);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(directives_count_until_the_first_command),
		cmocka_unit_test(scripts_written_for_sbatch_run_unmodified),
		cmocka_unit_test(a_bad_script_is_refused_where_it_is_bad),
		cmocka_unit_test(lines_of_wulfs_may_stand_before_a_script),
		cmocka_unit_test(the_first_bytes_tell_what_a_text_is),
		cmocka_unit_test(directives_of_other_systems_alone_are_refused),
		cmocka_unit_test(a_script_is_judged_line_by_line_while_it_is_written),
		cmocka_unit_test(a_good_script_is_good_in_every_part),
		cmocka_unit_test(the_bounds_are_exact),
		cmocka_unit_test(a_directive_is_bounded_as_a_line_is),
		cmocka_unit_test(a_hostile_script_costs_one_pass),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
