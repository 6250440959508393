/*
 * s3_list - see s3_list.h.
 *
 * Elements are known by where they stand, in one table.  The text of one that
 * is wanted is gathered until it closes and then goes into its field.
 */
#include <errno.h>
#include <expat.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "litestream/s3_list.h"

#define MAX_DEPTH	8
#define MAX_TEXT	4096	/* of one element */

struct s3_list {
	XML_Parser	 parser;	/* owned */
	struct s3_document doc;
	const char	*why;		/* refused; NULL: not yet */
	size_t		 fed;

	unsigned	 depth;
	const char	*section;	/* that is open at depth 2, or "" */
	struct s3_object object;	/* between its tags */
	const struct element *open;	/* whose text is gathered; or NULL */
	char		 text[MAX_TEXT + 1];
	size_t		 ntext;
	bool		 encoded;	/* keys are URL-encoded */
};

struct element {
	const char	*root, *section, *name;
	/* NULL, or what is wrong with it. */
	const char	*(*take)(struct s3_list *, char *text);
};

static void
refuse(struct s3_list *l, const char *why)
{
	if (l->why == NULL)
		l->why = why;
	(void)XML_StopParser(l->parser, XML_FALSE);
}

static const char *
take_truncated(struct s3_list *l, char *text)
{
	l->doc.truncated = strcmp(text, "true") == 0;
	return NULL;
}

static const char *
take_encoding(struct s3_list *l, char *text)
{
	l->encoded = strcmp(text, "url") == 0;
	return NULL;
}

static const char *
take_key(struct s3_list *l, char *text)
{
	size_t n = strlen(text);

	if (n > S3_MAX_KEY)
		return "a key is too long";
	memcpy(l->object.key, text, n + 1);
	return NULL;
}

static const char *
take_size(struct s3_list *l, char *text)
{
	char *end;

	errno = 0;
	l->object.size = strtoll(text, &end, 10);
	return errno != 0 || end == text || *end != '\0' ||
	    l->object.size < 0 ? "a size is not a number" : NULL;
}

/* "2026-11-25T06:32:40.123Z" */
static const char *
take_time(struct s3_list *l, char *text)
{
	struct tm tm = { 0 };
	int64_t ms = 0, unit = 100;
	char *p = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);

	if (p != NULL && *p == '.')
		for (p++; *p >= '0' && *p <= '9'; p++, unit /= 10)
			ms += (*p - '0') * unit;
	if (p == NULL || strcmp(p, "Z") != 0)
		return "a time is not one";
	l->object.modified_ms = (int64_t)timegm(&tm) * 1000 + ms;
	return NULL;
}

static const char *
take_prefix(struct s3_list *l, char *text)
{
	struct s3_document *d = &l->doc;
	size_t n = strlen(text);

	if (n > S3_MAX_KEY)
		return "a prefix is too long";
	if (d->nprefixes == S3_MAX_KEYS)
		return "it has more entries than were asked for";
	MEM_ROOM(d->prefixes, d->nprefixes, d->prefixes_cap);
	memcpy(d->prefixes[d->nprefixes++], text, n + 1);
	return NULL;
}

static void
keep(char *field, size_t size, const char *text)
{
	size_t n = strlen(text);

	n = n < size ? n : size - 1;
	memcpy(field, text, n);
	field[n] = '\0';
}

static const char *
take_code(struct s3_list *l, char *text)
{
	keep(l->doc.code, sizeof l->doc.code, text);
	return NULL;
}

static const char *
take_message(struct s3_list *l, char *text)
{
	keep(l->doc.message, sizeof l->doc.message, text);
	return NULL;
}

static const char *
take_region(struct s3_list *l, char *text)
{
	keep(l->doc.region, sizeof l->doc.region, text);
	return NULL;
}

#define LISTING	"ListBucketResult"

static const struct element elements[] = {
	{ LISTING, "",		     "IsTruncated",  take_truncated },
	{ LISTING, "",		     "EncodingType", take_encoding },
	{ LISTING, "Contents",	     "Key",	     take_key },
	{ LISTING, "Contents",	     "Size",	     take_size },
	{ LISTING, "Contents",	     "LastModified", take_time },
	{ LISTING, "CommonPrefixes", "Prefix",	     take_prefix },
	{ "Error", "",		     "Code",	     take_code },
	{ "Error", "",		     "Message",	     take_message },
	{ "Error", "",		     "Region",	     take_region },
};

static const struct element *
find(const struct s3_list *l, const char *name)
{
	const char *root = l->doc.is_error ? "Error" : LISTING;

	for (size_t i = 0; i < sizeof elements / sizeof *elements; i++) {
		const struct element *el = &elements[i];
		unsigned depth = *el->section == '\0' ? 2 : 3;

		if (depth == l->depth && strcmp(el->root, root) == 0 &&
		    strcmp(el->section, l->section) == 0 &&
		    strcmp(el->name, name) == 0)
			return el;
	}
	return NULL;
}

/* Only the names of sections that are in the table are remembered. */
static const char *
section_of(const char *name)
{
	static const char *const names[] = { "Contents", "CommonPrefixes" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(name, names[i]) == 0)
			return names[i];
	return "";
}

static void
on_start(void *arg, const char *name, const char **attributes)
{
	struct s3_list *l = arg;

	(void)attributes;
	if (l->open != NULL) {
		refuse(l, "there are tags where text belongs");
		return;
	}
	if (++l->depth > MAX_DEPTH) {
		refuse(l, "its tags are nested too deep");
		return;
	}
	if (l->depth == 1) {
		l->doc.is_error = strcmp(name, "Error") == 0;
		if (!l->doc.is_error && strcmp(name, LISTING) != 0)
			refuse(l, "it is not what S3 answers");
		return;
	}
	l->open = find(l, name);
	l->ntext = 0;
	if (l->depth == 2)
		l->section = l->doc.is_error ? "" : section_of(name);
	if (l->depth == 2 && *l->section != '\0')
		l->object = (struct s3_object){ 0 };
}

static void
add_object(struct s3_list *l)
{
	struct s3_document *d = &l->doc;

	if (l->object.key[0] == '\0') {
		refuse(l, "an entry has no key");
		return;
	}
	if (d->nobjects == S3_MAX_KEYS) {
		refuse(l, "it has more entries than were asked for");
		return;
	}
	MEM_ROOM(d->objects, d->nobjects, d->objects_cap);
	d->objects[d->nobjects++] = l->object;
}

static void
on_end(void *arg, const char *name)
{
	struct s3_list *l = arg;
	const char *why;

	(void)name;
	if (l->open != NULL) {
		l->text[l->ntext] = '\0';
		why = l->open->take(l, l->text);
		if (why != NULL)
			refuse(l, why);
		l->open = NULL;
	}
	if (l->depth == 2 && strcmp(l->section, "Contents") == 0)
		add_object(l);
	if (l->depth == 2)
		l->section = "";
	l->depth--;
}

static void
on_text(void *arg, const char *text, int n)
{
	struct s3_list *l = arg;

	if (l->open == NULL)
		return;
	if ((size_t)n > MAX_TEXT - l->ntext) {
		refuse(l, "a text in it is too long");
		return;
	}
	memcpy(l->text + l->ntext, text, (size_t)n);
	l->ntext += (size_t)n;
}

static void
on_doctype(void *arg, const char *name, const char *system_id,
    const char *public_id, int has_subset)
{
	(void)name;
	(void)system_id;
	(void)public_id;
	(void)has_subset;
	refuse(arg, "it has a document type");
}

struct s3_list *
s3_list_new(void)
{
	struct s3_list *l;

	NEW(l);
	l->section = "";
	l->parser = XML_ParserCreate(NULL);
	if (l->parser == NULL)
		abort();	/* out of memory, as in mem.h */
	XML_SetUserData(l->parser, l);
	XML_SetElementHandler(l->parser, on_start, on_end);
	XML_SetCharacterDataHandler(l->parser, on_text);
	XML_SetStartDoctypeDeclHandler(l->parser, on_doctype);
	return l;
}

void
s3_list_free(struct s3_list *l)
{
	if (l == NULL)
		return;
	XML_ParserFree(l->parser);
	free(l->doc.objects);
	free(l->doc.prefixes);
	free(l);
}

static void
parse(struct s3_list *l, const char *data, size_t n, bool last)
{
	if (XML_Parse(l->parser, data, (int)n, last) != XML_STATUS_OK)
		refuse(l, "it is not XML");
}

bool
s3_list_feed(struct s3_list *l, const char *data, size_t n)
{
	if (l->why == NULL && n > S3_MAX_BODY - l->fed)
		refuse(l, "it is too long");
	if (l->why != NULL)
		return false;
	l->fed += n;
	parse(l, data, n, false);
	return l->why == NULL;
}

static int
digit(char c)
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";
	const char *p = c == '\0' ? NULL : strchr(digits, c);

	return p == NULL ? -1 : (int)(p - digits) % 16;
}

/* In place: it only gets shorter.  False: a NUL, or half of an escape. */
static bool
decode(char *text)
{
	char *to = text;

	for (; *text != '\0'; text++, to++) {
		int high, low;

		*to = *text == '+' ? ' ' : *text;
		if (*text != '%')
			continue;
		high = digit(text[1]);
		low = high == -1 ? -1 : digit(text[2]);
		if (low == -1 || (high == 0 && low == 0))
			return false;
		*to = (char)(high << 4 | low);
		text += 2;
	}
	*to = '\0';
	return true;
}

/* Whether keys are encoded may be said after all of them. */
static const char *
tidy(struct s3_list *l)
{
	struct s3_document *d = &l->doc;
	bool good = true;

	for (size_t i = 0; l->encoded && good && i < d->nobjects; i++)
		good = decode(d->objects[i].key);
	for (size_t i = 0; l->encoded && good && i < d->nprefixes; i++)
		good = decode(d->prefixes[i]);
	if (!good)
		return "a key is encoded wrongly";
	for (size_t i = 1; i < d->nobjects; i++)
		if (strcmp(d->objects[i - 1].key, d->objects[i].key) >= 0)
			return "its keys are not in order";
	return NULL;
}

const struct s3_document *
s3_list_end(struct s3_list *l, const char **why)
{
	if (l->why == NULL)
		parse(l, "", 0, true);
	if (l->why == NULL)
		l->why = tidy(l);
	if (l->why == NULL)
		return &l->doc;
	*why = l->why;
	return NULL;
}
