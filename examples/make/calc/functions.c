/* functions.c - the functions that an expression may call. */
#include "calc.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

static const struct {
	const char *name;
	Function *call;
} functions[] = {
	{ "abs", fabs }, { "cos", cos }, { "exp", exp }, { "log", log }, { "sin", sin }, { "sqrt", sqrt },
};

Function *find_function(const char *name)
{
	for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
		if (strcmp(functions[i].name, name) == 0)
			return functions[i].call;
	return NULL;
}
