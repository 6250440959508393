/*
 * units - see units.h.
 *
 * A suffix is a row: the parser looks it up, an error lists its family, the
 * printer takes the largest one that fits.  Only rows with `print` are printed.
 */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/units.h"

#define BLANKS		" \t"
#define SHOWN		60		/* bytes of a stranger's text */
#define NEARLY		0.9995		/* three digits of it are one */
#define DURATION_MAX_S	(100.0 * 365 * 86400)

static const struct family {
	const char	*name;
	const char	*noun;		/* in errors */
	const char	*example;
} families[] = {
	[UNIT_NONE]		= { "", "a plain number", "4000" },
	[UNIT_BYTES]		= { "bytes", "a size", "10 GB" },
	[UNIT_SECONDS]		= { "seconds", "a duration", "5m" },
	[UNIT_PER_SECOND]	= { "per second", "a rate", "50/s" },
	[UNIT_BYTES_PER_SECOND]	= { "bytes per second", "a byte rate",
				    "2 MB/s" },
	[UNIT_RATIO]		= { "ratio", "a share", "80%" },
};

static const struct suffix {
	enum unit	 unit;
	bool		 print;
	const char	*text;
	double		 factor;
} suffixes[] = {
	{ UNIT_BYTES, true,  "B",	1 },
	{ UNIT_BYTES, true,  "kB",	1e3 },
	{ UNIT_BYTES, false, "KB",	1e3 },
	{ UNIT_BYTES, true,  "MB",	1e6 },
	{ UNIT_BYTES, true,  "GB",	1e9 },
	{ UNIT_BYTES, true,  "TB",	1e12 },
	{ UNIT_BYTES, false, "KiB",	1024.0 },
	{ UNIT_BYTES, false, "MiB",	1048576.0 },
	{ UNIT_BYTES, false, "GiB",	1073741824.0 },
	{ UNIT_BYTES, false, "TiB",	1099511627776.0 },
	{ UNIT_SECONDS, false, "ms",	1e-3 },
	{ UNIT_SECONDS, true,  "s",	1 },
	{ UNIT_SECONDS, true,  "m",	60 },
	{ UNIT_SECONDS, true,  "h",	3600 },
	{ UNIT_SECONDS, true,  "d",	86400 },
	{ UNIT_SECONDS, false, "w",	604800 },
	{ UNIT_PER_SECOND, true,  "/s",	1 },
	{ UNIT_PER_SECOND, false, "/m",	1.0 / 60 },
	{ UNIT_PER_SECOND, false, "/h",	1.0 / 3600 },
	{ UNIT_BYTES_PER_SECOND, true,	"B/s",	 1 },
	{ UNIT_BYTES_PER_SECOND, true,	"kB/s",  1e3 },
	{ UNIT_BYTES_PER_SECOND, false, "KB/s",  1e3 },
	{ UNIT_BYTES_PER_SECOND, true,	"MB/s",  1e6 },
	{ UNIT_BYTES_PER_SECOND, true,	"GB/s",  1e9 },
	{ UNIT_BYTES_PER_SECOND, true,	"TB/s",  1e12 },
	{ UNIT_BYTES_PER_SECOND, false, "KiB/s", 1024.0 },
	{ UNIT_BYTES_PER_SECOND, false, "MiB/s", 1048576.0 },
	{ UNIT_BYTES_PER_SECOND, false, "GiB/s", 1073741824.0 },
	{ UNIT_RATIO, true, "%",	0.01 },
};

#define NSUFFIXES	(sizeof suffixes / sizeof *suffixes)

const char *
unit_name(enum unit u)
{
	return families[u].name;
}

/* "5 parsecs" is not a duration: write it as in "5m" (units: ms s m h d w). */
static int
not_a(enum unit u, const char *text, struct err *e)
{
	struct buf b;

	text += strspn(text, BLANKS);
	buf_init(&b, ERR_TEXT_MAX);
	buf_addf(&b, "\"%.*s\" is not %s: write it as in \"%s\"", SHOWN, text,
	    families[u].noun, families[u].example);
	for (size_t i = 0, n = 0; i < NSUFFIXES; i++)
		if (suffixes[i].unit == u)
			buf_addf(&b, "%s%s", n++ == 0 ? "; units: " : " ",
			    suffixes[i].text);
	err_set(e, "%s", b.data != NULL ? b.data : families[u].noun);
	buf_free(&b);
	return -1;
}

static const struct suffix *
find_suffix(enum unit u, const char *text, size_t n)
{
	for (size_t i = 0; i < NSUFFIXES; i++) {
		const struct suffix *s = &suffixes[i];

		if (s->unit == u && strlen(s->text) == n &&
		    memcmp(s->text, text, n) == 0)
			return s;
	}
	return NULL;
}

/* Digits with at most one point; strtod alone would take "inf" and "0x1p3". */
static int
read_number(double *ret, const char **text)
{
	size_t n = strspn(*text, "0123456789.");
	char *end;
	double v = strtod(*text, &end);

	if (n == 0 || end != *text + n || !isfinite(v))
		return -1;
	*ret = v;
	*text = end;
	return 0;
}

/* One number and its suffix (NULL: it has none); *text moves behind them. */
static int
read_part(double *ret, const struct suffix **suffix, enum unit u,
    const char **text)
{
	size_t n;

	if (read_number(ret, text) == -1)
		return -1;
	*text += strspn(*text, BLANKS);
	n = strcspn(*text, BLANKS "0123456789.");
	*suffix = find_suffix(u, *text, n);
	if (*suffix == NULL && n > 0)
		return -1;
	*text += n;
	*text += strspn(*text, BLANKS);
	return 0;
}

/* Durations may have parts, each with a smaller unit: "1h 30m". */
static int
read_quantity(double *ret, bool *bare, enum unit u, const char *text)
{
	const struct suffix *suffix;
	double sum = 0, last = INFINITY, v;

	text += strspn(text, BLANKS);
	do {
		if (read_part(&v, &suffix, u, &text) == -1)
			return -1;
		*bare = suffix == NULL;
		if (*bare && (!isinf(last) || *text != '\0'))
			return -1;
		if (suffix != NULL && suffix->factor >= last)
			return -1;
		last = suffix != NULL ? suffix->factor : 1;
		sum += v * last;
	} while (*text != '\0' && u == UNIT_SECONDS);
	if (*text != '\0' || !isfinite(sum))
		return -1;
	*ret = sum;
	return 0;
}

int
unit_parse(double *ret, enum unit u, const char *text, struct err *e)
{
	bool bare;

	if (read_quantity(ret, &bare, u, text) == -1)
		return not_a(u, text, e);
	return 0;
}

int
unit_parse_ms(int64_t *ret_ms, const char *text, struct err *e)
{
	bool bare;
	double s;

	if (read_quantity(&s, &bare, UNIT_SECONDS, text) == -1)
		return not_a(UNIT_SECONDS, text, e);
	if (bare && s > 0)
		return err_set(e, "\"%.*s\" has no unit: write \"%.*ss\" for "
		    "seconds", SHOWN, text, SHOWN, text);
	if (s > DURATION_MAX_S)
		return err_set(e, "\"%.*s\" is more than a hundred years",
		    SHOWN, text);
	*ret_ms = (int64_t)llround(s * 1000);
	return 0;
}

/* Three digits, and no "10.00" for what is rounded up to ten. */
static void
print_digits(char text[UNIT_TEXT_MAX], double v, const char *suffix)
{
	int decimals = v < 9.995 ? 2 : v < 99.95 ? 1 : 0;

	if (v <= 0)
		snprintf(text, UNIT_TEXT_MAX, "0%s", suffix);
	else if (v < 0.01 || v >= 1e15)
		snprintf(text, UNIT_TEXT_MAX, "%.2g%s", v, suffix);
	else
		snprintf(text, UNIT_TEXT_MAX, "%.*f%s", decimals, v, suffix);
}

/* The largest suffix of which there is one, or nearly: 999.9 kB is 1.00 MB. */
static const struct suffix *
fitting_suffix(enum unit u, double v, double nearly)
{
	const struct suffix *fit = NULL;

	for (size_t i = 0; i < NSUFFIXES; i++) {
		const struct suffix *s = &suffixes[i];

		if (s->unit == u && s->print &&
		    (fit == NULL || v >= s->factor * nearly))
			fit = s;
	}
	return fit;
}

static void
print_bytes(char text[UNIT_TEXT_MAX], enum unit u, double v)
{
	const struct suffix *s = fitting_suffix(u, v, NEARLY);
	double n = v / s->factor;
	const char *gap = " ";

	if (s->factor <= 1) {
		snprintf(text, UNIT_TEXT_MAX, "%.0f%s%s", n, gap, s->text);
		return;
	}
	print_digits(text, n, gap);
	(void)snprintf(text + strlen(text), UNIT_TEXT_MAX - strlen(text), "%s",
	    s->text);
}

/* Two parts at most: "4m 10s", "2d 3h"; below a minute "6.2s", "250ms". */
static void
print_seconds(char text[UNIT_TEXT_MAX], enum unit u, double v)
{
	const struct suffix *big, *small;
	double whole, rest;

	if (v < 0.9995 && v > 0) {
		snprintf(text, UNIT_TEXT_MAX, "%.3gms", v * 1000);
		return;
	}
	if (v < 59.95 || v >= 1e15) {
		snprintf(text, UNIT_TEXT_MAX, "%.3gs", v);
		return;
	}
	v = round(v);
	big = fitting_suffix(u, v, 1);
	small = big - 1;
	whole = floor(v / big->factor);
	rest = floor((v - whole * big->factor) / small->factor);
	if (rest > 0)
		snprintf(text, UNIT_TEXT_MAX, "%.0f%s %.0f%s", whole, big->text,
		    rest, small->text);
	else
		snprintf(text, UNIT_TEXT_MAX, "%.0f%s", whole, big->text);
}

static void
print_count(char text[UNIT_TEXT_MAX], enum unit u, double v)
{
	(void)u;
	if (v < 1e15 && v >= 0 && floor(v) >= v)
		snprintf(text, UNIT_TEXT_MAX, "%.0f", v);
	else
		print_digits(text, v, "");
}

static void
print_scaled(char text[UNIT_TEXT_MAX], enum unit u, double v)
{
	const struct suffix *s = fitting_suffix(u, v, NEARLY);

	print_digits(text, v / s->factor, s->text);
}

const char *
unit_print(char text[UNIT_TEXT_MAX], enum unit u, double value)
{
	static void (*const printers[])(char *, enum unit, double) = {
		[UNIT_NONE]		= print_count,
		[UNIT_BYTES]		= print_bytes,
		[UNIT_SECONDS]		= print_seconds,
		[UNIT_PER_SECOND]	= print_scaled,
		[UNIT_BYTES_PER_SECOND]	= print_bytes,
		[UNIT_RATIO]		= print_scaled,
	};

	if (!isfinite(value)) {
		snprintf(text, UNIT_TEXT_MAX, "unknown");
		return text;
	}
	printers[u](text, u, fabs(value));
	if (value < 0) {
		size_t n = strlen(text);

		if (n > UNIT_TEXT_MAX - 2)
			n = UNIT_TEXT_MAX - 2;
		memmove(text + 1, text, n);
		text[0] = '-';
		text[n + 1] = '\0';
	}
	return text;
}

int
unit_flag(const char *text)
{
	static const struct {
		const char *word;
		int flag;
	} flags[] = {
		{ "yes", 1 }, { "true", 1 }, { "on", 1 }, { "1", 1 },
		{ "no", 0 }, { "false", 0 }, { "off", 0 }, { "0", 0 },
	};

	for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++)
		if (strcasecmp(flags[i].word, text) == 0)
			return flags[i].flag;
	return -1;
}
