/* signals.c - the wire's numbers of signals, and this machine's. */
#include "node/wire/signals.h"

#include <signal.h>
#include <stddef.h>

/* By the wire's number; 0: no system but Linux needs to know it. */
static const int here_of[] = {
	[1] = SIGHUP, [2] = SIGINT, [3] = SIGQUIT, [4] = SIGILL, [5] = SIGTRAP, [6] = SIGABRT, [7] = SIGBUS, [8] = SIGFPE,
	[9] = SIGKILL, [10] = SIGUSR1, [11] = SIGSEGV, [12] = SIGUSR2, [13] = SIGPIPE, [14] = SIGALRM, [15] = SIGTERM,
	[17] = SIGCHLD, [18] = SIGCONT, [19] = SIGSTOP, [20] = SIGTSTP, [21] = SIGTTIN, [22] = SIGTTOU, [23] = SIGURG,
	[24] = SIGXCPU, [25] = SIGXFSZ, [26] = SIGVTALRM, [27] = SIGPROF, [28] = SIGWINCH, [29] = SIGIO, [31] = SIGSYS,
};

enum { REAL_TIME = 34, REAL_TIME_LAST = 64, NAMED = sizeof here_of / sizeof *here_of };

uint32_t signal_to_wire(uint32_t here)
{
	for (uint32_t there = 1; there < NAMED; there++)
		if (here_of[there] && (uint32_t)here_of[there] == here)
			return there;
#ifdef SIGRTMIN
	if (here >= (uint32_t)SIGRTMIN && here <= (uint32_t)SIGRTMAX && here - (uint32_t)SIGRTMIN <= REAL_TIME_LAST - REAL_TIME)
		return REAL_TIME + (here - (uint32_t)SIGRTMIN);
#endif
	return here;
}

uint32_t signal_from_wire(uint32_t there)
{
	if (there < NAMED && here_of[there])
		return (uint32_t)here_of[there];
#ifdef SIGRTMIN
	if (there >= REAL_TIME && there <= REAL_TIME_LAST)
		return (uint32_t)SIGRTMIN + (there - REAL_TIME);
#endif
	return there;
}
