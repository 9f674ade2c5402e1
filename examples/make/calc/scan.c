/* scan.c - from characters to tokens. */
#include "calc.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static void scan_number(Scanner *scanner)
{
	char *end;

	scanner->kind = '0';
	scanner->number = strtod(scanner->next, &end);
	scanner->next = end;
}

static void scan_name(Scanner *scanner)
{
	size_t n = 0;

	scanner->kind = 'a';
	for (; isalpha((unsigned char)*scanner->next); scanner->next++)
		if (n + 1 < sizeof scanner->name)
			scanner->name[n++] = *scanner->next;
	scanner->name[n] = '\0';
}

void scan(Scanner *scanner)
{
	scanner->next += strspn(scanner->next, " \t\n");
	if (isdigit((unsigned char)*scanner->next))
		scan_number(scanner);
	else if (isalpha((unsigned char)*scanner->next))
		scan_name(scanner);
	else if ((scanner->kind = *scanner->next))
		scanner->next++;
}
