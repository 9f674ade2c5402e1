/* spec_words.h - words as the shell would split them, one at a time, each knowing where it stood.
 *
 * Blanks separate; '...', "..." and \ quote as in sh(1); an unquoted # that begins a word ends the
 * text, as a comment. Nothing is expanded. Linear in the text: a word is read once.
 *
 *	Words words = { text, 0, n };
 *	Word word = WORD_INIT;
 *	while ((got = words_next(&words, &word, &err)) > 0)
 *		use(word_text(&word));
 *	word_release(&word);
 */
#ifndef STORE_SPEC_WORDS_H
#define STORE_SPEC_WORDS_H

#include "store/base/buf.h"
#include "store/base/err.h"

#include <stdbool.h>
#include <stddef.h>

typedef struct Words {
	const char *text;       /* not owned; all offsets count from here */
	size_t at, end;         /* what is left to be split */
} Words;

typedef struct Word {
	Buf unquoted;
	size_t at, length;      /* as it stands in the text, quotes included */
} Word;

#define WORD_INIT { BUF_INIT, 0, 0 }

/* Read the next word into word, whose memory is used again. 1, or 0 when none is left, or -1 with err
 * pointing at a quote that is never closed; what there is of the word is in word even then. */
int words_next(Words *words, Word *word, Err *err);

/* Step over blanks. Is there a word after them? */
bool words_more(Words *words);

const char *word_text(const Word *word);
void word_release(Word *word);

#endif
