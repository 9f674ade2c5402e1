/* array.c - which tasks of an array have a Task of their own. */
#include "store/array.h"

#include <stdlib.h>

static size_t page_count(const Array *array)
{
	return array->indices.count / ARRAY_PAGE + 1;
}

Array *array_new(const char *text)
{
	Array *array = mem_new_zeroed(sizeof *array);

	array->text = mem_copy_text(text);
	if (indices_parse(text, &array->indices, &array->limit, NULL) < 0) {
		array_free(array);
		return NULL;
	}
	array->rest = array->indices.count;
	array->pages = mem_new_zeroed(page_count(array) * sizeof *array->pages);
	return array;
}

void array_free(Array *array)
{
	if (!array)
		return;
	for (size_t i = 0; array->pages && i < page_count(array); i++)
		free(array->pages[i]);
	free(array->pages);
	indices_release(&array->indices);
	pending_release(&array->limited);
	free(array->text);
	free(array);
}

Task *array_own(const Array *array, uint32_t ordinal)
{
	Task **page = array->pages[ordinal / ARRAY_PAGE];

	return page ? page[ordinal % ARRAY_PAGE] : NULL;
}

void array_set_own(Array *array, uint32_t ordinal, Task *task)
{
	Task ***page = &array->pages[ordinal / ARRAY_PAGE];

	if (!*page)
		*page = mem_new_zeroed(ARRAY_PAGE * sizeof **page);
	(*page)[ordinal % ARRAY_PAGE] = task;
	if (task)
		array->rest--;
	else
		array->rest++;
	if (!task && ordinal < array->rest_first)
		array->rest_first = ordinal;
}

Task *array_next_own(const Array *array, uint32_t *ordinal)
{
	for (; *ordinal < array->indices.count; ++*ordinal) {
		if (!array->pages[*ordinal / ARRAY_PAGE])
			*ordinal |= ARRAY_PAGE - 1;
		else if (array_own(array, *ordinal))
			return array_own(array, *ordinal);
	}
	return NULL;
}

bool array_is_busy(const Array *array)
{
	return array->limit && array->placed >= array->limit;
}

uint32_t array_first_of_rest(Array *array)
{
	while (array_own(array, array->rest_first))
		array->rest_first++;
	return array->rest_first;
}
