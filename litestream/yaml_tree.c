/*
 * yaml_tree - see yaml_tree.h.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <yaml.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "litestream/yaml_tree.h"

/* Places are indices from 1 on, so that the array may move while it grows. */
struct node {
	enum yaml_kind	 kind;
	bool		 plain;
	uint32_t	 line;
	uint32_t	 first, next;
	uint32_t	 text;	/* offset in texts; of an alias: its target */
};

struct yaml_tree {
	struct node	*nodes;	/* owned; nodes[0] is no place */
	size_t		 n, cap;
	struct buf	 texts;
	size_t		 steps;
};

struct anchor {
	uint32_t	 name;	/* offset in texts */
	uint32_t	 node;
};

/* While it is read: the open lists and maps, each with its last child. */
struct reading {
	struct yaml_tree *tree;
	struct anchor	*anchors;	/* owned */
	size_t		 nanchors, cap;
	struct {
		uint32_t	 node, last;
	}		 open[YAML_MAX_DEPTH + 1];
	size_t		 depth;
	bool		 done;
};

static uint32_t
add_text(struct yaml_tree *t, const void *text, size_t n)
{
	uint32_t at = (uint32_t)t->texts.len;

	buf_add(&t->texts, text, n);
	buf_add(&t->texts, "", 1);
	return at;
}

static void
add_anchor(struct reading *r, uint32_t node, const char *name)
{
	MEM_ROOM(r->anchors, r->nanchors, r->cap);
	r->anchors[r->nanchors++] = (struct anchor){
		.name = add_text(r->tree, name, strlen(name)),
		.node = node,
	};
}

/* A node at the end of whatever is open; 0: too many of them. */
static uint32_t
add_node(struct reading *r, enum yaml_kind kind, const yaml_event_t *event,
    const yaml_char_t *anchor)
{
	struct yaml_tree *t = r->tree;
	uint32_t at = (uint32_t)t->n;

	if (t->n > YAML_MAX_NODES)
		return 0;
	MEM_ROOM(t->nodes, t->n, t->cap);
	t->nodes[t->n++] = (struct node){
		.kind = kind,
		.line = (uint32_t)event->start_mark.line + 1,
	};
	if (anchor != NULL)
		add_anchor(r, at, (const char *)anchor);
	if (r->depth > 0) {
		if (r->open[r->depth].last != 0)
			t->nodes[r->open[r->depth].last].next = at;
		else
			t->nodes[r->open[r->depth].node].first = at;
		r->open[r->depth].last = at;
	}
	return at;
}

static int
refuse(const yaml_event_t *event, const char *why, struct err *e)
{
	return err_set(e, "line %zu: %s", event->start_mark.line + 1, why);
}

static int
on_scalar(struct reading *r, const yaml_event_t *event, struct err *e)
{
	const char *text = (const char *)event->data.scalar.value;
	size_t n = event->data.scalar.length;
	uint32_t at = add_node(r, YAML_TEXT, event,
	    event->data.scalar.anchor);

	if (at == 0)
		return refuse(event, "too many entries", e);
	if (memchr(text, '\0', n) != NULL)
		return refuse(event, "a NUL byte", e);
	r->tree->nodes[at].plain = event->data.scalar.tag == NULL &&
	    event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	r->tree->nodes[at].text = add_text(r->tree, text, n);
	return 0;
}

static int
begin(struct reading *r, enum yaml_kind kind, const yaml_event_t *event,
    const yaml_char_t *anchor, struct err *e)
{
	uint32_t at;

	if (r->depth == YAML_MAX_DEPTH)
		return refuse(event, "nested too deeply", e);
	at = add_node(r, kind, event, anchor);
	if (at == 0)
		return refuse(event, "too many entries", e);
	r->depth++;
	r->open[r->depth].node = at;
	r->open[r->depth].last = 0;
	return 0;
}

static int
on_list(struct reading *r, const yaml_event_t *event, struct err *e)
{
	return begin(r, YAML_LIST, event, event->data.sequence_start.anchor,
	    e);
}

static int
on_map(struct reading *r, const yaml_event_t *event, struct err *e)
{
	return begin(r, YAML_MAP, event, event->data.mapping_start.anchor, e);
}

static int
on_end(struct reading *r, const yaml_event_t *event, struct err *e)
{
	(void)event;
	(void)e;
	r->depth--;
	return 0;
}

/* The newest node of that name; an anchor may be used again. */
static int
on_alias(struct reading *r, const yaml_event_t *event, struct err *e)
{
	const char *name = (const char *)event->data.alias.anchor;
	struct yaml_tree *t = r->tree;
	size_t i = r->nanchors;
	uint32_t at;

	do {
		if (i-- == 0)
			return refuse(event, "an alias without its anchor", e);
		if (t->steps++ > YAML_MAX_STEPS)
			return refuse(event, "too many aliases", e);
	} while (buf_ok(&t->texts) &&
	    strcmp(t->texts.data + r->anchors[i].name, name) != 0);
	at = add_node(r, YAML_ALIAS, event, NULL);
	if (at == 0)
		return refuse(event, "too many entries", e);
	t->nodes[at].text = r->anchors[i].node;
	return 0;
}

static int
on_document_end(struct reading *r, const yaml_event_t *event, struct err *e)
{
	(void)event;
	(void)e;
	r->done = true;
	return 0;
}

typedef int on_fn(struct reading *, const yaml_event_t *, struct err *);

static on_fn *
handler_of(yaml_event_type_t type)
{
	static on_fn *const handlers[] = {
		[YAML_SCALAR_EVENT]	    = on_scalar,
		[YAML_ALIAS_EVENT]	    = on_alias,
		[YAML_SEQUENCE_START_EVENT] = on_list,
		[YAML_SEQUENCE_END_EVENT]   = on_end,
		[YAML_MAPPING_START_EVENT]  = on_map,
		[YAML_MAPPING_END_EVENT]    = on_end,
		[YAML_DOCUMENT_END_EVENT]   = on_document_end,
		[YAML_STREAM_END_EVENT]	    = on_document_end,
	};

	return (size_t)type < sizeof handlers / sizeof *handlers ?
	    handlers[type] : NULL;
}

static int
read_all(struct reading *r, yaml_parser_t *parser, struct err *e)
{
	while (!r->done) {
		yaml_event_t event;
		on_fn *on;
		int status;

		if (!yaml_parser_parse(parser, &event))
			return err_set(e, "line %zu: %s",
			    parser->problem_mark.line + 1,
			    parser->problem != NULL ? parser->problem :
			    "not YAML");
		on = handler_of(event.type);
		status = on != NULL ? on(r, &event, e) : 0;
		yaml_event_delete(&event);
		if (status == -1)
			return -1;
	}
	return buf_ok(&r->tree->texts) ? 0 : err_set(e, "line 1: too long");
}

struct yaml_tree *
yaml_tree_new(const char *text, size_t n, struct err *e)
{
	struct reading r = { 0 };
	yaml_parser_t parser;
	int status;

	NEW(r.tree);
	/* No scalar is longer than what it was written as, but for UTF-16. */
	buf_init(&r.tree->texts, 2 * n + YAML_MAX_NODES);
	buf_add(&r.tree->texts, "", 1);
	MEM_ROOM(r.tree->nodes, r.tree->n, r.tree->cap);
	r.tree->nodes[r.tree->n++] = (struct node){ .kind = YAML_NOTHING };
	if (!yaml_parser_initialize(&parser)) {
		yaml_tree_free(r.tree);
		err_set(e, "line 1: no memory to read it");
		return NULL;
	}
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, n);
	status = read_all(&r, &parser, e);
	yaml_parser_delete(&parser);
	free(r.anchors);
	if (status == -1) {
		yaml_tree_free(r.tree);
		return NULL;
	}
	r.tree->steps = 0;
	return r.tree;
}

void
yaml_tree_free(struct yaml_tree *t)
{
	if (t == NULL)
		return;
	buf_free(&t->texts);
	free(t->nodes);
	free(t);
}

yaml_at
yaml_tree_root(const struct yaml_tree *t)
{
	return t->n > 1 ? 1 : 0;
}

/* An alias names a node that is none. */
static const struct node *
node_of(const struct yaml_tree *t, yaml_at at)
{
	if (t->nodes[at].kind == YAML_ALIAS)
		at = t->nodes[at].text;
	return &t->nodes[at];
}

enum yaml_kind
yaml_tree_kind(const struct yaml_tree *t, yaml_at at)
{
	return node_of(t, at)->kind;
}

unsigned
yaml_tree_line(const struct yaml_tree *t, yaml_at at)
{
	return t->nodes[at].line;
}

const char *
yaml_tree_text(const struct yaml_tree *t, yaml_at at)
{
	return t->texts.data + node_of(t, at)->text;
}

bool
yaml_tree_is_plain(const struct yaml_tree *t, yaml_at at)
{
	return node_of(t, at)->plain;
}

yaml_at
yaml_tree_first(const struct yaml_tree *t, yaml_at at)
{
	return node_of(t, at)->first;
}

yaml_at
yaml_tree_next(const struct yaml_tree *t, yaml_at at)
{
	return t->nodes[at].next;
}

/* A walk over a map, and the maps that it takes in. */
struct walk {
	struct yaml_tree *tree;
	yaml_pair_fn	*fn;
	void		*arg;
	unsigned	 depth;
};

static int walk_map(struct walk *, yaml_at, struct err *);

/* Of a list the first has the last word, so it comes last. */
static int
walk_merged(struct walk *w, yaml_at from, struct err *e)
{
	yaml_at maps[YAML_MAX_DEPTH];
	size_t n = 0;

	if (yaml_tree_kind(w->tree, from) != YAML_LIST)
		return walk_map(w, from, e);
	for (yaml_at at = yaml_tree_first(w->tree, from); at != 0;
	    at = yaml_tree_next(w->tree, at)) {
		if (n == YAML_MAX_DEPTH)
			return err_set(e, "line %u: too many maps to merge",
			    yaml_tree_line(w->tree, at));
		maps[n++] = at;
	}
	while (n > 0)
		if (walk_map(w, maps[--n], e) == -1)
			return -1;
	return 0;
}

/* Recurses into merged maps, YAML_MAX_DEPTH deep. */
static int
walk_map(struct walk *w, yaml_at map, struct err *e)
{
	struct yaml_tree *t = w->tree;
	int status = 0;

	if (yaml_tree_kind(t, map) != YAML_MAP || w->depth == YAML_MAX_DEPTH)
		return err_set(e, "line %u: not a map that can be merged",
		    yaml_tree_line(t, map));
	w->depth++;
	for (yaml_at key = yaml_tree_first(t, map); key != 0 && status == 0; ) {
		yaml_at value = yaml_tree_next(t, key);
		const char *name = yaml_tree_kind(t, key) == YAML_TEXT ?
		    yaml_tree_text(t, key) : "";

		if (t->steps++ > YAML_MAX_STEPS)
			return err_set(e, "line %u: too many aliases",
			    yaml_tree_line(t, key));
		status = strcmp(name, "<<") == 0 &&
		    yaml_tree_is_plain(t, key) ? walk_merged(w, value, e) :
		    w->fn(w->arg, name, value, e);
		key = yaml_tree_next(t, value);
	}
	w->depth--;
	return status;
}

int
yaml_tree_each(struct yaml_tree *t, yaml_at map, yaml_pair_fn *fn, void *arg,
    struct err *e)
{
	struct walk w = { .tree = t, .fn = fn, .arg = arg };

	return walk_map(&w, map, e);
}
