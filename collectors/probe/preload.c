/*
 * preload - how an app gets the probe without knowing: LD_PRELOAD.
 *
 * sqlite3_open() and its sisters are intercepted, so that the first connection
 * is seen too, and an app that configures SQLite before can still do so.  A
 * library of its own, for one that has an sqlite3_open() must not be loaded as
 * an extension: SQLite would offer that name to all that is loaded later.  An
 * app that has SQLite inside never comes by here.
 */
#include <dlfcn.h>
#include <sqlite3.h>
#include <stddef.h>
#include <string.h>

#include "collectors/probe/vfs.h"

#define LIBRARY		"libsqlite3.so.0"	/* of who dlopen()s it */
#define EXPORTED	__attribute__((visibility("default")))

/* ISO C has no cast from a symbol to a function; POSIX says they are alike. */
union symbol {
	void	*object;
	void	(*function)(void);
};

/* The next sqlite3_open() is in the SQLite that the app means. */
static void
find(const char *name, void *ret)
{
	union symbol s;
	void *library;

	s.object = dlsym(RTLD_NEXT, name);
	if (s.object == NULL &&
	    (library = dlopen(LIBRARY, RTLD_LAZY | RTLD_NOLOAD)) != NULL) {
		s.object = dlsym(library, name);
		(void)dlclose(library);	/* it was there before */
	}
	memcpy(ret, &s.function, sizeof s.function);
}

#define AT(member)	offsetof(struct watch_api, member)

static const struct {
	const char	*name;
	size_t		 at;		/* in struct watch_api */
} wanted[] = {
	{ "sqlite3_libversion_number",	AT(version) },
	{ "sqlite3_vfs_find",		AT(vfs_find) },
	{ "sqlite3_vfs_register",	AT(vfs_register) },
	{ "sqlite3_next_stmt",		AT(next_stmt) },
	{ "sqlite3_stmt_status",	AT(stmt_status) },
	{ "sqlite3_db_status",		AT(db_status) },
	{ "sqlite3_extended_errcode",	AT(errcode) },
};

/* Where that fails the app goes unobserved. */
static void
install(void)
{
	struct watch_api api;

	for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
		void (*function)(void);

		find(wanted[i].name, &function);
		if (function == NULL)
			return;
		memcpy((char *)&api + wanted[i].at, &function,
		    sizeof function);
	}
	(void)vfs_install(&api);
}

EXPORTED int
sqlite3_open(const char *name, sqlite3 **ret)
{
	int (*next)(const char *, sqlite3 **);

	*ret = NULL;
	install();
	find("sqlite3_open", &next);
	return next == NULL ? SQLITE_ERROR : next(name, ret);
}

EXPORTED int
sqlite3_open16(const void *name, sqlite3 **ret)
{
	int (*next)(const void *, sqlite3 **);

	*ret = NULL;
	install();
	find("sqlite3_open16", &next);
	return next == NULL ? SQLITE_ERROR : next(name, ret);
}

EXPORTED int
sqlite3_open_v2(const char *name, sqlite3 **ret, int flags, const char *vfs)
{
	int (*next)(const char *, sqlite3 **, int, const char *);

	*ret = NULL;
	install();
	find("sqlite3_open_v2", &next);
	return next == NULL ? SQLITE_ERROR : next(name, ret, flags, vfs);
}
