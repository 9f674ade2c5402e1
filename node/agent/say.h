/* say.h - what the agent tells whoever reads DIR/log: a line a message, time first. */
#ifndef AGENT_SAY_H
#define AGENT_SAY_H

void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
