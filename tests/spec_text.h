/* spec_text.h - specs and refusals as text, so that the tables of the spec tests can be read.
 * For a test program to include once, after cmocka.h. */
#ifndef TESTS_SPEC_TEXT_H
#define TESTS_SPEC_TEXT_H

#include "store/base/buf.h"
#include "store/spec.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void add_environment(Buf *text, const Spec *spec)
{
	size_t at;

	for (at = 0; at < spec->environment_length; at += strlen(spec->environment + at) + 1)
		buf_addf(text, "export(%s) ", spec->environment + at);
}

/* What differs from a spec that says nothing: "name(sim) cpus(4) ". The caller frees. */
static char *options_text(const Spec *spec)
{
	Buf text = BUF_INIT;

	if (spec->name)
		buf_addf(&text, "name(%s) ", spec->name);
	if (spec->cpus != 1)
		buf_addf(&text, "cpus(%u) ", spec->cpus);
	if (spec->ntasks != 1)
		buf_addf(&text, "ntasks(%u) ", spec->ntasks);
	if (spec->limit)
		buf_addf(&text, "limit(%u) ", spec->limit);
	if (spec->memory)
		buf_addf(&text, "memory(%lluK) ", (unsigned long long)spec->memory >> 10);
	if (spec->warn_signal)
		buf_addf(&text, "warn(%s%d before %u) ", spec->warn_first ? "first " : "", spec->warn_signal,
			 spec->warn_before);
	if (spec->input)
		buf_addf(&text, "input(%s) ", spec->input);
	if (spec->fed)
		buf_add_text(&text, "stdin ");
	if (spec->nice)
		buf_addf(&text, "nice(%d) ", spec->nice);
	if (spec->directory)
		buf_addf(&text, "chdir(%s) ", spec->directory);
	add_environment(&text, spec);
	if (spec->array)
		buf_addf(&text, "array(%s) ", spec->array);
	if (spec->dependency)
		buf_addf(&text, "after(%s%s) ", spec->dependency, spec->kill_invalid ? ", or never" : "");
	if (spec->begin)
		buf_add_text(&text, "later ");
	if (spec->retries)
		buf_addf(&text, "retries(%u) ", spec->retries);
	if (spec->exclusive)
		buf_add_text(&text, "exclusive ");
	if (spec->hold)
		buf_add_text(&text, "hold ");
	if (!spec->requeue)
		buf_add_text(&text, "no-requeue ");
	return buf_take(&text);
}

/* The refused text's word that err points at. */
static void assert_points_at(const Err *err, const char *text, size_t n, const char *word)
{
	char *pointed;

	assert_true(err->at <= n && err->length <= n - err->at);
	pointed = mem_copy(text + err->at, err->length);
	assert_string_equal(pointed, word);
	free(pointed);
}

static void assert_refused(const char *text, size_t n, int number, const char *sentence, const char *word)
{
	Err err = { 0 };
	Spec *spec = spec_parse(text, n, &err);

	if (spec)
		print_error("accepted: %.200s\n", text);
	assert_null(spec);
	assert_string_equal(err.text, sentence);
	assert_int_equal(err.number, number);
	assert_points_at(&err, text, n, word);
	assert_null(spec_parse(text, n, NULL));
}

#endif
