/*
 * What a silence covers, for how long, and what is no silence.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alerts/silence.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"

#define COUNT(a)	(sizeof (a) / sizeof *(a))
#define NOW		1700000000000LL

static const struct {
	const char	*match, *db, *rule, *severity;
	bool		 covered;
} covers[] = {
	{ "db=app", "app", "size", "info", true },
	{ "db=app", "application", "size", "info", false },
	{ "db=app*", "application", "size", "info", true },
	{ "rule=write-*", "any", "write-rate", "warning", true },
	{ "rule=write-*", "any", "overwrite-rate", "warning", false },
	{ "db=app rule=write-*", "app", "write-rate", "info", true },
	{ "db=app rule=write-*", "app", "size", "info", false },
	{ "db=app rule=write-*", "shop", "write-rate", "info", false },
	{ " rule=size\tdb=a? ", "ab", "size", "critical", true },
	{ "severity=info", "app", "size", "info", true },
	{ "severity=info", "app", "size", "warning", false },
	{ "severity=[cw]*", "app", "size", "warning", true },
	{ "db=my?app", "my app", "size", "info", true },
	{ "db=[ab]*", "beta", "x", "info", true },
	{ "db=a=b", "a=b", "x", "info", true },
	{ "db=*", "", "", "", true },
	{ "db=\xc3\xa4pfel", "\xc3\xa4pfel", "x", "info", true },
};

static struct silence
must_parse(const char *match)
{
	struct silence s = { .from_ms = NOW, .until_ms = NOW + 1000 };
	struct err e;

	if (silence_parse(&s, match, &e) == -1)
		fail_msg("%s: %s", match, e.text);
	return s;
}

static void
test_covers(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(covers); i++) {
		struct silences *ss = silences_new();
		struct silence s = must_parse(covers[i].match);
		struct err e;

		assert_int_equal(silences_add(ss, &s, NULL, &e), 0);
		if ((silences_find(ss, covers[i].db, covers[i].rule,
		    covers[i].severity, NOW) != NULL) != covers[i].covered)
			fail_msg("%s and %s/%s", covers[i].match, covers[i].db,
			    covers[i].rule);
		silences_free(ss);
	}
}

static const struct {
	const char	*match, *why;
} bads[] = {
	{ "", "it matches nothing" },
	{ "  ", "it matches nothing" },
	{ "app", "\"app\" is not db=" },
	{ "database=app", "\"database=app\" is not db=" },
	{ "db", "\"db\" is not db=" },
	{ "=app", "\"=app\" is not db=" },
	{ "db=", "db= has no pattern" },
	{ "db=a db=b", "db= is said twice" },
	{ "severity=fatal", "none of info, warning and critical" },
	{ "db=app severity=warn", "severity=warn is none of" },
	{ "db=a\nb", "not plain text" },
	{ "db=\xff", "not plain text" },
};

static void
test_bads(void **state)
{
	char *longest = mem_printf("db=%0*d", SILENCE_TEXT_MAX + 1, 0);
	struct silence s = { 0 };
	struct err e;

	(void)state;
	for (size_t i = 0; i < COUNT(bads); i++) {
		s = (struct silence){ 0 };
		assert_int_equal(silence_parse(&s, bads[i].match, &e), -1);
		if (strstr(e.text, bads[i].why) == NULL)
			fail_msg("%s: %s", bads[i].match, e.text);
		silence_done(&s);
	}
	assert_int_equal(silence_parse(&s, longest, &e), -1);
	assert_non_null(strstr(e.text, "longer than"));
	silence_done(&s);
	free(longest);
}

static void
note_end(void *arg, const struct silence *s)
{
	buf_adds(arg, s->db);
}

static void
test_time(void **state)
{
	struct silences *ss = silences_new();
	struct silence brief = must_parse("db=a"), lasting = must_parse("db=*");
	const struct silence *found;
	struct buf ended;
	struct err e;

	(void)state;
	buf_init(&ended, 64);
	lasting.until_ms = NOW + 5000;
	assert_int_equal(silences_add(ss, &lasting, NULL, &e), 0);
	assert_int_equal(silences_add(ss, &brief, NULL, &e), 0);
	found = silences_find(ss, "a", "x", "info", NOW + 500);
	assert_non_null(found);		/* the one that lasts longest */
	assert_int_equal(found->until_ms, NOW + 5000);
	silences_expire(ss, NOW + 999, note_end, &ended);
	assert_int_equal(ended.len, 0);
	silences_expire(ss, NOW + 1000, note_end, &ended);
	assert_string_equal(ended.data, "a");
	buf_free(&ended);
	assert_int_equal(silences_count(ss), 1);
	/* Over, but not yet let go: it covers nothing. */
	assert_null(silences_find(ss, "a", "x", "info", NOW + 5000));
	silences_free(ss);
	silences_free(NULL);
}

static void
test_many(void **state)
{
	struct silences *ss = silences_new();
	const struct silence *first = NULL, *s;
	struct silence more;
	struct err e;

	(void)state;
	for (size_t i = 0; i < SILENCES_MAX; i++) {
		more = must_parse("db=a");
		assert_int_equal(silences_add(ss, &more, &s, &e), 0);
		first = first == NULL ? s : first;
		assert_int_equal(strlen(s->id), 8);
		assert_string_equal(s->why, "");
	}
	more = must_parse("db=a");
	assert_int_equal(silences_add(ss, &more, NULL, &e), -1);
	assert_non_null(strstr(e.text, "1000 silences already"));
	assert_int_equal(silences_end(ss, "s0000000", &e), -1);
	assert_non_null(strstr(e.text, "there is no silence s0000000"));
	assert_int_equal(silences_end(ss, first->id, &e), 0);
	assert_int_equal(silences_add(ss, &more, NULL, &e), 0);
	silences_free(ss);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_covers),
		cmocka_unit_test(test_bads),
		cmocka_unit_test(test_time),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
