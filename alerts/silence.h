/*
 * silence - alerts of which nobody wants to hear for a while.
 *
 * A silence names databases and rules by pattern ("db=app rule=write-*"), has
 * an end and a reason.  Alerts go on under it and are shown as silenced; what
 * began under it is not announced when it ends, only after its `repeat` if it
 * still fires then.  The end of what people know of is told also under it: an
 * incident that somebody has opened must close.
 *
 * Owned by the loop's thread; state.db keeps it over a restart.
 */
#ifndef ALERTS_SILENCE_H
#define ALERTS_SILENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

#define SILENCE_ID_MAX		12	/* "s4k2j9x" and a NUL */
#define SILENCE_TEXT_MAX	256	/* bytes of any text in it */
#define SILENCES_MAX		1000
#define SILENCE_LONGEST_MS	(366LL * 24 * 3600 * 1000)

struct silence {
	char		 id[SILENCE_ID_MAX];
	char		*db, *rule;		/* owned; globs; NULL: any */
	char		*severity;		/* owned; NULL: any */
	char		*why, *who;		/* owned; never NULL */
	int64_t		 from_ms, until_ms;	/* wall */
	struct silence	*next;
};

struct silences;

struct silences	*silences_new(void);
void		 silences_free(struct silences *);
/* "db=app rule=write-* severity=info", in any order, at least one of them;
 * fills only these.  -1 and a sentence. */
int		 silence_parse(struct silence *, const char *match,
		    struct err *);
void		 silence_done(struct silence *);
/* Takes what it holds; gives it an id unless it has one.  -1: too many. */
int		 silences_add(struct silences *, struct silence *,
		    const struct silence **ret, struct err *);
/* -1: there is none of that id. */
int		 silences_end(struct silences *, const char *id, struct err *);
/* Lets go of what is over; ended is called for each. */
void		 silences_expire(struct silences *, int64_t wall_ms,
		    void (*ended)(void *, const struct silence *), void *arg);
bool		 silence_fits(const struct silence *, const char *db,
		    const char *rule, const char *severity);
/* One that covers this alert now; the one that lasts longest; NULL: none. */
const struct silence *silences_find(const struct silences *, const char *db,
		    const char *rule, const char *severity, int64_t wall_ms);
const struct silence *silences_first(const struct silences *);
size_t		 silences_count(const struct silences *);

#endif
