/*
 * plans - a plan's surroundings, made up, for the tests of whoever reads one.
 */
#ifndef TESTS_LITESTREAM_PLANS_H
#define TESTS_LITESTREAM_PLANS_H

#include "tests/litestream/copies.h"

#include "litestream/plan.h"

/* "NAME=VALUE" each, and NULL after the last. */
static inline const char *
plans_env(void *arg, const char *name)
{
	const char *const *env = arg;
	size_t n = strlen(name);

	for (; env != NULL && *env != NULL; env++)
		if (strncmp(*env, name, n) == 0 && (*env)[n] == '=')
			return *env + n + 1;
	return NULL;
}

static inline struct plan_source
plans_source(const char **env)
{
	return (struct plan_source){
		.file = "litestream.yml", .cwd = "/cwd", .home = "/home/me",
		.root = "", .pid = 771, .expand = true,
		.env = plans_env, .arg = env,
	};
}

#endif
