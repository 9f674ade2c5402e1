/* agent_image.h - the agent's static binary, as it stands inside this program. */
#ifndef NODE_AGENT_IMAGE_H
#define NODE_AGENT_IMAGE_H

extern const unsigned char agent_image[], agent_image_end[];

#endif
