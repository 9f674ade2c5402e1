/* errand.h - work that may get stuck, on threads of its own: nobody has to wait for it, not even the daemon's end.
 *
 * It looks at files of others, and a filesystem whose server is gone keeps a thread for as long as it likes. The
 * work may use what is in its Errand only, which lives until drop. */
#ifndef NODE_ERRAND_H
#define NODE_ERRAND_H

#include <stdbool.h>
#include <sys/queue.h>
#include <uv.h>

typedef struct Errand Errand;
typedef struct Errands Errands;

struct Errand {                 /* embedded first in what it is about */
	void (*work)(Errand *errand);           /* on a thread */
	void (*done)(Errand *errand);           /* then, on the owner's; it drops it */
	void (*drop)(Errand *errand);           /* frees it, on whatever thread, when nobody waits any more */
	Errands *errands;
	bool left;
	bool begun;
	TAILQ_ENTRY(Errand) entry;
};

/* most: how many at once; others wait for their turn. */
Errands *errands_new(uv_loop_t *loop, unsigned most);

/* Nothing of it is told any more. Those under way end when they can, or with the process. NULL is fine. */
void errands_free(Errands *errands);

void errands_start(Errands *errands, Errand *errand);

/* Nobody waits for it any more: done will not be called, and it drops itself. To be called on the owner's thread. */
void errands_leave(Errands *errands, Errand *errand);

#endif
