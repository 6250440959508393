/*
 * fuzz_plan - a litestream.yml of any bytes at all is refused or understood,
 * and costs no more than it may.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "litestream/plan.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static const char *
variable(void *arg, const char *name)
{
	(void)arg;
	assert(name[0] != '\0');
	return name[0] == 'A' ? "a value" : NULL;
}

static void
use(const struct plan *p, const struct plan_source *s)
{
	for (size_t i = 0; i < p->ndbs && i < 100; i++) {
		const struct plan_db *db = &p->dbs[i];
		struct setup *setup = plan_setup(p, i,
		    db->dir != NULL ? "sub/a b.db" : NULL, s);

		assert((db->path != NULL) != (db->dir != NULL));
		assert(setup->nreplicas == db->nreplicas);
		for (size_t k = 0; k < setup->nreplicas; k++) {
			assert(setup->replicas[k].name != NULL);
			assert(setup->replicas[k].path != NULL);
			assert(setup->replicas[k].place != NULL);
			assert(setup->replicas[k].sync_ms > 0);
		}
		setup_unref(setup);
	}
}

static void
try_url(const uint8_t *data, size_t n, const struct plan_source *s)
{
	char *url = calloc(n + 1, 1);
	struct replica r;
	struct err e;

	if (url == NULL)
		return;
	memcpy(url, data, n);
	if (plan_replica_from_url(&r, url, s, &e) == 0)
		replica_done(&r);
	free(url);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct plan_source s = {
		.file = "f", .cwd = "/cwd", .home = "/nonexistent",
		.root = "/proc/1/root", .pid = 7, .expand = n % 8 != 0,
		.env = variable,
	};
	struct plan p;
	struct err e;

	if (plan_parse(&p, (const char *)data, n, &s, &e) == 0) {
		use(&p, &s);
		plan_done(&p);
	} else {
		assert(strncmp(e.text, "f: line ", 8) == 0);
	}
	try_url(data, n, &s);
	return 0;
}
