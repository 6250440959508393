/*
 * busy - the ground truth of waiting: who was refused, how often, for how long.
 *
 * Contending connections, as processes or threads, and who waits for them:
 *
 *	--handler own		a busy handler that counts, and sleeps with
 *				poll(2), as those of other languages do
 *	--handler same		one that counts, and sleeps as SQLite's does
 *	--handler sqlite	SQLite's (busy_timeout), which nobody counts
 *	--handler none		nobody: SQLITE_BUSY at once
 *
 * What the app knows is printed as JSON: calls of the handler that went on
 * waiting, and how many of these before the gate opened; SQLITE_BUSY and
 * SQLITE_BUSY_SNAPSHOT that came out of SQLite, commits.  It may load the
 * probe, and stays until it is told to go, so that the probe's counts can be
 * read beside these.
 */
#include <sqlite3.h>
#include <sys/stat.h>

#include "tests/tools/crew.h"
#include "tests/tools/tool.h"

static struct {
	int64_t		 procs, threads, commits, timeout_ms, hold_ms, read_ms;
	bool		 upgrade, cached, begun, crash;
	const char	*handler, *journal, *probe, *stay_file, *truth_file;
	const char	*ready_file, *go_file;
} opt = {
	.procs = 1, .threads = 1, .commits = 100, .timeout_ms = 60000,
	.handler = "own", .journal = "wal",
};

static const struct tool_option options[] = {
	{ "procs", TOOL_COUNT, &opt.procs, "N", "Processes (1)." },
	{ "threads", TOOL_COUNT, &opt.threads, "N", "In each process (1)." },
	{ "commits", TOOL_COUNT, &opt.commits, "N", "Of each thread (100)." },
	{ "timeout", TOOL_COUNT, &opt.timeout_ms, "MS", "To wait (60000)." },
	{ "hold", TOOL_COUNT, &opt.hold_ms, "MS", "Before each COMMIT (0)." },
	{ "upgrade", TOOL_FLAG, &opt.upgrade, "", "Read first, then write." },
	{ "read", TOOL_COUNT, &opt.read_ms, "MS", "Between the two (0)." },
	{ "cached", TOOL_FLAG, &opt.cached, "", "Prepare statements once." },
	{ "handler", TOOL_WORD, &opt.handler, "own|same|sqlite|none",
	  "Who waits." },
	{ "journal", TOOL_WORD, &opt.journal, "wal|delete|truncate|persist",
	  "Journal mode (wal)." },
	{ "probe", TOOL_TEXT, &opt.probe, "FILE", "Extension to load first." },
	{ "begun", TOOL_FLAG, &opt.begun, "", "Open it before the fork too." },
	{ "ready-file", TOOL_TEXT, &opt.ready_file, "FILE",
	  "Written when all connections are open, before any commit." },
	{ "go-file", TOOL_TEXT, &opt.go_file, "FILE", "Wait for it first." },
	{ "truth", TOOL_TEXT, &opt.truth_file, "FILE", "Print there instead." },
	{ "stay", TOOL_TEXT, &opt.stay_file, "FILE",
	  "Keep the processes until it is there." },
	{ "crash", TOOL_FLAG, &opt.crash, "", "End all of them by SIGKILL." },
};

static struct truth {
	_Atomic int64_t	 retries, waited, timeouts, snapshots, commits, done;
	_Atomic int64_t	 early;		/* retries before the gate opened */
} *truth;	/* shared by all processes */

static const char *path;

enum { BEGIN, READ, WRITE, COMMIT, ROLLBACK, STATEMENTS };

struct connection {
	sqlite3		*db;			/* owned, like the next */
	sqlite3_stmt	*cached[STATEMENTS];
	int64_t		 busy_since;
};

static const char *
text_of(int which)
{
	const char *const texts[STATEMENTS] = {
		opt.upgrade ? "BEGIN" : "BEGIN IMMEDIATE",
		"SELECT count(*) FROM t",
		"UPDATE t SET n = n + 1",
		"COMMIT",
		"ROLLBACK",
	};

	return texts[which];
}

/* SQLite's delays, but for the place where they are slept. */
static int
on_busy(void *arg, int tries)
{
	static const unsigned char delays_ms[] = {
		1, 2, 5, 10, 15, 20, 25, 25, 25, 50, 50, 100
	};
	const int last = (int)TOOL_LENGTH(delays_ms) - 1;
	const unsigned ms = delays_ms[tries < last ? tries : last];
	const int64_t now = tool_now_ns();
	struct connection *c = arg;

	if (tries == 0)
		c->busy_since = now;
	if (now - c->busy_since > opt.timeout_ms * TOOL_MS || crew->stop)
		return 0;
	if (strcmp(opt.handler, "same") == 0)
		(void)usleep(ms * 1000);
	else
		tool_nap(ms * TOOL_MS);
	truth->waited += tool_now_ns() - now;
	truth->retries++;
	if (!crew->go)
		truth->early++;
	return 1;
}

/* As an app would: prepared each time, or once and reset. */
static int
execute(struct connection *c, int which)
{
	sqlite3_stmt *st = c->cached[which];
	int rc = SQLITE_OK;

	if (st == NULL)
		rc = sqlite3_prepare_v2(c->db, text_of(which), -1, &st, NULL);
	while (rc == SQLITE_OK || rc == SQLITE_ROW)
		rc = sqlite3_step(st);
	if (opt.cached) {
		c->cached[which] = st;
		(void)sqlite3_reset(st);	/* its error is in rc */
	} else {
		(void)sqlite3_finalize(st);
	}
	return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static bool
note(const struct connection *c, int which, int rc)
{
	if (rc == SQLITE_BUSY_SNAPSHOT)
		truth->snapshots++;
	else if ((rc & 0xff) == SQLITE_BUSY)
		truth->timeouts++;
	else
		return crew_fail("%s: %s", text_of(which),
		    sqlite3_errmsg(c->db));
	return true;
}

/* One transaction; false: it failed, for a reason that was noted. */
static bool
transact(struct connection *c)
{
	int64_t naps[STATEMENTS] = { [READ] = opt.read_ms,
		[WRITE] = opt.hold_ms };

	for (int which = BEGIN; which <= COMMIT; which++) {
		int rc = which == READ && !opt.upgrade ? SQLITE_OK :
		    execute(c, which);

		if (rc != SQLITE_OK) {
			note(c, which, rc);
			if (!sqlite3_get_autocommit(c->db))
				(void)execute(c, ROLLBACK);
			return false;
		}
		if (naps[which] > 0)
			tool_nap(naps[which] * TOOL_MS);
	}
	truth->commits++;
	return true;
}

static bool
connect_db(struct connection *c)
{
	*c = (struct connection){ 0 };
	if (sqlite3_open(path, &c->db) != SQLITE_OK)
		return crew_fail("%s: %s", path, sqlite3_errmsg(c->db));
	(void)sqlite3_extended_result_codes(c->db, 1);
	if (strcmp(opt.handler, "sqlite") == 0)
		(void)sqlite3_busy_timeout(c->db, (int)opt.timeout_ms);
	else if (strcmp(opt.handler, "none") != 0)
		(void)sqlite3_busy_handler(c->db, on_busy, c);
	/* What a connection does first is not what is counted. */
	while (sqlite3_exec(c->db, "SELECT * FROM t; PRAGMA synchronous = 1",
	    NULL, NULL, NULL) != SQLITE_OK)
		(void)note(c, READ, sqlite3_extended_errcode(c->db));
	return true;
}

static void
leave(struct connection *c)
{
	for (int i = 0; i < STATEMENTS; i++)
		(void)sqlite3_finalize(c->cached[i]);
	if (sqlite3_close(c->db) != SQLITE_OK)
		(void)crew_fail("%s: %s", path, sqlite3_errmsg(c->db));
}

static void
print_truth(void)
{
	const char *to = opt.truth_file;
	FILE *f = to == NULL ? stdout : fopen(to, "w");

	if (f == NULL)
		tool_die(to, strerror(errno));
	fprintf(f, "{\"retries\":%lld,\"early\":%lld,\"waited\":%.6f,"
	    "\"timeouts\":%lld,\"snapshots\":%lld,\"commits\":%lld}\n",
	    (long long)truth->retries, (long long)truth->early,
	    (double)truth->waited / 1e9,
	    (long long)truth->timeouts, (long long)truth->snapshots,
	    (long long)truth->commits);
	/* A child does not come to its exit handlers. */
	(void)(f == stdout ? fflush(f) : fclose(f));
}

static void
work(int64_t index)
{
	struct connection c;

	(void)index;
	if (!connect_db(&c))
		return;
	crew_wait_for_gate();
	for (int64_t n = 0; n < opt.commits && !crew->stop; )
		if (transact(&c))
			n++;
		else
			tool_nap(TOOL_MS);
	leave(&c);
	if (++truth->done == crew->workers)
		print_truth();
	while (opt.stay_file != NULL && !crew->stop &&
	    access(opt.stay_file, F_OK) == -1)
		tool_nap(CREW_NAP);
	if (opt.crash)
		(void)raise(SIGKILL);
}

static bool
run_sql(const char *db_path, const char *sql)
{
	sqlite3 *db;
	bool good = sqlite3_open(db_path, &db) == SQLITE_OK &&
	    sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK;

	if (!good)
		(void)crew_fail("%s: %s", sql, sqlite3_errmsg(db));
	(void)sqlite3_close(db);
	return good;
}

static bool
prepare_db(void)
{
	char *sql = sqlite3_mprintf("PRAGMA journal_mode = %s;"
	    "CREATE TABLE IF NOT EXISTS t (n);"
	    "INSERT INTO t SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM t)",
	    opt.journal);
	bool good = run_sql(path, sql);

	sqlite3_free(sql);
	return good;
}

static bool
load_probe(void)
{
	sqlite3 *db;
	char *why = NULL;
	bool good;

	if (opt.probe == NULL)
		return true;
	good = sqlite3_open(":memory:", &db) == SQLITE_OK &&
	    sqlite3_enable_load_extension(db, 1) == SQLITE_OK &&
	    sqlite3_load_extension(db, opt.probe, NULL, &why) == SQLITE_OK;
	if (!good)
		(void)crew_fail("%s: %s", opt.probe, why == NULL ? "?" : why);
	sqlite3_free(why);
	(void)sqlite3_close(db);
	return good && (!opt.begun || run_sql(path, "SELECT * FROM t"));
}

int
main(int argc, char **argv)
{
	if (!tool_options(argc, argv, "busy [options] DB", options,
	    TOOL_LENGTH(options)) || argc - optind != 1)
		return 2;
	path = argv[optind];
	truth = mmap(NULL, sizeof *truth, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (truth == MAP_FAILED)
		tool_die("memory", strerror(errno));
	return prepare_db() && load_probe() &&
	    crew_gather(opt.procs, opt.threads, NULL) &&
	    crew_run(work, opt.ready_file, opt.go_file) ? 0 : 1;
}
