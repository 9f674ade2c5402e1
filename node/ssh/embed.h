/* embed.h - files taken into the program as they are. */
#ifndef NODE_SSH_EMBED_H
#define NODE_SSH_EMBED_H

/* The bytes of the file at path (from where make runs) are symbol[] up to symbol_end, with a NUL behind. */
#define EMBED(symbol, path) \
	__asm__(".section .rodata\n" \
		".global " #symbol ", " #symbol "_end\n" \
		".balign 16\n" \
		#symbol ": .incbin \"" path "\"\n" \
		#symbol "_end:\n" \
		".byte 0\n" \
		".previous\n"); \
	extern const unsigned char symbol[], symbol##_end[];

#endif
