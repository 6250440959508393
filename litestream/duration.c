/*
 * duration - see duration.h.
 */
#include <stddef.h>
#include <string.h>

#include "litestream/duration.h"

/* The longer of two that begin alike comes first. */
static const struct {
	const char	*name;
	uint64_t	 ns;
} units[] = {
	{ "ns",		1 },
	{ "us",		1000 },
	{ "\u00b5s",	1000 },
	{ "\u03bcs",	1000 },
	{ "ms",		1000000 },
	{ "s",		1000000000 },
	{ "m",		60 * 1000000000ull },
	{ "h",		3600 * 1000000000ull },
};

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
take_unit(const char **text, uint64_t *ns)
{
	for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
		size_t n = strlen(units[i].name);
		char after;

		if (strncmp(*text, units[i].name, n) != 0)
			continue;
		after = (*text)[n];
		if (after != '\0' && after != '.' && !is_digit(after))
			continue;
		*text += n;
		*ns = units[i].ns;
		return true;
	}
	return false;
}

static bool
take_whole(const char **text, uint64_t *ret)
{
	uint64_t v = 0;

	for (; is_digit(**text); (*text)++)
		if (__builtin_mul_overflow(v, 10, &v) || __builtin_add_overflow(
		    v, (uint64_t)(**text - '0'), &v) || v > INT64_MAX)
			return false;
	*ret = v;
	return true;
}

/* Digits past what a double holds change nothing. */
static double
take_fraction(const char **text)
{
	double v = 0, scale = 1;

	for (; is_digit(**text); (*text)++)
		if (scale < 1e18) {
			scale *= 10;
			v = v * 10 + (**text - '0');
		}
	return v / scale;
}

/* One number with its unit, added to the sum. */
static bool
take_part(const char **text, uint64_t *sum)
{
	const char *start = *text;
	uint64_t whole, unit;
	double fraction = 0;
	size_t digits;

	if (!take_whole(text, &whole))
		return false;
	digits = (size_t)(*text - start);
	if (**text == '.') {
		start = ++*text;
		fraction = take_fraction(text);
		digits += (size_t)(*text - start);
	}
	return digits > 0 && take_unit(text, &unit) &&
	    !__builtin_mul_overflow(whole, unit, &whole) &&
	    !__builtin_add_overflow(*sum, whole, sum) &&
	    !__builtin_add_overflow(*sum, (uint64_t)(fraction * (double)unit),
	    sum) && *sum <= INT64_MAX;
}

bool
duration_parse(const char *text, int64_t *ret)
{
	bool minus = text[0] == '-';
	uint64_t sum = 0;

	text += text[0] == '-' || text[0] == '+';
	if (text[0] == '\0')
		return false;
	if (strcmp(text, "0") != 0)
		while (*text != '\0')
			if (!take_part(&text, &sum))
				return false;
	*ret = minus ? -(int64_t)sum : (int64_t)sum;
	return true;
}
