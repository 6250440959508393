/*
 * fuzz_http - text that comes with a request: what it accepts, what it asks.
 *
 * The input is lines: Accept, Accept-Encoding, from, to, step, and a label's
 * value.  A line that is not there is a header that was not sent.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "agent/pages/accept.h"
#include "agent/pages/expo.h"
#include "agent/store/range.h"
#include "base/batch.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"

#define NOW_S		1700000000
#define YEAR_9999_S	253402300799

enum { ACCEPT, ENCODING, FROM, TO, STEP, LABEL, NLINES };

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
split(char *text, char *lines[NLINES])
{
	for (size_t i = 0; i < NLINES && text != NULL; i++) {
		lines[i] = text;
		text = strchr(text, '\n');
		if (text != NULL)
			*text++ = '\0';
	}
}

/* A list that is walked comes to its end, and no item leaves the text. */
static void
try_accept(const char *text)
{
	const char *at = text, *end;
	struct accept a;

	if (text == NULL)
		return;
	end = text + strlen(text);
	while (accept_next(&at, &a)) {
		assert(a.q >= 0 && a.q <= 1000);
		assert(a.name >= text && a.params + a.nparams <= end);
		assert(at > a.name && at <= end);
	}
}

static void
try_range(const char *from, const char *to, const char *step)
{
	struct range r = { 1, 2, 3 };
	struct err e;

	if (range_parse(&r, from, to, step, NOW_S, &e) == -1) {
		assert(r.from_s == 1 && r.to_s == 2 && r.step_s == 3);
		assert(memchr(e.text, '\0', sizeof e.text) != NULL);
		return;
	}
	assert(r.from_s >= 0 && r.from_s <= r.to_s && r.to_s <= YEAR_9999_S);
	assert(r.step_s >= 0 && r.step_s % 10 == 0);
	assert(r.step_s == 0 ||
	    (r.to_s - r.from_s) / r.step_s < RANGE_POINTS_MAX);
}

/* What goes into a label comes out of it as the same UTF-8. */
static void
try_label(const char *value)
{
	struct buf label, plain, html;
	json_t *labels;
	const char *back;

	buf_init(&label, 1 << 16);
	buf_init(&plain, 1 << 16);
	buf_init(&html, 1 << 16);
	batch_label(&label, "v", value);
	text_plain(&plain, value);
	text_html(&html, value);
	if (buf_ok(&label) && buf_ok(&plain)) {
		labels = json_labels(label.data);
		back = json_string_value(json_object_get(labels, "v"));
		assert(back != NULL);
		assert(strcmp(back, plain.data ? plain.data : "") == 0);
		json_decref(labels);
	}
	if (html.data != NULL)
		assert(strpbrk(html.data, "<>\"'") == NULL);
	buf_free(&label);
	buf_free(&plain);
	buf_free(&html);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char *lines[NLINES] = { NULL };
	char *text = mem_new(n + 1, 1);

	if (n > 0)
		memcpy(text, data, n);
	split(text, lines);
	(void)expo_negotiate(lines[ACCEPT]);
	(void)accept_encoding(lines[ENCODING], "gzip");
	try_accept(lines[ACCEPT]);
	try_range(lines[FROM], lines[TO], lines[STEP]);
	if (lines[LABEL] != NULL) {
		json_decref(json_labels(lines[LABEL]));
		try_label(lines[LABEL]);
	}
	free(text);
	return 0;
}
