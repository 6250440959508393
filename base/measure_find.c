/*
 * measure_find - a measure by the name that rules give it.
 */
#include <string.h>

#include "base/measure.h"

int
measure_find(const char *name)
{
	for (int i = 0; i < MEASURE_COUNT; i++)
		if (strcmp(measures[i].name, name) == 0)
			return i;
	return -1;
}
