/*
 * advice - see advice.h.
 */
#include "agent/diagnose/advice.h"
#include "agent/store/store.h"
#include "alerts/notification.h"

void
advise(struct scene *s, const struct watched *w, enum measure_id about,
    struct diagnosis *room)
{
	s->unwatched = w == NULL;
	if (w == NULL)
		return;
	s->culprits = store_culprits(w);
	s->down = w->down;
	if (w->down != NULL || !diagnose_about(about, w->measures, s->culprits,
	    s->wall_ms, room))
		return;
	s->cause = room->text;
	s->next_step = room->next_step;
}
