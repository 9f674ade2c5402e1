/* crew_inside.h - what the files of the crew share, and nobody else needs. */
#ifndef AGENT_CREW_INSIDE_H
#define AGENT_CREW_INSIDE_H

#include "crew.h"

enum { CREW_RETRY_MS = 1000 };          /* after a full disk, a fork that failed */

void crew_become_busy(Crew *crew, Runner *runner);

/* Its task is gone. Where slots were taken away, the runner that is too many goes too. */
void crew_task_done(Crew *crew, Runner *runner);

#endif
