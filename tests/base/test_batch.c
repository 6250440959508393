/*
 * test_batch - what a batch takes in, takes back and labels.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/batch.h"
#include "base/buf.h"
#include "base/mem.h"
#include "collectors/collector.h"

static const struct metric metrics[] = {
	{ "sqlite_a", METRIC_GAUGE, NULL, "A." },
	{ "sqlite_b_total", METRIC_COUNTER, NULL, "B." },
};

static const struct collector one = {
	.name = "one", COLLECTOR_METRICS(metrics),
};

static void
holds_what_it_was_given(void **state)
{
	struct batch *b = batch_new("app");

	(void)state;
	for (int i = 0; i < 100; i++)
		batch_add(b, &metrics[i % 2], i);
	batch_add_labelled(b, &metrics[0], 7, "replica=\"s3\"");
	batch_report(b, &one, 42, NULL);
	batch_report(b, &one, 43, "no such file");
	assert_string_equal(b->db, "app");
	assert_int_equal(b->nsamples, 101);
	assert_true(b->samples[99].metric == &metrics[1]);
	assert_true(b->samples[99].value == 99);
	assert_null(b->samples[99].labels);
	assert_string_equal(b->samples[100].labels, "replica=\"s3\"");
	assert_int_equal(b->nreports, 2);
	assert_null(b->reports[0].why);
	assert_int_equal(b->reports[1].took_us, 43);
	assert_string_equal(b->reports[1].why, "no such file");
	batch_free(b);
}

static void
one_note_at_a_time(void **state)
{
	struct batch *b = batch_new("app");

	(void)state;
	assert_null(b->note);
	assert_true(batch_note(b, "it was replaced"));
	assert_false(batch_note(b, "and again"));
	assert_string_equal(b->note, "it was replaced");
	batch_free(b);
}

static void
a_cut_takes_back_what_came_after(void **state)
{
	struct batch *b = batch_new("app");

	(void)state;
	batch_add_labelled(b, &metrics[0], 1, "a=\"1\"");
	batch_add_labelled(b, &metrics[0], 2, "a=\"2\"");
	batch_add(b, &metrics[1], 3);
	batch_cut(b, 1);
	assert_int_equal(b->nsamples, 1);
	assert_string_equal(b->samples[0].labels, "a=\"1\"");
	batch_cut(b, 5);
	assert_int_equal(b->nsamples, 1);
	batch_cut(b, 0);
	assert_int_equal(b->nsamples, 0);
	batch_free(b);
}

static void
is_mail_that_can_be_thrown_away(void **state)
{
	struct batch *b = batch_new("app");

	(void)state;
	b->path = mem_strdup("/data/app.db");
	b->down = mem_strdup("gone");
	assert_true(batch_note(b, "it was replaced"));
	batch_add_labelled(b, &metrics[0], 1, "a=\"1\"");
	b->mail.discard(&b->mail);
	batch_free(NULL);
}

static const struct {
	const char *what, *value, *want;
} labels[] = {
	{ "plain", "/data/app.db", "/data/app.db" },
	{ "empty", "", "" },
	{ "a quote", "a\"b", "a\\\"b" },
	{ "a backslash", "a\\b", "a\\\\b" },
	{ "a newline", "a\nb", "a\\nb" },
	{ "all at once", "\\\"\n", "\\\\\\\"\\n" },
	{ "two bytes", "\xc3\xa4", "\xc3\xa4" },
	{ "three bytes", "\xe2\x82\xac", "\xe2\x82\xac" },
	{ "four bytes", "\xf0\x9f\x92\xbe", "\xf0\x9f\x92\xbe" },
	{ "a byte alone", "a\xff" "b", "a\xef\xbf\xbd" "b" },
	{ "cut short", "\xe2\x82", "\xef\xbf\xbd\xef\xbf\xbd" },
	{ "overlong", "\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd" },
	{ "overlong in three", "\xe0\x80\xaf",
	    "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
	{ "a surrogate", "\xed\xa0\x80",
	    "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
	{ "past the last one", "\xf4\x90\x80\x80",
	    "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
	{ "good after bad", "\xff\xc3\xa4", "\xef\xbf\xbd\xc3\xa4" },
};

static void
labels_are_escaped(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof labels / sizeof labels[0]; i++) {
		char want[128];
		struct buf b;

		(void)snprintf(want, sizeof want, "path=\"%s\"",
		    labels[i].want);
		buf_init(&b, 1024);
		batch_label(&b, "path", labels[i].value);
		if (strcmp(b.data, want) != 0)
			fail_msg("%s: got %s", labels[i].what, b.data);
		buf_free(&b);
	}
}

static void
labels_are_joined(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 1024);
	batch_label(&b, "replica", "s3");
	batch_label(&b, "type", "s3");
	assert_string_equal(b.data, "replica=\"s3\",type=\"s3\"");
	buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(holds_what_it_was_given),
		cmocka_unit_test(one_note_at_a_time),
		cmocka_unit_test(a_cut_takes_back_what_came_after),
		cmocka_unit_test(is_mail_that_can_be_thrown_away),
		cmocka_unit_test(labels_are_escaped),
		cmocka_unit_test(labels_are_joined),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
