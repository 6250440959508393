/*
 * sign - see sign.h.
 */
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "alerts/sign.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/secret.h"

#define SECRET_PREFIX	"whsec_"
#define VERSION_PREFIX	"v1,"
#define KEY_MIN		24	/* bytes, of the standard */
#define KEY_MAX		64
#define DIGEST_BYTES	32
#define BLANKS		" \t\r\n"

struct key {
	unsigned char	 bytes[KEY_MAX + 3];	/* what decodes has padding */
	size_t		 n;
};

/* EVP_DecodeBlock forgives blanks and counts padding: both are refused here. */
static int
decode(struct key *ret, const char *text)
{
	size_t n = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789+/");
	size_t pad = strspn(text + n, "=");
	int got;

	if (text[n + pad] != '\0' || pad > 2 || (n + pad) % 4 != 0 ||
	    (n + pad) / 4 * 3 > KEY_MAX + 2)
		return -1;
	got = EVP_DecodeBlock(ret->bytes, (const unsigned char *)text,
	    (int)(n + pad));
	if (got < 0 || (size_t)got < KEY_MIN + pad)
		return -1;
	ret->n = (size_t)got - pad;
	return ret->n <= KEY_MAX ? 0 : -1;
}

static int
read_secret(struct key *ret, const char *secret, struct err *e)
{
	size_t n = strlen(SECRET_PREFIX);

	if (strncmp(secret, SECRET_PREFIX, n) == 0 &&
	    decode(ret, secret + n) == 0)
		return 0;
	return err_set(e, "the secret must be " SECRET_PREFIX " followed by "
	    "%d to %d random bytes in base64, as printed by: echo "
	    SECRET_PREFIX "$(openssl rand -base64 32)", KEY_MIN, KEY_MAX);
}

static int
add_hmac(char ret[SIGNATURE_MAX], const struct key *key, const char *id,
    int64_t wall_s, const char *body)
{
	char *text = mem_printf("%s.%lld.%s", id, (long long)wall_s, body);
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned n = 0;
	const unsigned char *ok = HMAC(EVP_sha256(), key->bytes, (int)key->n,
	    (const unsigned char *)text, strlen(text), digest, &n);

	free(text);
	if (ok == NULL || n != DIGEST_BYTES)
		return -1;
	memcpy(ret, VERSION_PREFIX, strlen(VERSION_PREFIX));
	(void)EVP_EncodeBlock((unsigned char *)ret + strlen(VERSION_PREFIX),
	    digest, DIGEST_BYTES);
	return 0;
}

int
sign_message(char ret[SIGNATURE_MAX], const char *secret, const char *id,
    int64_t wall_s, const char *body, struct err *e)
{
	struct key key = { .n = 0 };
	int rc = read_secret(&key, secret, e);

	if (rc == 0 && add_hmac(ret, &key, id, wall_s, body) == -1)
		rc = err_set(e, "OpenSSL would not sign the message");
	OPENSSL_cleanse(&key, sizeof key);
	return rc;
}

/* Adds the signature by the secret that begins here. */
static int
add_one(struct buf *b, const char *secret, const char *id, int64_t wall_s,
    const char *body, struct err *e)
{
	char *one = mem_printf("%.*s", (int)strcspn(secret, BLANKS), secret);
	char signature[SIGNATURE_MAX];
	int rc = sign_message(signature, one, id, wall_s, body, e);

	secret_wipe(one);
	if (rc == -1)
		return -1;
	buf_addf(b, "%s%s", b->len > 0 ? " " : "", signature);
	return 0;
}

int
sign_by_all(char **ret, const char *secrets, const char *id, int64_t wall_s,
    const char *body, struct err *e)
{
	const char *c = secrets + strspn(secrets, BLANKS);
	size_t n = 0;
	struct buf b;
	int rc = 0;

	buf_init(&b, SIGN_SECRETS_MAX * (size_t)SIGNATURE_MAX);
	do {
		if (n++ == SIGN_SECRETS_MAX)
			rc = err_set(e, "there are more than %d secrets",
			    SIGN_SECRETS_MAX);
		else
			rc = add_one(&b, c, id, wall_s, body, e);
		c += strcspn(c, BLANKS);
		c += strspn(c, BLANKS);
	} while (rc == 0 && *c != '\0');
	if (rc == 0)
		*ret = buf_take(&b);
	buf_free(&b);
	return rc;
}
