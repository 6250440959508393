/*
 * json - see json.h.
 */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"

#define TEXT_MAX	65536u	/* of one string; a longer one is null */
#define DIGITS		15	/* 0.1 stays 0.1 */

static json_t *
take_text(struct buf *b)
{
	json_t *j = buf_ok(b) ? json_stringn(b->data ? b->data : "", b->len) :
	    NULL;

	buf_free(b);
	return j != NULL ? j : json_null();
}

json_t *
json_text(const char *text)
{
	struct buf b;

	if (text == NULL)
		return json_null();
	buf_init(&b, TEXT_MAX);
	text_plain(&b, text);
	return take_text(&b);
}

json_t *
json_number(double value)
{
	return isfinite(value) ? json_real(value) : json_null();
}

json_t *
json_time(int64_t wall_ms)
{
	char text[CLOCK_TEXT_MAX];

	if (wall_ms == 0)
		return json_null();
	clock_text(text, wall_ms);
	return json_string(text);
}

/* What is between two quotes, unescaped; returns what comes after. */
static const char *
read_value(const char *p, struct buf *ret)
{
	for (; *p != '\0' && *p != '"'; p++) {
		if (p[0] == '\\' && p[1] != '\0') {
			p++;
			buf_add(ret, *p == 'n' ? "\n" : p, 1);
		} else {
			buf_add(ret, p, 1);
		}
	}
	return *p == '"' ? p + 1 : p;
}

json_t *
json_labels(const char *p)
{
	json_t *ret = json_object();

	while (p != NULL && *p != '\0') {
		size_t n = strcspn(p, "=");
		struct buf name, value;

		if (p[n] != '=' || p[n + 1] != '"')
			break;
		buf_init(&name, TEXT_MAX);
		buf_init(&value, TEXT_MAX);
		buf_add(&name, p, n);
		p = read_value(p + n + 2, &value);
		p += *p == ',';
		if (name.data != NULL)
			json_object_set_new(ret, name.data, take_text(&value));
		buf_free(&name);
		buf_free(&value);
	}
	return ret;
}

static int
append(const char *text, size_t n, void *arg)
{
	buf_add(arg, text, n);
	return 0;
}

void
json_append(struct buf *b, json_t *j)
{
	(void)json_dump_callback(j, append, b, JSON_COMPACT |
	    JSON_ENCODE_ANY | JSON_REAL_PRECISION(DIGITS));
	json_decref(j);
}

char *
json_take(json_t *j)
{
	char *text;

	assert(j != NULL);
	text = json_dumps(j, JSON_COMPACT);
	assert(text != NULL);
	json_decref(j);
	return text;
}
