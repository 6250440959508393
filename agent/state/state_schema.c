/*
 * state_schema - see state_schema.h.
 *
 * alert    one row per rule and database that is not plainly ok.
 * outbox   one row per notification and receiver it has not reached yet; seq is
 *          the order in which they came.
 * series   a name for what history counts; last_s moves once a day, so that
 *          what is gone can be found without reading all of history.
 * history  keyed by time first: new points go to the end of the file, old ones
 *          leave at its beginning, and neither touches more than a few pages.
 * drill    one row per replica: what the last drill of it came to.
 * silence  one row per silence that is not over.
 * note     numbers with a name: when this agent was last alive, and the like.
 */
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/state/state_file.h"
#include "agent/state/state_schema.h"
#include "base/err.h"
#include "base/mem.h"

#define FULL_CHECK_MAX	(64 << 20)	/* bytes: a fraction of a second */

#define TEXT_OF(x)	#x
#define TEXT(x)		TEXT_OF(x)

#define DRILL_TABLE							\
    "CREATE TABLE drill ("						\
    "	db TEXT NOT NULL, replica TEXT NOT NULL,"			\
    "	outcome INTEGER NOT NULL, why TEXT, at_ms INTEGER NOT NULL,"	\
    "	passed_ms INTEGER NOT NULL, told INTEGER NOT NULL,"		\
    "	told_ms INTEGER NOT NULL, took_ms INTEGER NOT NULL,"		\
    "	bytes INTEGER NOT NULL, behind_bytes INTEGER NOT NULL,"		\
    "	position TEXT, schema_sha256 TEXT,"				\
    "	PRIMARY KEY (db, replica)) STRICT, WITHOUT ROWID;"

#define SILENCE_TABLE							\
    "CREATE TABLE silence ("						\
    "	id TEXT PRIMARY KEY, db TEXT, rule TEXT, severity TEXT,"	\
    "	why TEXT NOT NULL, who TEXT NOT NULL,"				\
    "	from_ms INTEGER NOT NULL, until_ms INTEGER NOT NULL"		\
    ") STRICT, WITHOUT ROWID;"

#define NOTE_TABLE							\
    "CREATE TABLE note ("						\
    "	key TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;"

/* What an alert was given with version 3; fires are times, with blanks. */
#define ALERT_MORE(x)							\
    x "raised INTEGER NOT NULL DEFAULT 0"				\
    x "flapping INTEGER NOT NULL DEFAULT 0"				\
    x "muted INTEGER NOT NULL DEFAULT 0"				\
    x "good_ms INTEGER NOT NULL DEFAULT 0"				\
    x "blind_ms INTEGER NOT NULL DEFAULT 0"				\
    x "worse_ms INTEGER NOT NULL DEFAULT 0"				\
    x "said_ms INTEGER NOT NULL DEFAULT 0"				\
    x "fires TEXT NOT NULL DEFAULT ''"					\
    x "bits INTEGER NOT NULL DEFAULT 0"					\
    x "nbits INTEGER NOT NULL DEFAULT 0"				\
    x "worse_bits INTEGER NOT NULL DEFAULT 0"				\
    x "measure TEXT NOT NULL DEFAULT ''"				\
    x "severity INTEGER NOT NULL DEFAULT 1"				\
    x "threshold REAL"							\
    x "receivers TEXT NOT NULL DEFAULT ''"

/* The fallback was told of it, or it is what the fallback is told. */
#define OUTBOX_MORE	"handed INTEGER NOT NULL DEFAULT 0"

static const char schema[] =
    "BEGIN;"
    "CREATE TABLE alert ("
    "	rule TEXT NOT NULL, db TEXT NOT NULL, state INTEGER NOT NULL,"
    "	announced INTEGER NOT NULL, since_ms INTEGER NOT NULL,"
    "	fired_ms INTEGER NOT NULL, value REAL"
    ALERT_MORE(", ")
    ",	PRIMARY KEY (rule, db)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE outbox ("
    "	seq INTEGER PRIMARY KEY, id TEXT NOT NULL, receiver TEXT NOT NULL,"
    "	json TEXT NOT NULL, at_ms INTEGER NOT NULL,"
    "	" OUTBOX_MORE ","
    "	UNIQUE (id, receiver)) STRICT;"
    "CREATE TABLE series ("
    "	id INTEGER PRIMARY KEY, db TEXT NOT NULL, measure TEXT NOT NULL,"
    "	last_s INTEGER NOT NULL, UNIQUE (db, measure)) STRICT;"
    "CREATE TABLE history ("
    "	at_s INTEGER NOT NULL, series INTEGER NOT NULL,"
    "	mean REAL, least REAL, greatest REAL,"
    "	PRIMARY KEY (at_s, series)) STRICT, WITHOUT ROWID;"
    DRILL_TABLE
    SILENCE_TABLE
    NOTE_TABLE
    "PRAGMA application_id = " TEXT(STATE_APPLICATION_ID) ";"
    "PRAGMA user_version = " TEXT(STATE_SCHEMA_VERSION) ";"
    "COMMIT;";

/* From version i to i + 1; the first is what state_schema_create() makes. */
static const char *const migrations[STATE_SCHEMA_VERSION] = {
	[1] = "BEGIN IMMEDIATE;" DRILL_TABLE "PRAGMA user_version = 2; COMMIT;",
	[2] = "BEGIN IMMEDIATE" ALERT_MORE("; ALTER TABLE alert ADD COLUMN ")
	    "; ALTER TABLE outbox ADD COLUMN " OUTBOX_MORE
	    ";" SILENCE_TABLE NOTE_TABLE "PRAGMA user_version = 3; COMMIT;",
};

static const char settings[] =
    "PRAGMA busy_timeout = 2000;"	/* somebody may look with a shell */
    "PRAGMA cache_size = -512;"
    "PRAGMA trusted_schema = OFF;"
    "PRAGMA cell_size_check = ON;"
    "PRAGMA journal_mode = WAL;"
    "PRAGMA journal_size_limit = 4194304;"
    /* A notification is on disk before its first attempt. */
    "PRAGMA synchronous = FULL;";

static enum state_fault
fault_of(sqlite3 *db)
{
	int rc = sqlite3_errcode(db) & 0xff;

	return rc == SQLITE_CORRUPT || rc == SQLITE_NOTADB ?
	    STATE_FAULT_DAMAGED : STATE_FAULT_DISK;
}

static int
exec(sqlite3 *db, const char *path, const char *sql, enum state_fault *fault,
    struct err *e)
{
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK)
		return 0;
	*fault = fault_of(db);
	return err_set(e, "%s: %s", path, sqlite3_errmsg(db));
}

static int
open_file(sqlite3 **ret, const char *path, struct err *e)
{
	int rc = sqlite3_open_v2(path, ret, SQLITE_OPEN_READWRITE |
	    SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);

	if (rc == SQLITE_OK)
		return 0;
	err_set(e, "%s: %s", path, sqlite3_errmsg(*ret));
	sqlite3_close(*ret);
	*ret = NULL;
	return -1;
}

static int
fill(const char *path, struct err *e)
{
	enum state_fault fault;
	sqlite3 *db;
	int fd, status;

	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd == -1)
		return err_set(e, "%s: %s", path, strerror(errno));
	close(fd);	/* before SQLite has it: a close drops its locks */
	if (open_file(&db, path, e) == -1)
		return -1;
	status = exec(db, path, schema, &fault, e);
	if (sqlite3_close(db) != SQLITE_OK)
		status = err_set(e, "%s: close", path);
	return status;
}

int
state_schema_create(const char *path, struct err *e)
{
	char *draft = mem_printf("%s.new", path);
	int status;

	state_file_remove(draft);	/* of one that died here */
	status = fill(draft, e);
	if (status == 0)
		status = state_file_install(draft, path, e);
	if (status == -1)
		state_file_remove(draft);
	free(draft);
	return status;
}

/* The first column of the first row, as text that the caller frees. */
static int
ask(char **ret, sqlite3 *db, const char *path, const char *sql,
    enum state_fault *fault, struct err *e)
{
	sqlite3_stmt *st = NULL;
	const unsigned char *text = NULL;

	if (sqlite3_prepare_v2(db, sql, -1, &st, NULL) == SQLITE_OK &&
	    sqlite3_step(st) == SQLITE_ROW)
		text = sqlite3_column_text(st, 0);
	if (text != NULL) {
		*ret = mem_strdup((const char *)text);
	} else {
		*fault = fault_of(db);
		err_set(e, "%s: %s: %s", path, sql, sqlite3_errmsg(db));
	}
	sqlite3_finalize(st);
	return text != NULL ? 0 : -1;
}

static int
check(sqlite3 *db, const char *path, const char *sql, enum state_fault *fault,
    struct err *e)
{
	char *answer;
	int status = 0;

	if (ask(&answer, db, path, sql, fault, e) == -1)
		return -1;
	if (strcmp(answer, "ok") != 0) {
		*fault = STATE_FAULT_DAMAGED;
		status = err_set(e, "%s: %s", path, answer);
	}
	free(answer);
	return status;
}

/* What must not be lost is always looked over, history while it is short. */
static int
look_over(sqlite3 *db, const char *path, enum state_fault *fault, struct err *e)
{
	struct stat st;

	if (stat(path, &st) == 0 && st.st_size <= FULL_CHECK_MAX)
		return check(db, path, "PRAGMA quick_check", fault, e);
	if (check(db, path, "PRAGMA quick_check(alert)", fault, e) == -1)
		return -1;
	return check(db, path, "PRAGMA quick_check(outbox)", fault, e);
}

static int
migrate(sqlite3 *db, const char *path, enum state_fault *fault, struct err *e)
{
	char *text;
	long version;

	if (ask(&text, db, path, "PRAGMA user_version", fault, e) == -1)
		return -1;
	version = strtol(text, NULL, 10);
	free(text);
	if (version > STATE_SCHEMA_VERSION) {
		*fault = STATE_FAULT_FOREIGN;
		return err_set(e, "%s: a newer litegauge wrote it (schema %ld, "
		    "this one knows %d): use that one, or another file",
		    path, version, STATE_SCHEMA_VERSION);
	}
	if (version < 1) {
		*fault = STATE_FAULT_DAMAGED;
		return err_set(e, "%s: schema %ld", path, version);
	}
	for (; version < STATE_SCHEMA_VERSION; version++)
		if (exec(db, path, migrations[version], fault, e) == -1)
			return -1;
	return 0;
}

int
state_schema_open(sqlite3 **ret, const char *path, enum state_fault *fault,
    struct err *e)
{
	sqlite3 *db;

	*fault = STATE_FAULT_DISK;
	if (open_file(&db, path, e) == -1)
		return -1;
	if (exec(db, path, settings, fault, e) == -1 ||
	    migrate(db, path, fault, e) == -1 ||
	    look_over(db, path, fault, e) == -1) {
		sqlite3_close(db);
		return -1;
	}
	*ret = db;
	return 0;
}
