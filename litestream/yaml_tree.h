/*
 * yaml_tree - a YAML document, read as a whole, within bounds.
 *
 * libyaml does the syntax; this keeps what it says: scalars, lists and maps,
 * each with its line.  An alias stands for what it names and costs nothing, so
 * a document whose aliases multiply stays as small as its text.  Walking one
 * costs steps, and those are counted too.  As in Litestream, only the first
 * document of a text counts.
 */
#ifndef LITESTREAM_YAML_TREE_H
#define LITESTREAM_YAML_TREE_H

#include <stdbool.h>
#include <stddef.h>

struct err;

#define YAML_MAX_NODES	400000u
#define YAML_MAX_DEPTH	32u
#define YAML_MAX_STEPS	2000000u	/* pairs and entries looked at */

enum yaml_kind { YAML_NOTHING, YAML_TEXT, YAML_LIST, YAML_MAP, YAML_ALIAS };

struct yaml_tree;

/* A place in the tree; 0: none. */
typedef size_t yaml_at;

/* NULL and a sentence that begins with "line N: ". */
struct yaml_tree *yaml_tree_new(const char *text, size_t n, struct err *);
void	 yaml_tree_free(struct yaml_tree *);

yaml_at	 yaml_tree_root(const struct yaml_tree *);	/* 0: empty */
/* Of what an alias names; never YAML_ALIAS. */
enum yaml_kind yaml_tree_kind(const struct yaml_tree *, yaml_at);
unsigned yaml_tree_line(const struct yaml_tree *, yaml_at);
/* Of a YAML_TEXT. */
const char *yaml_tree_text(const struct yaml_tree *, yaml_at);
/* Neither quoted nor tagged: may be a null, a flag or a number. */
bool	 yaml_tree_is_plain(const struct yaml_tree *, yaml_at);
/* Of a list; in a map keys and values take turns. */
yaml_at	 yaml_tree_first(const struct yaml_tree *, yaml_at);
yaml_at	 yaml_tree_next(const struct yaml_tree *, yaml_at);

/* One pair; not 0 ends the walk. */
typedef int yaml_pair_fn(void *arg, const char *key, yaml_at value,
	    struct err *);
/* The pairs of a map in their order, and where a "<<" stands those that it
 * brings.  -1 from the function, or with a sentence. */
int	 yaml_tree_each(struct yaml_tree *, yaml_at map, yaml_pair_fn *,
	    void *arg, struct err *);

#endif
