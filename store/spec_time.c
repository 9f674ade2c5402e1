/* spec_time.c - the forms a time limit may have, as a table. */
#include "store/spec.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const struct Unit {
	uint64_t seconds;
} units[] = {
	{ 86400 },      /* days */
	{ 3600 },       /* hours */
	{ 60 },         /* minutes */
	{ 1 },          /* seconds; as sbatch, any number of them */
};

enum { DAYS, HOURS, MINUTES };          /* the units a form may begin with */

/* A 9 stands for a number; each number counts the unit after the one before. */
static const struct Form {
	const char *shape;
	int unit;
} forms[] = {
	{ "9", MINUTES }, { "9:9", MINUTES }, { "9:9:9", HOURS },
	{ "9-9", DAYS },  { "9-9:9", DAYS },  { "9-9:9:9", DAYS },
};

enum { NUMBERS_MAX = 4 };

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Numbers too great for a limit come out as UINT32_MAX, so that the sum below cannot overflow. */
static uint64_t read_digits(const char **word)
{
	char *end;
	unsigned long long n = strtoull(*word, &end, 10);

	*word = end;
	return n < UINT32_MAX ? n : UINT32_MAX;
}

static bool has_shape(const char *word, const char *shape, uint64_t *numbers)
{
	for (; *shape; shape++) {
		if (*shape == '9' && is_digit(*word))
			*numbers++ = read_digits(&word);
		else if (*shape != *word++)
			return false;
	}
	return !*word;
}

static const struct Form *find_form(const char *word, uint64_t *numbers)
{
	size_t i;

	for (i = 0; i < sizeof forms / sizeof *forms; i++)
		if (has_shape(word, forms[i].shape, numbers))
			return &forms[i];
	return NULL;
}

static int add_up(const char *word, const struct Form *form, const uint64_t *numbers, uint32_t *seconds, Err *err)
{
	const struct Unit *unit = &units[form->unit];
	uint64_t sum = *numbers++ * unit->seconds;
	const char *shape = form->shape;

	while (*++shape && *++shape) {
		unit++;
		sum += *numbers++ * unit->seconds;
	}
	if (sum >= UINT32_MAX)
		return err_set(err, EINVAL, "\"%.80s\" is too long; UNLIMITED sets no limit", word);
	*seconds = (uint32_t)sum;
	return 0;
}

int spec_parse_time(const char *word, uint32_t *seconds, Err *err)
{
	uint64_t numbers[NUMBERS_MAX] = { 0 };
	const struct Form *form = find_form(word, numbers);

	if (form)
		return add_up(word, form, numbers, seconds, err);
	if (strcasecmp(word, "UNLIMITED") != 0 && strcasecmp(word, "INFINITE") != 0)
		return err_set(err, EINVAL, "\"%.80s\" is not a time: M, M:S, H:M:S, D-H, D-H:M, D-H:M:S or UNLIMITED",
			       word);
	*seconds = 0;
	return 0;
}
