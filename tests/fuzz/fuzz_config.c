/*
 * Any bytes at all must be refused or understood, never anything else.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/config/config.h"
#include "agent/config/options.h"

int	LLVMFuzzerTestOneInput(const unsigned char *, size_t);

/* What was understood can be asked for, whatever it is. */
static void
ask_all(const struct config *c)
{
	for (size_t i = 0; i < c->nsections; i++)
		for (size_t k = 0; k < c->sections[i].nsettings; k++) {
			const struct section *s = &c->sections[i];
			const struct option *o = s->settings[k].option;

			if (section_line(s, o->key) < 0)
				abort();
			if (o->type == OPTION_DURATION)
				(void)section_ms(s, o->key);
			if (o->type == OPTION_FLAG)
				(void)section_flag(s, o->key);
		}
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t n)
{
	char *text = malloc(n + 1);
	struct config c;

	if (text == NULL)
		return 0;
	memcpy(text, data, n);
	text[n] = '\0';
	if (config_parse(&c, "f", text) == 0)
		ask_all(&c);
	else if (config_errors(&c)[0] == '\0')
		abort();
	config_free(&c);
	free(text);
	return 0;
}
