/*
 * rule - see rule.h; rule_parse.c has the way from text to rule.
 */
#include <fnmatch.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "agent/buf.h"
#include "alerts/rule.h"

static const char *const severity_names[] = {
	[SEVERITY_INFO]		= "info",
	[SEVERITY_WARNING]	= "warning",
	[SEVERITY_CRITICAL]	= "critical",
};

const char *
severity_name(enum severity s)
{
	return severity_names[s];
}

void
rule_done(struct rule *r)
{
	free(r->name);
	free(r->receivers);
	free(r->db);
	free(r->message);
	*r = (struct rule){ 0 };
}

void
rule_print(struct buf *b, const struct rule *r)
{
	const struct measure *m = &measures[r->measure];
	bool above = r->op == RULE_ABOVE;
	char text[UNIT_TEXT_MAX];

	buf_addf(b, "%s %s %s", m->name, above ? "above" : "below",
	    unit_print(text, m->unit, r->limit));
	if (r->for_ms > 0)
		buf_addf(b, " for %s", unit_print(text, UNIT_SECONDS,
		    (double)r->for_ms / 1000));
	buf_addf(b, ", clears %s %s", above ? "below" : "above",
	    unit_print(text, m->unit, r->clear));
	if (r->keep_ms > 0)
		buf_addf(b, " for %s", unit_print(text, UNIT_SECONDS,
		    (double)r->keep_ms / 1000));
	buf_addf(b, ", severity %s", severity_name(r->severity));
	if (r->db != NULL)
		buf_addf(b, ", databases %s", r->db);
	if (r->receivers != NULL)
		buf_addf(b, ", to %s", r->receivers);
}

bool
rule_names_receiver(const struct rule *r, const char *receiver)
{
	size_t want = strlen(receiver);

	if (r->receivers == NULL)
		return true;
	for (const char *c = r->receivers; *c != '\0'; ) {
		size_t n;

		c += strspn(c, ", \t");
		n = strcspn(c, ", \t");
		if (n == want && n > 0 && memcmp(c, receiver, n) == 0)
			return true;
		c += n;
	}
	return false;
}

bool
rule_watches(const struct rule *r, const char *db)
{
	return r->db == NULL || fnmatch(r->db, db, 0) == 0;
}
