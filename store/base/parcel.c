/* parcel.c - what packing and unpacking agree about. */
#include "store/base/parcel.h"

#include <string.h>

static unsigned directories_above(const char *path)
{
	unsigned depth = 0;

	for (; *path; path++)
		depth += *path == '/';
	return depth;
}

static bool begins_with_up(const char *target)
{
	return target[0] == '.' && target[1] == '.' && (target[2] == '/' || !target[2]);
}

static const char *next_name(const char *target)
{
	target += strcspn(target, "/");
	return target + strspn(target, "/");
}

bool parcel_link_stays(const char *path, const char *target, unsigned top)
{
	unsigned above = directories_above(path), climbs = 0;

	if (target[0] == '/' || !target[0])
		return false;
	for (; begins_with_up(target); target = next_name(target))
		climbs++;
	for (const char *name = target; *name; name = next_name(name))
		if (begins_with_up(name))
			return false;
	return climbs + top <= above;
}
