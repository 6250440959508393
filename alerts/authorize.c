/*
 * authorize - see authorize.h.
 */
#include <openssl/evp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "alerts/authorize.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/secret.h"

/* A line end in it would begin a header of its own. */
static bool
fits_in_a_header(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return false;
	return true;
}

static int
add_bearer(struct request *q, const char *token, struct err *e)
{
	if (*token == '\0' || !fits_in_a_header(token))
		return err_set(e, "the token is empty or has control "
		    "characters");
	request_header(q, "Authorization: Bearer %s", token);
	return 0;
}

static void
add_basic(struct request *q, const char *username, const char *password)
{
	char *pair = mem_printf("%s:%s", username, password);
	size_t n = strlen(pair);
	char *code = mem_new(1, (n + 2) / 3 * 4 + 1);

	(void)EVP_EncodeBlock((unsigned char *)code,
	    (const unsigned char *)pair, (int)n);
	request_header(q, "Authorization: Basic %s", code);
	secret_wipe(pair);
	secret_wipe(code);
}

static int
add_pair(struct request *q, const char *username, const char *password,
    struct err *e)
{
	if ((username == NULL) != (password == NULL))
		return err_set(e, "username and password go together");
	if (username == NULL)
		return 0;
	if (strchr(username, ':') != NULL)
		return err_set(e, "a username has no colon");
	add_basic(q, username, password);
	return 0;
}

int
authorize(struct request *q, const struct receiver *r, struct err *e)
{
	char *token = NULL, *username = NULL, *password = NULL;
	int rc = -1;

	if (receiver_text(r, RECEIVER_TOKEN, &token, e) == -1 ||
	    receiver_text(r, RECEIVER_USERNAME, &username, e) == -1 ||
	    receiver_text(r, RECEIVER_PASSWORD, &password, e) == -1)
		goto out;
	if (token == NULL)
		rc = add_pair(q, username, password, e);
	else if (username == NULL && password == NULL)
		rc = add_bearer(q, token, e);
	else
		rc = err_set(e, "it has both a token and a username");
out:
	secret_wipe(token);
	secret_wipe(username);
	secret_wipe(password);
	return rc;
}
