/*
 * reports - see reports.h.
 */
#include "agent/agent.h"
#include "agent/config/configure.h"
#include "agent/reports/digest.h"
#include "agent/reports/heartbeat.h"
#include "agent/reports/reports.h"
#include "agent/sampling/sampler.h"
#include "agent/store/store.h"

static void
prove(void *arg, struct heartbeat_proof *ret)
{
	const struct agent *a = arg;
	int64_t least = INT64_MAX / 4;

	for (const struct watched *w = store_first(a->store); w; w = w->next)
		if (w->interval_ms < least)
			least = w->interval_ms;
	*ret = (struct heartbeat_proof){
		.batch_ms = a->batch_ms,
		.interval_ms = least,
		.stuck = a->stuck >= SAMPLER_MAX_STUCK,
	};
}

void
reports_start(struct agent *a)
{
	a->heartbeat = heartbeat_new(a->loop, a->wire, prove, a);
	a->digest = digest_new(a);
	reports_set(a);
}

void
reports_set(struct agent *a)
{
	struct heartbeat_options heartbeat;
	struct digest_options digest;

	configure_heartbeat(&heartbeat, a->config);
	heartbeat_set(a->heartbeat, &heartbeat);
	configure_digest(&digest, a->config);
	digest_set(a->digest, &digest);
}

void
reports_stop(struct agent *a)
{
	digest_free(a->digest);
	heartbeat_free(a->heartbeat);
}
