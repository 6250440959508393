/*
 * The file of a probe, as a stranger's bytes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "collectors/probe_file.h"

static struct probe_file *
make(void)
{
	struct probe_file *f;

	NEW(f);
	f->head = (struct probe_head){
		.magic = PROBE_MAGIC, .version = PROBE_VERSION,
		.slot_size = sizeof(struct probe_slot), .size = sizeof *f,
		.pid = 77, .start = 5000, .pid_ns = 9, .boot_id = "here",
	};
	f->slots[0].dev = 1;
	f->slots[0].ino = 10;
	f->slots[1].dev = 2;
	f->slots[1].ino = 10;
	return f;
}

#define AT(field)	offsetof(struct probe_head, field)

static void
test_head(void **state)
{
	static const struct {
		const char	*why;
		size_t		 at, len;
		unsigned char	 bytes[8];
		enum probe_verdict want;
	} rows[] = {
		{ "as it is",		0, 0, { 0 },	PROBE_GOOD },
		{ "no magic",		AT(magic), 1, { 'X' }, PROBE_DAMAGED },
		{ "not yet whole",	AT(magic), 8, { 0 }, PROBE_DAMAGED },
		{ "a later version",	AT(version), 1, { 2 },
		  PROBE_OTHER_VERSION },
		{ "other slots",	AT(slot_size), 1, { 8 },
		  PROBE_DAMAGED },
		{ "another size",	AT(size), 8, { 1 }, PROBE_DAMAGED },
		{ "nobody's",		AT(pid), 8, { 0 }, PROBE_DAMAGED },
		{ "a PID that is none",	AT(pid) + 4, 1, { 1 },
		  PROBE_DAMAGED },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct probe_file *f = make();
		struct probe_head h = { .pid = 1 };
		enum probe_verdict got;

		memcpy((unsigned char *)f + rows[i].at, rows[i].bytes,
		    rows[i].len);
		got = probe_file_read(f, sizeof *f, &h);
		if (got != rows[i].want)
			fail_msg("%s: %d, not %d", rows[i].why, (int)got,
			    (int)rows[i].want);
		assert_int_equal(h.pid, got == PROBE_GOOD ? 77 : 1);
		free(f);
	}
}

static void
test_short(void **state)
{
	struct probe_file *f = make();
	struct probe_head h;

	(void)state;
	for (size_t n = 0; n < sizeof h; n++)
		assert_int_equal(probe_file_read(f, n, &h), PROBE_DAMAGED);
	assert_int_equal(probe_file_read(f, sizeof h, &h), PROBE_GOOD);
	memset(f->head.boot_id, 'x', sizeof f->head.boot_id);
	assert_int_equal(probe_file_read(f, sizeof *f, &h), PROBE_DAMAGED);
	free(f);
}

static void
test_is_of(void **state)
{
	struct probe_head h = { .boot_id = "here", .pid_ns = 9 };

	(void)state;
	assert_int_equal(probe_file_is_of(&h,
	    &(struct probe_here){ "here", 9 }), PROBE_GOOD);
	assert_int_equal(probe_file_is_of(&h,
	    &(struct probe_here){ "here", 8 }), PROBE_OTHER_NAMESPACE);
	assert_int_equal(probe_file_is_of(&h,
	    &(struct probe_here){ "before", 9 }), PROBE_DEAD);
}

static void
test_find(void **state)
{
	const size_t one = sizeof(struct probe_head) +
	    sizeof(struct probe_slot);
	struct probe_file *f = make();

	(void)state;
	assert_int_equal(probe_file_find(f, sizeof *f, 1, 10), 0);
	assert_int_equal(probe_file_find(f, sizeof *f, 2, 10), 1);
	assert_int_equal(probe_file_find(f, sizeof *f, 2, 11), -1);
	assert_int_equal(probe_file_find(f, sizeof *f, 0, 0), -1);
	/* Cut: what is whole counts. */
	assert_int_equal(probe_file_find(f, one, 1, 10), 0);
	assert_int_equal(probe_file_find(f, one - 1, 1, 10), -1);
	assert_int_equal(probe_file_find(f, one + 1, 2, 10), -1);
	/* A slot behind the end is none; a full file has none behind. */
	f->slots[3].dev = 3;
	f->slots[3].ino = 10;
	assert_int_equal(probe_file_find(f, sizeof *f, 3, 10), -1);
	for (int i = 0; i < PROBE_SLOTS; i++)
		f->slots[i].ino = (uint64_t)i + 1;
	assert_int_equal(probe_file_find(f, sizeof *f, 0, PROBE_SLOTS),
	    PROBE_SLOTS - 1);
	assert_int_equal(probe_file_find(f, sizeof *f, 0, PROBE_SLOTS + 1),
	    -1);
	free(f);
}

static void
test_may_write(void **state)
{
	static const struct {
		const char	*why;
		uid_t		 user, owner;
		mode_t		 mode;
		enum probe_verdict want;
	} rows[] = {
		{ "the owner",		5, 5, 0600, PROBE_GOOD },
		{ "root",		0, 5, 0600, PROBE_GOOD },
		{ "anybody else",	6, 5, 0644, PROBE_STRANGER },
		{ "perhaps the group",	6, 5, 0660, PROBE_GOOD },
		{ "open to all",	6, 5, 0602, PROBE_GOOD },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct stat file = { .st_uid = rows[i].user };
		struct stat db = { .st_uid = rows[i].owner,
			.st_mode = S_IFREG | rows[i].mode };

		if (probe_file_may_write(&file, &db) != rows[i].want)
			fail_msg("%s", rows[i].why);
	}
}

static void
test_start(void **state)
{
	static const struct {
		const char	*stat;
		uint64_t	 want;
	} rows[] = {
		{ "1 (a) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 "
		  "4711 20", 4711 },
		{ "1 (a) b) c) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 "
		  "4711", 4711 },
		{ "1 (a) S 1 2 3", 0 },
		{ "", 0 },
		{ ")", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_int_equal(probe_start(rows[i].stat), rows[i].want);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_head), cmocka_unit_test(test_short),
		cmocka_unit_test(test_is_of), cmocka_unit_test(test_find),
		cmocka_unit_test(test_may_write), cmocka_unit_test(test_start),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
