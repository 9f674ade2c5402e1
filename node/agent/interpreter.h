/* interpreter.h - the '#!' line of a script, read as execve(2) does. */
#ifndef NODE_AGENT_INTERPRETER_H
#define NODE_AGENT_INTERPRETER_H

#include "node/wire/wire.h"

enum { INTERPRETER_LINE_MAX = 256 };    /* the kernel's BINPRM_BUF_SIZE */

typedef struct Interpreter {
	char path[INTERPRETER_LINE_MAX];
	char argument[INTERPRETER_LINE_MAX];    /* the rest of the line, blanks included; "" if none */
} Interpreter;

/* -1 with err: no '#!', nothing after it, or a line that is too long. */
int interpreter_parse(Slice script, Interpreter *interpreter, Err *err);

#endif
