/* piece.c - cut a list at its commas, but for those that a value holds. Part of the agent, too: libc only. */
#include "store/base/piece.h"

void piece_take(const char **list, Buf *piece)
{
	char quote = 0;

	for (; **list && (quote || **list != ','); ++*list) {
		char c = **list;

		if (c == '\\' && quote != '\'' && (*list)[1])
			buf_add_char(piece, *++*list);
		else if (c == quote || (!quote && (c == '"' || c == '\'')))
			quote = quote ? 0 : c;
		else
			buf_add_char(piece, c);
	}
}
