/*
 * heard: who was told that an alert is open, and what is kept of that.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "alerts/alerts.h"
#include "alerts/heard.h"
#include "base/mem.h"

static void
on_change(void *arg, const struct alert_set *set, struct alert *a,
    enum alert_change what)
{
	(void)arg;
	(void)set;
	(void)a;
	(void)what;
}

static struct alerts *
one_rule(void)
{
	struct rule *r = mem_new(1, sizeof *r);

	*r = (struct rule){ .measure = MEASURE_READERS, .limit = 10,
	    .clear = 10, .enabled = true };
	r->name = mem_strdup("crowd");
	return alerts_new(r, 1, on_change, NULL);
}

static void
test_names(void **state)
{
	struct alert a = { .state = ALERT_OK };

	(void)state;
	assert_false(heard_is_by(&a, "ops"));
	heard_by(&a, "ops");
	heard_by(&a, "the night, shift");
	heard_by(&a, "ops");
	assert_string_equal(a.past->heard, "ops\nthe night, shift");
	assert_true(heard_is_by(&a, "ops"));
	assert_true(heard_is_by(&a, "the night, shift"));
	assert_false(heard_is_by(&a, "op"));
	assert_false(heard_is_by(&a, "opss"));
	assert_false(heard_is_by(&a, "night"));
	assert_false(heard_is_by(&a, ""));
	heard_by_none(&a);
	assert_false(heard_is_by(&a, "ops"));
	alert_done(&a);
	heard_by_none(&a);
}

/* What does not fit is not cut: anybody may have heard. */
static void
test_what_is_kept(void **state)
{
	struct alerts *as = one_rule();
	struct alert_set *set = alerts_of(as, "app");
	struct alert *a = &set->alerts[0];
	char name[ALERTS_HEARD_MAX];
	struct alert_record row;

	(void)state;
	memset(name, 'x', sizeof name);
	name[sizeof name - 1] = '\0';
	heard_by(a, name);
	alerts_save(&row, set, a);
	assert_string_equal(row.heard, name);
	heard_by(a, "more");
	alerts_save(&row, set, a);
	assert_string_equal(row.heard, HEARD_BY_ALL);
	row.rule = "crowd";
	row.db = "app";
	assert_int_equal(alerts_restore(as, &row, (struct now){ 9, 9 }, 0), 0);
	assert_true(heard_is_by(a, "more"));
	assert_true(heard_is_by(a, "anybody"));
	alerts_free(as);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_what_is_kept),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
