/*
 * pagers - sections of the receivers that wake people.
 *
 * Included after cmocka.h.
 */
#ifndef TESTS_ALERTS_PAGERS_H
#define TESTS_ALERTS_PAGERS_H

#include "alerts/receiver.h"
#include "base/err.h"
#include "base/mem.h"

#define COUNT(a)	(sizeof (a) / sizeof *(a))
#define ROUTING_KEY	"0123456789abcdef0123456789abcdef"
#define TOKEN		"123456:AA-s3cr3t_token"
#define KEYS_MAX	4

/* What a section of each type says. */
static const struct setup {
	const char	*type;
	struct { enum receiver_key key; const char *text; } keys[KEYS_MAX];
} setups[] = {
	{ "pagerduty", { { RECEIVER_ROUTING_KEY, ROUTING_KEY } } },
	{ "ntfy", { { RECEIVER_TOPIC, "db-alerts" },
	    { RECEIVER_TOKEN, "tk_s3cr3t" } } },
	{ "telegram", { { RECEIVER_TOKEN, TOKEN },
	    { RECEIVER_CHAT_ID, "-1001234567890" } } },
	{ "exec", { { RECEIVER_COMMAND, "/usr/local/bin/tell --to 'a b'" } } },
};

static inline struct receiver
receiver_of(const char *type)
{
	struct receiver r = { .name = mem_strdup("ops"),
		.type = receiver_type_find(type) };

	assert_non_null(r.type);
	for (size_t i = 0; i < COUNT(setups); i++)
		for (size_t k = 0; k < KEYS_MAX; k++)
			if (strcmp(setups[i].type, type) == 0 &&
			    setups[i].keys[k].text != NULL)
				r.texts[setups[i].keys[k].key] =
				    mem_strdup(setups[i].keys[k].text);
	return r;
}

#endif
