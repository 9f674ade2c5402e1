/* say.h - what the agent tells whoever reads DIR/log: a line a message, time first. */
#ifndef NODE_AGENT_SAY_H
#define NODE_AGENT_SAY_H

void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
