/* main.c - computes each line of its input. */
#include "calc.h"

#include <stdio.h>

int main(void)
{
	char line[256];
	int failed = 0;

	while (fgets(line, sizeof line, stdin)) {
		const char *wrong;
		double value;

		if (compute(line, &value, &wrong) == 0) {
			printf("%.10g\n", value);
		} else {
			printf("%s\n", wrong);
			failed = 1;
		}
	}
	return failed;
}
