/*
 * types - a receiver of any type there is, with the keys that it needs.
 */
#ifndef TESTS_ALERTS_TYPES_H
#define TESTS_ALERTS_TYPES_H

#include <stdlib.h>
#include <string.h>

#include "alerts/receiver.h"
#include "base/mem.h"

/* The last row that fits wins. */
static const struct {
	const char		*type;		/* NULL: any */
	enum receiver_key	 key;
	const char		*text;
} type_texts[] = {
	{ NULL, RECEIVER_URL, "https://receiver.example.org/in" },
	{ "email", RECEIVER_URL, "smtp://mail.example.org:587" },
	{ NULL, RECEIVER_SECRET, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" },
	{ NULL, RECEIVER_TOKEN, "123456:AAEexampleexampleexampleexample0000" },
	{ NULL, RECEIVER_ROUTING_KEY, "0123456789abcdef0123456789abcdef" },
	{ NULL, RECEIVER_USERNAME, "litegauge" },
	{ NULL, RECEIVER_PASSWORD, "example" },
	{ NULL, RECEIVER_TOPIC, "alerts" },
	{ NULL, RECEIVER_CHAT_ID, "-1001234567890" },
	{ NULL, RECEIVER_THREAD_ID, "7" },
	{ NULL, RECEIVER_FROM, "litegauge@example.org" },
	{ NULL, RECEIVER_TO, "ops@example.org, boss@example.org" },
	{ NULL, RECEIVER_COMMAND, "/usr/local/bin/notify" },
};

static inline bool
type_needs(const struct receiver_type *t, const char *key)
{
	size_t n = strlen(key);
	const char *c = t->needs;

	while (c != NULL && (c = strstr(c, key)) != NULL) {
		if ((c == t->needs || c[-1] == ' ') &&
		    (c[n] == '\0' || c[n] == ' '))
			return true;
		c += n;
	}
	return false;
}

/* receiver_done() it. */
static inline struct receiver
type_receiver(const struct receiver_type *t)
{
	struct receiver r = { .name = mem_strdup("ops"), .type = t };

	for (size_t i = 0; i < sizeof type_texts / sizeof *type_texts; i++) {
		enum receiver_key key = type_texts[i].key;

		if (!type_needs(t, receiver_keys[key].name) ||
		    (type_texts[i].type != NULL &&
		    strcmp(type_texts[i].type, t->name) != 0))
			continue;
		free(r.texts[key]);
		r.texts[key] = mem_strdup(type_texts[i].text);
	}
	return r;
}

#endif
