/*
 * rule_over - the keys of a rule that are about time: what of a while of values
 * is held against the limit, and how long it must be beyond it.
 *
 *	over     = DURATION [avg|max|min|median|p95]
 *	forecast = DURATION
 *	for      = DURATION
 *	for      = COUNT of COUNT
 *
 * 0 is no window, no forecast, no wait: so it takes back what a built-in rule
 * says.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "alerts/rule.h"
#include "alerts/rule_when.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/units.h"

#define SECOND		1000LL
#define MINUTE		(60 * SECOND)
#define HOUR		(60 * MINUTE)
#define DAY		(24 * HOUR)
#define OVER_MOST	(30 * DAY)	/* as long as history is kept */
#define LINE_LEAST	HOUR		/* what a trend is taken from */
#define LINE_MOST	(7 * DAY)
#define OUT_OF_MOST	64		/* bits of an alert */

static const struct {
	const char	*name;
	enum window_of	 of;
} functions[] = {
	{ "avg",	WINDOW_AVG },
	{ "max",	WINDOW_MAX },
	{ "min",	WINDOW_MIN },
	{ "median",	WINDOW_MEDIAN },
	{ "p95",	WINDOW_P95 },
};

#define NFUNCTIONS	(sizeof functions / sizeof *functions)

int
rule_read_ms(int64_t *ret, const char *text, int64_t least, int64_t most,
    struct err *e)
{
	char bound[UNIT_TEXT_MAX];

	if (unit_parse_ms(ret, text, e) == -1)
		return -1;
	if (*ret > most)
		return err_set(e, "\"%.*s\" is too long, the most is %s",
		    RULE_SHOWN, text,
		    unit_print(bound, UNIT_SECONDS, (double)most / 1000));
	if (*ret != 0 && *ret < least)
		return err_set(e, "\"%.*s\" is too short, the least is %s",
		    RULE_SHOWN, text,
		    unit_print(bound, UNIT_SECONDS, (double)least / 1000));
	return 0;
}

static int
read_function(enum window_of *ret, const char *word, struct err *e)
{
	size_t n = strcspn(word, RULE_BLANKS);

	for (size_t i = 0; i < NFUNCTIONS; i++)
		if (strlen(functions[i].name) == n &&
		    memcmp(functions[i].name, word, n) == 0) {
			*ret = functions[i].of;
			return 0;
		}
	return err_set(e, "\"%.*s\" is not what can be taken of a window: "
	    "write avg, max, min, median or p95", RULE_SHOWN, word);
}

/* Where the last word begins; the end of the text when that is no word. */
static const char *
last_word(const char *text)
{
	const char *end = text + strlen(text), *c;

	while (end > text && strchr(RULE_BLANKS, end[-1]) != NULL)
		end--;
	for (c = end; c > text && strchr(RULE_BLANKS, c[-1]) == NULL; )
		c--;
	return isalpha((unsigned char)*c) ? c : end;
}

int
rule_set_over(struct rule *r, const char *text, struct err *e)
{
	enum window_of of = WINDOW_AVG;
	const char *word;
	char *span;
	int rc;

	if (text == NULL)
		return 0;
	word = last_word(text);
	if (isalpha((unsigned char)*word) && read_function(&of, word, e) == -1)
		return -1;
	if (word == text)
		return err_set(e, "it does not say how long: write it as in "
		    "\"5m %.*s\"", RULE_SHOWN, word);
	span = mem_printf("%.*s", (int)(word - text), text);
	rc = rule_read_ms(&r->over_ms, span, SECOND, OVER_MOST, e);
	free(span);
	if (rc == 0 && r->over_ms > 0)
		r->of = of;
	return rc;
}

static int64_t
line_ms(int64_t ahead_ms)
{
	int64_t ms = ahead_ms / 4;

	return ms < LINE_LEAST ? LINE_LEAST : ms > LINE_MOST ? LINE_MOST : ms;
}

int
rule_set_forecast(struct rule *r, const char *text, struct err *e)
{
	if (text == NULL)
		return 0;
	if (rule_read_ms(&r->ahead_ms, text, MINUTE, 365 * DAY, e) == -1)
		return -1;
	if (r->ahead_ms == 0)
		return 0;
	if (measure_range(r->measure) == RANGE_FLAG)
		return err_set(e, "%s is 0 or 1 and has no trend",
		    measures[r->measure].name);
	if (r->of != WINDOW_NONE && r->of != WINDOW_AVG)
		return err_set(e, "a trend is a straight line through all "
		    "values: write over = DURATION alone");
	r->of = WINDOW_TREND;
	if (r->over_ms == 0)
		r->over_ms = line_ms(r->ahead_ms);
	return 0;
}

/* *text moves behind it and what is blank; -1: it is no small number. */
static int
read_count(unsigned *ret, const char **text)
{
	const char *c = *text + strspn(*text, RULE_BLANKS);
	size_t n = strspn(c, "0123456789");

	if (n == 0 || n > 9)
		return -1;
	for (*ret = 0; n > 0; n--)
		*ret = *ret * 10 + (unsigned)(*c++ - '0');
	*text = c + strspn(c, RULE_BLANKS);
	return 0;
}

static int
set_count(struct rule *r, unsigned times, const char *rest, struct err *e)
{
	unsigned out_of;

	if (read_count(&out_of, &rest) == -1 || *rest != '\0')
		return err_set(e, "after \"%u of\" must stand a number, as in "
		    "\"3 of 5\"", times);
	if (times == 0)
		return err_set(e, "\"0 of %u\" would always fire", out_of);
	if (times > out_of)
		return err_set(e, "\"%u of %u\" could never be: the first "
		    "number must not be above the second", times, out_of);
	if (out_of > OUT_OF_MOST)
		return err_set(e, "\"%u of %u\": only the last %d values are "
		    "kept", times, out_of, OUT_OF_MOST);
	r->times = times;
	r->out_of = out_of;
	return 0;
}

int
rule_set_for(struct rule *r, const char *text, struct err *e)
{
	const char *c = text;
	unsigned times;

	if (text == NULL)
		return 0;
	if (read_count(&times, &c) == 0 && strncmp(c, "of", 2) == 0)
		return set_count(r, times, c + 2, e);
	return rule_read_ms(&r->for_ms, text, 0, 365 * DAY, e);
}
