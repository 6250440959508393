/*
 * labels - see labels.h.
 */
#include <assert.h>
#include <stdlib.h>

#include "alerts/labels.h"
#include "base/mem.h"

#define FNV_OFFSET	UINT64_C(14695981039346656037)
#define FNV_PRIME	UINT64_C(1099511628211)
#define SEPARATOR	0xff	/* no byte of UTF-8 */

size_t
labels_of(struct label ret[LABELS_MAX], const struct notification *n)
{
	const struct label all[] = {
		{ "alertname", n->alert },
		{ "db", n->db },
		{ "instance", n->host },
		{ "job", "litegauge" },
		{ "severity", n->severity },
	};
	size_t count = 0;

	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (all[i].value[0] != '\0')	/* an empty label is none */
			ret[count++] = all[i];
	return count;
}

static uint64_t
add_text(uint64_t sum, const char *text)
{
	for (; *text != '\0'; text++)
		sum = (sum ^ (unsigned char)*text) * FNV_PRIME;
	return (sum ^ SEPARATOR) * FNV_PRIME;
}

uint64_t
labels_fingerprint(const struct label *labels, size_t n)
{
	uint64_t sum = FNV_OFFSET;

	for (size_t i = 0; i < n; i++)
		sum = add_text(add_text(sum, labels[i].name), labels[i].value);
	return sum;
}

json_t *
labels_json(const struct notification *n)
{
	struct label labels[LABELS_MAX];
	size_t count = labels_of(labels, n);
	json_t *ret = json_object();

	for (size_t i = 0; i < count; i++)
		json_object_set_new(ret, labels[i].name,
		    json_string(labels[i].value));
	assert(json_object_size(ret) == count);	/* all of it was made clean */
	return ret;
}

json_t *
labels_annotations(const struct notification *n)
{
	char *description = mem_printf("%s\n%s", n->cause, n->next_step);
	json_t *ret = json_pack("{s:s, s:s}", "summary", n->summary,
	    "description", description);

	assert(ret != NULL);
	free(description);
	return ret;
}

bool
labels_open(const struct notification *n)
{
	return n->type != NOTIFY_RESOLVED && n->type != NOTIFY_DIGEST;
}

static struct notification *
end_of_before(const struct notification *n)
{
	struct notification *end = notification_copy(n);
	char *severity = end->severity;

	end->severity = end->before;
	end->before = NULL;
	end->type = NOTIFY_RESOLVED;
	free(severity);
	return end;
}

void
labels_spread(struct spread *s, const struct message *m)
{
	*s = (struct spread){ .m = *m,
		.items = mem_new(2 * m->n, sizeof *s->items),
		.ended = mem_new(m->n, sizeof *s->ended) };
	s->m.items = s->items;
	s->m.n = 0;
	for (size_t i = 0; i < m->n; i++) {
		if (m->items[i]->before != NULL) {
			s->ended[s->nended] = end_of_before(m->items[i]);
			s->items[s->m.n++] = s->ended[s->nended++];
		}
		s->items[s->m.n++] = m->items[i];
	}
}

void
labels_spread_done(struct spread *s)
{
	for (size_t i = 0; i < s->nended; i++)
		notification_free(s->ended[i]);
	free(s->ended);
	free(s->items);
}
