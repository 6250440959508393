/*
 * probed - a test that is an app with the probe linked in, and reads what the
 * probe counted from its file, as the agent does.
 */
#ifndef TESTS_COLLECTORS_PROBED_H
#define TESTS_COLLECTORS_PROBED_H

#include "tests/collectors/app.h"

#include "collectors/probe_file.h"

int	litegauge_probe_auto(sqlite3 *, char **, const void *);

static inline int
begin(void **state)
{
	struct place *p;

	setup(state);
	p = *state;
	return setenv("LITEGAUGE_PROBE_DIR", p->dir, 1);
}

/* The one file of a process in the directory. */
static inline void
read_own(const struct place *p, pid_t pid, struct probe_file *ret)
{
	char *start = mem_printf("%d-", (int)pid);
	DIR *d = opendir(p->dir);
	const struct dirent *entry;
	struct probe_head h;
	int found = 0;

	assert_non_null(d);
	while ((entry = readdir(d)) != NULL) {
		int fd;

		if (strncmp(entry->d_name, start, strlen(start)) != 0)
			continue;
		fd = openat(dirfd(d), entry->d_name, O_RDONLY);
		assert_int_equal(read(fd, ret, sizeof *ret), sizeof *ret);
		close(fd);
		found++;
	}
	closedir(d);
	free(start);
	assert_int_equal(found, 1);
	assert_int_equal(probe_file_read(ret, sizeof *ret, &h), PROBE_GOOD);
	assert_int_equal(h.pid, pid);
}

static inline uint64_t
counted(const struct probe_file *f, const char *path, unsigned counter)
{
	struct stat st;
	int slot;

	assert_int_equal(stat(path, &st), 0);
	slot = probe_file_find(f, sizeof *f, st.st_dev, st.st_ino);
	return slot == -1 ? 0 : f->slots[slot].n[counter];
}

static inline void
must(sqlite3 *db, const char *sql)
{
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
}

static inline sqlite3 *
open_it(const char *path)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	(void)sqlite3_busy_timeout(db, APP_PATIENCE_MS);
	must(db, "PRAGMA synchronous = OFF");
	return db;
}

static inline void
make(const char *path)
{
	sqlite3 *db = open_it(path);

	must(db, "PRAGMA journal_mode = WAL; CREATE TABLE t (v);"
	    "INSERT INTO t VALUES (0)");
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* Registering it again, as every new connection does, changes nothing. */
static inline void
install(void)
{
	sqlite3 *db;

	(void)sqlite3_auto_extension((void (*)(void))litegauge_probe_auto);
	assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	assert_string_equal(sqlite3_vfs_find(NULL)->zName, "litegauge");
}

#endif
