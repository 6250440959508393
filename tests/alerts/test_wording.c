/*
 * wording: titles, lines and escapes, and that nothing is longer than it may.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alerts/clean.h"
#include "alerts/wording.h"
#include "base/mem.h"

#define COUNT(a)	(sizeof (a) / sizeof *(a))
#define ZERO		"\xe2\x80\x8b"	/* no width */
#define ELLIPSIS	"\xe2\x80\xa6"

static struct notification *
test_of(enum notification_type type)
{
	return notification_test(type, "vps1", "http://127.0.0.1:10925",
	    1700000000000LL);
}

static void
rename_to(char **name, const char *to)
{
	free(*name);
	*name = clean_copy(to, NOTIFICATION_TEXT_MAX);
}

static const struct {
	enum notification_type	 type;
	bool			 reminder;
	const char		*severity, *title;
	enum mood		 mood;
} looks[] = {
	{ NOTIFY_FIRING, false, "info", "[firing] test on test (info)",
	    MOOD_INFO },
	{ NOTIFY_FIRING, false, "warning", "[firing] test on test (warning)",
	    MOOD_WARNING },
	{ NOTIFY_FIRING, true, "critical",
	    "[still firing] test on test (critical)", MOOD_CRITICAL },
	{ NOTIFY_RESOLVED, false, "critical",
	    "[resolved] test on test (critical)", MOOD_GOOD },
	{ NOTIFY_NO_DATA, false, "critical",
	    "[no data] test on test (critical)", MOOD_NO_DATA },
	{ NOTIFY_NO_DATA, true, "critical",
	    "[still no data] test on test (critical)", MOOD_NO_DATA },
	{ NOTIFY_FLAPPING, false, "critical",
	    "[flapping] test on test (critical)", MOOD_CRITICAL },
	{ NOTIFY_TEST, false, "info", "[test] test on test (info)",
	    MOOD_INFO },
	{ NOTIFY_DIGEST, false, "info", "[digest] vps1", MOOD_INFO },
};

static void
test_looks(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(looks); i++) {
		struct notification *n = test_of(looks[i].type);
		char *title;

		n->reminder = looks[i].reminder;
		rename_to(&n->severity, looks[i].severity);
		title = notification_title(n, &escape_none, 200);
		assert_string_equal(title, looks[i].title);
		assert_int_equal(notification_mood(n), looks[i].mood);
		free(title);
		notification_free(n);
	}
}

static const struct {
	const struct escape	*escape;
	size_t			 max;
	const char		*from, *to;
} escapes[] = {
	{ &escape_none, 100, "<@here> & \"x\"", "<@here> & \"x\"" },
	{ &escape_telegram, 100, "<b>&\"", "&lt;b&gt;&amp;&quot;" },
	{ &escape_slack, 100, "<!channel> & @here",
	    "&lt;!channel&gt; &amp; @\xe2\x80\x8bhere" },
	{ &escape_markdown, 100, "write_rate [a](b) *c* `d` \\",
	    "write\\_rate \\[a\\]\\(b\\) \\*c\\* \\`d\\` \\\\" },
	{ &escape_markdown, 100, "(see https://x.example/a_b?c=d_e&f=*), g_h",
	    "\\(see https://x.example/a_b?c=d_e&f=\\*\\), g\\_h" },
	{ &escape_markdown, 100, "@everyone", "@\xe2\x80\x8b""everyone" },
	/* Telegram makes links of these by itself, and of no more. */
	{ &escape_telegram, 100, "@app #app $APP", "@" ZERO "app #" ZERO "app $"
	    ZERO "APP" },
	{ &escape_telegram, 100, "/app", "/" ZERO "app" },
	{ &escape_telegram, 100, "see /app, (/app)", "see /" ZERO "app, (/" ZERO
	    "app)" },
	{ &escape_telegram, 100, "/data/app.db a/app 3/s", "/data/app.db a/app "
	    "3/s" },
	{ &escape_telegram, 100, "/ // /. </app>", "/ // /. &lt;/app&gt;" },
	{ &escape_telegram, 100, "http://h:1/#app (http://h/?a=b&c=/d)",
	    "http://h:1/#app (http://h/?a=b&amp;c=/" ZERO "d)" },
	{ &escape_chat, 100, "<users/all>", "<\xe2\x80\x8busers/all>" },
	/* Exactly as long, and one too many. */
	{ &escape_none, 5, "abcde", "abcde" },
	{ &escape_none, 5, "abcdef", "ab" ELLIPSIS },
	{ &escape_none, 3, "abcdef", ELLIPSIS },
	{ &escape_none, 2, "abcdef", "" },
	{ &escape_none, 0, "a", "" },
	{ &escape_none, 0, "", "" },
	/* Not within a character, not within an escape. */
	{ &escape_none, 6, "ab\xe2\x82\xac\xe2\x82\xac", "ab" ELLIPSIS },
	{ &escape_telegram, 8, "a&b", "a&amp;b" },
	{ &escape_telegram, 8, "a&&", "a" ELLIPSIS },
	{ &escape_telegram, 9, "a&&", "a&amp;" ELLIPSIS },
};

static void
test_escapes(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(escapes); i++) {
		char *to = wording_escape(escapes[i].from, escapes[i].escape,
		    escapes[i].max);

		assert_string_equal(to, escapes[i].to);
		free(to);
	}
}

/* What does not fit loses its cause, then its next step, then its end. */
static void
test_lines_of_one(void **state)
{
	struct notification *n = test_of(NOTIFY_FIRING);
	char *all = mem_printf("%s\n%s\n%s", n->summary, n->cause,
	    n->next_step);
	char *some = mem_printf("%s\n%s", n->summary, n->next_step);
	const struct { size_t max; const char *want; } rows[] = {
		{ 5000, all }, { strlen(all), all },
		{ strlen(all) - 1, some }, { strlen(some), some },
		{ strlen(some) - 1, n->summary },
		{ strlen(n->summary), n->summary },
	};
	char *lines;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		lines = notification_lines(n, &escape_none, rows[i].max);
		assert_string_equal(lines, rows[i].want);
		free(lines);
	}
	lines = notification_lines(n, &escape_none, 20);
	assert_int_equal(strlen(lines), 20);
	assert_memory_equal(lines, n->summary, 17);
	free(lines);
	free(all);
	free(some);
	notification_free(n);
}

/* Of several: a title and lines for each, or as many as there is room for. */
static void
test_lines_of_many(void **state)
{
	struct notification *of[MESSAGE_MAX];
	const struct notification *items[MESSAGE_MAX];
	struct message m = { items, MESSAGE_MAX, 0 };
	char *text;

	(void)state;
	for (size_t i = 0; i < MESSAGE_MAX; i++)
		items[i] = of[i] = test_of(i < 3 ? NOTIFY_RESOLVED :
		    NOTIFY_FIRING);
	text = message_title(&m, &escape_none, 200);
	assert_string_equal(text, "[17 firing, 3 resolved] test");
	free(text);
	assert_int_equal(message_mood(&m), MOOD_INFO);
	text = message_lines(&m, &escape_none, 100000);
	assert_non_null(strstr(text, items[0]->cause));
	assert_null(strstr(text, "more"));
	free(text);
	text = message_lines(&m, &escape_none, 500);
	assert_true(strlen(text) <= 500 && strlen(text) > 350);
	assert_memory_equal(text, "[resolved] test on test (info)\n", 31);
	assert_non_null(strstr(text, "\n\n" ELLIPSIS " and "));
	free(text);
	for (size_t i = 0; i < MESSAGE_MAX; i++)
		notification_free(of[i]);
}

/* One rule met by many databases. */
static void
test_title_of_a_storm(void **state)
{
	struct notification *of[5];
	const struct notification *items[5];
	struct message m = { items, 5, 0 };
	char *text;

	(void)state;
	for (size_t i = 0; i < 5; i++) {
		items[i] = of[i] = test_of(i == 4 ? NOTIFY_RESOLVED :
		    NOTIFY_FIRING);
		rename_to(&of[i]->db, i % 2 == 0 ? "app" : "shop");
		rename_to(&of[i]->alert, "disk-free");
	}
	assert_int_equal(message_databases(&m), 2);
	text = message_title(&m, &escape_none, 200);
	assert_string_equal(text, "[4 firing, 1 resolved] disk-free on 2 "
	    "databases");
	free(text);
	for (size_t i = 0; i < 5; i++)
		notification_free(of[i]);
}

/* Whatever the names are and whatever is asked for. */
static void
test_bounds(void **state)
{
	const struct escape *all[] = { &escape_none, &escape_telegram,
	    &escape_slack, &escape_markdown, &escape_chat };
	const struct notification *items[MESSAGE_MAX];
	struct notification *n = test_of(NOTIFY_FIRING);
	char long_name[4096];

	(void)state;
	memset(long_name, '@', sizeof long_name - 1);
	long_name[sizeof long_name - 1] = '\0';
	rename_to(&n->db, long_name);
	rename_to(&n->alert, long_name);
	rename_to(&n->summary, long_name);
	for (size_t i = 0; i < MESSAGE_MAX; i++)
		items[i] = n;
	for (size_t k = 0; k < COUNT(all); k++)
		for (size_t max = 0; max < 20000; max += 1 + max / 7)
			for (size_t i = 1; i <= MESSAGE_MAX; i += 19) {
				struct message m = { items, i, 0 };
				char *text = message_lines(&m, all[k], max);
				char *title = message_title(&m, all[k], max);

				assert_true(strlen(text) <= max);
				assert_true(strlen(title) <= max);
				assert_true(clean_is(title, max));
				free(text);
				free(title);
			}
	notification_free(n);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_looks),
		cmocka_unit_test(test_escapes),
		cmocka_unit_test(test_lines_of_one),
		cmocka_unit_test(test_lines_of_many),
		cmocka_unit_test(test_title_of_a_storm),
		cmocka_unit_test(test_bounds),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
