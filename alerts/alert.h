/*
 * alert - the life of one rule met by one database.
 *
 * alert_step() is given the value and the time and gives back what changed.  It
 * sends nothing and reads no clock, so its test is a table.
 *
 *	         bad                    bad for `for`
 *	  OK ----------> PENDING ----------------------> FIRING
 *	   ^                |  good                        |
 *	   +----------------+                              |
 *	   +-------------- good for `keep` ----------------+
 *
 * "Bad" is beyond the limit; "good" is within `clear`; a value between the two
 * changes nothing.  No value at all is NO_DATA: an alert that was firing keeps
 * that in mind, says that it lost sight, and is not resolved by silence, unless
 * its watch ends (see off).  While it fires its severity may rise, and after
 * `repeat` it is said again, seen or not.  One that begins to fire too often is
 * said to flap, once, and then says nothing until it has been calm, or out of
 * sight, for a while.
 *
 * A rule may judge a window instead of each value: while too little of it is
 * known nothing begins and nothing ends.  Instead of a time a rule may ask for
 * so many of the last values: see bits.  Outside its calendar nothing begins,
 * and nobody is reminded.
 */
#ifndef ALERTS_ALERT_H
#define ALERTS_ALERT_H

#include "alerts/rule.h"

struct window;

/* SILENCED is how people are shown FIRING and NO_DATA under a silence; an
 * alert's own state is one of the others. */
enum alert_state { ALERT_OK, ALERT_PENDING, ALERT_FIRING, ALERT_NO_DATA,
	ALERT_SILENCED, ALERT_STATE_COUNT };
enum alert_change {
	ALERT_NOTHING,		/* or only the state moved: save it */
	ALERT_FIRED, ALERT_RESOLVED,
	ALERT_LOST,		/* no data any more */
	ALERT_RAISED,		/* fires already, now with more severity */
	ALERT_REPEATED,		/* fires still, or has no data still */
	ALERT_FLAPS,		/* quiet from here until it is calm */
	ALERT_DROPPED,		/* its rule or database is watched no more */
	ALERT_CHANGES
};

/* "ok", "pending", "firing", "no_data", "silenced" */
const char *alert_state_name(enum alert_state);

/* Both clocks at one moment: mono for durations, wall for people. */
struct now {
	int64_t	 mono_ms, wall_ms;
};

#define ALERT_BLIND_MS	120000		/* no value for so long is NO_DATA */
#define ALERT_FIRES	5		/* so many ... */
#define ALERT_FLAP_MS	3600000		/* ... in so long are flapping, */
#define ALERT_CALM_MS	1800000		/* until nothing moved for this */

/* What only an alert has to which something has happened. */
struct past {
	int64_t			 good_ms;	/* mono; good since; 0: not */
	int64_t			 worse_ms;	/* mono; worse since; 0: not */
	int64_t			 said_ms;	/* mono; last said to fire; or
						   last moved, if it flaps */
	/* mono; when it was last said to fire, newest first; 0: none */
	int64_t			 fires[ALERT_FIRES];
	struct now		 fired;		/* when it last began firing */
	uint64_t		 bits;		/* bad or not, of the last
						   nbits values; bit 0 is the
						   newest */
	uint64_t		 worse_bits;	/* the same, of worse or not */
	/* alerts.c: something moved that is not yet told to be kept. */
	bool			 unsaved;
	int64_t			 saved_ms;	/* mono; last told; 0: never */
	char			*heard;		/* owned; see heard.h; NULL:
						   nobody was told */
};

struct alert {
	const struct rule	*rule;
	struct window		*window;	/* owned; NULL: takes each
						   value as it is */
	struct past		*past;		/* owned; NULL: nothing was */
	enum alert_state	 state : 5;
	unsigned		 told : 3;	/* see alert_told() */
	unsigned		 nbits : 8;	/* see past->bits */
	bool			 announced;	/* firing was said, no end; or
						   not, for it flaps */
	bool			 raised;	/* beyond the worse limit */
	bool			 flapping;
	bool			 known;		/* people were told of it */
	bool			 silenced;	/* by one in force now */
	bool			 off;		/* what it looks at is taken out
						   of the configuration: once
						   it is blind, it ends */
	struct now		 since;		/* when this state began */
	int64_t			 blind_ms;	/* mono; blind since; 0: not */
	double			 value;		/* what is held against the
						   limit; the last one seen */
	double			 last;		/* the measure itself */
};

/* It is as if this value had never come: there is no step to take. */
bool			alert_is_at_rest(const struct alert *, double value);
/* One step of an alert's life; value is NAN when there is none. */
enum alert_change	alert_step(struct alert *, double value, struct now);
void			alert_done(struct alert *);	/* what it owns */
void			alert_forget(struct alert *);	/* its past */
/* Its past; where there is none, one of nothing. */
const struct past	*alert_past(const struct alert *);
enum severity		alert_severity(const struct alert *);
/* Its state, but SILENCED where that is what people are shown. */
enum alert_state	alert_shown(const struct alert *);
/* People were told of it as it is now, or of its end: by its severity that is
 * kept in mind, for a severity that changes is another alert to some. */
void			alert_told(struct alert *, bool ends);
/* The severity of which they were told before and which is over with what they
 * are to be told now; NULL: none. */
const char		*alert_before(const struct alert *, bool ends);
/* The limit of that severity. */
double			alert_limit(const struct alert *);
/* Mono; when it is said again, if it is still open then; 0: never. */
int64_t			alert_repeat_ms(const struct alert *);
/* The same, of the wall; 0 too while a silence or the calendar keeps it back.
 */
int64_t			alert_repeat_at(const struct alert *, struct now);
/* It is open, and began under a silence: nobody knows. */
bool			alert_is_muted(const struct alert *);
/* Nothing about it is worth keeping: it is as one that was never met. */
bool			alert_is_plain(const struct alert *);
/* Its rule or database is watched no more: it ends, whatever it was. */
enum alert_change	alert_drop(struct alert *, struct now);

#endif
