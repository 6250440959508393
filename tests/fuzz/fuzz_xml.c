/*
 * fuzz_xml - listings and errors of a bucket that means no good.
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "litestream/s3_list.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
check(const struct s3_document *d)
{
	assert(d->nobjects <= S3_MAX_KEYS && d->nprefixes <= S3_MAX_KEYS);
	assert(memchr(d->code, '\0', sizeof d->code) != NULL);
	assert(memchr(d->message, '\0', sizeof d->message) != NULL);
	assert(memchr(d->region, '\0', sizeof d->region) != NULL);
	for (size_t i = 0; i < d->nobjects; i++) {
		assert(memchr(d->objects[i].key, '\0', S3_MAX_KEY + 1) != NULL);
		assert(d->objects[i].size >= 0);
		assert(i == 0 || strcmp(d->objects[i - 1].key,
		    d->objects[i].key) < 0);
	}
	for (size_t i = 0; i < d->nprefixes; i++)
		assert(memchr(d->prefixes[i], '\0', S3_MAX_KEY + 1) != NULL);
}

/* As the network may cut it: the first byte says into pieces of what size. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	size_t piece = n > 0 ? data[0] + 1u : 1;
	struct s3_list *l = s3_list_new();
	const struct s3_document *d;
	const char *why = NULL;

	for (size_t at = 0; at < n; at += piece)
		if (!s3_list_feed(l, (const char *)data + at,
		    n - at < piece ? n - at : piece))
			break;
	d = s3_list_end(l, &why);
	assert((d == NULL) == (why != NULL));
	if (d != NULL)
		check(d);
	s3_list_free(l);
	return 0;
}
