/*
 * What a configuration means: what is wrong with it beyond its form, what is
 * hardly meant, and what its rules and receivers become.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/agent.h"
#include "agent/config/config.h"
#include "agent/config/configure.h"
#include "agent/config/configure_find.h"
#include "alerts/receiver.h"
#include "alerts/rule.h"
#include "base/err.h"
#include "base/mem.h"

#define COUNT(a)	(sizeof (a) / sizeof *(a))

static char dir[] = "/tmp/litegauge-test-XXXXXX", *file;

#define APP	"[database app]\npath = /app.db\n"
#define SLOW	"[database slow]\npath = /s.db\ninterval = 1m\n"
#define MANY	"[database many]\npath = /many/*.db\n"
#define OPS	"[receiver ops]\ntype = slack\nurl = http://h/x\n"
#define RULE	"[alert mine]\nwhen = readers > 5\n"

/* All built-in rules off, so that nothing goes to every receiver. */
static char *
quiet(void)
{
	char *text = mem_strdup("");

	for (const struct rule_text *t = builtin_rules; t->name != NULL; t++) {
		char *more = mem_printf("%s[alert %s]\nenabled = no\n", text,
		    t->name);

		free(text);
		text = more;
	}
	return text;
}

/* What is said, without the file's name; \n between. */
static const struct {
	const char	*text, *errors, *warnings;
	bool		 quiet;
} files[] = {
	{ APP OPS RULE, "", "", false },
	{ APP MANY OPS RULE "db = many/*\nfor = 1s\n", "", "", false },
	{ APP RULE "db = a*\n", "", "3: warning: [alert mine]: there is no "
	    "[receiver], so alerts are told to nobody: they are on the pages "
	    "and in the log only\n", false },
	{ APP RULE "enabled = no\n", "", "", false },

	/* ---- rules */
	{ APP OPS RULE "db = ap\n", "8: [alert mine]: no [database] has a name "
	    "like ap, so this could never fire\n", "", false },
	{ APP MANY RULE "db = ap\nenabled = no\n", "", "", false },
	{ APP OPS RULE "db = ap\nenabled = no\n", "", "", false },
	{ APP OPS RULE "only = weekdays 08:00-08:00\n", "8: [alert mine]: "
	    "\"weekdays 08:00-08:00\" ends when it begins: leave the hours out "
	    "for the whole day\n", "", false },
	{ APP OPS RULE "clear = 6\n", "8: [alert mine]: \"6\" is on the bad "
	    "side of 5: it must not be above\n", "", false },
	{ APP OPS RULE "severity = info, warning > 4\n", "8: [alert mine]: the "
	    "limit of warning must be above 5, which is that of info\n", "",
	    false },
	{ APP OPS RULE "for = 3 of 70\n", "8: [alert mine]: \"3 of 70\": only "
	    "the last 64 values are kept\n", "", false },
	{ APP OPS "[alert down]\nfor = 1m\nwhen = up < 0\n", "8: [alert down]: "
	    "up is never below 0, so this could never fire\n", "", false },
	{ APP OPS "[alert busi]\nfor = 1m\n", "6: [alert busi]: no built-in "
	    "rule is called busi: did you mean busy?  A rule of your own needs "
	    "a condition, as in \"when = write_rate > 50/s\"\n", "", false },
	{ APP OPS RULE "receivers = ops, pos\n", "8: [alert mine]: there is no "
	    "[receiver pos]\n", "", false },

	{ APP OPS RULE "for = 500ms\nkeep = 900ms\n", "",
	    "8: warning: [alert mine]: for = 500ms is shorter than the "
	    "interval, which is 1s: it fires at the second bad value\n"
	    "9: warning: [alert mine]: keep = 900ms is shorter than the "
	    "interval, which is 1s: it is over at the second good one\n",
	    false },
	{ APP OPS RULE "for = 1s\nkeep = 0\n", "", "", false },
	{ APP OPS SLOW RULE "for = 30s\n", "", "", false },
	{ APP OPS SLOW RULE "for = 30s\ndb = slow\n", "",
	    "11: warning: [alert mine]: for = 30s is shorter than the "
	    "interval, which is 1m: it fires at the second bad value\n",
	    false },
	{ APP OPS SLOW RULE "over = 30s max\ndb = slow\n", "",
	    "11: warning: [alert mine]: over = 30s is shorter than the "
	    "interval, which is 1m: it never holds more than one value\n",
	    false },
	{ APP OPS RULE "over = 2h\n", "", "", false },
	{ APP OPS "[alert room]\nwhen = disk_free_ratio < 5%\nforecast = 30d\n"
	    "over = 1m\n", "", "8: warning: [alert room]: forecast looks 30d "
	    "ahead and only 1m back: a longer over shows a trend, this one "
	    "noise\n", false },
	{ APP OPS "[alert room]\nwhen = disk_free_ratio < 5%\nforecast = 4d\n",
	    "", "8: warning: [alert room]: no history is kept of "
	    "disk_free_ratio, so for 12h after a restart of litegauge it knows "
	    "too little to fire\n", false },
	{ APP OPS RULE "over = 2h\n[agent]\nhistory = no\n", "",
	    "8: warning: [alert mine]: no history is kept of readers, so for "
	    "1h after a restart of litegauge it knows too little to fire\n",
	    false },

	/* ---- receivers */
	{ APP OPS, "", "3: warning: [receiver ops]: no rule uses it, so it is "
	    "never told anything\n", true },
	{ APP OPS RULE, "", "", true },
	{ APP OPS RULE "enabled = no\n", "", "3: warning: [receiver ops]: no "
	    "rule uses it, so it is never told anything\n", true },
	{ APP OPS "fallback = b\n[receiver b]\ntype = slack\nurl = http://h/\n"
	    "fallback = c\n[receiver c]\ntype = slack\nurl = http://h/\n" RULE
	    "receivers = ops\n", "", "", true },
	{ APP OPS "fallback = b\n[receiver b]\ntype = slack\nurl = http://h/\n"
	    RULE, "", "", true },
	{ APP OPS "fallback = b\n[receiver b]\ntype = slack\nurl = http://h/\n"
	    "[receiver c]\ntype = slack\nurl = http://h/\n" RULE
	    "receivers = c\n", "", "3: warning: [receiver ops]: no rule uses "
	    "it, so it is never told anything\n7: warning: [receiver b]: no "
	    "rule uses it, so it is never told anything\n", true },
	{ APP OPS "[receiver b]\ntype = slack\nurl = http://h/\n" RULE
	    "receivers = ops\n", "", "6: warning: [receiver b]: no rule uses "
	    "it, so it is never told anything\n", true },
	{ APP OPS "fallback = b\n", "6: [receiver ops]: there is no [receiver "
	    "b]\n", "", false },
	{ APP OPS "fallback = ops\n", "6: [receiver ops]: its fallbacks lead "
	    "back to itself\n", "", false },
	{ APP OPS "fallback = b\n[receiver b]\ntype = slack\nurl = http://h/\n"
	    "fallback = ops\n", "6: [receiver ops]: its fallbacks lead back to "
	    "itself\n10: [receiver b]: its fallbacks lead back to itself\n", "",
	    false },
	{ APP OPS "fallback = b\n[receiver b]\ntype = slack\nurl = http://h/\n"
	    "fallback = b\n", "6: [receiver ops]: its fallbacks do not end "
	    "after 8 others\n10: [receiver b]: its fallbacks lead back to "
	    "itself\n", "", false },
	{ APP "[receiver ops]\ntype = alertmanager\nurl = http://am:9093\n"
	    "username = me\npassword_file = /nonexistent\n", "3: [receiver "
	    "ops]: password: /nonexistent: No such file or "
	    "directory\n", "", false },
	{ APP "[receiver ops]\ntype = alertmanager\nurl = http://am:9093\n"
	    "token = ${PATH}\n", "", "6: warning: [receiver ops]: token goes "
	    "over the network in the clear, for the url is http://: use "
	    "https://\n", false },
	{ APP "[receiver ops]\ntype = alertmanager\nurl = http://[::1]:9093\n"
	    "token = ${PATH}\n", "", "", false },
	{ APP "[receiver ops]\nurl = http://h/x\n", "3: [receiver ops] has no "
	    "type\n", "", false },
	{ APP "[receiver ops, b]\ntype = slack\nurl = http://h/x\n", "3: "
	    "[receiver ops, b]: the name of a receiver has neither blanks nor "
	    "commas, which part it from others in a list\n", "", false },
	{ APP "[receiver ops]\ntype = slack\nurl_file = /tmp\n", "3: [receiver "
	    "ops]: url: /tmp is not a regular file\n", "", false },
	{ APP "[receiver ops]\ntype = slack\nurl = https://h/x\n", "",
	    "5: warning: url is a secret and others may open this file: run "
	    "chmod 600 on it, or write the secret into a file of its own\n",
	    false },
	{ APP "[receiver ops]\ntype = webhook\nurl = https://h/x\n", "", "",
	    false },
	{ APP "[receiver ops]\ntype = webhook\nurl = http://h/x\nsecret = "
	    "whsec_aGlkZGVuIHNlY3JldCBrZXkgb2YgMzIgYnl0ZXMhIQ==\n", "",
	    "6: warning: secret is a secret and others may open this file: run "
	    "chmod 600 on it, or write the secret into a file of its own\n",
	    false },
};

/* The file's name away from the front of each line. */
static char *
shorten(const char *lines)
{
	char *text = mem_strdup(lines), *at = text, *hit;
	size_t n = strlen(file) + 1;

	while ((hit = strstr(at, file)) != NULL) {
		memmove(hit, hit + n, strlen(hit + n) + 1);
		at = hit;
	}
	return text;
}

static int
configure_text(struct config *c, const char *text, const char *rest)
{
	const struct agent_flags flags = { .config = file };
	FILE *f = fopen(file, "w");

	assert_non_null(f);
	fprintf(f, "%s%s", text, rest);
	assert_int_equal(fclose(f), 0);
	return configure(c, &flags);
}

static void
check_lines(const char *lines, const char *expected)
{
	char *text = shorten(lines);

	assert_string_equal(text, expected);
	free(text);
}

static void
test_sentences(void **state)
{
	char *off = quiet();

	(void)state;
	for (size_t i = 0; i < COUNT(files); i++) {
		struct config c;
		int rc = configure_text(&c, files[i].text,
		    files[i].quiet ? off : "");

		print_message("# %zu\n", i);
		check_lines(config_errors(&c), files[i].errors);
		check_lines(config_warnings(&c), files[i].warnings);
		assert_int_equal(rc, *files[i].errors != '\0' ? -1 : 0);
		config_free(&c);
	}
	free(off);
}

/* A file for nobody else is the place for a secret. */
static void
test_private(void **state)
{
	const struct agent_flags flags = { .config = file };
	struct config c;

	(void)state;
	(void)configure_text(&c, files[COUNT(files) - 1].text, "");
	assert_int_equal(c.nwarnings, 1);
	config_free(&c);
	assert_int_equal(chmod(file, 0600), 0);
	assert_int_equal(configure(&c, &flags), 0);
	assert_string_equal(config_warnings(&c), "");
	config_free(&c);
	assert_int_equal(chmod(file, 0644), 0);
}

static void
test_rules(void **state)
{
	struct rule *rules;
	struct config c;
	size_t n, found = 0;

	(void)state;
	assert_int_equal(configure_text(&c, APP OPS RULE
	    "over = 10m p95\nfor = 2 of 3\nseverity = info, critical > 9\n"
	    "repeat = 1h\nonly = sat\nmessage = Ask {host}.\n"
	    "[alert busy]\nkeep = 1h\n", ""), 0);
	rules = configure_rules(&c, &n);
	for (size_t i = 0; i < n; i++) {
		const struct rule *r = &rules[i];

		if (strcmp(r->name, "busy") == 0) {
			found++;
			assert_int_equal(r->keep_ms, 3600000);
			assert_int_equal(r->for_ms, 600000);
		}
		if (strcmp(r->name, "mine") != 0)
			continue;
		found++;
		assert_int_equal(r->of, WINDOW_P95);
		assert_int_equal(r->over_ms, 600000);
		assert_int_equal(r->times, 2);
		assert_int_equal(r->out_of, 3);
		assert_int_equal(r->worse_severity, SEVERITY_CRITICAL);
		assert_int_equal(r->repeat_ms[SEVERITY_INFO], 3600000);
		assert_int_equal(r->only.days, 1 << 6);
		assert_string_equal(r->message, "Ask {host}.");
	}
	assert_int_equal(found, 2);
	for (size_t i = 0; i < n; i++)
		rule_done(&rules[i]);
	free(rules);
	config_free(&c);
}

static void
test_receivers(void **state)
{
	const struct section *s;
	struct receiver r;
	struct config c;
	struct err e;

	(void)state;
	assert_int_equal(configure_text(&c, APP OPS
	    "group_wait = 30s\nfallback = plain\nsend_resolved = no\n"
	    "[receiver plain]\ntype = webhook\nurl = http://h/\n", ""), 0);
	s = configure_find(&c, "receiver", "ops");
	assert_int_equal(configure_receiver(&r, s, &e), 0);
	assert_int_equal(r.group_wait_ms, 30000);
	assert_string_equal(r.fallback, "plain");
	assert_true(r.no_resolved);
	receiver_done(&r);
	s = configure_find(&c, "receiver", "plain");
	assert_int_equal(configure_receiver(&r, s, &e), 0);
	assert_int_equal(r.group_wait_ms, r.type->groups ? 10000 : 0);
	assert_null(r.fallback);
	assert_false(r.no_resolved);
	receiver_done(&r);
	config_free(&c);
}

/* Who stands in for another hears nothing else, unless a rule names it. */
static void
test_reserves(void **state)
{
	static const struct {
		const char	*more;
		bool		 ops, spare, last;
	} rows[] = {
		{ "", false, true, true },
		{ RULE, false, true, true },
		{ RULE "receivers = ops, spare\n", false, false, true },
		{ RULE "receivers = last\n", false, true, false },
		{ RULE "receivers = last\nenabled = no\n", false, true, true },
		{ "[digest]\nat = mon 09:00\nreceivers = last\n", false, true,
		    true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct config c;
		char *text = mem_printf("%s%s", APP OPS "fallback = spare\n"
		    "[receiver spare]\ntype = slack\nurl = http://h/x\n"
		    "fallback = last\n"
		    "[receiver last]\ntype = slack\nurl = http://h/x\n",
		    rows[i].more);

		print_message("# %zu\n", i);
		assert_int_equal(configure_text(&c, text, ""), 0);
		assert_int_equal(configure_is_reserve(&c, configure_find(&c,
		    "receiver", "ops")), rows[i].ops);
		assert_int_equal(configure_is_reserve(&c, configure_find(&c,
		    "receiver", "spare")), rows[i].spare);
		assert_int_equal(configure_is_reserve(&c, configure_find(&c,
		    "receiver", "last")), rows[i].last);
		config_free(&c);
		free(text);
	}
}

static int
setup(void **state)
{
	(void)state;
	if (mkdtemp(dir) == NULL)
		return -1;
	(void)umask(022);
	file = mem_printf("%s/test.ini", dir);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	unlink(file);
	free(file);
	return rmdir(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sentences),
		cmocka_unit_test(test_private),
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_receivers),
		cmocka_unit_test(test_reserves),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, setup, teardown);
}
