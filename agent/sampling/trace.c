/*
 * trace - see trace.h.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/agent.h"
#include "agent/config/config.h"
#include "agent/sampling/trace.h"
#include "base/err.h"
#include "base/mem.h"
#include "tracer/tracer.h"

static const struct {
	const char	*word;
	enum trace_mode	 mode;
} modes[] = {
	{ "auto", TRACE_AUTO }, { "always", TRACE_ALWAYS },
	{ "bursts", TRACE_BURSTS }, { "sleeps", TRACE_SLEEPS },
	{ "no", TRACE_NO },
};

struct tracer *
trace_start(struct agent *a)
{
	const char *word = section_text(config_agent(a->config), "trace");
	enum trace_mode mode = TRACE_AUTO;
	struct err e;

	for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++)
		if (strcmp(modes[i].word, word) == 0)
			mode = modes[i].mode;
	a->tracer = tracer_new(mode, &e);
	if (a->tracer == NULL) {
		a->trace_off = mem_strdup(e.text);
		log_info("the kernel tracer is off and busy retries are "
		    "estimated: %s", e.text);
	} else {
		log_info("the kernel tracer is on: trace = %s", word);
	}
	return a->tracer;
}

void
trace_watch(struct agent *a)
{
	struct err e;

	if (a->tracer != NULL && tracer_failed(a->tracer, &e))
		log_warn("the kernel tracer sees less than it could: %s",
		    e.text);
}

void
trace_stop(struct agent *a)
{
	tracer_free(a->tracer);
	free(a->trace_off);
	a->tracer = NULL;
	a->trace_off = NULL;
}
