/*
 * state_restored - see state_restored.h.
 *
 * Read-only, and immutable where no log lies beside the file, so that not even
 * a side file is made.  An index may need a function or a collation that only
 * the app has: SQLite then refuses the whole check, which says nothing of the
 * file.  So table by table, and what still cannot be checked is counted.
 */
#include <openssl/evp.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "agent/state/state_restored.h"
#include "base/clock.h"
#include "base/mem.h"

#define STEPS		20000	/* of SQLite's machine between two looks */
#define MAX_WHY		300

struct look {
	struct restored_look *ret;
	sqlite3		*db;
	int64_t		 until_ms;
	bool		(*stopped)(void);
};

static const char schema_sql[] =
    "SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_schema "
    "ORDER BY type, name, tbl_name";
static const char tables_sql[] =
    "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name";

static int
on_steps(void *arg)
{
	const struct look *l = arg;

	return mono_ms() > l->until_ms || l->stopped();
}

static int
say(struct look *l, enum restored_state state, const char *why)
{
	l->ret->state = state;
	free(l->ret->why);
	l->ret->why = mem_printf("%.*s", MAX_WHY, why);
	return -1;
}

/* What a failed call means. */
static int
judge(struct look *l)
{
	int rc = sqlite3_errcode(l->db) & 0xff;

	if (rc == SQLITE_CORRUPT || rc == SQLITE_NOTADB)
		return say(l, RESTORED_DAMAGED, sqlite3_errmsg(l->db));
	if (rc == SQLITE_INTERRUPT)
		return say(l, RESTORED_UNKNOWN, "the restored copy could not "
		    "be looked over in the time there was");
	return say(l, RESTORED_UNKNOWN, sqlite3_errmsg(l->db));
}

static bool
has_log(const char *path)
{
	char *wal = mem_printf("%s-wal", path);
	struct stat st;
	bool yes = stat(wal, &st) == 0 && st.st_size > 0;

	free(wal);
	return yes;
}

/* The path in a URI; scratch directories may be anywhere. */
static char *
uri_of(const char *path)
{
	char *uri = mem_new(3 * strlen(path) + 64, 1), *to = uri;

	to = stpcpy(to, "file:");
	for (const char *p = path; *p != '\0'; p++)
		if (strchr("%?#", *p) != NULL)
			to += snprintf(to, 4, "%%%02X", (unsigned char)*p);
		else
			*to++ = *p;
	(void)stpcpy(to, has_log(path) ? "?mode=ro" : "?mode=ro&immutable=1");
	return uri;
}

static int
open_copy(struct look *l, const char *path)
{
	char *uri = uri_of(path);
	int rc = sqlite3_open_v2(uri, &l->db, SQLITE_OPEN_READONLY |
	    SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, NULL);

	free(uri);
	if (rc != SQLITE_OK)
		return judge(l);
	(void)sqlite3_db_config(l->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	(void)sqlite3_db_config(l->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_progress_handler(l->db, STEPS, on_steps, l);
	/* Wishes: without them the look is only slower or less strict. */
	(void)sqlite3_exec(l->db, "PRAGMA cell_size_check = ON; "
	    "PRAGMA cache_size = -8192; PRAGMA mmap_size = 0", NULL, NULL,
	    NULL);
	return 0;
}

/* 1: fine, 0: it cannot be checked here, -1: damaged or unknown, and said. */
static int
check(struct look *l, const char *sql)
{
	sqlite3_stmt *st = NULL;
	const unsigned char *text = NULL;
	int rc = sqlite3_prepare_v2(l->db, sql, -1, &st, NULL), status = 1;

	if (rc == SQLITE_OK && (rc = sqlite3_step(st)) == SQLITE_ROW)
		text = sqlite3_column_text(st, 0);
	if (text != NULL && strcmp((const char *)text, "ok") != 0)
		status = say(l, RESTORED_DAMAGED, (const char *)text);
	else if (text == NULL && (rc & 0xff) == SQLITE_ERROR)
		status = 0;
	else if (text == NULL)
		status = judge(l);
	sqlite3_finalize(st);
	return status;
}

static int
check_table(struct look *l, const char *table)
{
	char *sql = sqlite3_mprintf("PRAGMA quick_check(%Q)", table);
	int rc;

	if (sql == NULL)
		return say(l, RESTORED_UNKNOWN, "out of memory");
	rc = check(l, sql);
	sqlite3_free(sql);
	l->ret->tables++;
	l->ret->unchecked += rc == 0;
	return rc;
}

static int
check_tables(struct look *l)
{
	sqlite3_stmt *st = NULL;
	int rc, status = 0;

	if (sqlite3_prepare_v2(l->db, tables_sql, -1, &st, NULL) != SQLITE_OK)
		return judge(l);
	while (status != -1 && (rc = sqlite3_step(st)) == SQLITE_ROW)
		status = check_table(l, (const char *)sqlite3_column_text(st,
		    0));
	if (status != -1 && rc != SQLITE_DONE)
		status = judge(l);
	sqlite3_finalize(st);
	return status == -1 ? -1 : 0;
}

static void
print_hex(char ret[65], const unsigned char digest[32])
{
	for (size_t i = 0; i < 32; i++)
		(void)snprintf(ret + 2 * i, 3, "%02x", digest[i]);
}

static int
digest_rows(struct look *l, sqlite3_stmt *st, EVP_MD_CTX *md)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	int rc;

	if (EVP_DigestInit_ex(md, EVP_sha256(), NULL) != 1)
		return say(l, RESTORED_UNKNOWN, "there is no SHA-256 here");
	while ((rc = sqlite3_step(st)) == SQLITE_ROW)
		for (int i = 0; i < 4; i++) {
			const unsigned char *text = sqlite3_column_text(st, i);
			int n = sqlite3_column_bytes(st, i);

			/* With a NUL after each, so that none runs on. */
			(void)EVP_DigestUpdate(md, text ? text :
			    (const unsigned char *)"", (size_t)n + 1);
		}
	if (rc != SQLITE_DONE)
		return judge(l);
	(void)EVP_DigestFinal_ex(md, digest, NULL);
	print_hex(l->ret->schema, digest);
	return 0;
}

static int
read_schema(struct look *l)
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	sqlite3_stmt *st = NULL;
	int rc;

	if (md == NULL)
		return say(l, RESTORED_UNKNOWN, "out of memory");
	rc = sqlite3_prepare_v2(l->db, schema_sql, -1, &st, NULL) ==
	    SQLITE_OK ? digest_rows(l, st, md) : judge(l);
	sqlite3_finalize(st);
	EVP_MD_CTX_free(md);
	return rc;
}

void
restored_look(struct restored_look *ret, const char *path, int64_t timeout_ms,
    bool (*stopped)(void))
{
	struct look l = { .ret = ret, .until_ms = mono_ms() + timeout_ms,
		.stopped = stopped };
	int rc;

	*ret = (struct restored_look){ .state = RESTORED_SOUND };
	if (open_copy(&l, path) == 0 && read_schema(&l) == 0) {
		rc = check(&l, "PRAGMA quick_check(1)");
		if (rc == 0)
			(void)check_tables(&l);	/* ret has what it found */
	}
	sqlite3_close(l.db);
}

void
restored_look_done(struct restored_look *r)
{
	free(r->why);
	*r = (struct restored_look){ .state = RESTORED_UNKNOWN };
}
