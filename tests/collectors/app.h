/*
 * app - an app with its database, in a process of its own.
 *
 * A test looks at the files raw, so it never opens them through SQLite itself:
 * closing a raw descriptor would drop SQLite's locks of the same process.  A
 * child does what it is told, one statement at a time, and answers with the
 * first column of the first row, or with less than 0: the SQLite error.
 */
#ifndef TESTS_COLLECTORS_APP_H
#define TESTS_COLLECTORS_APP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "base/err.h"
#include "base/mem.h"

#define APP_PATIENCE_MS	20000	/* for one answer; then the test has failed */

struct app {
	pid_t	 pid;		/* 0: not running */
	int	 ask, answer;
};

struct place {
	char	 dir[64];
	char	*db, *wal, *shm;
	struct err e;
};

static inline int
setup(void **state)
{
	struct place *p;

	NEW(p);
	memcpy(p->dir, "/tmp/litegauge-db-XXXXXX", 25);
	assert_non_null(mkdtemp(p->dir));
	p->db = mem_printf("%s/app.db", p->dir);
	p->wal = mem_printf("%s/app.db-wal", p->dir);
	p->shm = mem_printf("%s/app.db-shm", p->dir);
	*state = p;
	return 0;
}

static inline void
remove_tree(const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *entry;

	while (d != NULL && (entry = readdir(d)) != NULL) {
		char *path = mem_printf("%s/%s", dir, entry->d_name);

		if (entry->d_type != DT_DIR)
			unlink(path);
		else if (strcmp(entry->d_name, ".") != 0 &&
		    strcmp(entry->d_name, "..") != 0)
			remove_tree(path);
		free(path);
	}
	if (d != NULL)
		closedir(d);
	rmdir(dir);
}

static inline int
teardown(void **state)
{
	struct place *p = *state;

	remove_tree(p->dir);
	free(p->db);
	free(p->wal);
	free(p->shm);
	free(p);
	return 0;
}

static inline int64_t
app_execute(sqlite3 *db, const char *sql)
{
	const char *rest = sql;
	int64_t first = 0;
	bool got = false;

	while (*rest != '\0') {
		sqlite3_stmt *st;
		int rc = sqlite3_prepare_v2(db, rest, -1, &st, &rest);

		if (rc == SQLITE_OK && st == NULL)
			continue;
		while (rc == SQLITE_OK || rc == SQLITE_ROW) {
			rc = sqlite3_step(st);
			if (rc == SQLITE_ROW && !got) {
				first = sqlite3_column_int64(st, 0);
				got = true;
			}
		}
		(void)sqlite3_finalize(st);	/* its error is in rc */
		if (rc != SQLITE_DONE)
			return -rc;
	}
	return first;
}

/* What /proc/PID/cmdline will say; as long as the test's own name at most. */
static inline void
app_rename(const char *name)
{
	size_t n = strlen(program_invocation_name), len = strlen(name);

	memset(program_invocation_name, 0, n);
	memcpy(program_invocation_name, name, len < n ? len : n);
}

/* "<path" opens, ">" closes, "=name" renames the process, "!" ends; anything
 * else is SQL. */
static inline void
app_main(int ask, int answer)
{
	static char text[65536];
	sqlite3 *db = NULL;
	uint32_t n;

	while (read(ask, &n, sizeof n) == (ssize_t)sizeof n &&
	    n < sizeof text && read(ask, text, n) == (ssize_t)n) {
		int64_t ret = 0;

		text[n] = '\0';
		if (text[0] == '<')
			ret = -sqlite3_open_v2(text + 1, &db,
			    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE |
			    SQLITE_OPEN_URI, NULL);
		else if (text[0] == '=')
			app_rename(text + 1);
		else if (text[0] == '>' || text[0] == '!')
			ret = -sqlite3_close(db);
		else
			ret = app_execute(db, text);
		if (write(answer, &ret, sizeof ret) != (ssize_t)sizeof ret ||
		    text[0] == '!')
			_exit(0);
	}
	_exit(1);
}

static inline int64_t
app_tell(struct app *a, const char *text)
{
	struct pollfd ready = { .fd = a->answer, .events = POLLIN };
	uint32_t n = (uint32_t)strlen(text);
	int64_t ret;

	assert_int_equal(write(a->ask, &n, sizeof n), sizeof n);
	assert_int_equal(write(a->ask, text, n), n);
	assert_int_equal(poll(&ready, 1, APP_PATIENCE_MS), 1);
	assert_int_equal(read(a->answer, &ret, sizeof ret), sizeof ret);
	return ret;
}

static inline void
app_start(struct app *a)
{
	int ask[2], answer[2];

	assert_int_equal(pipe2(ask, O_CLOEXEC), 0);
	assert_int_equal(pipe2(answer, O_CLOEXEC), 0);
	(void)fflush(NULL);	/* or the child has a copy of it to print */
	a->pid = fork();
	assert_true(a->pid >= 0);
	if (a->pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		app_main(ask[0], answer[1]);
	}
	close(ask[0]);
	close(answer[1]);
	a->ask = ask[1];
	a->answer = answer[0];
}

static inline void
app_open(struct app *a, const char *path)
{
	char *text = mem_printf("<%s", path);

	if (a->pid == 0)
		app_start(a);
	assert_int_equal(app_tell(a, text), 0);
	free(text);
}

/* SQL that must succeed. */
static inline int64_t
app_sql(struct app *a, const char *sql)
{
	int64_t ret = app_tell(a, sql);

	if (ret < 0)
		fail_msg("%s: %s", sql, sqlite3_errstr((int)-ret));
	return ret;
}

static inline void
app_close(struct app *a)
{
	assert_int_equal(app_tell(a, ">"), 0);
}

static inline void
app_gone(struct app *a)
{
	close(a->ask);
	close(a->answer);
	assert_int_equal(waitpid(a->pid, NULL, 0), a->pid);
	a->pid = 0;
}

/* Closes the database first. */
static inline void
app_quit(struct app *a)
{
	assert_int_equal(app_tell(a, "!"), 0);
	app_gone(a);
}

static inline void
app_kill(struct app *a)
{
	assert_int_equal(kill(a->pid, SIGKILL), 0);
	app_gone(a);
}

/* An app with a table in a new database in WAL mode: 1 transaction in it. */
static inline void
app_begin(struct app *a, const char *path)
{
	app_open(a, path);
	app_sql(a, "PRAGMA journal_mode = WAL");
	app_sql(a, "PRAGMA synchronous = OFF");
	app_sql(a, "PRAGMA wal_autocheckpoint = 0");
	app_sql(a, "CREATE TABLE t (n INTEGER PRIMARY KEY, v)");
}

/* n transactions, each of one row of so many bytes. */
static inline void
app_write(struct app *a, unsigned n, unsigned bytes)
{
	char sql[80];

	(void)snprintf(sql, sizeof sql,
	    "INSERT INTO t (v) VALUES (randomblob(%u))", bytes);
	while (n-- > 0)
		app_sql(a, sql);
}

#define STORY(fn)	cmocka_unit_test_setup_teardown(fn, setup, teardown)

#endif
