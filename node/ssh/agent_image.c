/* agent_image.c - takes the agents in. AGENT_TABLE is a file made by the Makefile: EMBEDDED(symbol, path) for each
 * file, IMAGE(platform, symbol, digest) for each platform it is good for, the source first, our own second. */
#include "node/ssh/agent_image.h"

#include "node/ssh/embed.h"

#include <string.h>

#define EMBEDDED(symbol, path) EMBED(symbol, path)
#define IMAGE(platform, symbol, digest)
#include AGENT_TABLE
#undef EMBEDDED
#undef IMAGE

static const AgentImage images[] = {
#define EMBEDDED(symbol, path)
#define IMAGE(platform, symbol, digest) { platform, digest, symbol, symbol##_end },
#include AGENT_TABLE
	{ NULL, NULL, NULL, NULL }
};

const AgentImage *agent_image_source(void)
{
	return &images[0];
}

const AgentImage *agent_image_own(void)
{
	return &images[1];
}

const AgentImage *agent_image(size_t i)
{
	return images[i + 1].platform ? &images[i + 1] : NULL;
}

const AgentImage *agent_image_for(const char *system, const char *machine)
{
	size_t n = strlen(system);

	for (const AgentImage *image = &images[1]; image->platform; image++)
		if (strncmp(image->platform, system, n) == 0 && image->platform[n] == '/' &&
		    strcmp(image->platform + n + 1, machine) == 0)
			return image;
	return NULL;
}
