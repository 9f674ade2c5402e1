/* agent_image.c - takes the agent's binary in. AGENT_IMAGE is its path, from the Makefile. */
#include "agent_image.h"

__asm__(".section .rodata\n"
	".global agent_image, agent_image_end\n"
	".balign 16\n"
	"agent_image: .incbin \"" AGENT_IMAGE "\"\n"
	"agent_image_end:\n"
	".byte 0\n"
	".previous\n");
