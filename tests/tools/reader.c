/*
 * reader - holds a read transaction, as a forgotten cursor of an app does.
 *
 * The number in the ready file is the PID that a correct diagnosis names.  A
 * mark of its own needs a log with frames that are not copied back yet: when
 * all of it is, SQLite lets a reader use slot 0, which has none.
 */
#include <signal.h>
#include <sqlite3.h>

#include "tests/tools/tool.h"

#define BUSY_LIMIT_MS	60000
#define NAP		(10LL * TOOL_MS) /* a release is seen this late */
#define SELECT		"SELECT count(*) FROM t"

static struct {
	double		 hold_s;
	int64_t		 poll_ms;
	bool		 mark_only;
	const char	*ready_file, *release_file;
} opt = { .hold_s = TOOL_MAX_COUNT };

static const struct tool_option options[] = {
	{ "hold", TOOL_DECIMAL, &opt.hold_s, "SECONDS", "Quit after this." },
	{ "then-release-file", TOOL_TEXT, &opt.release_file, "FILE",
	  "Quit when it exists." },
	{ "ready-file", TOOL_TEXT, &opt.ready_file, "FILE",
	  "Where to leave the PID when the read is done." },
	{ "mark-only", TOOL_FLAG, &opt.mark_only, "",
	  "End the transaction before that and keep only the connection." },
	{ "poll", TOOL_COUNT, &opt.poll_ms, "MS",
	  "Hold nothing: read this often, in a transaction each." },
};

static volatile sig_atomic_t stopped;

static void
on_signal(int sig)
{
	(void)sig;
	stopped = 1;
}

static bool
run(sqlite3 *db, const char *sql)
{
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK)
		return true;
	fprintf(stderr, "reader: %s: %s.\n", sql, sqlite3_errmsg(db));
	return false;
}

static bool
first_read(sqlite3 *db)
{
	if (opt.poll_ms > 0)
		return run(db, SELECT);
	if (!run(db, "BEGIN") || !run(db, SELECT))
		return false;
	return !opt.mark_only || run(db, "COMMIT");
}

static bool
is_over(int64_t end)
{
	return stopped || tool_now_ns() >= end || (opt.release_file != NULL &&
	    access(opt.release_file, F_OK) == 0);
}

/* Sleep for a read's interval, or less when it is all over. */
static void
nap_until(int64_t due, int64_t end)
{
	int64_t left;

	while (!is_over(end) && (left = due - tool_now_ns()) > 0)
		tool_nap(left < NAP ? left : NAP);
}

static bool
stay(sqlite3 *db)
{
	const int64_t end = tool_now_ns() + (int64_t)(opt.hold_s * TOOL_S);
	bool good = true;

	if (opt.poll_ms == 0)
		nap_until(end, end);
	while (good && !is_over(end)) {
		nap_until(tool_now_ns() + opt.poll_ms * TOOL_MS, end);
		good = run(db, SELECT);
	}
	return good;
}

static bool
read_db(sqlite3 *db)
{
	sqlite3_busy_timeout(db, BUSY_LIMIT_MS);
	if (!first_read(db))
		return false;
	if (opt.ready_file != NULL && !tool_leave(opt.ready_file, getpid())) {
		fprintf(stderr, "reader: %s: %s.\n", opt.ready_file,
		    strerror(errno));
		return false;
	}
	return stay(db) && (sqlite3_get_autocommit(db) || run(db, "COMMIT"));
}

int
main(int argc, char **argv)
{
	const struct sigaction stop = { .sa_handler = on_signal };
	sqlite3 *db = NULL;
	bool good = false;

	if (!tool_options(argc, argv, "reader [options] DB", options,
	    TOOL_LENGTH(options)))
		return 2;
	if (argc - optind != 1) {
		fprintf(stderr, "reader: give one database.\n");
		return 2;
	}
	sigaction(SIGTERM, &stop, NULL);
	sigaction(SIGINT, &stop, NULL);
	if (sqlite3_open_v2(argv[optind], &db, SQLITE_OPEN_READWRITE, NULL) ==
	    SQLITE_OK)
		good = read_db(db);
	else
		fprintf(stderr, "reader: %s: %s.\n", argv[optind],
		    sqlite3_errmsg(db));
	return sqlite3_close(db) == SQLITE_OK && good ? 0 : 1;
}
