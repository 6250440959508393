/*
 * names - see names.h.
 */
#include "litestream/names.h"

bool
name_take_hex(const char **text, size_t n, uint64_t *ret)
{
	uint64_t v = 0;

	for (size_t i = 0; i < n; i++) {
		char c = (*text)[i];

		if (c >= '0' && c <= '9')
			v = v << 4 | (uint64_t)(c - '0');
		else if (c >= 'a' && c <= 'f')
			v = v << 4 | (uint64_t)(c - 'a' + 10);
		else
			return false;
	}
	*text += n;
	*ret = v;
	return true;
}

bool
name_is_generation(const char *name)
{
	uint64_t number;

	return name_take_hex(&name, 16, &number) && *name == '\0';
}
