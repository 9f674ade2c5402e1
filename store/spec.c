/* spec.c - a line or a script, from its bytes to a Spec. How words and options are written is told in
 * spec_words.c and spec_options.c; here is where in a text options stand, and where the command begins.
 *
 * The text comes from whoever may write to jobs/new. Every step is one pass over it. */
#include "store/spec.h"

#include "store/base/buf.h"
#include "store/spec_options.h"
#include "store/spec_words.h"

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


/* The directive word a line begins with, or NULL. As with sbatch it stands in the first column, and the
 * options may follow without a blank. */
static const char *find_directive(const char *line, size_t n)
{
	size_t i;

	for (i = 0; i < DIRECTIVE_COUNT; i++) {
		size_t length = strlen(directives[i]);

		if (begins_with(line, n, directives[i]) && (length == n || strchr(" \t\r\n-", line[length])))
			return directives[i];
	}
	return NULL;
}

/* Only wulfs's own may stand before the "#!". */
static bool is_preface(const char *line, size_t n)
{
	return find_directive(line, n) && line[1] == 'W';
}

static bool is_script(const char *text, size_t n)
{
	return begins_with(text, n, "#!") || is_preface(text, n);
}

SpecKind spec_kind(const char *text, size_t n)
{
	if (n < SPEC_KIND_BYTES && memcmp(text, "#WULFS", n) == 0)
		return SPEC_UNDECIDED;
	return is_script(text, n) ? SPEC_SCRIPT : SPEC_LINES;
}

static bool is_blank_or_comment(const char *line, size_t n)
{
	Words words = { line, 0, n };

	return !words_more(&words);
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

/* Directives of other systems. Their scripts mean something else here: -t 1-3 of PBS is an array. */
static const struct System {
	const char *directive, *name;
} systems[] = {
	{ "#PBS", "PBS" }, { "#$", "Grid Engine" }, { "#BSUB", "LSF" }, { "#MSUB", "Moab" }, { "#COBALT", "Cobalt" },
	{ "#OAR", "OAR" }, { "#PJM", "PJM" }, { "#FLUX:", "Flux" },
};

static const struct System *find_system(const char *line, size_t n)
{
	for (size_t i = 0; i < sizeof systems / sizeof *systems; i++) {
		size_t length = strlen(systems[i].directive);
		Words words = { line, length, n };

		if (begins_with(line, n, systems[i].directive) && words_more(&words) && line[words.at] == '-')
			return &systems[i];
	}
	return NULL;
}

/* Lines. */

#define BYTE_ORDER_MARK "\xEF\xBB\xBF"

static int refuse_stray_directive(const char *directive, Err *err)
{
	err_set(err, EINVAL, "%s outside a script: a first line such as #!/bin/sh is missing", directive);
	return err_point(err, 0, strlen(directive));
}

static int refuse_stray_start(size_t n, Err *err)
{
	err_set(err, EINVAL, "#! is not the first two bytes of what was written, so this is no script: each line would be a job");
	return err_point(err, 0, n);
}

static size_t skip_blanks(const char *line, size_t n, size_t at)
{
	while (at < n && (line[at] == ' ' || line[at] == '\t'))
		at++;
	return at;
}

/* Where "#!" ends, also written "# ! /" before a path; 0: the line does not begin so. */
static size_t find_start(const char *line, size_t n)
{
	size_t at = skip_blanks(line, n, 0), mark;

	if (at == n || line[at] != '#')
		return 0;
	mark = skip_blanks(line, n, at + 1);
	if (mark == n || line[mark] != '!')
		return 0;
	if (mark == at + 1)
		return mark + 1;
	at = skip_blanks(line, n, mark + 1);
	return at < n && line[at] == '/' ? mark + 1 : 0;
}

static int check_stray(const char *line, size_t n, Err *err)
{
	const char *directive = find_directive(line, n);
	const struct System *foreign = find_system(line, n);
	size_t start = find_start(line, n);

	if (begins_with(line, n, BYTE_ORDER_MARK)) {
		err_set(err, EINVAL, "the text begins with a byte order mark (the bytes EF BB BF): save it without");
		return err_point(err, 0, strlen(BYTE_ORDER_MARK));
	}
	if (start)
		return refuse_stray_start(start, err);
	if (directive)
		return refuse_stray_directive(directive, err);
	return foreign ? refuse_stray_directive(foreign->directive, err) : 0;
}

bool spec_is_blank(const char *line, size_t n)
{
	if (check_stray(line, n, NULL) < 0)
		return false;
	if (n > 0 && (line[n - 1] == '\r' || memchr(line, '\0', n)))
		return false;
	return is_blank_or_comment(line, n);
}

int spec_check_stray(const char *lines, size_t n, size_t *at, Err *err)
{
	const char *newline;

	for (*at = 0; *at < n; *at = (size_t)(newline - lines) + 1) {
		newline = memchr(lines + *at, '\n', n - *at);
		if (check_stray(lines + *at, newline ? (size_t)(newline - lines) - *at : n - *at, err) < 0)
			return -1;
		if (!newline)
			return 0;
	}
	return 0;
}

bool spec_goes_on(const char *line, size_t n)
{
	size_t backslashes = 0;

	while (backslashes < n && line[n - 1 - backslashes] == '\\')
		backslashes++;
	return backslashes % 2 == 1;
}

/* What could be run, but is hardly ever meant. */
static int check_slips(const char *text, size_t n, Err *err)
{
	if (check_stray(text, n, err) < 0)
		return -1;
	if (!spec_goes_on(text, n))
		return 0;
	err_set(err, EINVAL, "the line goes on after its last backslash; a job is one line: write it as one, or as a script");
	return err_point(err, n - 1, 1);
}

static int check_line(const char *text, size_t n, bool again, Err *err)
{
	const char *newline = memchr(text, '\n', n);

	if (check_length("the line", n, SPEC_LINE_MAX, err) < 0 || check_bytes(text, n, err) < 0)
		return -1;
	if (!again && check_slips(text, n, err) < 0)
		return -1;
	if (!newline)
		return 0;
	err_set(err, EINVAL, "a job is one line; a script begins with #!");
	return err_point(err, (size_t)(newline - text), 1);
}

static int read_line(Spec *spec, Err *err)
{
	Words words = { spec->text, 0, spec->length };

	if (options_read(&words, spec, err) < 0 || options_settle(spec, err) < 0)
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

/* sbatch takes what follows a # for a comment, also in the middle of a word, if it is neither quoted nor behind a
 * backslash. */
static size_t before_comment(const char *text, size_t at, size_t end)
{
	char quote = 0;

	for (; at < end && (quote || text[at] != '#'); at++) {
		if (text[at] == '\\' && quote != '\'' && at + 1 < end)
			at++;
		else if (text[at] == quote || (!quote && (text[at] == '"' || text[at] == '\'')))
			quote = quote ? 0 : text[at];
	}
	return at;
}

static int read_directive(Spec *spec, const char *text, Line line, const char *directive, Err *err)
{
	size_t from = line.at + strlen(directive);
	Words words = { text, from, before_comment(text, from, line.end) };

	if (check_length(directive, line.end - line.at, SPEC_LINE_MAX, err) < 0)
		return err_point(err, line.at, strlen(directive));
	if (options_read(&words, spec, err) < 0)
		return -1;
	if (words_more(&words))
		return refuse_command(&words, directive, err);
	return 0;
}

/* The part of a script that options may stand in. */
typedef struct Header {
	size_t begin;           /* the "#!"; before it are #WULFS lines */
	bool whole;             /* all of it is there: a command follows, or nothing more will come */
	bool ours;              /* it has a directive that is read here */
	Line foreign;           /* the first line for another system; empty: there is none */
	const struct System *system;
} Header;

static int refuse_foreign(const Header *header, Err *err)
{
	err_set(err, EINVAL, "%s is for %s, and is not read here: write the options behind #SBATCH, as sbatch(1) has "
		"them, or an empty #SBATCH line to run the script without them", header->system->directive,
		header->system->name);
	return err_point(err, header->foreign.at, header->foreign.end - header->foreign.at);
}

/* Directives count up to the first line that is neither comment nor blank: the commands begin there. */
static int read_directives(Spec *spec, const char *text, size_t n, Header *header, Err *err)
{
	for (size_t at = line_from(text, n, header->begin).end + 1; at < n;) {
		Line line = line_from(text, n, at);
		size_t length = line.end - line.at;
		const char *directive = find_directive(text + at, length);
		const struct System *system = find_system(text + at, length);

		if (!is_blank_or_comment(text + at, length)) {
			header->whole = true;
			return 0;
		}
		if (directive && read_directive(spec, text, line, directive, err) < 0)
			return -1;
		header->ours = header->ours || directive;
		if (system && !header->system) {
			header->system = system;
			header->foreign = line;
		}
		at = line.end + 1;
	}
	return 0;
}

/* The lines before the "#!", read after those in the script: they win. */
static int read_preface(Spec *spec, const char *text, size_t n, Err *err)
{
	for (size_t at = 0; at < n;) {
		Line line = line_from(text, n, at);

		if (read_directive(spec, text, line, find_directive(text + at, line.end - at), err) < 0)
			return -1;
		at = line.end + 1;
	}
	return 0;
}

/* Finds the "#!" behind the #WULFS lines; begin is n while only such lines are there. */
static int find_begin(const char *text, size_t n, Header *header, Err *err)
{
	size_t at = 0;

	while (at < n && is_preface(text + at, n - at))
		at = line_from(text, n, at).end + 1;
	header->begin = at < n ? at : n;
	header->ours = at > 0;
	if (header->begin < n ? begins_with(text + at, n - at, "#!") : !header->whole)
		return 0;
	if (!header->ours)
		return err_set(err, EINVAL, "a script begins with #!");
	return refuse_stray_directive("#WULFS", err);
}

/* A script of complete lines. */
static int read_script(Spec *spec, const char *text, size_t n, bool whole, bool again, Err *err)
{
	Header header = { .whole = whole };

	if (check_bytes(text, n, err) < 0 || find_begin(text, n, &header, err) < 0)
		return -1;
	spec->command = header.begin;
	if (header.begin < n && check_interpreter(text, line_from(text, n, header.begin), err) < 0)
		return -1;
	if (read_directives(spec, text, n, &header, err) < 0 || read_preface(spec, text, header.begin, err) < 0)
		return -1;
	if (header.system && header.whole && !header.ours && !again)
		return refuse_foreign(&header, err);
	return options_settle(spec, err);
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
	rc = n > 0 ? read_script(&scratch, text, n, false, false, err) : 0;
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

static Spec *parse(const char *text, size_t n, bool again, Err *err)
{
	bool script = is_script(text, n);
	Spec *spec;
	int rc;

	if ((script ? check_script_length(n, err) : check_line(text, n, again, err)) < 0)
		return NULL;
	spec = spec_new(script, text, n);
	rc = script ? read_script(spec, spec->text, n, true, again, err) : read_line(spec, err);
	if (rc == 0)
		return spec;
	spec_free(spec);
	return NULL;
}

Spec *spec_parse(const char *text, size_t n, Err *err)
{
	return parse(text, n, false, err);
}

Spec *spec_parse_again(const char *text, size_t n, Err *err)
{
	return parse(text, n, true, err);
}
