/*
 * s3_pages - the two kinds of listing, and one that has no end.
 */
#ifndef TESTS_TOOLS_S3_PAGES_H
#define TESTS_TOOLS_S3_PAGES_H

#include "tests/tools/s3_store.h"
#include "tests/tools/s3_talk.h"

#define PAGE_MAX	1000

struct page {
	FILE		*f;
	char		*prefix, *delimiter, *after;	/* owned; or NULL */
	bool		 v2, url, truncated;
	unsigned	 n, most;
	char		*last;		/* owned; key or prefix that was told */
};

static inline void
page_key(struct page *p, const char *tag, const char *key)
{
	fprintf(p->f, "<%s>", tag);
	if (p->url)
		text_encode(p->f, key, true);
	else
		text_xml(p->f, key);
	fprintf(p->f, "</%s>", tag);
}

static inline void
page_object(struct page *p, const struct store_object *o)
{
	char date[32];
	struct tm tm;

	gmtime_r(&o->modified.tv_sec, &tm);
	strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &tm);
	fputs("<Contents>", p->f);
	page_key(p, "Key", o->key);
	fprintf(p->f, "<LastModified>%s.%03ldZ</LastModified><ETag>&quot;%llx"
	    "&quot;</ETag><Size>%lld</Size><StorageClass>STANDARD"
	    "</StorageClass></Contents>", date,
	    o->modified.tv_nsec / TOOL_MS,
	    (unsigned long long)o->modified.tv_sec, (long long)o->size);
}

/* What a key is told as: itself, or all up to the delimiter.  Caller frees. */
static inline char *
page_name(const struct page *p, const char *key)
{
	const size_t skip = p->prefix == NULL ? 0 : strlen(p->prefix);
	const char *cut = p->delimiter == NULL || *p->delimiter == '\0' ?
	    NULL : strstr(key + skip, p->delimiter);

	return cut == NULL ? strdup(key) :
	    strndup(key, (size_t)(cut - key) + strlen(p->delimiter));
}

/* False: the page is full. */
static inline bool
page_add(struct page *p, const struct store_object *o)
{
	char *name;

	if (p->prefix != NULL &&
	    strncmp(o->key, p->prefix, strlen(p->prefix)) != 0)
		return true;
	name = page_name(p, o->key);
	if ((p->last != NULL && strcmp(name, p->last) == 0) ||
	    (p->after != NULL && strcmp(name, p->after) <= 0)) {
		free(name);
		return true;
	}
	if (p->n == p->most) {
		p->truncated = true;
		free(name);
		return false;
	}
	p->n++;
	free(p->last);
	p->last = name;
	if (strcmp(name, o->key) == 0) {
		page_object(p, o);
		return true;
	}
	fputs("<CommonPrefixes>", p->f);
	page_key(p, "Prefix", name);
	fputs("</CommonPrefixes>", p->f);
	return true;
}

/* Where the next page goes on; a token is no more than the last name. */
static inline void
page_end(struct page *p)
{
	fprintf(p->f, "<IsTruncated>%s</IsTruncated>",
	    p->truncated ? "true" : "false");
	if (p->v2)
		fprintf(p->f, "<KeyCount>%u</KeyCount>", p->n);
	if (p->truncated && p->last != NULL)
		page_key(p, p->v2 ? "NextContinuationToken" : "NextMarker",
		    p->last);
	fputs("</ListBucketResult>", p->f);
}

static inline void
page_read(struct page *p, const struct talk *t, const char *bucket)
{
	char *type = talk_param(t, "list-type");
	char *most = talk_param(t, "max-keys");
	char *url = talk_param(t, "encoding-type");
	char *token = talk_param(t, "continuation-token");

	p->v2 = type != NULL && strcmp(type, "2") == 0;
	p->url = url != NULL && strcmp(url, "url") == 0;
	p->most = most != NULL ? (unsigned)strtoul(most, NULL, 10) : PAGE_MAX;
	if (p->most > PAGE_MAX)
		p->most = PAGE_MAX;
	p->prefix = talk_param(t, "prefix");
	p->delimiter = talk_param(t, "delimiter");
	p->after = token != NULL && p->v2 ? strdup(token) :
	    talk_param(t, p->v2 ? "start-after" : "marker");
	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListBucketResult "
	    "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">", p->f);
	fprintf(p->f, "<Name>%s</Name><MaxKeys>%u</MaxKeys>", bucket, p->most);
	if (p->url)
		fputs("<EncodingType>url</EncodingType>", p->f);
	page_key(p, "Prefix", p->prefix != NULL ? p->prefix : "");
	free(type);
	free(most);
	free(url);
	free(token);
}

static inline enum MHD_Result
page_answer(struct talk *t, const char *dir, const char *bucket)
{
	struct page p = { 0 };
	struct store_list l;
	char *text;
	size_t size;

	p.f = open_memstream(&text, &size);
	page_read(&p, t, bucket);
	store_list(&l, dir);
	for (size_t i = 0; i < l.n && page_add(&p, &l.at[i]); i++)
		;
	page_end(&p);
	fclose(p.f);
	store_list_free(&l);
	free(p.prefix);
	free(p.delimiter);
	free(p.after);
	free(p.last);
	return talk_xml(t, 200, text);
}

/* A listing that begins as any other and then goes on. */
static inline ssize_t
page_more(void *arg, uint64_t at, char *to, size_t room)
{
	static const char head[] = "<ListBucketResult><IsTruncated>true"
	    "</IsTruncated>";
	unsigned long *number = arg;
	char text[256];
	size_t n = 0;

	if (at == 0 && room > sizeof head) {
		memcpy(to, head, sizeof head - 1);
		n = sizeof head - 1;
	}
	for (;;) {
		int len = snprintf(text, sizeof text, "<Contents><Key>%012lu"
		    "</Key><LastModified>2026-01-01T00:00:00.000Z"
		    "</LastModified><Size>1</Size></Contents>", *number);

		if ((size_t)len > room - n)
			return (ssize_t)n;
		memcpy(to + n, text, (size_t)len);
		n += (size_t)len;
		++*number;
	}
}

static inline enum MHD_Result
page_endless(struct talk *t)
{
	return talk_send(t, 200, MHD_create_response_from_callback(
	    MHD_SIZE_UNKNOWN, 65536, page_more,
	    calloc(1, sizeof (unsigned long)), free));
}

#endif
