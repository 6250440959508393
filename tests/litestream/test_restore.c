/*
 * The runner of a restore, with programs that misbehave in Litestream's place.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/mem.h"
#include "litestream/replica.h"
#include "litestream/restore.h"
#include "litestream/scratch.h"

struct room {
	char		 dir[64];
	char		*program;	/* owned */
	struct setup	*setup;
	struct scratch	 scratch;
	struct restored	 restored;
	struct err	 e;
};

static int
enter(void **state)
{
	struct room *r;
	struct replica *replica;

	NEW(r);
	memcpy(r->dir, "/tmp/litegauge-restore-XXXXXX", 30);
	assert_non_null(mkdtemp(r->dir));
	r->program = mem_printf("%s/litestream", r->dir);
	r->setup = setup_new();
	replica = setup_add(r->setup);
	replica->type = REPLICA_FILE;
	replica->name = mem_strdup("backup");
	replica->path = mem_printf("%s/re\"pl $X", r->dir);
	replica->place = mem_strdup("file:///x");
	replica->secret_key = mem_strdup("top/secret+1");
	if (scratch_make(&r->scratch, r->dir, NULL, &r->e) == -1)
		fail_msg("%s", r->e.text);
	*state = r;
	return 0;
}

static int
leave(void **state)
{
	struct room *r = *state;

	restored_done(&r->restored);
	scratch_remove(&r->scratch);
	unlink(r->program);
	assert_int_equal(rmdir(r->dir), 0);	/* nothing else was left */
	setup_unref(r->setup);
	free(r->program);
	free(r);
	return 0;
}

/* In what follows $3 is the file to be restored, as in `restore -o FILE`. */
static void
write_program(struct room *r, const char *body)
{
	FILE *f = fopen(r->program, "w");

	assert_non_null(f);
	fprintf(f, "#!/bin/sh\n[ \"$1\" = version ] && { echo v0.5.17; "
	    "exit; }\nout=$3\n%s\n", body);
	fclose(f);
	assert_int_equal(chmod(r->program, 0700), 0);
}

static void
run(struct room *r, int64_t timeout_ms, int64_t floor)
{
	struct restore_program p;
	const struct restore_ask ask = { .program = &p, .setup = r->setup,
		.format = LITESTREAM_05, .scratch = &r->scratch,
		.timeout_ms = timeout_ms, .floor = floor };

	if (restore_program_look(&p, r->program, &r->e) == -1)
		fail_msg("%s", r->e.text);
	assert_int_equal(p.version, LITESTREAM_05);
	assert_int_equal(p.patch, 17);
	restored_done(&r->restored);
	restore_run(&r->restored, &ask);
	restore_program_done(&p);
}

static const struct {
	const char	*name, *body;
	enum restore_end end;
	const char	*why;		/* NULL: none */
} bodies[] = {
	{ "well", "echo x > $out; echo '{\"txid\": \"0000000000000011\"}'",
	  RESTORE_DONE, NULL },
	{ "says nothing, leaves nothing", "exit 0", RESTORE_FAILED,
	  "left no database" },
	{ "leaves an empty file", ": > $out", RESTORE_FAILED,
	  "left no database" },
	{ "fails in silence", "exit 1", RESTORE_FAILED, "gave no reason" },
	{ "fails", "echo 'Error: no matching backup files available'; exit 1",
	  RESTORE_FAILED, "no matching backup files" },
	{ "fails in words of many lines",
	  "echo 'Error: lz4: bad'; echo; echo; exit 1", RESTORE_FAILED,
	  "lz4: bad" },
	{ "prints a megabyte and fails",
	  "yes '2026 INFO msg=x' | head -c 1000000; "
	  "echo ' ERROR error=\"the end\"'; exit 1", RESTORE_FAILED,
	  "the end" },
	{ "prints zeros", "head -c 100000 /dev/zero; exit 1", RESTORE_FAILED,
	  "litestream restore" },
	{ "has no network", "echo 'Error: dial tcp 1.2.3.4:443: i/o timeout'; "
	  "exit 1", RESTORE_UNTRIED, "dial tcp" },
	{ "names a secret", "echo 'Error: key top/secret+1 is wrong'; exit 1",
	  RESTORE_FAILED, "withheld" },
	{ "names a password", "echo 'Error: sftp://u:p4ss@host/x: gone'; "
	  "exit 1", RESTORE_FAILED, "sftp://host/x: gone" },
	{ "is killed", "kill -KILL $$", RESTORE_UNTRIED, "signal 9" },
	{ "leaves a half", ": > $out.tmp; : > $out.tmp-wal; mkdir $out.d; "
	  ": > $out.d/x; exit 1", RESTORE_FAILED, "gave no reason" },
	{ "hangs", "sleep 1000", RESTORE_UNTRIED, "not done after" },
	{ "hangs and is deaf", "trap '' TERM; while :; do sleep 1; done",
	  RESTORE_UNTRIED, "not done after" },
};

static void
test_bodies(void **state)
{
	struct room *r = *state;

	for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
		char *file = mem_printf("%s/litestream.yml", r->scratch.path);

		write_program(r, bodies[i].body);
		run(r, i + 2 < sizeof bodies / sizeof *bodies ? 20000 : 300, 0);
		if (r->restored.end != bodies[i].end)
			fail_msg("%s: %s", bodies[i].name, r->restored.why);
		if (bodies[i].why == NULL)
			assert_null(r->restored.why);
		else if (strstr(r->restored.why, bodies[i].why) == NULL)
			fail_msg("%s: %s", bodies[i].name, r->restored.why);
		if (r->restored.why != NULL) {
			assert_null(strstr(r->restored.why, "top/secret"));
			assert_null(strstr(r->restored.why, "p4ss"));
		}
		unlink(r->restored.file);
		unlink(file);		/* a scratch is for one restore */
		free(file);
	}
}

static void
test_position(void **state)
{
	struct room *r = *state;

	write_program(r, bodies[0].body);
	run(r, 20000, 0);
	assert_true(r->restored.has_txid);
	assert_int_equal(r->restored.txid, 17);
	assert_false(r->restored.has_index);
}

/* What it is called with: the place, no keys, a directory of its own. */
static void
test_call(void **state)
{
	struct room *r = *state;

	write_program(r, "cat litestream.yml >&2; stat -c %a litestream.yml; "
	    "echo \"Error: $(tr -d '\\n' < litestream.yml) $(id -u) "
	    "$(nice)\"; exit 1");
	run(r, 20000, 0);
	assert_non_null(strstr(r->restored.why, "type: file"));
	assert_non_null(strstr(r->restored.why, "re\"pl $X"));
	assert_non_null(strstr(r->restored.why, " 19"));
	assert_null(strstr(r->restored.why, "secret"));
}

static void
test_no_program(void **state)
{
	struct room *r = *state;
	struct restore_program p;

	assert_int_equal(restore_program_look(&p, "/nowhere/litestream",
	    &r->e), -1);
	assert_non_null(strstr(r->e.text, "/nowhere/litestream: No such"));
	write_program(r, "");
	assert_int_equal(chmod(r->program, 0600), 0);
	assert_int_equal(restore_program_look(&p, r->program, &r->e), -1);
	assert_non_null(strstr(r->e.text, "Permission denied"));
}

/* A disk that it fills; the floor stops it before. */
static void
test_full_disk(void **state)
{
	struct room *r = *state;
	char *disk = mem_printf("%s/disk", r->dir);

	assert_int_equal(mkdir(disk, 0700), 0);
	if (mount("drill", disk, "tmpfs", 0, "size=32m") == -1) {
		rmdir(disk);
		free(disk);
		skip();
	}
	scratch_remove(&r->scratch);
	assert_int_equal(scratch_make(&r->scratch, disk, NULL, &r->e), 0);
	write_program(r, "while :; do head -c 400000 /dev/zero >> $out.tmp || "
	    "exit 1; sleep 0.05; done");
	run(r, 60000, 16 << 20);
	assert_int_equal(r->restored.end, RESTORE_UNTRIED);
	assert_non_null(strstr(r->restored.why, "less than 16 MiB were left"));
	scratch_remove(&r->scratch);
	assert_int_equal(scratch_make(&r->scratch, disk, NULL, &r->e), 0);
	write_program(r, "cat /dev/zero > $out.tmp || { echo 'Error: write: "
	    "no space left on device'; exit 1; }");
	run(r, 60000, 0);
	assert_int_equal(r->restored.end, RESTORE_UNTRIED);
	assert_non_null(strstr(r->restored.why, "no space left"));
	scratch_remove(&r->scratch);
	assert_int_equal(umount(disk), 0);
	rmdir(disk);
	free(disk);
}

/* Who is gone is swept, who is there is not, nor who is young. */
static void
test_sweep(void **state)
{
	struct room *r = *state;
	const struct timespec old[2] = { { 1000, 0 }, { 1000, 0 } };
	char *left = mem_printf("%s/" SCRATCH_PREFIX "left", r->dir);
	char *file = mem_printf("%s/restored.db.tmp", left);

	assert_int_equal(mkdir(left, 0700), 0);
	close(open(file, O_CREAT | O_WRONLY, 0600));
	assert_int_equal(scratch_sweep(r->dir), 0);
	assert_int_equal(utimensat(AT_FDCWD, left, old, 0), 0);
	assert_int_equal(utimensat(AT_FDCWD, r->scratch.path, old, 0), 0);
	assert_int_equal(scratch_sweep(r->dir), 1);
	assert_int_equal(access(left, F_OK), -1);
	assert_int_equal(access(r->scratch.path, F_OK), 0);
	assert_int_equal(scratch_sweep("/nowhere"), 0);
	free(left);
	free(file);
}

static void
test_keep_out(void **state)
{
	struct room *r = *state;
	char *below = mem_printf("%s/a/b", r->dir);
	struct scratch s;

	assert_int_equal(scratch_make(&s, below, r->dir, &r->e), -1);
	assert_non_null(strstr(r->e.text, "in the directory of the database"));
	assert_int_equal(scratch_make(&s, below, "/nowhere", &r->e), 0);
	scratch_remove(&s);
	rmdir(below);
	strrchr(below, '/')[0] = '\0';
	rmdir(below);
	free(below);
}

#define STORY(fn)	cmocka_unit_test_setup_teardown(fn, enter, leave)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		STORY(test_bodies), STORY(test_position), STORY(test_call),
		STORY(test_no_program), STORY(test_full_disk),
		STORY(test_sweep), STORY(test_keep_out),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
