/*
 * Any text at all is a command, an address, a mail server's URL or a text of a
 * mail, or it is refused with a sentence.  The input is each of them.
 */
#include <assert.h>
#include <curl/curl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "alerts/address.h"
#include "alerts/clean.h"
#include "alerts/mime.h"
#include "alerts/notification.h"
#include "alerts/smtp.h"
#include "alerts/words.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
try_words(const char *text)
{
	struct err e = { "" };
	char **words = words_split(text, &e);
	size_t n = 0, bytes = 0;

	if (words == NULL) {
		assert(e.text[0] != '\0');
		return;
	}
	for (; words[n] != NULL; n++)
		bytes += strlen(words[n]);
	assert(n >= 1 && n <= WORDS_MAX && bytes <= strlen(text));
	assert(words[0][0] != '\0');
	words_free(words);
}

/* What is taken cannot end a command or a header. */
static void
try_addresses(const char *text)
{
	struct err e = { "" };
	struct curl_slist *all;
	size_t n = 0;

	if (address_check(text, &e) == -1) {
		assert(e.text[0] != '\0');
		return;
	}
	all = address_list(text);
	for (struct curl_slist *a = all; a != NULL; a = a->next, n++) {
		assert(address_is(a->data));
		assert(strpbrk(a->data, "\r\n <>,\"()") == NULL);
		assert(strlen(a->data) <= ADDRESS_MAX);
	}
	assert(n >= 1 && n <= ADDRESSES_MAX);
	curl_slist_free_all(all);
}

static void
try_url(const char *text)
{
	struct err e = { "" };

	if (smtp_check_url(text, true, &e) == -1) {
		assert(e.text[0] != '\0');
		return;
	}
	assert(strpbrk(text, "\r\n @?#%") == NULL);
}

static void
check_lines(const char *mail, bool header)
{
	for (const char *c = mail; *c != '\0'; ) {
		size_t n = strcspn(c, "\r");

		assert(n <= MIME_LINE && c[n] == '\r' && c[n + 1] == '\n');
		assert(!header || c == mail || c[0] == ' ');
		for (size_t i = 0; i < n; i++)
			assert(c[i] >= ' ' && c[i] <= '~');
		c += n + 2;
	}
}

static void
try_mime(const char *text)
{
	char *clean = clean_copy(text, NOTIFICATION_TEXT_MAX), *got;
	struct buf b;

	buf_init(&b, 1 << 20);
	mime_header(&b, "Subject", clean);
	check_lines(got = buf_take(&b), true);
	free(got);
	buf_init(&b, 1 << 20);
	mime_mailbox(&b, "From", clean, "a@b");
	check_lines(got = buf_take(&b), true);
	free(got);
	buf_init(&b, 1 << 20);
	mime_body(&b, text);
	check_lines(got = buf_take(&b), false);
	free(got);
	free(clean);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char *text = mem_new(n + 1, 1);

	memcpy(text, data, n);
	try_words(text);
	try_addresses(text);
	try_url(text);
	try_mime(text);
	free(text);
	return 0;
}
