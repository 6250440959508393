/*
 * heard - see heard.h.
 *
 * A text with a line for each receiver, for a name may have blanks and commas
 * in it but no end of line.  No name can be an empty line.
 */
#include <stdlib.h>
#include <string.h>

#include "alerts/heard.h"
#include "base/mem.h"

static bool
has(const char *list, const char *receiver)
{
	size_t want = strlen(receiver);

	if (strcmp(list, HEARD_BY_ALL) == 0)
		return true;
	for (const char *c = list; ; c++) {
		size_t n = strcspn(c, "\n");

		if (n == want && memcmp(c, receiver, n) == 0)
			return true;
		c += n;
		if (*c == '\0')
			return false;
	}
}

bool
heard_is_by(const struct alert *a, const char *receiver)
{
	const char *list = alert_past(a)->heard;

	return list != NULL && has(list, receiver);
}

void
heard_by(struct alert *a, const char *receiver)
{
	char *list;

	if (heard_is_by(a, receiver))
		return;
	if (a->past == NULL)
		NEW(a->past);
	list = a->past->heard;
	a->past->heard = list == NULL ? mem_strdup(receiver) :
	    mem_printf("%s\n%s", list, receiver);
	free(list);
}

void
heard_by_none(struct alert *a)
{
	if (a->past == NULL)
		return;
	free(a->past->heard);
	a->past->heard = NULL;
}
