/* parse.c - expression: term { + - term }; term: factor { * / factor }; factor: number, -factor, (expression),
 * name(expression). A function of each; the first thing that is wrong is the one told. */
#include "calc.h"

#include <stddef.h>

typedef struct Parser {
	Scanner scanner;
	const char *wrong;
} Parser;

static double expression(Parser *p);

static double complain(Parser *p, const char *wrong)
{
	if (!p->wrong)
		p->wrong = wrong;
	return 0;
}

static int take(Parser *p, char kind)
{
	if (p->scanner.kind != kind)
		return 0;
	scan(&p->scanner);
	return 1;
}

static double in_parentheses(Parser *p)
{
	double value;

	if (!take(p, '('))
		return complain(p, "a ( is missing");
	value = expression(p);
	return take(p, ')') ? value : complain(p, "a ) is missing");
}

static double call(Parser *p)
{
	Function *function = find_function(p->scanner.name);
	double argument;

	scan(&p->scanner);
	argument = in_parentheses(p);
	return function ? function(argument) : complain(p, "there is no such function");
}

static double factor(Parser *p)
{
	double number = p->scanner.number;

	if (take(p, '0'))
		return number;
	if (take(p, '-'))
		return -factor(p);
	if (p->scanner.kind == 'a')
		return call(p);
	if (p->scanner.kind == '(')
		return in_parentheses(p);
	return complain(p, "a number is missing");
}

static double term(Parser *p)
{
	double value = factor(p);

	for (;;) {
		if (take(p, '*'))
			value *= factor(p);
		else if (take(p, '/'))
			value /= factor(p);
		else
			return value;
	}
}

static double expression(Parser *p)
{
	double value = term(p);

	for (;;) {
		if (take(p, '+'))
			value += term(p);
		else if (take(p, '-'))
			value -= term(p);
		else
			return value;
	}
}

int compute(const char *text, double *value, const char **wrong)
{
	Parser p = { .scanner = { .next = text } };

	scan(&p.scanner);
	*value = expression(&p);
	if (p.scanner.kind)
		complain(&p, "something is left over");
	*wrong = p.wrong;
	return p.wrong ? -1 : 0;
}
