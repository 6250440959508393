/*
 * announcement - one change on its way to state.db, and from there out.
 *
 * What announce.c makes and announce_keep.c carries: an alert's new state and
 * the notifications of it, kept together or not at all.  Owned by the loop,
 * lent to the keeper while it is at it.
 */
#ifndef AGENT_ANNOUNCE_ANNOUNCEMENT_H
#define AGENT_ANNOUNCE_ANNOUNCEMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "agent/state/keeper.h"
#include "alerts/alerts.h"
#include "alerts/notification.h"
#include "base/loop.h"

struct agent;

/* One notification for one receiver. */
struct delivery {
	char			*receiver;	/* owned */
	char			*id, *json;	/* owned; NULL: not kept */
	int64_t			 at_ms;		/* wall; the order on disk */
	struct notification	*notification;	/* owned until it is sent */
	bool			 shared;	/* with its fallback */
	bool			 gone;		/* from the outbox */
};

struct announcement {
	struct job	 job;		/* first */
	struct agent	*agent;		/* not owned */
	struct alert_record record;	/* its text is owned here: */
	char		*rule, *db;	/* NULL: it is of no alert */
	char		*from;		/* owned; whose fallback hears of it */
	struct delivery	*deliveries;	/* owned */
	size_t		 n, cap;
	bool		 sent;
	struct loop_timer patience;
	bool		 at_keeper;
	bool		 late;		/* state.db would not take it */
	struct announcement *next;	/* of all that there are */
};

struct announcement *announcement_new(struct agent *, int64_t wall_ms);
/* Copies the notification; keep: it goes on disk first. */
void	announcement_add(struct announcement *, const char *receiver,
	    const struct notification *, bool keep);
/* To disk, then to the receivers; owned by nobody but itself from here. */
void	announcement_go(struct announcement *);
/* Those that were held back while state.db was laid back. */
void	announcement_go_on(struct agent *);

/* It has left the outbox: it is not put to disk any more. */
void	announcement_gone(struct agent *, const char *id, const char *receiver);

/* announce_part.c: what state.db would not forget is put to it again. */
void	announce_part(struct agent *);
void	announce_part_free(struct agent *);

/* announce_words.c */
/* In which words an open alert would be said now. */
enum alert_change announce_change(const struct alert *);

/* What an alert has to say of this change, in the scene of now; or NULL. */
struct notification *announce_words(const struct agent *, const char *db,
	    const struct alert *, enum alert_change, int64_t wall_ms);

#endif
