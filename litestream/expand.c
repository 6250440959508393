/*
 * expand - see expand.h.
 */
#include <string.h>

#include "base/buf.h"
#include "litestream/expand.h"

#define DIGITS	"0123456789"
#define LETTERS	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_"

/* What follows a dollar: so many bytes, and the name in them. */
struct variable {
	size_t		 taken;
	const char	*name;
	size_t		 len;
};

static bool
is_one_of(char c, const char *set)
{
	return c != '\0' && strchr(set, c) != NULL;
}

/* Of the shell: each is a name on its own. */
static bool
is_special(char c)
{
	return is_one_of(c, "*#$@!?-" DIGITS);
}

/*
 * From the brace on.  Without an end the brace alone is lost.  last: the last
 * closing brace, so that nobody looks for one in vain again and again.
 */
static struct variable
in_braces(const char *text, size_t n, const char *last)
{
	const char *end = NULL;

	if (n > 2 && is_special(text[1]) && text[2] == '}')
		return (struct variable){ 3, text + 1, 1 };
	if (last != NULL && text < last)
		end = memchr(text, '}', n);
	if (end == NULL)
		return (struct variable){ .taken = 1 };
	return (struct variable){ (size_t)(end - text) + 1, text + 1,
	    (size_t)(end - text) - 1 };
}

static struct variable
after_dollar(const char *text, size_t n, const char *last)
{
	size_t len = 0;

	if (text[0] == '{')
		return in_braces(text, n, last);
	if (is_special(text[0]))
		return (struct variable){ 1, text, 1 };
	while (len < n && is_one_of(text[len], LETTERS DIGITS))
		len++;
	return (struct variable){ len, text, len };
}

static void
add_value(struct buf *b, const struct variable *v, expand_fn *fn, void *arg)
{
	char name[EXPAND_MAX_NAME + 1];
	const char *value;

	if (v->len > EXPAND_MAX_NAME || memchr(v->name, '\0', v->len) != NULL)
		return;		/* no variable is called that */
	memcpy(name, v->name, v->len);
	name[v->len] = '\0';
	value = fn(arg, name);
	if (value != NULL)
		buf_adds(b, value);
}

void
expand_text(struct buf *b, const char *text, size_t n, expand_fn *fn,
    void *arg)
{
	const char *last = memrchr(text, '}', n);
	const char *dollar;

	while ((dollar = memchr(text, '$', n)) != NULL && buf_ok(b)) {
		struct variable v = { 0 };

		buf_add(b, text, (size_t)(dollar - text));
		n -= (size_t)(dollar - text) + 1;
		text = dollar + 1;
		if (n > 0)
			v = after_dollar(text, n, last);
		if (v.taken == 0)
			buf_add(b, "$", 1);
		if (v.len > 0)
			add_value(b, &v, fn, arg);
		text += v.taken;
		n -= v.taken;
	}
	buf_add(b, text, n);
}
