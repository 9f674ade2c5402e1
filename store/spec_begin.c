/* spec_begin.c - the moments that sbatch(1)'s --begin can name. All of them are of this machine's clock and
 * time zone, and are settled when the job is submitted. */
#include "store/spec.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

/* A time of day that has passed is tomorrow's. */
static const struct Hour {
	const char *name;
	int hour;
} hours[] = { { "midnight", 0 }, { "elevenses", 11 }, { "noon", 12 }, { "fika", 15 }, { "teatime", 16 } };

static const struct Span {
	const char *name;       /* any beginning of it that is a letter or longer */
	int64_t seconds;
} spans[] = { { "seconds", 1 }, { "minutes", 60 }, { "hours", 3600 }, { "days", 86400 }, { "weeks", 604800 } };

static int64_t moment_of(struct tm *parts)
{
	parts->tm_isdst = -1;
	return (int64_t)mktime(parts) * 1000;
}

static int64_t at_hour(time_t now, int hour, int minute, int second)
{
	struct tm parts;
	int64_t moment;

	localtime_r(&now, &parts);
	parts.tm_hour = hour;
	parts.tm_min = minute;
	parts.tm_sec = second;
	moment = moment_of(&parts);
	if (moment > (int64_t)now * 1000)
		return moment;
	parts.tm_mday++;
	return moment_of(&parts);
}

static int64_t at_day(time_t now, int days)
{
	struct tm parts;

	localtime_r(&now, &parts);
	parts.tm_mday += days;
	parts.tm_hour = parts.tm_min = parts.tm_sec = 0;
	return moment_of(&parts);
}

static bool is_named(const char *word, time_t now, int64_t *moment)
{
	for (size_t i = 0; i < sizeof hours / sizeof *hours; i++)
		if (strcasecmp(word, hours[i].name) == 0) {
			*moment = at_hour(now, hours[i].hour, 0, 0);
			return true;
		}
	if (strcasecmp(word, "today") != 0 && strcasecmp(word, "tomorrow") != 0)
		return false;
	*moment = at_day(now, strcasecmp(word, "tomorrow") == 0);
	return true;
}

/* "now", "now+60", "now+1hour" */
static bool is_from_now(const char *word, int64_t now_ms, int64_t *moment)
{
	char *unit;
	int64_t n;

	*moment = now_ms;
	if (strcasecmp(word, "now") == 0)
		return true;
	if (strncasecmp(word, "now+", 4) != 0 || !isdigit((unsigned char)word[4]))
		return false;
	n = strtoll(word + 4, &unit, 10);
	if (n > INT32_MAX)
		return false;
	for (size_t i = 0; i < sizeof spans / sizeof *spans; i++)
		if (strncasecmp(unit, spans[i].name, strlen(unit)) == 0) {
			*moment = now_ms + n * spans[i].seconds * 1000;
			return true;
		}
	return false;
}

static bool adjust_half(const char *half, int *hour)
{
	half += strspn(half, " ");
	if (!*half)
		return true;
	if (*hour < 1 || *hour > 12 || (strcasecmp(half, "am") != 0 && strcasecmp(half, "pm") != 0))
		return false;
	*hour = *hour % 12 + (tolower((unsigned char)*half) == 'p' ? 12 : 0);
	return true;
}

/* "16:00", "4:00:30 pm" */
static bool is_time_of_day(const char *word, time_t now, int64_t *moment)
{
	static const char *const formats[] = { "%H:%M:%S", "%H:%M" };

	for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
		struct tm parts = { 0 };
		const char *rest = strptime(word, formats[i], &parts);

		if (!rest || !adjust_half(rest, &parts.tm_hour))
			continue;
		*moment = at_hour(now, parts.tm_hour, parts.tm_min, parts.tm_sec);
		return true;
	}
	return false;
}

/* mktime(3) takes 30 February for 2 March. */
static bool is_in_calendar(struct tm parts)
{
	int day = parts.tm_mday, month = parts.tm_mon;

	moment_of(&parts);
	return parts.tm_mday == day && parts.tm_mon == month;
}

/* "12/25": the next one. */
static bool is_day_of_year(const char *word, time_t now, int64_t *moment)
{
	struct tm parts, today;
	const char *rest;

	localtime_r(&now, &today);
	parts = (struct tm){ .tm_year = today.tm_year };
	rest = strptime(word, "%m/%d", &parts);
	if (!rest || *rest)
		return false;
	if (parts.tm_mon < today.tm_mon || (parts.tm_mon == today.tm_mon && parts.tm_mday < today.tm_mday))
		parts.tm_year++;
	*moment = is_in_calendar(parts) ? moment_of(&parts) : 0;
	return *moment;
}

/* "2030-01-20T12:34:00", "01/20/30", "012030" */
static bool is_date(const char *word, int64_t *moment)
{
	static const char *const formats[] = {
		"%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d", "%m/%d/%y", "%m.%d.%y", "%m%d%y",
	};

	for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
		struct tm parts = { 0 };
		const char *rest = strptime(word, formats[i], &parts);

		if (!rest || *rest || !is_in_calendar(parts))
			continue;
		*moment = moment_of(&parts);
		return true;
	}
	return false;
}

int spec_parse_begin(const char *word, int64_t now, int64_t *moment, Err *err)
{
	time_t seconds = (time_t)(now / 1000);

	if (is_from_now(word, now, moment) || is_named(word, seconds, moment) ||
	    is_time_of_day(word, seconds, moment) || is_date(word, moment) || is_day_of_year(word, seconds, moment))
		return 0;
	return err_set(err, EINVAL, "\"%.80s\" is not a time: H:M[:S], now+1hour, noon, tomorrow, or 2030-01-20T12:34",
		       word);
}
