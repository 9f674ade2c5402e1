/* spec_fuzz.c - any bytes at all written to jobs/new: understood or refused, never a crash, and what the
 * three entrances of spec.h say about the same text agrees. */
#include "store/spec.h"

#include "store/base/buf.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void require(bool holds)
{
	if (!holds)
		abort();
}

static void check_refusal(const Err *err, size_t n)
{
	require(err->number > 0 && err->text[0]);
	require(err->at <= n && err->length <= n - err->at);
}

static void check_spec(const Spec *spec, const char *text, size_t n)
{
	char *name = spec_default_name(spec);

	require(name[0] && strlen(name) <= SPEC_NAME_MAX);
	free(name);
	require(spec->length == n && memcmp(spec->text, text, n) == 0 && !spec->text[n]);
	require(spec->cpus >= 1 && spec->cpus <= SPEC_CPUS_MAX && spec->cpus % spec->ntasks == 0);
	require(!spec->name || (spec->name[0] && strlen(spec->name) <= SPEC_NAME_MAX));
	require(!spec->directory || spec->directory[0]);
	require(!spec->environment == !spec->environment_length);
	require(!spec->environment || !spec->environment[spec->environment_length - 1]);
	require(spec->command < n);
	require(!spec->script || memcmp(text + spec->command, "#!", 2) == 0);
}

/* What is good as a whole was good at every write that brought a part of it. */
static void check_parts(const char *text, size_t n)
{
	size_t part;

	for (part = 0; part < n; part += n / 16 + 1)
		require(spec_check_script(text, part, NULL) == 0);
	require(spec_check_script(text, n, NULL) == 0);
}

static void check_text(const char *text, size_t n)
{
	Err err = { 0 };
	Spec *spec = spec_parse(text, n, &err);

	if (!spec)
		check_refusal(&err, n);
	else
		check_spec(spec, text, n);
	require(!spec || !spec_is_blank(text, n));
	if (spec && spec->script)
		check_parts(text, n);
	spec_free(spec);
}

static void check_time(const char *word)
{
	uint32_t seconds = 0;
	Err err = { 0 };

	if (spec_parse_time(word, &seconds, &err) < 0)
		require(err.text[0]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char *text = mem_new(n);                /* of exactly n bytes: a sanitizer sees the first one beyond */
	char *word = mem_copy(data, n);
	Err err = { 0 };

	memcpy(text, data, n);
	check_text(text, n);
	if (spec_check_script(text, n, &err) < 0)
		check_refusal(&err, n);
	check_time(word);
	free(text);
	free(word);
	return 0;
}
