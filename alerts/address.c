/*
 * address - see address.h.
 */
#include <curl/curl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "alerts/address.h"
#include "base/err.h"

#define LOCAL_MAX	64
#define LABEL_MAX	63
#define ALNUM		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ" \
			"0123456789"
#define ATOM		ALNUM "!#$%&'*+-/=?^_`{|}~"
#define LABEL		ALNUM "-"
#define BETWEEN		", \t"

/* Bytes of words of these letters with single dots between; 0: none. */
static size_t
dotted_length(const char *text, const char *letters, size_t most)
{
	size_t n = 0;

	for (;;) {
		size_t word = strspn(text + n, letters);

		if (word == 0 || word > most)
			return 0;
		n += word;
		if (text[n] != '.')
			return n;
		n++;
	}
}

/* Bytes of the address that begins here; 0: none does. */
static size_t
address_length(const char *text)
{
	size_t local = dotted_length(text, ATOM, LOCAL_MAX), domain;

	if (local == 0 || local > LOCAL_MAX || text[local] != '@')
		return 0;
	domain = dotted_length(text + local + 1, LABEL, LABEL_MAX);
	if (domain == 0 || local + 1 + domain > ADDRESS_MAX)
		return 0;
	return local + 1 + domain;
}

bool
address_is(const char *text)
{
	size_t n = address_length(text);

	return n > 0 && text[n] == '\0';
}

int
address_check(const char *list, struct err *e)
{
	size_t n = 0, len;

	for (;;) {
		list += strspn(list, BETWEEN);
		if (*list == '\0')
			break;
		len = address_length(list);
		if (len == 0 || (list[len] != '\0' &&
		    strchr(BETWEEN, list[len]) == NULL))
			return err_set(e, "address %zu is not NAME@DOMAIN",
			    n + 1);
		if (++n > ADDRESSES_MAX)
			return err_set(e, "there are more than %d addresses",
			    ADDRESSES_MAX);
		list += len;
	}
	return n > 0 ? 0 : err_set(e, "there is no address");
}

struct curl_slist *
address_list(const char *list)
{
	struct curl_slist *all = NULL;
	char one[ADDRESS_MAX + 1];

	for (;;) {
		struct curl_slist *longer;
		size_t n;

		list += strspn(list, BETWEEN);
		n = address_length(list);
		if (n == 0)
			return all;
		memcpy(one, list, n);
		one[n] = '\0';
		list += n;
		longer = curl_slist_append(all, one);
		if (longer == NULL)
			abort();	/* out of memory, as in mem.h */
		all = longer;
	}
}
