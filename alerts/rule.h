/*
 * rule - when a number is a problem, and for how long before we say so.
 *
 * A rule is text from the configuration (struct rule_text: what each key said)
 * made into numbers (struct rule).  An alert is one rule met by one database;
 * alert_step() is its whole life: give it the value and the time, it gives back
 * what changed.  It sends nothing and reads no clock, so its test is a table.
 *
 *	         bad                    bad for `for`
 *	  OK ----------> PENDING ----------------------> FIRING
 *	   ^                |  good                        |
 *	   +----------------+                              |
 *	   +-------------- good for `keep` ----------------+
 *
 * "Bad" is beyond the limit; "good" is within `clear`; a value between the two
 * changes nothing.  No value at all is NO_DATA: an alert that was firing keeps
 * that in mind, says once that it lost sight, and is never resolved by silence.
 */
#ifndef ALERTS_RULE_H
#define ALERTS_RULE_H

#include <stdbool.h>
#include <stdint.h>

#include "agent/measure.h"

struct err;

enum rule_op { RULE_ABOVE, RULE_BELOW };
enum severity { SEVERITY_INFO, SEVERITY_WARNING, SEVERITY_CRITICAL,
	SEVERITY_COUNT };

/* What the configuration said; NULL where it said nothing. */
struct rule_text {
	const char	*name;
	const char	*when, *for_, *clear, *keep;
	const char	*severity, *receivers, *db, *enabled;
};

struct rule {
	char		*name;		/* owned */
	enum measure_id	 measure;
	enum rule_op	 op;
	double		 limit;		/* in the measure's base unit */
	double		 clear;		/* default: 90 % of the way */
	int64_t		 for_ms, keep_ms;
	enum severity	 severity;
	char		*receivers;	/* owned; "a, b"; NULL: all of them */
	char		*db;		/* owned; glob over names; NULL: all */
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
bool	rule_names_receiver(const struct rule *, const char *receiver);
bool	rule_watches(const struct rule *, const char *db);
const char *severity_name(enum severity);

enum alert_state { ALERT_OK, ALERT_PENDING, ALERT_FIRING, ALERT_NO_DATA,
	ALERT_STATE_COUNT };
enum alert_change { ALERT_NOTHING, ALERT_FIRED, ALERT_RESOLVED, ALERT_LOST };

/* "ok", "pending", "firing", "no_data" */
const char *alert_state_name(enum alert_state);

/* Both clocks at one moment: mono for durations, wall for people. */
struct now {
	int64_t	 mono_ms, wall_ms;
};

struct alert {
	const struct rule	*rule;
	enum alert_state	 state;
	bool			 announced;	/* firing was said, no end */
	struct now		 since;		/* when this state began */
	struct now		 fired;		/* when it last began firing */
	int64_t			 good_ms;	/* mono; good since; 0: not */
	int64_t			 blind_ms;	/* mono; blind since; 0: not */
	double			 value;		/* the last one seen */
};

#define ALERT_BLIND_MS	120000	/* no value for so long is NO_DATA */

/* One step of an alert's life; value is NAN when there is none. */
enum alert_change	alert_step(struct alert *, double value, struct now);

#endif
