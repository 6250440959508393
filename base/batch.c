/*
 * batch - see batch.h.
 */
#include <stdlib.h>

#include "base/batch.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"

static void
discard(struct mail *m)
{
	batch_free((struct batch *)m);
}

struct batch *
batch_new(const char *db)
{
	struct batch *b;

	NEW(b);
	b->mail.discard = discard;
	b->db = mem_strdup(db);
	return b;
}

void
batch_free(struct batch *b)
{
	if (b == NULL)
		return;
	batch_cut(b, 0);
	for (size_t i = 0; i < b->nreports; i++)
		free(b->reports[i].why);
	if (b->wishes != NULL)
		b->discard_wishes(b->wishes);
	free(b->samples);
	free(b->reports);
	free(b->down);
	free(b->note);
	free(b->path);
	free(b->db);
	free(b);
}

void
batch_add(struct batch *b, const struct metric *m, double value)
{
	batch_add_labelled(b, m, value, NULL);
}

void
batch_add_labelled(struct batch *b, const struct metric *m, double value,
    const char *labels)
{
	MEM_ROOM(b->samples, b->nsamples, b->samples_cap);
	b->samples[b->nsamples++] = (struct sample){
		.metric = m,
		.value	= value,
		.labels	= labels != NULL ? mem_strdup(labels) : NULL,
	};
}

void
batch_cut(struct batch *b, size_t n)
{
	while (b->nsamples > n)
		free(b->samples[--b->nsamples].labels);
}

void
batch_report(struct batch *b, const struct collector *c, int64_t took_us,
    const char *why)
{
	MEM_ROOM(b->reports, b->nreports, b->reports_cap);
	b->reports[b->nreports++] = (struct report){
		.collector = c,
		.took_us   = took_us,
		.why	   = why != NULL ? mem_strdup(why) : NULL,
	};
}

bool
batch_note(struct batch *b, const char *text)
{
	if (b->note != NULL)
		return false;
	b->note = mem_strdup(text);
	return true;
}

void
batch_label(struct buf *b, const char *name, const char *value)
{
	if (b->len > 0)
		buf_adds(b, ",");
	buf_adds(b, name);
	buf_adds(b, "=\"");
	text_label(b, value);
	buf_adds(b, "\"");
}
