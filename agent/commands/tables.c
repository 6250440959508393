/*
 * tables - the tables of the code, printed for the manual.
 *
 * The manuals include what these functions print, so a row that is added to the
 * code is a row of the manual; nobody writes it twice.
 */
#include <stdio.h>
#include <string.h>

#include "agent/commands/commands.h"
#include "agent/config/options.h"
#include "agent/pages/http.h"
#include "agent/pages/self.h"
#include "alerts/receiver.h"
#include "alerts/rule.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/measure.h"
#include "collectors/collector.h"

/* A line of text in mdoc: what would be a request or an escape is neither. */
static void
print_text(const char *text)
{
	if (*text == '.' || *text == '\'')
		fputs("\\&", stdout);
	for (; *text != '\0'; text++) {
		if (*text == '\\')
			fputs("\\e", stdout);
		else
			putchar(*text);
	}
	putchar('\n');
}

static void
print_item(const char *head, const char *rest, const char *text)
{
	printf(".It %s%s%s\n", head, rest[0] != '\0' ? " " : "", rest);
	print_text(text);
}

static void
print_commands(void)
{
	for (const struct command *c = commands; c->name != NULL; c++) {
		printf(".It Cm %s%s%s\n", c->name, c->args[0] ? " " : "",
		    c->args);
		print_text(c->help);
	}
}

static void
print_flags(void)
{
	for (const struct flag *f = flags; f->name != NULL; f++) {
		printf(".It Fl -%s%s%s\n", f->name, f->arg ? " Ar " : "",
		    f->arg ? f->arg : "");
		print_text(f->help);
	}
}

static void
print_options(void)
{
	for (const struct section_kind *k = section_kinds; k->kind; k++) {
		printf(".Ss [%s%s]\n", k->kind, k->named ? " NAME" : "");
		print_text(k->help);
		printf(".Bl -tag -width Ds\n");
		for (const struct option *o = options; o->section; o++) {
			if (strcmp(o->section, k->kind) != 0)
				continue;
			printf(".It Ic %s\n", o->key);
			print_text(o->help);
			if (o->fallback != NULL)
				printf("Default:\n.Li %s .\n", o->fallback);
		}
		printf(".El\n");
	}
}

static void
print_measures(void)
{
	for (size_t i = 0; i < MEASURE_COUNT; i++)
		print_item(measures[i].name, "", measures[i].help);
}

static const char *const kind_names[] = {
	[METRIC_GAUGE] = "gauge", [METRIC_COUNTER] = "counter",
	[METRIC_INFO] = "info",
};

/* The first row of its family: several sources, or labels, make one. */
static bool
is_first(const struct metric *m)
{
	for (size_t i = 0; i < collectors_count; i++)
		for (size_t j = 0; j < collectors[i]->nmetrics; j++)
			if (strcmp(collectors[i]->metrics[j].name,
			    m->name) == 0)
				return m == &collectors[i]->metrics[j];
	return true;
}

static void
print_metrics(void)
{
	for (size_t i = 0; i < collectors_count; i++)
		for (size_t j = 0; j < collectors[i]->nmetrics; j++) {
			const struct metric *m = &collectors[i]->metrics[j];

			if (is_first(m))
				print_item(m->name, kind_names[m->kind],
				    m->help);
		}
	for (const struct self *s = self_families; s->metric.name; s++)
		print_item(s->metric.name, kind_names[s->metric.kind],
		    s->metric.help);
}

static void
print_pages(void)
{
	for (const struct page *p = pages; p->path != NULL; p++)
		print_item(p->path, p->methods, p->help);
}

static void
print_rules(void)
{
	for (const struct rule_text *t = builtin_rules; t->name; t++) {
		struct buf text;
		struct rule r;
		struct err e;

		if (rule_parse(&r, t, NULL, &e) == -1)
			continue;	/* no: they are tested */
		buf_init(&text, 4096);
		rule_print(&text, &r);
		buf_adds(&text, ".");
		print_item(t->name, "", text.data);
		buf_free(&text);
		rule_done(&r);
	}
}

static void
print_receivers(void)
{
	for (size_t i = 0; receiver_types[i] != NULL; i++)
		print_item(receiver_types[i]->name, "",
		    receiver_types[i]->help);
}

int
tables_print(const char *name)
{
	static const struct {
		const char	*name;
		void		(*print)(void);
	} tables[] = {
		{ "commands",	print_commands },
		{ "flags",	print_flags },
		{ "options",	print_options },
		{ "measures",	print_measures },
		{ "metrics",	print_metrics },
		{ "pages",	print_pages },
		{ "rules",	print_rules },
		{ "receivers",	print_receivers },
	};

	for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
		if (strcmp(tables[i].name, name) != 0)
			continue;
		tables[i].print();
		return 0;
	}
	return -1;
}
