/*
 * finding - see finding.h.
 */
#include <stdlib.h>
#include <string.h>

#include "litestream/finding.h"

void
wish_free(struct wish *w)
{
	struct wish *next;

	for (; w != NULL; w = next) {
		next = w->next;
		setup_unref(w->setup);
		free(w);
	}
}

void
finding_free(struct finding *f)
{
	struct finding *next;

	for (; f != NULL; f = next) {
		next = f->next;
		free(f->replica);
		free(f->why);
		free(f);
	}
}

struct finding *
finding_take(struct finding **list, const char *replica)
{
	struct finding *f;

	while (*list != NULL && strcmp((*list)->replica, replica) != 0)
		list = &(*list)->next;
	f = *list;
	if (f != NULL) {
		*list = f->next;
		f->next = NULL;
	}
	return f;
}
