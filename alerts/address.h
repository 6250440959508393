/*
 * address - who writes and who reads, as a mail server takes it.
 *
 * NAME@DOMAIN in ASCII, of the letters that every server knows: no quotes, no
 * comments, no display names, and so nothing that could become a line of a
 * header or a command of its own.
 */
#ifndef ALERTS_ADDRESS_H
#define ALERTS_ADDRESS_H

#include <stdbool.h>

struct curl_slist;
struct err;

#define ADDRESS_MAX	254	/* bytes of one */
#define ADDRESSES_MAX	20	/* in a list */

/* "a@x.example, b@y.example": -1 and a sentence. */
int	address_check(const char *list, struct err *);
/* One and no more. */
bool	address_is(const char *);
/* The addresses of a list that was checked; the caller frees. */
struct curl_slist *address_list(const char *list);

#endif
