/*
 * contend - the ground truth of waiting: writers in each other's way, and how
 * often they had to sleep for it.
 *
 *	--handler timeout	SQLite's own busy handler (busy_timeout); its
 *				sleeps are counted below SQLite, in a VFS whose
 *				xSleep counts and then sleeps as it would
 *	--handler own		a handler of the app's that counts, and sleeps
 *				like SQLite's
 *	--handler elsewhere	one that counts, and sleeps with poll(2), as
 *				handlers of other languages do
 *	--handler none		no busy timeout: whoever is refused gives up
 *
 * With --upgrade a transaction reads first and writes later, so that SQLite
 * refuses it at once when another has committed in between; it then begins
 * anew.  The truth goes to stdout as one JSON object.
 */
#include <sqlite3.h>

#include "tests/tools/crew.h"
#include "tests/tools/tool.h"

static struct {
	int64_t		 procs, threads, hold_ms, timeout_ms, pause_ms;
	double		 duration_s;
	bool		 upgrade;
	const char	*handler, *synchronous, *ready_file, *go_file;
} opt = {
	.procs = 4, .threads = 1, .hold_ms = 3, .timeout_ms = 60000,
	.duration_s = 5, .handler = "timeout", .synchronous = "off",
};

static const struct tool_option options[] = {
	{ "procs", TOOL_COUNT, &opt.procs, "N", "Processes (4)." },
	{ "threads", TOOL_COUNT, &opt.threads, "N", "In each process (1)." },
	{ "duration", TOOL_DECIMAL, &opt.duration_s, "S", "Seconds (5)." },
	{ "hold", TOOL_COUNT, &opt.hold_ms, "MS", "Wait before COMMIT (3)." },
	{ "pause", TOOL_COUNT, &opt.pause_ms, "MS", "Wait after it (0)." },
	{ "timeout", TOOL_COUNT, &opt.timeout_ms, "MS",
	  "busy_timeout (60000)." },
	{ "handler", TOOL_WORD, &opt.handler, "timeout|own|elsewhere|none",
	  "Who waits, and how." },
	{ "synchronous", TOOL_WORD, &opt.synchronous, "off|normal|full",
	  "PRAGMA synchronous (off)." },
	{ "upgrade", TOOL_FLAG, &opt.upgrade, "", "Read first, then write." },
	{ "ready-file", TOOL_TEXT, &opt.ready_file, "FILE",
	  "Written when all connections are open, before any commit." },
	{ "go-file", TOOL_TEXT, &opt.go_file, "FILE", "Wait for it first." },
};

/* What the crew's own sums have no room for; shared by all processes. */
static struct truth {
	_Atomic int64_t	 refused;	/* SQLITE_BUSY reached the app */
	_Atomic int64_t	 snapshots;	/* of these: SQLITE_BUSY_SNAPSHOT */
} *truth;

static sqlite3_vfs counting, *below;
static const char *path;

static int
on_sleep(sqlite3_vfs *vfs, int us)
{
	(void)vfs;
	if (us >= 1000) {	/* who reads the header again naps for less */
		crew->retries++;
		crew->waited += (int64_t)us * 1000;
	}
	return below->xSleep(below, us);
}

static int
on_busy(void *arg, int tries)
{
	static const unsigned char delays_ms[] = {
		1, 2, 5, 10, 15, 20, 25, 25, 25, 50, 50, 100
	};
	const int last = (int)TOOL_LENGTH(delays_ms) - 1;
	const int ms = delays_ms[tries < last ? tries : last];

	(void)arg;
	if (crew->stop)
		return 0;
	crew->retries++;
	crew->waited += ms * (int64_t)TOOL_MS;
	if (strcmp(opt.handler, "own") == 0)
		below->xSleep(below, ms * 1000);
	else
		tool_nap(ms * (int64_t)TOOL_MS);
	return 1;
}

static bool
run(sqlite3 *db, const char *sql)
{
	return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK ||
	    crew_fail("%s: %s: %s", path, sql, sqlite3_errmsg(db));
}

static bool
open_db(sqlite3 **ret)
{
	char sync[64];

	(void)snprintf(sync, sizeof sync, "PRAGMA synchronous=%s",
	    opt.synchronous);
	if (sqlite3_open_v2(path, ret, SQLITE_OPEN_READWRITE |
	    SQLITE_OPEN_CREATE, "counting") != SQLITE_OK)
		return crew_fail("%s: %s", path, sqlite3_errmsg(*ret));
	if (strcmp(opt.handler, "timeout") == 0)
		sqlite3_busy_timeout(*ret, (int)opt.timeout_ms);
	else if (strcmp(opt.handler, "none") != 0)
		sqlite3_busy_handler(*ret, on_busy, NULL);
	return run(*ret, sync) && run(*ret, "SELECT count(*) FROM contended");
}

/* False: somebody was in the way, and it is to begin anew. */
static bool
step(sqlite3 *db, const char *sql)
{
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK)
		return true;
	if ((sqlite3_errcode(db) & 0xff) != SQLITE_BUSY)
		return crew_fail("%s: %s: %s", path, sql, sqlite3_errmsg(db));
	truth->refused++;
	truth->snapshots += sqlite3_extended_errcode(db) ==
	    SQLITE_BUSY_SNAPSHOT;
	return false;
}

static bool
transact(sqlite3 *db)
{
	const char *begin = opt.upgrade ? "BEGIN; SELECT * FROM contended" :
	    "BEGIN IMMEDIATE";
	const int64_t hold = opt.hold_ms * TOOL_MS;
	bool good = step(db, begin);

	if (good && opt.upgrade)
		tool_nap(hold);
	good = good && step(db, "UPDATE contended SET n = n + 1");
	if (good && !opt.upgrade)
		tool_nap(hold);
	good = good && step(db, "COMMIT");
	if (!good)
		(void)sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
	tool_nap(opt.pause_ms * TOOL_MS);
	return good;
}

static void
work(int64_t index)
{
	const int64_t span = (int64_t)(opt.duration_s * TOOL_S);
	sqlite3 *db = NULL;

	if (open_db(&db)) {
		crew_wait_for_gate();
		while (!crew->stop && tool_now_ns() < crew->began + span)
			crew->counts[index] += transact(db);
	}
	sqlite3_close(db);
}

static bool
set_up(void)
{
	sqlite3 *db = NULL;
	const bool good = sqlite3_open(path, &db) == SQLITE_OK &&
	    run(db, "PRAGMA journal_mode=WAL") &&
	    run(db, "CREATE TABLE IF NOT EXISTS contended(n)") &&
	    run(db, "INSERT INTO contended SELECT 0 WHERE NOT EXISTS "
	    "(SELECT * FROM contended)");

	sqlite3_close(db);
	return good;
}

static bool
count_sleeps(void)
{
	void *shared = mmap(NULL, sizeof *truth, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	below = sqlite3_vfs_find(NULL);
	if (below == NULL || shared == MAP_FAILED)
		return crew_fail("no VFS, or no memory");
	truth = shared;
	counting = *below;
	counting.zName = "counting";
	counting.xSleep = on_sleep;
	return sqlite3_vfs_register(&counting, 0) == SQLITE_OK;
}

int
main(int argc, char **argv)
{
	bool good;

	if (!tool_options(argc, argv, "contend [options] DB", options,
	    TOOL_LENGTH(options)))
		return 2;
	if (argc - optind != 1 || opt.procs * opt.threads == 0 ||
	    opt.procs * opt.threads > CREW_MAX) {
		(void)crew_fail("give one database and some writers");
		return 2;
	}
	path = argv[optind];
	if (!crew_gather(opt.procs, opt.threads, NULL) || !count_sleeps() ||
	    !set_up())
		return 1;
	good = crew_run(work, opt.ready_file, opt.go_file);
	printf("{\"commits\":%lld,\"retries\":%lld,\"wait_seconds\":%.3f,"
	    "\"refused\":%lld,\"snapshots\":%lld,\"elapsed\":%.3f}\n",
	    (long long)crew_count(), (long long)crew->retries,
	    (double)crew->waited / TOOL_S, (long long)truth->refused,
	    (long long)truth->snapshots,
	    (double)(crew->ended - crew->began) / TOOL_S);
	return good && fflush(stdout) == 0 ? 0 : 1;
}
