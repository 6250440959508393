/*
 * A keeper whose file is not open: it says so of every job, until one opens it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/agent/desk.h"

static struct state *
open_state(struct job *j, struct err *e)
{
	const struct note *n = (struct note *)j;
	bool later;
	char *note;

	if (!n->bad)
		return state_open(n->desk->path, &note, &later, e);
	err_set(e, "no disk");
	return NULL;
}

static void
put_opening(struct desk *d, const char *id, bool bad)
{
	struct note *n = note_new(d, id);

	n->job.open = open_state;
	n->bad = bad;
	d->left++;
	assert_int_equal(keeper_put(d->keeper, &n->job), 0);
}

/* Nothing goes well until the file opens; what comes after it does. */
static void
test_without_a_state(void **state)
{
	struct desk *d = *state;
	struct note *n = note_new(d, "nobody");
	struct err e;

	assert_int_equal(keeper_put(NULL, &n->job), -1);
	discard(&n->job.mail);
	keeper_free(d->keeper);
	d->keeper = keeper_new(NULL, d->loop, &e);
	put(d, "a", false);
	put_opening(d, "try", true);
	put(d, "b", false);
	put_opening(d, "again", false);
	put(d, "c", false);
	start(d);
	run(d);
	assert_string_equal(d->said.data, "a=the file is not open yet "
	    "try=no disk b=no disk again c ");
	assert_kept(d, "c ");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_without_a_state, setup,
		    teardown),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
