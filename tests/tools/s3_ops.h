/*
 * s3_ops - what S3 does with objects: one function for each operation.
 */
#ifndef TESTS_TOOLS_S3_OPS_H
#define TESTS_TOOLS_S3_OPS_H

#include "tests/tools/s3_store.h"
#include "tests/tools/s3_talk.h"

static inline void
ops_etag(char ret[40], const struct stat *st)
{
	snprintf(ret, 40, "\"%016llx%016llx\"", (unsigned long long)
	    st->st_size, (unsigned long long)st->st_mtim.tv_sec * TOOL_S +
	    (unsigned long long)st->st_mtim.tv_nsec);
}

/*
 * "1a;chunk-signature=...\r\n" bytes "\r\n" ... "0\r\n" trailers "\r\n", as the
 * SDKs send a body whose hash they do not know yet.  In place.
 */
static inline bool
ops_unchunk(struct talk *t)
{
	const char *said = talk_header(t, "x-amz-decoded-content-length");
	char *at = t->body, *end = t->body + t->n, *to = t->body;

	while (at != NULL && at < end) {
		char *line = memmem(at, (size_t)(end - at), "\r\n", 2), *stop;
		unsigned long n = strtoul(at, &stop, 16);

		if (line == NULL || stop == at || (*stop != '\r' &&
		    *stop != ';'))
			return false;
		at = line + 2;
		if (n == 0)
			break;
		if (n > (size_t)(end - at) || (size_t)(end - at) - n < 2 ||
		    memcmp(at + n, "\r\n", 2) != 0)
			return false;
		memmove(to, at, n);
		to += n;
		at += n + 2;
	}
	t->n = (size_t)(to - t->body);
	return said != NULL && strtoul(said, NULL, 10) == t->n;
}

/* NULL, or the error that the body is. */
static inline const char *
ops_check_body(struct talk *t)
{
	const char *want = talk_header(t, "x-amz-content-sha256");
	char hash[65];

	if (want == NULL || strcmp(want, "UNSIGNED-PAYLOAD") == 0)
		return NULL;
	if (strcmp(want, "STREAMING-UNSIGNED-PAYLOAD-TRAILER") == 0)
		return ops_unchunk(t) ? NULL : "IncompleteBody";
	if (strncmp(want, "STREAMING-", 10) == 0)
		return "NotImplemented";
	sigv4_hash(hash, t->n > 0 ? t->body : "", t->n);
	return strcmp(hash, want) == 0 ? NULL : "BadDigest";
}

static inline enum MHD_Result
ops_add_meta(void *arg, enum MHD_ValueKind kind, const char *name,
    const char *value)
{
	(void)kind;
	if (strncasecmp(name, "x-amz-meta-", 11) == 0)
		fprintf(arg, "%s: %s\n", name, value);
	return MHD_YES;
}

static inline bool
ops_store(struct talk *t, const char *dir, const char *data, size_t n)
{
	char *path = store_path(dir, "", t->key), *meta_path, *meta;
	size_t size;
	FILE *f = open_memstream(&meta, &size);
	bool good;

	MHD_get_connection_values(t->c, MHD_HEADER_KIND, ops_add_meta, f);
	fclose(f);
	meta_path = store_path(dir, ".meta", t->key);
	good = store_write(dir, meta_path, meta, size) &&
	    store_write(dir, path, data, n);
	free(path);
	free(meta_path);
	free(meta);
	return good;
}

static inline enum MHD_Result
ops_put(struct talk *t, const char *dir)
{
	const char *none = talk_header(t, "If-None-Match");
	char *path = store_path(dir, "", t->key), etag[40];
	struct MHD_Response *r;
	struct stat st;
	bool there = access(path, F_OK) == 0;

	if (talk_header(t, "x-amz-copy-source") != NULL) {
		free(path);
		return talk_error(t, "NotImplemented");
	}
	if (there && none != NULL) {
		free(path);
		return talk_error(t, "PreconditionFailed");
	}
	if (!ops_store(t, dir, t->body, t->n) || stat(path, &st) == -1) {
		free(path);
		return talk_error(t, "InternalError");
	}
	free(path);
	ops_etag(etag, &st);
	r = talk_empty();
	MHD_add_response_header(r, "ETag", etag);
	return talk_send(t, 200, r);
}

static inline void
ops_add_headers(struct talk *t, const char *dir, struct MHD_Response *r,
    const struct stat *st)
{
	char *path = store_path(dir, ".meta", t->key), *meta, *rest, *line;
	char date[64], etag[40];
	struct stat unused;
	size_t n;

	talk_date(date, st->st_mtim.tv_sec);
	ops_etag(etag, st);
	MHD_add_response_header(r, "Last-Modified", date);
	MHD_add_response_header(r, "ETag", etag);
	MHD_add_response_header(r, "Accept-Ranges", "bytes");
	MHD_add_response_header(r, "Content-Type", "application/octet-stream");
	rest = meta = store_read(path, &n, &unused);
	while (rest != NULL && (line = strsep(&rest, "\n")) != NULL) {
		char *value = strstr(line, ": ");

		if (value == NULL)
			continue;
		*value = '\0';
		MHD_add_response_header(r, line, value + 2);
	}
	free(meta);
	free(path);
}

/* "bytes=a-b", "bytes=a-", "bytes=-n"; false: there are no such bytes. */
static inline bool
ops_range(const char *text, size_t size, size_t *from, size_t *n)
{
	unsigned long long a, b;
	char *end;

	text += 6;
	if (*text == '-') {
		b = strtoull(text + 1, NULL, 10);
		*n = b < size ? (size_t)b : size;
		*from = size - *n;
		return *n > 0;
	}
	a = strtoull(text, &end, 10);
	if (a >= size)
		return false;
	b = end[0] == '-' && isdigit((unsigned char)end[1]) ?
	    strtoull(end + 1, NULL, 10) : size - 1;
	*from = (size_t)a;
	*n = (size_t)(b < size ? b + 1 - a : size - a);
	return b >= a;
}

static inline enum MHD_Result
ops_get(struct talk *t, const char *dir)
{
	const char *range = talk_header(t, "Range");
	char *path = store_path(dir, "", t->key), *data, text[96];
	size_t size, from = 0, n;
	struct MHD_Response *r;
	struct stat st;

	data = store_read(path, &size, &st);
	free(path);
	n = size;
	if (data == NULL)
		return talk_error(t, "NoSuchKey");
	if (range != NULL && strncmp(range, "bytes=", 6) == 0 &&
	    !ops_range(range, size, &from, &n)) {
		free(data);
		return talk_error(t, "InvalidRange");
	}
	memmove(data, data + from, n);
	r = MHD_create_response_from_buffer(n, data, MHD_RESPMEM_MUST_FREE);
	ops_add_headers(t, dir, r, &st);
	if (range == NULL)
		return talk_send(t, 200, r);
	snprintf(text, sizeof text, "bytes %zu-%zu/%zu", from, from + n - 1,
	    size);
	MHD_add_response_header(r, "Content-Range", text);
	return talk_send(t, 206, r);
}

static inline enum MHD_Result
ops_delete(struct talk *t, const char *dir)
{
	store_remove(dir, t->key);
	return talk_send(t, 204, talk_empty());
}

static inline enum MHD_Result
ops_delete_many(struct talk *t, const char *dir)
{
	char *text, *at = t->body, *end;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<DeleteResult>", f);
	while (at != NULL && (at = strstr(at, "<Key>")) != NULL &&
	    (end = strstr(at += 5, "</Key>")) != NULL) {
		*end = '\0';
		text_unxml(at);
		store_remove(dir, at);
		fputs("<Deleted><Key>", f);
		text_xml(f, at);
		fputs("</Key></Deleted>", f);
		at = end + 1;
	}
	fputs("</DeleteResult>", f);
	fclose(f);
	return talk_xml(t, 200, text);
}

static inline enum MHD_Result
ops_begin_upload(struct talk *t, const char *dir)
{
	static atomic_ulong number;
	char *text, id[32];
	size_t size;
	FILE *f = open_memstream(&text, &size);

	(void)dir;
	snprintf(id, sizeof id, "u%d-%lu", (int)getpid(),
	    atomic_fetch_add(&number, 1));
	fputs("<InitiateMultipartUploadResult><Bucket>b</Bucket><Key>", f);
	text_xml(f, t->key);
	fprintf(f, "</Key><UploadId>%s</UploadId>"
	    "</InitiateMultipartUploadResult>", id);
	fclose(f);
	return talk_xml(t, 200, text);
}

/* The caller frees; NULL: the id is none of ours. */
static inline char *
ops_part_path(struct talk *t, const char *dir, unsigned long number)
{
	char *id = talk_param(t, "uploadId"), *path = NULL, name[64];

	if (id != NULL && strspn(id, "u0123456789-") == strlen(id) &&
	    strlen(id) < 32) {
		snprintf(name, sizeof name, "%s/%05lu", id, number);
		path = store_path(dir, ".parts", name);
	}
	free(id);
	return path;
}

static inline enum MHD_Result
ops_put_part(struct talk *t, const char *dir)
{
	char *number = talk_param(t, "partNumber"), etag[40], *path;
	struct MHD_Response *r;
	struct stat st;
	bool good;

	path = ops_part_path(t, dir, strtoul(number, NULL, 10));
	free(number);
	if (path == NULL)
		return talk_error(t, "NoSuchUpload");
	good = store_write(dir, path, t->body, t->n) && stat(path, &st) == 0;
	free(path);
	if (!good)
		return talk_error(t, "InternalError");
	ops_etag(etag, &st);
	r = talk_empty();
	MHD_add_response_header(r, "ETag", etag);
	return talk_send(t, 200, r);
}

static inline enum MHD_Result
ops_end_upload(struct talk *t, const char *dir, bool keep)
{
	char *all, *text, *path;
	size_t size, text_size;
	FILE *f = open_memstream(&all, &size);
	bool good = true;

	for (unsigned long i = 1; i <= 10000; i++) {
		struct stat st;
		size_t n;
		char *data;

		if ((path = ops_part_path(t, dir, i)) == NULL)
			break;
		data = store_read(path, &n, &st);
		if (data != NULL)
			fwrite(data, n, 1, f);
		(void)unlink(path);
		free(path);
		free(data);
		if (data == NULL)
			break;
	}
	fclose(f);
	if (keep)
		good = size > 0 && ops_store(t, dir, all, size);
	free(all);
	if (!good)
		return talk_error(t, "NoSuchUpload");
	if (!keep)
		return talk_send(t, 204, talk_empty());
	f = open_memstream(&text, &text_size);
	fputs("<CompleteMultipartUploadResult><Key>", f);
	text_xml(f, t->key);
	fputs("</Key><ETag>\"0-1\"</ETag></CompleteMultipartUploadResult>", f);
	fclose(f);
	return talk_xml(t, 200, text);
}

#endif
