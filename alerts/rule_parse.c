/*
 * rule_parse - from the words of the configuration to a rule.
 *
 * One function per key, in a table, in an order where each may rely on those
 * before it: `clear` needs the measure and the limit of `when`.
 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "alerts/message_text.h"
#include "alerts/rule.h"
#include "alerts/rule_when.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/nearest.h"
#include "base/units.h"

#define NAME_MAX_BYTES		64
#define MESSAGE_MAX_BYTES	500
#define LIST_BLANKS		", \t"
#define MINUTE			(60 * 1000LL)
#define HOUR			(60 * MINUTE)
#define YEAR			(365 * 24 * HOUR)

static int
set_keep(struct rule *r, const char *text, struct err *e)
{
	return text == NULL ? 0 : rule_read_ms(&r->keep_ms, text, 0, YEAR, e);
}

static int
set_repeat(struct rule *r, const char *text, struct err *e)
{
	int64_t ms;

	r->repeat_ms[SEVERITY_INFO] = 0;
	r->repeat_ms[SEVERITY_WARNING] = 24 * HOUR;
	r->repeat_ms[SEVERITY_CRITICAL] = 4 * HOUR;
	if (text == NULL)
		return 0;
	if (rule_read_ms(&ms, text, MINUTE, YEAR, e) == -1)
		return -1;
	for (int i = 0; i < SEVERITY_COUNT; i++)
		r->repeat_ms[i] = ms;
	return 0;
}

static int
set_only(struct rule *r, const char *text, struct err *e)
{
	return text == NULL ? 0 : calendar_parse(&r->only, text, e);
}

static int
set_message(struct rule *r, const char *text, struct err *e)
{
	if (text == NULL)
		return 0;
	if (text[strspn(text, RULE_BLANKS)] == '\0')
		return err_set(e, "it says nothing: leave the key out for the "
		    "next step that the measure has");
	if (strlen(text) > MESSAGE_MAX_BYTES)
		return err_set(e, "it is longer than %d bytes",
		    MESSAGE_MAX_BYTES);
	if (message_check(text, e) == -1)
		return -1;
	r->message = mem_strdup(text);
	return 0;
}

/* "a, b" of "a,b, a,": each name once. */
static char *
tidy(const char *list)
{
	char *copy = mem_strdup(list), *rest = copy, *name;
	struct buf b;

	buf_init(&b, strlen(list) * 2 + 1);
	buf_adds(&b, "");
	while ((name = strsep(&rest, LIST_BLANKS)) != NULL)
		if (*name != '\0' && (b.len == 0 ||
		    !rule_receivers_have(b.data, name)))
			buf_addf(&b, "%s%s", b.len > 0 ? ", " : "", name);
	free(copy);
	return buf_take(&b);
}

static int
set_receivers(struct rule *r, const char *text, struct err *e)
{
	if (text == NULL)
		return 0;
	if (text[strspn(text, LIST_BLANKS)] == '\0')
		return err_set(e, "it names no receiver: leave the key out to "
		    "tell all of them");
	r->receivers = tidy(text);
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
	int flag = text != NULL ? unit_flag(text) : 1;

	if (flag == -1)
		return err_set(e, "\"%.*s\" is neither yes nor no",
		    RULE_SHOWN, text);
	r->enabled = flag == 1;
	return 0;
}

#define KEY(field, key, set)	{ key, offsetof(struct rule_text, field), set }

static const struct key {
	const char	*name;
	size_t		 at;		/* in struct rule_text */
	int		(*set)(struct rule *, const char *, struct err *);
} keys[] = {
	KEY(when,	"when",		rule_set_when),
	KEY(over,	"over",		rule_set_over),
	KEY(forecast,	"forecast",	rule_set_forecast),
	KEY(for_,	"for",		rule_set_for),
	KEY(clear,	"clear",	rule_set_clear),
	KEY(keep,	"keep",		set_keep),
	KEY(severity,	"severity",	rule_set_severity),
	KEY(repeat,	"repeat",	set_repeat),
	KEY(only,	"only",		set_only),
	KEY(receivers,	"receivers",	set_receivers),
	KEY(db,		"db",		set_db),
	KEY(message,	"message",	set_message),
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

/* What belongs to the built-in condition goes with it: a new limit has a clear
 * of its own, and means each value unless it says over what. */
static struct rule_text
merge(const struct rule_text *t)
{
	const struct rule_text *base = find_builtin(t->name);
	struct rule_text all = *t;

#define TAKE(f)	(all.f = all.f != NULL ? all.f : base->f)
	if (t->when == NULL) {
		TAKE(when);
		TAKE(over);
		TAKE(forecast);
		TAKE(clear);
	}
	TAKE(for_);
	TAKE(keep);
	TAKE(severity);
	TAKE(repeat);
	TAKE(only);
	TAKE(receivers);
	TAKE(db);
	TAKE(message);
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
		    "bytes", RULE_SHOWN, name, NAME_MAX_BYTES);
	for (const char *c = name; *c != '\0'; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			return err_set(e, "the name has a control character "
			    "in it");
	return 0;
}

/* Without a condition it was meant to change a built-in rule. */
static int
no_condition(const char *name, struct err *e)
{
	struct nearest near = nearest_to(name);

	for (const struct rule_text *t = builtin_rules; t->name != NULL; t++)
		nearest_try(&near, t->name);
	if (near.word != NULL)
		return err_set(e, "no built-in rule is called %s: did you mean "
		    "%s?  A rule of your own needs a condition, as in \"when = "
		    "write_rate > 50/s\"", name, near.word);
	return err_set(e, "it needs a condition, as in \"when = write_rate > "
	    "50/s\"");
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
		return no_condition(t->name, e);
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
