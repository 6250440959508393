/*
 * state.db as a file: one process has it at a time, a broken one costs its
 * contents and nothing else, and that of somebody else is left alone.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "tests/agent/place.h"

#include "agent/state/state_schema.h"

/* Opening must fail, and say so with this in it. */
static void
must_refuse(struct place *p, bool may_come, const char *why)
{
	char *note;
	bool later;

	assert_null(state_open(p->path, &note, &later, &p->e));
	assert_int_equal(later, may_come);
	if (strstr(p->e.text, why) == NULL)
		fail_msg("'%s' is not in '%s'", why, p->e.text);
	assert_null(note);
}

/* A child that holds the file until it is killed; returns once it does. */
static pid_t
holder(struct place *p)
{
	int ready[2];
	char c;
	pid_t pid;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	assert_true(pid != -1);
	if (pid == 0) {
		char *note;
		bool later;
		struct state *s = state_open(p->path, &note, &later, &p->e);

		if (s == NULL || state_begin(s, &p->e) == -1 ||
		    state_put_outbox(s, "un", "r", "{}", 1, &p->e) == -1 ||
		    write(ready[1], "", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &c, 1), 1);
	close(ready[0]);
	return pid;
}

static void
test_second_opener(void **state)
{
	struct place *p = *state;
	pid_t pid = holder(p);
	char *why = mem_printf("%s: another litegauge (PID %ld) uses it",
	    p->path, (long)pid);
	struct state *s;

	must_refuse(p, false, why);
	must_refuse(p, false, why);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	s = must_open(p);
	assert_outbox(s, "");	/* it had not committed */
	/* The same process counts too. */
	must_refuse(p, false, "uses it");
	state_close(s);
	free(why);
}

static void
overwrite(const char *path, off_t at, const void *bytes, size_t n)
{
	int fd = open(path, O_WRONLY | O_CREAT, 0600);

	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, bytes, n, at), (ssize_t)n);
	close(fd);
}

/* Opening must move the file aside, say so, and begin a new one. */
static void
must_replace(struct place *p, const char *why)
{
	char *note = NULL;
	bool later;
	struct state *s = state_open(p->path, &note, &later, &p->e);
	const char *kept;
	struct stat st;

	if (s == NULL)
		fail_msg("%s", p->e.text);
	assert_non_null(note);
	if (strstr(note, why) == NULL)
		fail_msg("'%s' is not in '%s'", why, note);
	kept = strstr(note, "kept as ");
	assert_non_null(kept);
	assert_non_null(strstr(kept, "state.db.damaged-2"));
	assert_int_equal(stat(kept + strlen("kept as "), &st), 0);
	assert_outbox(s, "");
	assert_int_equal(state_put_outbox(s, "1", "r", "{}", 1, &p->e), 0);
	free(note);
	state_close(s);
	state_close(must_open(p));
}

static void
test_damaged(void **state)
{
	struct place *p = *state;
	char junk[4096];

	memset(junk, 'x', sizeof junk);
	state_close(must_open(p));
	overwrite(p->path, 0, junk, 100);
	must_replace(p, "not a database");
	assert_int_equal(truncate(p->path, 0), 0);
	overwrite(p->path, 0, junk, 10);
	must_replace(p, "not a database");	/* in the same second */
	overwrite(p->path, 4096, junk, sizeof junk);
	must_replace(p, "state.db: ");
	assert_int_equal(truncate(p->path, 4096), 0);
	must_replace(p, "malformed");
}

static void
shell(const char *path, const char *sql)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void
test_wrong_tables(void **state)
{
	struct place *p = *state;

	state_close(must_open(p));
	shell(p->path, "DROP TABLE outbox");
	must_replace(p, "no such table: outbox");
	shell(p->path, "PRAGMA user_version = 0");
	must_replace(p, "schema 0");
}

static void
test_newer(void **state)
{
	char *back = mem_printf("PRAGMA user_version = %d",
	    STATE_SCHEMA_VERSION);
	struct place *p = *state;

	state_close(must_open(p));
	shell(p->path, "PRAGMA user_version = 99");
	must_refuse(p, false, "a newer litegauge wrote it (schema 99");
	shell(p->path, back);
	state_close(must_open(p));
	free(back);
}

/* The database of somebody else is neither opened, nor moved, nor joined. */
static void
test_foreign(void **state)
{
	struct place *p = *state;
	struct stat before, after;
	char *lock;

	free(p->path);
	p->path = mem_printf("%s/app.db", p->dir);
	shell(p->path, "PRAGMA journal_mode = WAL; CREATE TABLE t (x)");
	assert_int_equal(stat(p->dir, &before), 0);
	must_refuse(p, false, "the database of another program");
	assert_int_equal(stat(p->dir, &after), 0);
	assert_int_equal(before.st_mtim.tv_nsec, after.st_mtim.tv_nsec);
	lock = mem_printf("%s.lock", p->path);
	overwrite(lock, 0, "1", 1);
	must_refuse(p, false, "the database of another program");
	free(lock);
}

/* A log without its file must not be read into a new one. */
static void
test_leftovers(void **state)
{
	struct place *p = *state;
	char *wal = mem_printf("%s-wal", p->path);
	char *draft = mem_printf("%s.new", p->path);
	pid_t pid = holder(p);
	struct state *s;

	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	overwrite(draft, 0, "half", 4);
	assert_int_equal(access(wal, F_OK), 0);
	assert_int_equal(unlink(p->path), 0);
	s = must_open(p);
	assert_outbox(s, "");
	assert_int_equal(access(draft, F_OK), -1);
	state_close(s);
	assert_int_equal(truncate(p->path, 0), 0);	/* an empty file */
	state_close(must_open(p));
	free(draft);
	free(wal);
}

/* As nobody: to root no directory is read-only. */
static void
test_read_only(void **state)
{
	struct place *p = *state;
	int status;
	pid_t pid;

	assert_int_equal(chmod(p->dir, 0555), 0);
	pid = fork();
	assert_true(pid != -1);
	if (pid == 0) {
		char *note;
		bool later;

		if (geteuid() == 0 && setuid(65534) == -1)
			_exit(1);
		if (state_open(p->path, &note, &later, &p->e) != NULL ||
		    strstr(p->e.text, "/deep: cannot make this directory: "
		    "Permission denied; state = or --state") == NULL ||
		    !later)
			_exit(2);
		p->path[strlen(p->dir)] = '\0';
		p->path = mem_printf("%s/state.db", p->path);
		if (state_open(p->path, &note, &later, &p->e) != NULL ||
		    strstr(p->e.text, "/state.db.lock: Permission denied") ==
		    NULL)
			_exit(3);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(chmod(p->dir, 0700), 0);
	free(p->path);
	p->path = mem_strdup(p->dir);
	must_refuse(p, true, "not a regular file");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		STORY(test_second_opener), STORY(test_damaged),
		STORY(test_wrong_tables), STORY(test_newer),
		STORY(test_foreign), STORY(test_leftovers),
		STORY(test_read_only),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
