/*
 * writers - the ground truth: commits to a database and counts its commits.
 *
 * What litegauge counts from outside is compared with what this counts from
 * inside.  So every counted commit is one write transaction that changes a
 * page, and nothing else commits once counting has begun: the table is made
 * and the journal mode is switched before, on a connection closed again.
 *
 * A commit is counted after it succeeded.  After kill -9 the truth therefore
 * lies between the count and the count plus the number of threads.
 */
#include <sqlite3.h>

#include "tests/tools/crew.h"
#include "tests/tools/tool.h"

#define BUSY_LIMIT	(60LL * TOOL_S)	/* then a commit has failed */

static struct {
	int64_t		 procs, threads, commits, bytes, reopen, seed_rows;
	int64_t		 checkpoint_each, autocheckpoint, hold_ms;
	double		 rate, duration_s;
	bool		 update, exclusive, psow0, setup_only;
	const char	*journal, *checkpoint, *synchronous;
	const char	*count_file, *read_count, *ready_file, *go_file;
} opt = {
	.procs = 1, .threads = 1, .commits = 100, .bytes = 200,
	.journal = "wal", .autocheckpoint = -1, .hold_ms = -1,
};

static const struct tool_option options[] = {
	{ "procs", TOOL_COUNT, &opt.procs, "N", "Processes (1)." },
	{ "threads", TOOL_COUNT, &opt.threads, "N", "In each process (1)." },
	{ "commits", TOOL_COUNT, &opt.commits, "N", "Of each thread (100)." },
	{ "duration", TOOL_DECIMAL, &opt.duration_s, "S", "Seconds to write." },
	{ "rate", TOOL_DECIMAL, &opt.rate, "N",
	  "Commits a second of each thread; 0 is flat out (0)." },
	{ "bytes", TOOL_COUNT, &opt.bytes, "N", "Of a row's blob (200)." },
	{ "update", TOOL_FLAG, &opt.update, "", "Change a row, add none." },
	{ "seed-rows", TOOL_COUNT, &opt.seed_rows, "N", "Rows to start with." },
	{ "hold", TOOL_COUNT, &opt.hold_ms, "MS", "Wait before each COMMIT." },
	{ "reopen", TOOL_COUNT, &opt.reopen, "N", "After every N commits." },
	{ "journal", TOOL_WORD, &opt.journal,
	  "wal|delete|truncate|persist|memory", "Journal mode (wal)." },
	{ "synchronous", TOOL_WORD, &opt.synchronous, "off|normal|full",
	  "PRAGMA synchronous." },
	{ "autocheckpoint", TOOL_COUNT, &opt.autocheckpoint, "FRAMES",
	  "PRAGMA wal_autocheckpoint." },
	{ "checkpoint", TOOL_WORD, &opt.checkpoint,
	  "passive|full|restart|truncate", "Kind of checkpoint to make." },
	{ "checkpoint-each", TOOL_COUNT, &opt.checkpoint_each, "N",
	  "Make it after every N commits of a thread." },
	{ "exclusive", TOOL_FLAG, &opt.exclusive, "", "Lock everybody out." },
	{ "psow0", TOOL_FLAG, &opt.psow0, "", "Pad the commit frames." },
	{ "setup-only", TOOL_FLAG, &opt.setup_only, "", "Commit nothing." },
	{ "ready-file", TOOL_TEXT, &opt.ready_file, "FILE",
	  "Written when all connections are open, before any commit." },
	{ "go-file", TOOL_TEXT, &opt.go_file, "FILE", "Wait for it first." },
	{ "count-file", TOOL_TEXT, &opt.count_file, "FILE", "Count in it." },
	{ "read-count", TOOL_TEXT, &opt.read_count, "FILE",
	  "Print the total of a count file, which may be in use, and quit." },
};

struct writer {
	int64_t		 index;			/* in the crew */
	sqlite3		*db;			/* owned, like the next two */
	sqlite3_stmt	*change;
	unsigned char	*blob;
	uint64_t	 stamp;			/* what makes a blob new */
	int64_t		 done, retries;
	int64_t		 busy_since, waited;	/* ns */
	bool		 finishing;		/* a stop no longer matters */
};

static char path[4096];		/* of the database; a URI with --psow0 */
static char pragmas[256];	/* for each new connection */
static char checkpoint[64];

/* Who was asked to stop while it waited for a lock has not failed. */
static bool
fail(const struct writer *w, const char *what)
{
	if (crew->stop && sqlite3_errcode(w->db) == SQLITE_BUSY)
		return false;
	return crew_fail("%s: %s: %s", path, what, sqlite3_errmsg(w->db));
}

/* SQLite's own busy handler, delays and all, except that it counts. */
static int
on_busy(void *arg, int tries)
{
	static const unsigned char delays_ms[] = {
		1, 2, 5, 10, 15, 20, 25, 25, 25, 50, 50, 100
	};
	const int last = (int)TOOL_LENGTH(delays_ms) - 1;
	const int64_t now = tool_now_ns();
	struct writer *w = arg;

	if (tries == 0)
		w->busy_since = now;
	if (now - w->busy_since > BUSY_LIMIT ||
	    (crew->stop && !w->finishing))
		return 0;
	sqlite3_sleep(delays_ms[tries < last ? tries : last]);
	w->waited += tool_now_ns() - now;
	w->retries++;
	return 1;
}

static bool
run(struct writer *w, const char *sql)
{
	return sqlite3_exec(w->db, sql, NULL, NULL, NULL) == SQLITE_OK ||
	    fail(w, sql);
}

static void
close_db(struct writer *w)
{
	sqlite3_finalize(w->change);
	w->change = NULL;
	if (sqlite3_close(w->db) != SQLITE_OK)
		abort();
	w->db = NULL;
}

static bool
connect_db(struct writer *w)
{
	if (sqlite3_open_v2(path, &w->db, SQLITE_OPEN_READWRITE |
	    SQLITE_OPEN_CREATE | SQLITE_OPEN_URI, NULL) != SQLITE_OK)
		return fail(w, "open");
	sqlite3_busy_handler(w->db, on_busy, w);
	return true;
}

/* Preparing reads the schema, so the files are really open from here on. */
static bool
open_db(struct writer *w)
{
	const char *sql = opt.update ? "UPDATE t SET b = ?1 WHERE id = ?2" :
	    "INSERT INTO t(b) VALUES(?1)";

	return connect_db(w) && run(w, pragmas) &&
	    (sqlite3_prepare_v2(w->db, sql, -1, &w->change, NULL) ==
	    SQLITE_OK || fail(w, sql));
}

/* SQLite answers with the mode it is in, which may be the old one. */
static int
on_journal(void *arg, int n, char **values, char **names)
{
	const char *const *want = arg;

	(void)names;
	return n != 1 || strcmp(values[0], *want) != 0;
}

static bool
count_rows(struct writer *w)
{
	const char *sql = "SELECT count(*) FROM t";
	sqlite3_stmt *st = NULL;
	const bool good = sqlite3_prepare_v2(w->db, sql, -1, &st, NULL) ==
	    SQLITE_OK && sqlite3_step(st) == SQLITE_ROW;

	crew->rows = good ? sqlite3_column_int64(st, 0) : 0;
	sqlite3_finalize(st);
	return good || fail(w, sql);
}

/* If all is as it should be this changes nothing, and waits for no writer. */
static bool
set_up(struct writer *w)
{
	char sql[256];

	(void)snprintf(sql, sizeof sql, "PRAGMA journal_mode=%s", opt.journal);
	if (!connect_db(w) || (sqlite3_exec(w->db, sql, on_journal,
	    &opt.journal, NULL) != SQLITE_OK && !fail(w, sql)) ||
	    !run(w, "CREATE TABLE IF NOT EXISTS "
	    "t(id INTEGER PRIMARY KEY, b BLOB)") ||
	    (opt.seed_rows > 0 && !count_rows(w)))
		return false;
	(void)snprintf(sql, sizeof sql,
	    "WITH RECURSIVE n(i) AS (SELECT %lld UNION ALL SELECT i + 1 "
	    "FROM n WHERE i < %lld) INSERT INTO t(b) "
	    "SELECT randomblob(%lld) FROM n", (long long)crew->rows + 1,
	    (long long)opt.seed_rows, (long long)opt.bytes);
	return crew->rows >= opt.seed_rows || run(w, sql);
}

/*
 * An update to the bytes that are there already changes no page, and SQLite
 * writes no commit for it: so no two blobs begin alike.
 */
static bool
change_row(struct writer *w)
{
	const size_t bytes = (size_t)opt.bytes;
	const int64_t id = opt.update ?
	    1 + (w->index + w->done) % opt.seed_rows : 0;

	w->stamp += 0x9e3779b97f4a7c15;
	memcpy(w->blob, &w->stamp,
	    bytes < sizeof w->stamp ? bytes : sizeof w->stamp);
	sqlite3_bind_blob(w->change, 1, w->blob, (int)bytes, SQLITE_STATIC);
	if (opt.update)
		sqlite3_bind_int64(w->change, 2, id);
	(void)sqlite3_step(w->change);	/* what it says, reset says again */
	if (sqlite3_reset(w->change) != SQLITE_OK)
		return fail(w, "change a row");
	if (sqlite3_changes(w->db) != 1)
		return crew_fail("%s: no row %lld", path, (long long)id);
	return true;
}

static bool
commit(struct writer *w)
{
	if (opt.hold_ms >= 0 && !run(w, "BEGIN IMMEDIATE"))
		return false;
	if (!change_row(w))
		return false;
	if (opt.hold_ms >= 0) {
		crew_nap_until(tool_now_ns() + opt.hold_ms * TOOL_MS);
		if (!run(w, "COMMIT"))
			return false;
	}
	crew->counts[w->index]++;
	w->done++;
	return true;
}

/* Wait for the next commit's time, by the clock: a late one is made up for. */
static bool
is_next(const struct writer *w)
{
	const double share = (double)w->index / (double)crew->workers;
	int64_t due = crew->began, end = INT64_MAX;

	if (opt.duration_s > 0)
		end = due + (int64_t)(opt.duration_s * TOOL_S);
	else if (w->done == opt.commits)
		return false;
	if (opt.rate > 0)
		due += (int64_t)(((double)w->done + share) / opt.rate * TOOL_S);
	crew_nap_until(due < end ? due : end);
	return !crew->stop && tool_now_ns() < end;
}

static bool
is_due(const struct writer *w, int64_t each)
{
	return each > 0 && w->done > 0 && w->done % each == 0;
}

/* Before a commit rather than after, so that the last one is not followed. */
static bool
reopen(struct writer *w)
{
	if (!is_due(w, opt.reopen))
		return true;
	close_db(w);
	return open_db(w);
}

static void
write_rows(struct writer *w)
{
	while (is_next(w) && reopen(w) && commit(w))
		if (is_due(w, opt.checkpoint_each) && !run(w, checkpoint))
			return;
}

static void
work(int64_t index)
{
	struct writer w = { .index = index };

	w.blob = malloc((size_t)opt.bytes + 1);
	if (w.blob == NULL)
		abort();
	if (open_db(&w)) {
		/* After a fork it is the first open that seeds this anew. */
		sqlite3_randomness(sizeof w.stamp, &w.stamp);
		sqlite3_randomness((int)opt.bytes, w.blob);
		crew_wait_for_gate();
		write_rows(&w);
	}
	w.finishing = true;
	crew->retries += w.retries;
	crew->waited += w.waited;
	/* On an open connection, where it costs no file anything. */
	if (crew_leave() && !crew->failed)
		(void)count_rows(&w);
	close_db(&w);
	free(w.blob);
}

/* What the table of options cannot refuse. */
static const char *
refusal(void)
{
	const int64_t writers = opt.procs * opt.threads;
	const struct {
		bool		 is_so;
		const char	*why;
	} refusals[] = {
		{ writers == 0, "nobody would write" },
		{ writers > CREW_MAX, "that is too many writers" },
		{ opt.exclusive && writers > 1,
		  "--exclusive lets only one connection in" },
		{ (opt.checkpoint == NULL) != (opt.checkpoint_each == 0),
		  "--checkpoint and --checkpoint-each need each other" },
		{ opt.update && opt.bytes < (int64_t)sizeof(uint64_t),
		  "--update needs --bytes 8 at least, to change some" },
	};

	for (size_t i = 0; i < TOOL_LENGTH(refusals); i++)
		if (refusals[i].is_so)
			return refusals[i].why;
	return NULL;
}

static void
add_pragma(const char *name, const char *value)
{
	const size_t n = strlen(pragmas);

	if (value != NULL)
		(void)snprintf(pragmas + n, sizeof pragmas - n,
		    "PRAGMA %s=%s;", name, value);
}

/* The SQL that stays the same for every connection. */
static bool
prepare(const char *db)
{
	char frames[24];

	if (opt.psow0 && strpbrk(db, "?#%") != NULL)
		return crew_fail("%s: not a name for --psow0", db);
	if ((size_t)snprintf(path, sizeof path, opt.psow0 ?
	    "file:%s?psow=0" : "%s", db) >= sizeof path)
		return crew_fail("%s: too long a name", db);
	(void)snprintf(checkpoint, sizeof checkpoint,
	    "PRAGMA wal_checkpoint(%s)", opt.checkpoint);
	(void)snprintf(frames, sizeof frames, "%lld",
	    (long long)opt.autocheckpoint);
	/* First: the exclusive mode keeps a log without a -shm file. */
	add_pragma("locking_mode", opt.exclusive ? "EXCLUSIVE" : NULL);
	add_pragma("journal_mode",
	    strcmp(opt.journal, "wal") == 0 ? NULL : opt.journal);
	add_pragma("synchronous", opt.synchronous);
	add_pragma("wal_autocheckpoint",
	    opt.autocheckpoint >= 0 ? frames : NULL);
	if (opt.update && opt.seed_rows == 0)
		opt.seed_rows = 1;
	return true;
}

static bool
write_all(void)
{
	struct writer first = { .finishing = true };
	bool good;

	good = set_up(&first);
	close_db(&first);
	if (!good || opt.setup_only)
		return good;
	good = crew_run(work, opt.ready_file, opt.go_file);
	printf("commits %lld\n", (long long)crew_count());
	printf("busy_retries %lld\nbusy_wait %.3f\nrows %lld\n",
	    (long long)crew->retries, (double)crew->waited / TOOL_S,
	    (long long)crew->rows);
	printf("elapsed %.3f\n", (double)(crew->ended - crew->began) / TOOL_S);
	return good && fflush(stdout) == 0;
}

int
main(int argc, char **argv)
{
	const char *why;

	if (!tool_options(argc, argv, "writers [options] DB", options,
	    TOOL_LENGTH(options)))
		return 2;
	if (opt.read_count != NULL)
		return crew_print_count(opt.read_count) ? 0 : 1;
	why = argc - optind == 1 ? refusal() : "give one database";
	if (why != NULL) {
		(void)crew_fail("%s", why);
		return 2;
	}
	return prepare(argv[optind]) && crew_gather(opt.procs, opt.threads,
	    opt.count_file) && write_all() ? 0 : 1;
}
