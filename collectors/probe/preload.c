/*
 * preload - how an app gets the probe without knowing: LD_PRELOAD.
 *
 * sqlite3_open() and its sisters are intercepted, so that the first connection
 * is seen too, and an app that configures SQLite before can still do so.  A
 * library of its own, for one that has an sqlite3_open() must not be loaded as
 * an extension: SQLite would offer that name to all that is loaded later.  A
 * program that has SQLite inside never comes by here; a library that has may.
 */
#include <dlfcn.h>
#include <link.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "collectors/probe/vfs.h"

#define EXPORTED	__attribute__((visibility("default")))
#define MAX_OBJECTS	4096	/* of a process, looked at */

/* ISO C has no cast from a symbol to a function; POSIX says they are alike. */
union symbol {
	void	*object;
	void	(*function)(void);
};

/* Of a library that is there; no other is loaded.  NULL: it has none. */
static void *
look_into(const char *library, const char *name)
{
	void *handle = dlopen(library, RTLD_LAZY | RTLD_NOLOAD);
	void *symbol;

	if (handle == NULL)
		return NULL;
	symbol = dlsym(handle, name);
	(void)dlclose(handle);		/* it was there before */
	return symbol;
}

/* A call that was a jump does not say where it came from.  Then there must be
 * one only in the whole process, besides ours. */
static void *
find_only(const char *name, const void *ours)
{
	void *self = dlopen(NULL, RTLD_LAZY), *only = NULL;
	const struct link_map *m = NULL;

	if (self == NULL || dlinfo(self, RTLD_DI_LINKMAP, (void *)&m) != 0)
		m = NULL;
	for (int i = 0; m != NULL && i < MAX_OBJECTS; i++, m = m->l_next) {
		void *symbol = look_into(m->l_name, name);

		if (symbol == NULL || symbol == ours || symbol == only)
			continue;
		if (only != NULL) {
			only = NULL;
			break;
		}
		only = symbol;
	}
	if (self != NULL)
		(void)dlclose(self);
	return only;
}

/*
 * The function that the caller would have got without us, in the order of the
 * dynamic linker: what all libraries share, then the caller's own library and
 * those it needs.  A process may have several SQLites, and a connection of one
 * is poison to the others.
 */
static union symbol
find(const char *name, const void *ours, const void *caller)
{
	union symbol s;
	Dl_info from;

	s.object = dlsym(RTLD_NEXT, name);
	if (s.object == NULL && dladdr(caller, &from) != 0)
		s.object = look_into(from.dli_fname, name);
	if (s.object == NULL || s.object == ours)
		s.object = find_only(name, ours);
	return s;
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

/* In the SQLite that this is a function of.  Where that fails the app goes
 * unobserved. */
static void
install(union symbol of)
{
	struct watch_api api;
	Dl_info library;

	if (dladdr(of.object, &library) == 0)
		return;
	for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
		union symbol s;

		s.object = look_into(library.dli_fname, wanted[i].name);
		if (s.object == NULL)
			return;
		memcpy((char *)&api + wanted[i].at, &s.function,
		    sizeof s.function);
	}
	(void)vfs_install(&api);
}

/* The SQLite that the app means, with the VFS in it: false, there is none. */
static bool
enter(const char *name, void (*self)(void), const void *caller, void *ret)
{
	const union symbol ours = { .function = self };
	union symbol next = find(name, ours.object, caller);

	if (next.object == NULL)
		return false;
	install(next);
	memcpy(ret, &next.function, sizeof next.function);
	return true;
}

#define ENTER(function)	enter(#function, (void (*)(void))(function), \
	__builtin_return_address(0), &next)

EXPORTED int
sqlite3_open(const char *name, sqlite3 **ret)
{
	int (*next)(const char *, sqlite3 **);

	*ret = NULL;
	return ENTER(sqlite3_open) ? next(name, ret) : SQLITE_ERROR;
}

EXPORTED int
sqlite3_open16(const void *name, sqlite3 **ret)
{
	int (*next)(const void *, sqlite3 **);

	*ret = NULL;
	return ENTER(sqlite3_open16) ? next(name, ret) : SQLITE_ERROR;
}

EXPORTED int
sqlite3_open_v2(const char *name, sqlite3 **ret, int flags, const char *vfs)
{
	int (*next)(const char *, sqlite3 **, int, const char *);

	*ret = NULL;
	return ENTER(sqlite3_open_v2) ? next(name, ret, flags, vfs) :
	    SQLITE_ERROR;
}
