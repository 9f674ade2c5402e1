/* spec_words.c - split text into shell words. The quoting rules are sh(1)'s; a quote is read by the
 * function its character selects, so there is no state to carry from byte to byte. */
#include "store/spec_words.h"

#include <errno.h>
#include <string.h>

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static int refuse_open(const Words *words, size_t quote, Err *err)
{
	if (words->text[quote] == '\\')
		err_set(err, EINVAL, "a backslash at the end of the line quotes nothing");
	else
		err_set(err, EINVAL, "the quote %c is never closed", words->text[quote]);
	return err_point(err, quote, words->end - quote);
}

/* Each of these begins at its quote character, and leaves words after the last byte it has read. */

static int read_backslash(Words *words, Buf *word, Err *err)
{
	size_t quote = words->at;

	if (words->end - quote < 2)
		return refuse_open(words, quote, err);
	buf_add_char(word, words->text[quote + 1]);
	words->at += 2;
	return 0;
}

static int read_single_quotes(Words *words, Buf *word, Err *err)
{
	size_t quote = words->at;
	const char *inside = words->text + quote + 1;
	size_t left = words->end - quote - 1;
	const char *close = memchr(inside, '\'', left);
	size_t n = close ? (size_t)(close - inside) : left;

	buf_add(word, inside, n);
	if (!close)
		return refuse_open(words, quote, err);
	words->at = quote + 1 + n + 1;
	return 0;
}

/* Between double quotes a backslash is an ordinary byte, unless one of these follows. */
static bool is_escape(const Words *words, size_t at)
{
	return words->text[at] == '\\' && at + 1 < words->end && memchr("\"\\$`", words->text[at + 1], 4);
}

static int read_double_quotes(Words *words, Buf *word, Err *err)
{
	size_t quote = words->at;
	size_t at;

	for (at = quote + 1; at < words->end && words->text[at] != '"'; at++) {
		at += is_escape(words, at);
		buf_add_char(word, words->text[at]);
	}
	if (at == words->end)
		return refuse_open(words, quote, err);
	words->at = at + 1;
	return 0;
}

static int read_piece(Words *words, Buf *word, Err *err)
{
	switch (words->text[words->at]) {
	case '\\':
		return read_backslash(words, word, err);
	case '\'':
		return read_single_quotes(words, word, err);
	case '"':
		return read_double_quotes(words, word, err);
	}
	buf_add_char(word, words->text[words->at++]);
	return 0;
}

bool words_more(Words *words)
{
	while (words->at < words->end && is_blank(words->text[words->at]))
		words->at++;
	return words->at < words->end && words->text[words->at] != '#';
}

int words_next(Words *words, Word *word, Err *err)
{
	int rc = 0;

	buf_clear(&word->unquoted);
	if (!words_more(words))
		return 0;
	word->at = words->at;
	while (rc == 0 && words->at < words->end && !is_blank(words->text[words->at]))
		rc = read_piece(words, &word->unquoted, err);
	word->length = words->at - word->at;
	return rc < 0 ? -1 : 1;
}

const char *word_text(const Word *word)
{
	return buf_text(&word->unquoted);
}

void word_release(Word *word)
{
	buf_release(&word->unquoted);
}
