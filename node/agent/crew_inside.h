/* crew_inside.h - what the files of the crew share, and nobody else needs. */
#ifndef NODE_AGENT_CREW_INSIDE_H
#define NODE_AGENT_CREW_INSIDE_H

#include "node/agent/crew.h"

enum { CREW_RETRY_MS = 1000 };          /* after a full disk, a fork that failed */

/* Its task has started, at a moment of clock_ms: from now on it can be asked. crew_ask: it should have ended that. */
void crew_expect_end(Runner *runner, int64_t started);
void crew_ask(Runner *runner);
void crew_hear_answer(Runner *runner, const Message *pong);
void crew_doubt_no_more(Runner *runner);

void crew_become_busy(Crew *crew, Runner *runner);

/* Its task is gone. Where slots were taken away, the runner that is too many goes too. */
void crew_task_done(Crew *crew, Runner *runner);

#endif
