/*
 * alerts - rules times databases: which alerts exist and what becomes of them.
 *
 * Owned by the loop's thread.  A database's alerts are a set, made when it is
 * first seen; whoever steps it keeps the pointer.  What changes is told to one
 * function, which saves and announces it: alerts itself sends nothing.
 */
#ifndef ALERTS_ALERTS_H
#define ALERTS_ALERTS_H

#include <stddef.h>

#include "alerts/alert.h"

struct alerts;

struct alert_set {
	char		*db;		/* owned */
	struct alert	*alerts;	/* owned; one per rule that is on and */
	size_t		 nalerts;	/*   watches it, in their order */
	struct alert_set *next;		/* alerts.c only */
};

/* what: ALERT_NOTHING when only the state moved (ok to pending): save it.
 * Sets muted when nobody is told. */
typedef void alerts_changed_fn(void *arg, const struct alert_set *,
    struct alert *, enum alert_change what);

/* Takes the rules (an array of n, allocated with mem_new). */
struct alerts	*alerts_new(struct rule *rules, size_t n, alerts_changed_fn *,
		    void *arg);
void		 alerts_free(struct alerts *);
struct alert_set *alerts_of(struct alerts *, const char *db);	/* or makes */
void		 alerts_forget(struct alerts *, const char *db);
/* values: by enum measure_id, NAN for none; NULL for none at all. */
void		 alerts_step(struct alerts *, struct alert_set *,
		    const double *values, struct now);
/* Under a silence or not; it is counted so. */
void		 alerts_silence(struct alerts *, struct alert *, bool);
const struct alert_set *alerts_first(const struct alerts *);
size_t		 alerts_count(const struct alerts *, enum alert_state,
		    enum severity);

/* What state.db keeps of one alert; text is borrowed. */
struct alert_record {
	const char		*rule, *db;
	enum alert_state	 state;
	bool			 announced;
	int64_t			 since_ms, fired_ms;	/* wall */
	double			 value;
	bool			 raised, flapping, muted;
	/* wall, 0 for none; as in struct alert */
	int64_t			 good_ms, blind_ms, worse_ms, said_ms;
	int64_t			 fires[ALERT_FIRES];
	uint64_t		 bits;
	unsigned		 nbits;
};

void	alerts_save(struct alert_record *, const struct alert_set *,
	    const struct alert *);
/* As it is now, for the same rule and db; unchanged when that is gone. */
void	alerts_refresh(const struct alerts *, struct alert_record *);
/* For a rule that is no longer there: -1, and the caller forgets it. */
int	alerts_restore(struct alerts *, const struct alert_record *,
	    struct now);
/* Carry every state over to the alerts of a new configuration. */
void	alerts_move(struct alerts *to, const struct alerts *from);

#endif
