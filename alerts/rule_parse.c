/*
 * rule_parse - from the words of the configuration to a rule.
 *
 * One function per key, in a table, in an order where each may rely on those
 * before it: `clear` needs the measure and the limit of `when`.
 */
#include <stddef.h>
#include <string.h>

#include "agent/buf.h"
#include "agent/err.h"
#include "agent/mem.h"
#include "agent/options.h"
#include "agent/units.h"
#include "alerts/rule.h"

#define BLANKS		" \t"
#define SHOWN		60	/* bytes of a stranger's text */
#define NAME_MAX_BYTES	64

static int
unknown_measure(const char *name, size_t n, struct err *e)
{
	struct buf b;

	buf_init(&b, ERR_TEXT_MAX);
	for (int i = 0; i < MEASURE_COUNT; i++)
		buf_addf(&b, "%s%s", i > 0 ? ", " : "", measures[i].name);
	err_set(e, "\"%.*s\" is not a measure; there are: %s",
	    n < SHOWN ? (int)n : SHOWN, name, b.data != NULL ? b.data : "");
	buf_free(&b);
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

static int
set_when(struct rule *r, const char *text, struct err *e)
{
	const char *c = text + strspn(text, BLANKS);
	size_t n = strcspn(c, BLANKS "<>=!");

	if (n == 0)
		return err_set(e, "it names no measure: write it as in "
		    "\"write_rate > 50/s\"");
	if (read_measure(&r->measure, c, n, e) == -1)
		return -1;
	c += n;
	c += strspn(c, BLANKS);
	if ((*c != '<' && *c != '>') || c[1] == '=')
		return err_set(e, "after %s must stand > or <, as in "
		    "\"write_rate > 50/s\"", measures[r->measure].name);
	r->op = *c == '>' ? RULE_ABOVE : RULE_BELOW;
	return unit_parse(&r->limit, measures[r->measure].unit, c + 1, e);
}

/* 90 % of the way, but never where a measure of 0 or 1, or a share, cannot go.
 */
static double
default_clear(const struct rule *r)
{
	const struct measure *m = &measures[r->measure];

	if (r->op == RULE_ABOVE)
		return r->limit * 0.9;
	if (m->unit == UNIT_NONE && m->falling)
		return r->limit;
	if (m->unit == UNIT_RATIO && r->limit <= 1 && r->limit * 1.1 > 1)
		return 1;
	return r->limit * 1.1;
}

static int
set_clear(struct rule *r, const char *text, struct err *e)
{
	const struct measure *m = &measures[r->measure];
	bool above = r->op == RULE_ABOVE;
	char limit[UNIT_TEXT_MAX];

	if (text == NULL) {
		r->clear = default_clear(r);
		return 0;
	}
	if (unit_parse(&r->clear, m->unit, text, e) == -1)
		return -1;
	if (above ? r->clear > r->limit : r->clear < r->limit)
		return err_set(e, "\"%.*s\" is on the bad side of %s: it must "
		    "not be %s", SHOWN, text,
		    unit_print(limit, m->unit, r->limit),
		    above ? "above" : "below");
	return 0;
}

static int
set_for(struct rule *r, const char *text, struct err *e)
{
	return unit_parse_ms(&r->for_ms, text != NULL ? text : "0", e);
}

static int
set_keep(struct rule *r, const char *text, struct err *e)
{
	return unit_parse_ms(&r->keep_ms, text != NULL ? text : "0", e);
}

static int
set_severity(struct rule *r, const char *text, struct err *e)
{
	if (text == NULL)
		text = severity_name(SEVERITY_WARNING);
	for (int i = 0; i < SEVERITY_COUNT; i++)
		if (strcmp(severity_name((enum severity)i), text) == 0) {
			r->severity = (enum severity)i;
			return 0;
		}
	return err_set(e, "\"%.*s\" is not a severity: write info, warning or "
	    "critical", SHOWN, text);
}

static int
set_receivers(struct rule *r, const char *text, struct err *e)
{
	if (text == NULL)
		return 0;
	if (text[strspn(text, ", \t")] == '\0')
		return err_set(e, "it names no receiver: leave the key out to "
		    "tell all of them");
	r->receivers = mem_strdup(text);
	return 0;
}

static int
set_db(struct rule *r, const char *text, struct err *e)
{
	if (text == NULL)
		return 0;
	if (*text == '\0')
		return err_set(e, "it names no database: leave the key out to "
		    "watch all of them");
	r->db = mem_strdup(text);
	return 0;
}

static int
set_enabled(struct rule *r, const char *text, struct err *e)
{
	int flag = text != NULL ? option_flag(text) : 1;

	if (flag == -1)
		return err_set(e, "\"%.*s\" is neither yes nor no", SHOWN,
		    text);
	r->enabled = flag == 1;
	return 0;
}

#define KEY(field, key, set)	{ key, offsetof(struct rule_text, field), set }

static const struct key {
	const char	*name;
	size_t		 at;		/* in struct rule_text */
	int		(*set)(struct rule *, const char *, struct err *);
} keys[] = {
	KEY(when,	"when",		set_when),
	KEY(for_,	"for",		set_for),
	KEY(clear,	"clear",	set_clear),
	KEY(keep,	"keep",		set_keep),
	KEY(severity,	"severity",	set_severity),
	KEY(receivers,	"receivers",	set_receivers),
	KEY(db,		"db",		set_db),
	KEY(enabled,	"enabled",	set_enabled),
};

static const char *
word(const struct rule_text *t, const struct key *k)
{
	const char *text;

	memcpy(&text, (const char *)t + k->at, sizeof text);
	return text;
}

static const struct rule_text *
find_builtin(const char *name)
{
	static const struct rule_text none;

	for (const struct rule_text *t = builtin_rules; t->name != NULL; t++)
		if (strcmp(t->name, name) == 0)
			return t;
	return &none;
}

/* A new limit makes the built-in `clear` meaningless: back to the default. */
static struct rule_text
merge(const struct rule_text *t)
{
	const struct rule_text *base = find_builtin(t->name);
	struct rule_text all = *t;

#define TAKE(f)	(all.f = all.f != NULL ? all.f : base->f)
	if (t->when == NULL)
		TAKE(clear);
	TAKE(when);
	TAKE(for_);
	TAKE(keep);
	TAKE(severity);
	TAKE(receivers);
	TAKE(db);
	TAKE(enabled);
#undef TAKE
	return all;
}

/* Names go into state.db, messages and pages: short, and of one line. */
static int
check_name(const char *name, struct err *e)
{
	if (*name == '\0')
		return err_set(e, "an alert needs a name, as in "
		    "[alert write-rate]");
	if (strlen(name) > NAME_MAX_BYTES)
		return err_set(e, "the name \"%.*s...\" is longer than %d "
		    "bytes", SHOWN, name, NAME_MAX_BYTES);
	for (const char *c = name; *c != '\0'; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			return err_set(e, "the name has a control character "
			    "in it");
	return 0;
}

int
rule_parse(struct rule *ret, const struct rule_text *t, const char **key,
    struct err *e)
{
	struct rule r = { 0 };
	struct rule_text all;

	if (key != NULL)
		*key = "name";
	if (check_name(t->name, e) == -1)
		return -1;
	all = merge(t);
	if (key != NULL)
		*key = "when";
	if (all.when == NULL)
		return err_set(e, "alert %s needs a condition, as in "
		    "\"when = write_rate > 50/s\"", t->name);
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		if (key != NULL)
			*key = keys[i].name;
		if (keys[i].set(&r, word(&all, &keys[i]), e) == -1) {
			rule_done(&r);
			return -1;
		}
	}
	r.name = mem_strdup(t->name);
	*ret = r;
	return 0;
}
