/*
 * calendar - see calendar.h.
 *
 * Only what a clock on the wall and a calendar show is compared, never a number
 * of seconds.  So an hour that a change of the clocks leaves out or repeats
 * needs no care of its own.
 */
#include <ctype.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "alerts/calendar.h"
#include "base/buf.h"
#include "base/err.h"

#define BLANKS		" \t"
#define SHOWN		60	/* bytes of a stranger's text */
#define WEEK		7
#define ALL_DAYS	0x7fu
#define DAY_MIN		(24 * 60)

static const struct {
	const char	*name;
	unsigned	 days;
} words[] = {
	{ "sun", 1 << 0 }, { "mon", 1 << 1 }, { "tue", 1 << 2 },
	{ "wed", 1 << 3 }, { "thu", 1 << 4 }, { "fri", 1 << 5 },
	{ "sat", 1 << 6 },	/* so far a day's number is its place here */
	{ "weekdays", 0x3e }, { "weekends", 0x41 }, { "daily", ALL_DAYS },
};

#define NWORDS	(sizeof words / sizeof *words)

static int
not_a_time(const char *text, struct err *e)
{
	return err_set(e, "\"%.*s\" is not a time of the week: write it as in "
	    "\"weekdays 08:00-20:00\", \"sat,sun\" or \"mon-fri "
	    "22:00-06:00\"", SHOWN, text);
}

/* The place of the word in the table; *text moves behind it. */
static int
read_word(size_t *ret, const char **text)
{
	size_t n = 0;

	while (isalpha((unsigned char)(*text)[n]))
		n++;
	for (size_t i = 0; i < NWORDS; i++)
		if (strlen(words[i].name) == n &&
		    strncasecmp(words[i].name, *text, n) == 0) {
			*ret = i;
			*text += n;
			return 0;
		}
	return -1;
}

/* "mon", "weekdays", "fri-mon". */
static int
read_item(unsigned *days, const char **text)
{
	size_t first, last;

	if (read_word(&first, text) == -1)
		return -1;
	*days |= words[first].days;
	if (**text != '-')
		return 0;
	++*text;
	if (read_word(&last, text) == -1 || first >= WEEK || last >= WEEK)
		return -1;
	for (size_t d = first; d != last; d = (d + 1) % WEEK)
		*days |= 1u << d;
	*days |= 1u << last;
	return 0;
}

static int
read_days(unsigned *days, const char **text)
{
	for (;;) {
		if (read_item(days, text) == -1)
			return -1;
		*text += strspn(*text, BLANKS);
		if (**text != ',')
			return 0;
		++*text;
		*text += strspn(*text, BLANKS);
	}
}

static int
read_digits(int *ret, const char **text)
{
	size_t n = strspn(*text, "0123456789");

	*ret = 0;
	if (n == 0 || n > 2)
		return -1;
	for (; n > 0; n--)
		*ret = *ret * 10 + *(*text)++ - '0';
	return 0;
}

/* "8:00", "24:00". */
static int
read_clock(int *ret, const char **text)
{
	int hours, minutes;
	const char *colon;

	if (read_digits(&hours, text) == -1 || **text != ':')
		return -1;
	colon = (*text)++;
	if (read_digits(&minutes, text) == -1 || *text - colon != 3)
		return -1;
	*ret = hours * 60 + minutes;
	return minutes < 60 && *ret <= DAY_MIN ? 0 : -1;
}

static int
read_hours(struct calendar *c, const char **text)
{
	if (read_clock(&c->from_min, text) == -1 || **text != '-')
		return -1;
	++*text;
	return read_clock(&c->to_min, text);
}

int
calendar_parse(struct calendar *ret, const char *text, struct err *e)
{
	struct calendar c = { .days = 0 };
	const char *at = text + strspn(text, BLANKS);
	bool hours;

	if (isalpha((unsigned char)*at) && read_days(&c.days, &at) == -1)
		return not_a_time(text, e);
	hours = isdigit((unsigned char)*at);
	if (hours && read_hours(&c, &at) == -1)
		return not_a_time(text, e);
	if (at[strspn(at, BLANKS)] != '\0' || (c.days == 0 && !hours))
		return not_a_time(text, e);
	if (hours && (c.from_min == c.to_min || c.from_min == DAY_MIN))
		return err_set(e, "\"%.*s\" ends when it begins: leave the "
		    "hours out for the whole day", SHOWN, text);
	if (c.from_min == 0 && c.to_min == DAY_MIN)
		c.to_min = 0;
	if (c.days == 0)
		c.days = ALL_DAYS;
	*ret = c;
	return 0;
}

/* From Monday on; three in a row, or more, as "mon-wed". */
static void
print_days(struct buf *b, unsigned days)
{
	const char *comma = "";

	for (unsigned d = 1, n; d <= WEEK; d += n) {
		for (n = 0; d + n <= WEEK && days >> (d + n) % WEEK & 1; )
			n++;
		if (n >= 3)
			buf_addf(b, "%s%s-%s", comma, words[d % WEEK].name,
			    words[(d + n - 1) % WEEK].name);
		else if (n > 0)
			buf_addf(b, "%s%s", comma, words[d % WEEK].name);
		if (n == 2)
			buf_addf(b, ",%s", words[(d + 1) % WEEK].name);
		if (n++ > 0)		/* the next one is none of them */
			comma = ",";
	}
}

void
calendar_print(struct buf *b, const struct calendar *c)
{
	bool hours = c->from_min != c->to_min;
	size_t i = WEEK;

	while (i < NWORDS && words[i].days != c->days)
		i++;
	if (c->days == 0)
		buf_adds(b, "always");
	else if (i == NWORDS)
		print_days(b, c->days);
	else if (c->days != ALL_DAYS || !hours)
		buf_adds(b, words[i].name);
	if (c->days == 0 || !hours)
		return;
	buf_addf(b, "%s%02d:%02d-%02d:%02d", c->days != ALL_DAYS ? " " : "",
	    c->from_min / 60, c->from_min % 60, c->to_min / 60,
	    c->to_min % 60);
}

bool
calendar_has(const struct calendar *c, int64_t wall_ms)
{
	time_t at = (time_t)(wall_ms / 1000);
	struct tm tm;
	bool today, yesterday;
	int min;

	/* A year that no calendar has keeps no alert back. */
	if (c->days == 0 || localtime_r(&at, &tm) == NULL)
		return true;
	today = c->days >> tm.tm_wday & 1;
	yesterday = c->days >> (tm.tm_wday + WEEK - 1) % WEEK & 1;
	min = tm.tm_hour * 60 + tm.tm_min;
	if (c->from_min == c->to_min)
		return today;
	if (c->from_min < c->to_min)
		return today && min >= c->from_min && min < c->to_min;
	return (today && min >= c->from_min) || (yesterday && min < c->to_min);
}
