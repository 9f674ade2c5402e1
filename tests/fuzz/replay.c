/* replay.c - main for a fuzz target that is linked without libFuzzer: feeds it each file named on the
 * command line, and each file in each directory named there. The corpus thus is a test everywhere. */
#include <dirent.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	uint8_t *data = NULL;
	size_t size = 0, n = 0;

	if (!file) {
		perror(path);
		return -1;
	}
	do {
		size += n;
		data = realloc(data, size + 65536);
		n = data ? fread(data + size, 1, 65536, file) : 0;
	} while (n > 0);
	fclose(file);
	data = realloc(data, size ? size : 1); /* to the byte, so that a sanitizer sees reads past the end */
	LLVMFuzzerTestOneInput(data, size);
	free(data);
	return 0;
}

static int replay(const char *path, int *count)
{
	struct stat st;
	struct dirent *entry;
	char below[4096];
	int failed = 0;
	DIR *dir;

	if (stat(path, &st) < 0 || !S_ISDIR(st.st_mode)) {
		++*count;
		return replay_file(path);
	}
	dir = opendir(path);
	if (!dir) {
		perror(path);
		return -1;
	}
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(below, sizeof below, "%s/%s", path, entry->d_name);
		failed |= replay(below, count);
	}
	closedir(dir);
	return failed;
}

int main(int argc, char **argv)
{
	int count = 0, failed = 0;

	for (int i = 1; i < argc; i++)
		failed |= replay(argv[i], &count);
	printf("%d inputs\n", count);
	return failed != 0;
}
