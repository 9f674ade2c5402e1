/* calc.h - a calculator: text is scanned into tokens, which are parsed and computed in one go. */
#ifndef CALC_H
#define CALC_H

typedef struct Scanner {
	const char *next;       /* the text that is left */
	char kind;              /* of the token: '0' a number, 'a' a name, '\0' the end, else itself */
	double number;
	char name[16];
} Scanner;

/* Go to the next token. */
void scan(Scanner *scanner);

/* What an expression comes to: 0, or -1 with a sentence in *wrong. */
int compute(const char *text, double *value, const char **wrong);

typedef double Function(double);

/* NULL: there is none of that name. */
Function *find_function(const char *name);

#endif
