/*
 * place - an empty directory for each test of state.db, and how it must open.
 */
#ifndef TESTS_AGENT_PLACE_H
#define TESTS_AGENT_PLACE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/state/state.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"

struct place {
	char	 dir[64];
	char	*path;
	struct err e;
};

static inline int
setup(void **state)
{
	struct place *p;

	NEW(p);
	memcpy(p->dir, "/tmp/litegauge-state-XXXXXX", 28);
	assert_non_null(mkdtemp(p->dir));
	p->path = mem_printf("%s/deep/er/state.db", p->dir);
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
		else if (entry->d_name[0] != '.')
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
	free(p->path);
	free(p);
	return 0;
}

static inline struct state *
must_open(struct place *p)
{
	bool later;
	char *note;
	struct state *s = state_open(p->path, &note, &later, &p->e);

	if (s == NULL)
		fail_msg("%s", p->e.text);
	assert_null(note);
	return s;
}

static inline void
add_id(void *arg, const char *id, const char *receiver, const char *json,
    int64_t at_ms, bool handed)
{
	(void)receiver;
	(void)json;
	(void)at_ms;
	(void)handed;
	buf_addf(arg, "%s ", id);
}

/* The outbox must hold these, each followed by a space. */
static inline void
assert_outbox(struct state *s, const char *ids)
{
	struct buf b;
	struct err e;

	buf_init(&b, 65536);
	assert_int_equal(state_each_outbox(s, add_id, &b, &e), 0);
	assert_string_equal(b.data ? b.data : "", ids);
	buf_free(&b);
}

#define STORY(fn)	cmocka_unit_test_setup_teardown(fn, setup, teardown)

#endif
