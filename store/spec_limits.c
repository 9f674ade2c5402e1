/* spec_limits.c - amounts of memory and names of signals, as sbatch(1) and kill(1) write them. */
#include "store/spec.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MIB (1ULL << 20)
#define MOST (64ULL << 40)      /* times SPEC_CPUS_MAX it still is a number */

/* Powers of 1024, counted from K. */
static const char suffixes[] = "KMGT";

/* The suffix's unit in bytes; 0: it is none. sbatch takes small letters too, and a B after any. */
static uint64_t unit_of(const char *suffix)
{
	const char *known;
	char letter = suffix[0] >= 'a' ? (char)(suffix[0] - 'a' + 'A') : suffix[0];

	if (!letter)
		return MIB;
	known = strchr(suffixes, letter);
	if (!known || (suffix[1] && strcasecmp(suffix + 1, "B") != 0))
		return 0;
	return 1ULL << 10 * (known - suffixes + 1);
}

int spec_parse_memory(const char *word, uint64_t *bytes, Err *err)
{
	size_t digits = strspn(word, "0123456789");
	uint64_t unit = unit_of(word + digits), number;

	if (digits == 0 || unit == 0)
		return err_set(err, EINVAL, "\"%.80s\" is not an amount of memory such as 500M, 4G or 1T", word);
	number = strtoull(word, NULL, 10);      /* beyond its range: the largest there is */
	if (number > MOST / unit)
		return err_set(err, EINVAL, "\"%.80s\" is more than 64T", word);
	number *= unit;
	if (number > 0 && number < MIB)
		return err_set(err, EINVAL, "\"%.80s\" is less than 1M, in which no program starts", word);
	*bytes = number;
	return 0;
}

static const struct { const char *name; int number; } signals[] = {
	{ "HUP", SIGHUP }, { "INT", SIGINT }, { "QUIT", SIGQUIT }, { "KILL", SIGKILL }, { "USR1", SIGUSR1 },
	{ "USR2", SIGUSR2 }, { "PIPE", SIGPIPE }, { "ALRM", SIGALRM }, { "TERM", SIGTERM }, { "CONT", SIGCONT },
	{ "STOP", SIGSTOP }, { "TSTP", SIGTSTP }, { "TTIN", SIGTTIN }, { "TTOU", SIGTTOU }, { "WINCH", SIGWINCH },
	{ "URG", SIGURG },
};

enum { SIGNAL_MOST = 64 };

int spec_parse_signal(const char *word, int *signal, Err *err)
{
	const char *name = strncmp(word, "SIG", 3) == 0 ? word + 3 : word;
	long number = strtol(word, NULL, 10);

	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
		if (strcmp(signals[i].name, name) == 0) {
			*signal = signals[i].number;
			return 0;
		}
	if (!*word || word[strspn(word, "0123456789")])
		return err_set(err, EINVAL, "\"%.80s\" is not a signal; expected a name like TERM or a number", word);
	if (number < 1 || number > SIGNAL_MOST)
		return err_set(err, EINVAL, "\"%.80s\" is not a number from 1 to %d", word, SIGNAL_MOST);
	*signal = (int)number;
	return 0;
}
