/* spec_name.c - what a job is called that nobody gave a name: as its program. Says nothing of what sh makes of the
 * line; a wrong guess is an odd name, and no more. */
#include "store/spec.h"

#include "store/spec_words.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static const char ends_word[] = " \t;|&<>()";

/* NAME=: a variable for what follows. */
static bool is_assignment(const char *text)
{
	size_t n = 0;

	while (isalnum((unsigned char)text[n]) || text[n] == '_')
		n++;
	return n > 0 && !isdigit((unsigned char)text[0]) && text[n] == '=';
}

/* Where the word that begins at at ends. What stands in quotes, or in $( ), belongs to it. */
static size_t word_end(const char *text, size_t at)
{
	unsigned depth = 0;
	char quote = '\0';

	for (; text[at]; at++) {
		char c = text[at];

		if (c == '\\' && quote != '\'' && text[at + 1])
			at++;
		else if (quote)
			quote = c == quote ? '\0' : quote;
		else if (c == '\'' || c == '"' || c == '`')
			quote = c;
		else if (c == '(' && (depth || (at > 0 && text[at - 1] == '$')))
			depth++;
		else if (c == ')' && depth)
			depth--;
		else if (!depth && strchr(ends_word, c))
			break;
	}
	return at;
}

/* Over groups, "!" and assignments, to the first word that is a program. */
static size_t find_program(const char *text, size_t at)
{
	for (;;) {
		at += strspn(text + at, " \t;(");
		if ((text[at] == '{' || text[at] == '!') && (text[at + 1] == ' ' || text[at + 1] == '\t'))
			at++;
		else if (is_assignment(text + at))
			at = word_end(text, at);
		else
			return at;
	}
}

char *spec_default_name(const Spec *spec)
{
	size_t at = find_program(spec->text, spec->command);
	Words words = { spec->text, at, word_end(spec->text, at) };
	Word word = WORD_INIT;
	const char *name, *slash;
	char *copy;

	if (spec->script)
		return mem_copy_text("script");
	words_next(&words, &word, NULL);        /* without its quotes; one that is never closed is for sh to refuse */
	slash = strrchr(word_text(&word), '/');
	name = slash ? slash + 1 : word_text(&word);
	if (!*name || strlen(name) > SPEC_NAME_MAX || strpbrk(word_text(&word), "(`"))
		name = "line";
	copy = mem_copy_text(name);
	word_release(&word);
	return copy;
}
