/*
 * rule - when a number is a problem, and for how long before we say so.
 *
 * A rule is text from the configuration (struct rule_text: what each key said)
 * made into numbers (struct rule).  What becomes of it when a database meets it
 * is in alert.h.
 */
#ifndef ALERTS_RULE_H
#define ALERTS_RULE_H

#include <stdbool.h>
#include <stdint.h>

#include "alerts/calendar.h"
#include "alerts/window.h"
#include "base/measure.h"

struct err;

enum rule_op { RULE_ABOVE, RULE_BELOW };
enum severity { SEVERITY_INFO, SEVERITY_WARNING, SEVERITY_CRITICAL,
	SEVERITY_COUNT };

/* What the configuration said; NULL where it said nothing. */
struct rule_text {
	const char	*name;
	const char	*when, *for_, *clear, *keep;
	const char	*over, *forecast, *repeat, *only, *message;
	const char	*severity, *receivers, *db, *enabled;
};

struct rule {
	char		*name;		/* owned */
	enum measure_id	 measure;
	enum rule_op	 op;
	double		 limit;		/* in the measure's base unit */
	double		 clear;		/* default: 90 % of the way */
	enum window_of	 of;		/* what is held against the limit */
	int64_t		 over_ms;	/* of that window; 0: no window */
	int64_t		 ahead_ms;	/* of WINDOW_TREND */
	int64_t		 for_ms, keep_ms;
	unsigned	 times, out_of;	/* so many of the last values are bad,
					   instead of for_ms; 0: not so */
	enum severity	 severity;
	bool		 has_worse;	/* a second limit, beyond the first: */
	double		 worse, worse_clear;
	enum severity	 worse_severity;
	int64_t		 repeat_ms[SEVERITY_COUNT];	/* 0: said once */
	struct calendar	 only;		/* when it may begin to fire */
	char		*receivers;	/* owned; "a, b"; NULL: all of them */
	char		*db;		/* owned; glob over names; NULL: all */
	char		*message;	/* owned; the user's own next step */
	bool		 enabled;
};

/* The built-in set, active without a configuration; ends with a NULL name. */
extern const struct rule_text builtin_rules[];

/*
 * Fill a rule from its text; a key that says nothing takes the built-in rule's
 * word of the same name, then the default.  On failure *key, when not NULL, is
 * the key at fault ("when", "for", ...), so that the caller can name its line.
 */
int	rule_parse(struct rule *, const struct rule_text *, const char **key,
	    struct err *);
void	rule_done(struct rule *);
/* "write_rate above 50.0/s for 5m, clears below 45.0/s, severity warning" */
struct buf;
void	rule_print(struct buf *, const struct rule *);
/* Whether a list, "a, b", has the receiver; NULL has all of them. */
bool	rule_receivers_have(const char *list, const char *receiver);
/* Its calendar lets something begin then. */
bool	rule_is_open(const struct rule *, int64_t wall_ms);
bool	rule_watches(const struct rule *, const char *db);
bool	rule_is_beyond(const struct rule *, double value, double limit);
const char *severity_name(enum severity);

#endif
