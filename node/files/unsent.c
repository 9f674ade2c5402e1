/* unsent.c - marks are empty files, unsent.TASK.RUN.BOOT. */
#include "node/files/unsent.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { BOOT_ROOM = 64, NAME_ROOM = 128 };

/* "" if it is not known: then there are no marks. */
static const char *boot(void)
{
	static char id[BOOT_ROOM];
	int fd = id[0] ? -1 : open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);

	if (fd >= 0) {
		if (read(fd, id, sizeof id - 1) < 0)
			id[0] = '\0';
		id[strcspn(id, "\n/")] = '\0';
		close(fd);
	}
	return id;
}

static void name_of(uint64_t task, uint32_t run, char name[NAME_ROOM])
{
	snprintf(name, NAME_ROOM, "unsent.%" PRIu64 ".%" PRIu32 ".%s", task, run, boot());
}

void unsent_mark(const char *directory, uint64_t task, uint32_t run)
{
	int at = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC), fd;
	char name[NAME_ROOM];

	name_of(task, run, name);
	fd = at < 0 || !boot()[0] ? -1 : openat(at, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd >= 0)
		close(fd);
	if (at >= 0)
		close(at);
}

void unsent_clear(const char *directory, uint64_t task, uint32_t run)
{
	int at = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char name[NAME_ROOM];

	if (at < 0)
		return;
	name_of(task, run, name);
	unlinkat(at, name, 0);
	close(at);
}

bool unsent_is_marked(const char *directory, uint64_t task, uint32_t run)
{
	int at = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char name[NAME_ROOM];
	bool marked;

	if (at < 0)
		return false;
	name_of(task, run, name);
	marked = boot()[0] && faccessat(at, name, F_OK, 0) == 0;
	close(at);
	return marked;
}

bool unsent_is_mark(const char *name, uint64_t *task, uint32_t *run)
{
	char wanted[NAME_ROOM];

	if (sscanf(name, "unsent.%" SCNu64 ".%" SCNu32 ".", task, run) != 2)
		return false;
	name_of(*task, *run, wanted);
	return strcmp(name, wanted) == 0;
}
