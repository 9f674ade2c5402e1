/* agent_image.h - the agent as it stands inside this program: static binaries, and its source for nodes that
 * none of them runs on. What is in is decided by make: the host's own always, others after make agents. */
#ifndef NODE_SSH_AGENT_IMAGE_H
#define NODE_SSH_AGENT_IMAGE_H

#include <stddef.h>

typedef struct AgentImage {
	const char *platform;           /* "Linux/x86_64": uname -s, uname -m. "source": a shell script, see deliver.sh */
	const char *digest;             /* SHA-256, hexadecimal */
	const unsigned char *bytes, *end;
} AgentImage;

const AgentImage *agent_image_own(void);        /* for this machine */
const AgentImage *agent_image_source(void);

/* The i-th binary; NULL: there are no more. */
const AgentImage *agent_image(size_t i);

/* NULL: none is built in. */
const AgentImage *agent_image_for(const char *system, const char *machine);

#endif
