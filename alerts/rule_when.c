/*
 * rule_when - see rule_when.h; `over`, `forecast` and `for` are in rule_over.c.
 *
 *	when     = MEASURE >|< VALUE
 *	clear    = VALUE
 *	severity = WORD[, WORD >|< VALUE]
 *
 * A condition that no value can meet is an error: a rule that never fires looks
 * like one with which all is well.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "alerts/rule.h"
#include "alerts/rule_when.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/nearest.h"
#include "base/units.h"

#define LIST_MAX	300	/* bytes of names in an error */

/* All the names, or as many as a sentence has room for. */
static void
list_measures(struct buf *b)
{
	for (int i = 0; i < MEASURE_COUNT && b->len < LIST_MAX; i++)
		buf_addf(b, "%s%s", i > 0 ? ", " : "", measures[i].name);
	if (b->len >= LIST_MAX)
		buf_adds(b, " and those of litegauge.ini(5), MEASURES");
}

static int
unknown_measure(const char *name, size_t n, struct err *e)
{
	char *word = mem_printf("%.*s", n < RULE_SHOWN ? (int)n : RULE_SHOWN,
	    name);
	struct nearest near = nearest_to(word);
	struct buf b;

	for (int i = 0; i < MEASURE_COUNT; i++)
		nearest_try(&near, measures[i].name);
	buf_init(&b, ERR_TEXT_MAX);
	list_measures(&b);
	if (near.word != NULL)
		err_set(e, "\"%s\" is not a measure: did you mean \"%s\"?",
		    word, near.word);
	else
		err_set(e, "\"%s\" is not a measure; there are: %s", word,
		    b.data != NULL ? b.data : "");
	buf_free(&b);
	free(word);
	return -1;
}

static int
read_measure(enum measure_id *ret, const char *name, size_t n, struct err *e)
{
	for (int i = 0; i < MEASURE_COUNT; i++)
		if (strlen(measures[i].name) == n &&
		    memcmp(measures[i].name, name, n) == 0) {
			*ret = (enum measure_id)i;
			return 0;
		}
	return unknown_measure(name, n, e);
}

/* *text moves behind it. */
static int
read_op(enum rule_op *ret, const char **text, const char *after,
    const char *example, struct err *e)
{
	const char *c = *text + strspn(*text, RULE_BLANKS);

	if (*c != '<' && *c != '>')
		return err_set(e, "after %s must stand > or <, as in \"%s\"",
		    after, example);
	if (c[1] == '=')
		return err_set(e, "after %s must stand > or <: there is no "
		    "%c=, as a value is hardly ever the limit itself", after,
		    *c);
	*ret = *c == '>' ? RULE_ABOVE : RULE_BELOW;
	*text = c + 1;
	return 0;
}

static double
most_of(const struct rule *r)
{
	return measure_range(r->measure) == RANGE_OPEN ? INFINITY : 1;
}

static int
check_limit(const struct rule *r, double limit, struct err *e)
{
	const struct measure *m = &measures[r->measure];
	bool above = r->op == RULE_ABOVE;
	char text[UNIT_TEXT_MAX];

	(void)unit_print(text, m->unit, limit);
	if (above ? limit >= most_of(r) : limit <= 0)
		return err_set(e, "%s is never %s %s, so this could never fire",
		    m->name, above ? "above" : "below", text);
	if (!above && limit > most_of(r))
		return err_set(e, "%s is always below %s, so this could never "
		    "be over", m->name, text);
	return 0;
}

int
rule_set_when(struct rule *r, const char *text, struct err *e)
{
	const char *c = text + strspn(text, RULE_BLANKS);
	size_t n = strcspn(c, RULE_BLANKS "<>=!");

	if (n == 0)
		return err_set(e, "it names no measure: write it as in "
		    "\"write_rate > 50/s\"");
	if (read_measure(&r->measure, c, n, e) == -1)
		return -1;
	c += n;
	if (read_op(&r->op, &c, measures[r->measure].name, "write_rate > 50/s",
	    e) == -1 ||
	    unit_parse(&r->limit, measures[r->measure].unit, c, e) == -1)
		return -1;
	return check_limit(r, r->limit, e);
}

/* What is held against the limit are whole numbers. */
static bool
is_count(const struct rule *r)
{
	return measures[r->measure].unit == UNIT_NONE &&
	    measure_range(r->measure) == RANGE_OPEN &&
	    (r->of == WINDOW_NONE || r->of == WINDOW_MIN ||
	    r->of == WINDOW_MAX);
}

/*
 * 90 % of the way, but never where a measure of 0 or 1, or a share, cannot go.
 * Of a few things a tenth is none: "processes < 1" is over with one of them and
 * not with the second.
 */
static double
default_clear(const struct rule *r, double limit)
{
	bool above = r->op == RULE_ABOVE;
	double clear = limit * (above ? 0.9 : 1.1);

	if (is_count(r))
		return above ? fmin(ceil(clear), limit) :
		    fmax(floor(clear), limit);
	if (!above && measure_range(r->measure) == RANGE_FLAG)
		return limit;
	return fmin(clear, most_of(r));
}

int
rule_set_clear(struct rule *r, const char *text, struct err *e)
{
	const struct measure *m = &measures[r->measure];
	bool above = r->op == RULE_ABOVE;
	char limit[UNIT_TEXT_MAX];

	if (text == NULL) {
		r->clear = default_clear(r, r->limit);
		return 0;
	}
	if (unit_parse(&r->clear, m->unit, text, e) == -1)
		return -1;
	if (above ? r->clear > r->limit : r->clear < r->limit)
		return err_set(e, "\"%.*s\" is on the bad side of %s: it must "
		    "not be %s", RULE_SHOWN, text,
		    unit_print(limit, m->unit, r->limit),
		    above ? "above" : "below");
	if (r->clear > most_of(r))
		return err_set(e, "%s never comes to %.*s, so this could never "
		    "be over", m->name, RULE_SHOWN, text);
	return 0;
}

/* A word of the table; *text moves behind it and what is blank. */
static int
read_severity(enum severity *ret, const char **text, struct err *e)
{
	const char *c = *text + strspn(*text, RULE_BLANKS);
	size_t n = strcspn(c, RULE_BLANKS ",<>=");

	for (int i = 0; i < SEVERITY_COUNT; i++) {
		const char *name = severity_name((enum severity)i);

		if (strlen(name) != n || memcmp(name, c, n) != 0)
			continue;
		*ret = (enum severity)i;
		*text = c + n + strspn(c + n, RULE_BLANKS);
		return 0;
	}
	return err_set(e, "\"%.*s\" is not a severity: write info, warning or "
	    "critical", n > 0 && n < RULE_SHOWN ? (int)n : RULE_SHOWN, c);
}

/* " critical > 100/s": farther out than the limit of `when`, and worse. */
static int
read_worse(struct rule *r, const char *text, struct err *e)
{
	const struct measure *m = &measures[r->measure];
	char limit[UNIT_TEXT_MAX];
	enum rule_op op;

	if (read_severity(&r->worse_severity, &text, e) == -1 ||
	    read_op(&op, &text, severity_name(r->worse_severity),
	    "warning, critical > 100/s", e) == -1 ||
	    unit_parse(&r->worse, m->unit, text, e) == -1)
		return -1;
	if (r->worse_severity <= r->severity)
		return err_set(e, "%s comes after %s, and is not worse",
		    severity_name(r->worse_severity),
		    severity_name(r->severity));
	if (op != r->op || (op == RULE_ABOVE ? r->worse <= r->limit :
	    r->worse >= r->limit))
		return err_set(e, "the limit of %s must be %s %s, which is "
		    "that of %s", severity_name(r->worse_severity),
		    r->op == RULE_ABOVE ? "above" : "below",
		    unit_print(limit, m->unit, r->limit),
		    severity_name(r->severity));
	r->has_worse = true;
	r->worse_clear = default_clear(r, r->worse);
	return check_limit(r, r->worse, e);
}

int
rule_set_severity(struct rule *r, const char *text, struct err *e)
{
	r->severity = SEVERITY_WARNING;
	if (text == NULL)
		return 0;
	if (read_severity(&r->severity, &text, e) == -1)
		return -1;
	if (*text == ',')
		return read_worse(r, text + 1, e);
	if (*text != '\0')
		return err_set(e, "after the severity stands \"%.*s\": write "
		    "it as in \"warning\" or \"warning, critical > 100/s\"",
		    RULE_SHOWN, text);
	return 0;
}
