/* spec.c - a line or a script, from its bytes to a Spec. How words and options are written is told in
 * spec_words.c and spec_options.c; here is where in a text options stand, and where the command begins.
 *
 * The text comes from whoever may write to jobs/new. Every step is one pass over it. */
#include "spec.h"

#include "buf.h"
#include "spec_options.h"
#include "spec_words.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const Spec nothing_said = { .cpus = 1, .ntasks = 1, .requeue = true };

static const char *const directives[] = { "#SBATCH", "#WULFS" };

enum { DIRECTIVE_COUNT = sizeof directives / sizeof *directives };

static bool begins_with(const char *text, size_t n, const char *prefix)
{
	return n >= strlen(prefix) && memcmp(text, prefix, strlen(prefix)) == 0;
}

static bool is_script(const char *text, size_t n)
{
	return begins_with(text, n, "#!");
}

/* The directive word a line begins with, or NULL. As with sbatch it stands in the first column, and the
 * options may follow without a blank. */
static const char *find_directive(const char *line, size_t n)
{
	size_t i;

	for (i = 0; i < DIRECTIVE_COUNT; i++) {
		size_t length = strlen(directives[i]);

		if (begins_with(line, n, directives[i]) && (length == n || strchr(" \t\r-", line[length])))
			return directives[i];
	}
	return NULL;
}

static bool is_blank_or_comment(const char *line, size_t n)
{
	Words words = { line, 0, n };

	return !words_more(&words);
}

bool spec_is_blank(const char *line, size_t n)
{
	if (is_script(line, n) || find_directive(line, n))
		return false;
	if (n > 0 && (line[n - 1] == '\r' || memchr(line, '\0', n)))
		return false;
	return is_blank_or_comment(line, n);
}

/* What no line and no script may hold. */

static int check_length(const char *what, size_t n, size_t most, Err *err)
{
	if (n > most)
		return err_set(err, E2BIG, "%s is longer than %zu bytes", what, most);
	return 0;
}

static int check_nul(const char *text, size_t n, Err *err)
{
	const char *nul = memchr(text, '\0', n);

	if (!nul)
		return 0;
	err_set(err, EINVAL, "the text holds a NUL byte");
	return err_point(err, (size_t)(nul - text), 1);
}

static int check_line_ends(const char *text, size_t n, Err *err)
{
	const char *end = text + n;
	const char *cr;

	for (cr = text; (cr = memchr(cr, '\r', (size_t)(end - cr))); cr++) {
		if (cr + 1 != end && cr[1] != '\n')
			continue;
		err_set(err, EINVAL, "the line ends in a carriage return: the text was saved with DOS line ends");
		return err_point(err, (size_t)(cr - text), 1);
	}
	return 0;
}

static int check_bytes(const char *text, size_t n, Err *err)
{
	if (check_nul(text, n, err) < 0)
		return -1;
	return check_line_ends(text, n, err);
}

/* What only all options together say. */
static int settle(Spec *spec, Err *err)
{
	if (spec->memory_per_cpu)
		spec->memory = spec->memory_per_cpu * spec->cpus;
	if (spec->fed && spec->input)
		return err_set(err, EINVAL, "--stdin and --input: a job has one standard input; give one of them");
	return 0;
}

/* Lines. */

static int refuse_stray_directive(const char *directive, Err *err)
{
	err_set(err, EINVAL, "%s outside a script: a first line such as #!/bin/sh is missing", directive);
	return err_point(err, 0, strlen(directive));
}

static int check_line(const char *text, size_t n, Err *err)
{
	const char *directive = find_directive(text, n);
	const char *newline = memchr(text, '\n', n);

	if (check_length("the line", n, SPEC_LINE_MAX, err) < 0 || check_bytes(text, n, err) < 0)
		return -1;
	if (directive)
		return refuse_stray_directive(directive, err);
	if (!newline)
		return 0;
	err_set(err, EINVAL, "a job is one line; a script begins with #!");
	return err_point(err, (size_t)(newline - text), 1);
}

static int read_line(Spec *spec, Err *err)
{
	Words words = { spec->text, 0, spec->length };

	if (options_read(&words, spec, err) < 0 || settle(spec, err) < 0)
		return -1;
	if (!words_more(&words))
		return err_set(err, EINVAL, "no command: a line is options, then the command to run");
	spec->command = words.at;
	return 0;
}

/* Scripts. */

typedef struct Line {
	size_t at, end;         /* in the document; end is its newline's place */
} Line;

static Line line_from(const char *text, size_t n, size_t at)
{
	const char *newline = memchr(text + at, '\n', n - at);

	return (Line){ at, newline ? (size_t)(newline - text) : n };
}

static int check_interpreter(const char *text, Line line, Err *err)
{
	Words words = { text, line.at + strlen("#!"), line.end };

	if (words_more(&words) && text[words.at] == '/')
		return 0;
	err_set(err, EINVAL, "#! is not followed by the absolute path of an interpreter, as in #!/bin/sh");
	return err_point(err, line.at, line.end - line.at);
}

static int refuse_command(Words *words, const char *directive, Err *err)
{
	Word word = WORD_INIT;

	if (words_next(words, &word, err) > 0) {
		err_set(err, EINVAL, "\"%.80s\" is no option: %s takes options only, commands follow in the script",
			word_text(&word), directive);
		err_point(err, word.at, word.length);
	}
	word_release(&word);
	return -1;
}

static int read_directive(Spec *spec, const char *text, Line line, const char *directive, Err *err)
{
	Words words = { text, line.at + strlen(directive), line.end };

	if (check_length(directive, line.end - line.at, SPEC_LINE_MAX, err) < 0)
		return err_point(err, line.at, strlen(directive));
	if (options_read(&words, spec, err) < 0)
		return -1;
	if (words_more(&words))
		return refuse_command(&words, directive, err);
	return 0;
}

/* Directives count up to the first line that is neither comment nor blank: the commands begin there. */
static int read_directives(Spec *spec, const char *text, size_t n, size_t at, Err *err)
{
	while (at < n) {
		Line line = line_from(text, n, at);
		size_t length = line.end - line.at;
		const char *directive = find_directive(text + at, length);

		if (!is_blank_or_comment(text + at, length))
			return 0;
		if (directive && read_directive(spec, text, line, directive, err) < 0)
			return -1;
		at = line.end + 1;
	}
	return 0;
}

/* A script of complete lines. */
static int read_script(Spec *spec, const char *text, size_t n, Err *err)
{
	Line first = line_from(text, n, 0);

	if (check_bytes(text, n, err) < 0 || check_interpreter(text, first, err) < 0)
		return -1;
	return read_directives(spec, text, n, first.end + 1, err) < 0 ? -1 : settle(spec, err);
}

static int check_script_length(size_t n, Err *err)
{
	return check_length("the script", n, SPEC_SCRIPT_MAX, err);
}

static void release_options(Spec *spec)
{
	free(spec->name);
	free(spec->directory);
	free(spec->environment);
	free(spec->nodelist);
	free(spec->exclude);
	free(spec->constraint);
	free(spec->array);
	free(spec->dependency);
	free(spec->input);
	free(spec->partition);
	free(spec->account);
	free(spec->transfer);
	free(spec->returns);
}

/* A line's end is not known before its newline is here: an option cut in half would look wrong. */
int spec_check_script(const char *text, size_t n, Err *err)
{
	Spec scratch = nothing_said;
	int rc;

	if (check_script_length(n, err) < 0)
		return -1;
	while (n > 0 && text[n - 1] != '\n')
		n--;
	rc = n > 0 ? read_script(&scratch, text, n, err) : 0;
	release_options(&scratch);
	return rc;
}

/* Both. */

static Spec *spec_new(bool script, const char *text, size_t n)
{
	Spec *spec = mem_new(sizeof *spec);

	*spec = nothing_said;
	spec->script = script;
	spec->text = mem_copy(text, n);
	spec->length = n;
	return spec;
}

void spec_free(Spec *spec)
{
	if (!spec)
		return;
	release_options(spec);
	free((char *)spec->text);
	free(spec);
}

Spec *spec_parse(const char *text, size_t n, Err *err)
{
	bool script = is_script(text, n);
	Spec *spec;
	int rc;

	if ((script ? check_script_length(n, err) : check_line(text, n, err)) < 0)
		return NULL;
	spec = spec_new(script, text, n);
	rc = script ? read_script(spec, spec->text, n, err) : read_line(spec, err);
	if (rc == 0)
		return spec;
	spec_free(spec);
	return NULL;
}
