/*
 * yaml_fields - a struct filled from a map, by a table of its keys.
 *
 * As Go's yaml.v2 fills Litestream's: unknown keys are passed over, of two
 * equal keys the last counts, a null says nothing, and a value of the wrong
 * kind is an error with its line.  Values never appear in an error: they may be
 * secret.
 */
#ifndef LITESTREAM_YAML_FIELDS_H
#define LITESTREAM_YAML_FIELDS_H

#include <stddef.h>
#include <stdint.h>

#include "litestream/yaml_tree.h"

struct err;

#define YAML_MAX_VALUE	4096u	/* bytes of one that is read */

enum yaml_field_kind {
	YAML_FIELD_TEXT,	/* const char *, in the tree; NULL: not said */
	YAML_FIELD_FLAG,	/* enum yaml_flag */
	YAML_FIELD_TIME,	/* int64_t, ns; YAML_NO_TIME: not said */
	YAML_FIELD_LIST,	/* yaml_at; 0: not said */
	YAML_FIELD_MAP,		/* the same */
	YAML_FIELD_KIND_COUNT
};

enum yaml_flag { YAML_UNSAID, YAML_FALSE, YAML_TRUE };

#define YAML_NO_TIME	INT64_MIN

struct yaml_field {
	const char	*key;
	enum yaml_field_kind kind;
	size_t		 offset;
};

/* Only what the map says is set in ret. */
int	yaml_fields_read(struct yaml_tree *, yaml_at map,
	    const struct yaml_field *, size_t n, void *ret, struct err *);

#endif
