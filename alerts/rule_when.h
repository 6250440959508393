/*
 * rule_when - the keys of a rule that say what is bad: its condition.
 *
 * Only for rule_parse.c, which calls them in this order, with a NULL text where
 * nothing was said.  Each fills its part of the rule, or gives a sentence.
 */
#ifndef ALERTS_RULE_WHEN_H
#define ALERTS_RULE_WHEN_H

#include <stdint.h>

#define RULE_BLANKS	" \t"
#define RULE_SHOWN	60	/* bytes of a stranger's text */

struct err;
struct rule;

int	rule_set_when(struct rule *, const char *, struct err *);
int	rule_set_over(struct rule *, const char *, struct err *);
int	rule_set_forecast(struct rule *, const char *, struct err *);
int	rule_set_for(struct rule *, const char *, struct err *);
int	rule_set_clear(struct rule *, const char *, struct err *);
int	rule_set_severity(struct rule *, const char *, struct err *);
/* A duration between least and most, or 0. */
int	rule_read_ms(int64_t *ret, const char *, int64_t least, int64_t most,
	    struct err *);

#endif
