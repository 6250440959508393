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
	struct now	 now;		/* of its last step */
	struct alert_set *next, **link;	/* alerts.c only */
};

/* what: ALERT_NOTHING when only the state moved (ok to pending), or some
 * progress to be kept: save it.  Sets known, and who has heard. */
typedef void alerts_changed_fn(void *arg, const struct alert_set *,
    struct alert *, enum alert_change what);

/* Takes the rules (an array of n, allocated with mem_new). */
struct alerts	*alerts_new(struct rule *rules, size_t n, alerts_changed_fn *,
		    void *arg);
void		 alerts_free(struct alerts *);
struct alert_set *alerts_of(struct alerts *, const char *db);	/* or makes */
/* It is watched no more: what was told to fire is told to be dropped. */
void		 alerts_forget(struct alerts *, const char *db);
/* values: by enum measure_id, NAN for none; NULL for none at all. */
void		 alerts_step(struct alerts *, struct alert_set *,
		    const double *values, struct now);
/* The alert of a rule and a database, and its set; NULL: there is none. */
struct alert	*alerts_alert(const struct alerts *, const char *rule,
		    const char *db, struct alert_set **);
/* Under a silence or not; it is counted so. */
void		 alerts_silence(struct alerts *, struct alert *, bool);
const struct alert_set *alerts_first(const struct alerts *);
/* By the state that is shown and the severity of now. */
size_t		 alerts_count(const struct alerts *, enum alert_state,
		    enum severity);

/*
 * Windows are seeded at the start, from what history kept: a point (its mean,
 * least and greatest) tells of the time between, mono; the oldest first.
 */
void		 alerts_seed(struct alerts *, const char *db, enum measure_id,
		    int64_t from_ms, int64_t to_ms, const float point[3]);
/* The longest window over that measure; 0: there is none. */
int64_t		 alerts_over_ms(const struct alerts *, enum measure_id);

#define ALERTS_HEARD_MAX	256	/* bytes of it that are kept */

/* What state.db keeps of one alert; text is borrowed. */
struct alert_record {
	const char		*rule, *db;
	enum alert_state	 state;
	bool			 announced;
	int64_t			 since_ms, fired_ms;	/* wall */
	double			 value;
	bool			 raised, flapping, muted;
	unsigned		 told;			/* as in struct alert */
	/* wall, 0 for none; as in struct alert */
	int64_t			 good_ms, blind_ms, worse_ms, said_ms;
	int64_t			 fires[ALERT_FIRES];
	uint64_t		 bits, worse_bits;
	unsigned		 nbits;
	/* For the word of its end when its rule is gone. */
	const char		*measure;
	enum severity		 severity;
	double			 threshold;
	char			 heard[ALERTS_HEARD_MAX];	/* heard.h */
};

void	alerts_save(struct alert_record *, const struct alert_set *,
	    const struct alert *);
/* Nothing in it is worth keeping: forget the row. */
bool	alerts_record_is_plain(const struct alert_record *);
/* As it is now, for the same rule and db; unchanged when that is gone. */
void	alerts_refresh(const struct alerts *, struct alert_record *);
/*
 * Lay it back; alive_ms (wall; 0: not known) is when the agent was last seen
 * alive: what lies after that is no time of trouble, so the caller keeps it as
 * it is then (alerts_refresh).  For a rule that is no longer there, or is of
 * another measure: what was told to fire is told to be dropped, which is 1; of
 * the rest, -1, and the caller forgets it.
 */
int	alerts_restore(struct alerts *, const struct alert_record *,
	    struct now, int64_t alive_ms);
/* The same for a database that is no longer there. */
int	alerts_drop(struct alerts *, const struct alert_record *, struct now);
/*
 * Carry every state over to the alerts of a new configuration.  What was told
 * to fire and is not in it is told, to the new one's function, to be dropped.
 */
void	alerts_move(struct alerts *to, const struct alerts *from);

#endif
