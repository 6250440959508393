/*
 * What a configuration file may say, and the sentence for each way to be wrong.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agent/config/config.h"
#include "base/mem.h"

#define S50	"aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeee"
#define S200	S50 S50 S50 S50

/* Good files, and one value of each; a NULL value: nothing was said. */
static const struct {
	const char	*story, *text, *kind, *name, *key, *value;
} good[] = {
	{ "an empty file has defaults", "",
	  "agent", "", "listen", "127.0.0.1:10925" },
	{ "comments alone", "; one\n# two\n  ; three\n",
	  "agent", "", "interval", "1s" },
	{ "a key of [agent]", "[agent]\ninterval = 500ms\n",
	  "agent", "", "interval", "500ms" },
	{ "a named section", "[database app]\npath = /data/app.db\n",
	  "database", "app", "path", "/data/app.db" },
	{ "a key nobody gave", "[database app]\npath = /a\n",
	  "database", "app", "interval", NULL },
	{ "a name with spaces", "[ database  my app ]\npath = /a\n",
	  "database", "my app", "path", "/a" },
	{ "a name in UTF-8", "[database caf\xc3\xa9]\npath=/a\n",
	  "database", "caf\xc3\xa9", "path", "/a" },
	{ "a comment behind a section", "[database a] ; why\npath = /a\n",
	  "database", "a", "path", "/a" },
	{ "a comment behind a value", "[database a]\npath = /a ; why\n",
	  "database", "a", "path", "/a" },
	{ "';' inside a value", "[agent]\nurl = http://h/?a=1;b=2\n",
	  "agent", "", "url", "http://h/?a=1;b=2" },
	{ "'#' inside a value", "[agent]\nurl = http://h/#top\n",
	  "agent", "", "url", "http://h/#top" },
	{ "'=' and ':' inside a value", "[agent]\nurl=http://h:1/?a=b\n",
	  "agent", "", "url", "http://h:1/?a=b" },
	{ "a colon instead of '='", "[database a]\npath: /a\n",
	  "database", "a", "path", "/a" },
	{ "lines that end as Windows ends them",
	  "[database a]\r\npath = /a\r\n", "database", "a", "path", "/a" },
	{ "no end of the last line", "[database a]\npath = /a",
	  "database", "a", "path", "/a" },
	{ "a byte order mark", "\xef\xbb\xbf[agent]\ninterval = 2s\n",
	  "agent", "", "interval", "2s" },
	{ "a section without keys", "[alert write-rate]\n",
	  "alert", "write-rate", "when", NULL },
	{ "the same name for two kinds",
	  "[database a]\npath = /a\n[alert a]\nfor = 5m\n",
	  "alert", "a", "for", "5m" },
	{ "[agent] behind others",
	  "[database a]\npath=/a\n[agent]\nhistory=no\n",
	  "agent", "", "history", "no" },
	{ "IPv6", "[agent]\nlisten = [::1]:0\n",
	  "agent", "", "listen", "[::1]:0" },
	{ "a long comment", "; " S200 "\n[agent]\ninterval = 3s\n",
	  "agent", "", "interval", "3s" },
	{ "a path with spaces inside", "[database a]\npath = /a b/c.db\n",
	  "database", "a", "path", "/a b/c.db" },
	{ "tabs around '='", "[database a]\npath\t=\t/a\t; tab\n",
	  "database", "a", "path", "/a" },
	{ "braces", "[alert a]\nmessage = Ask {db}'s owner; {value}\n",
	  "alert", "a", "message", "Ask {db}'s owner; {value}" },
	{ "a secret", "[receiver r]\ntype=webhook\nsecret = whsec_QQ==\n",
	  "receiver", "r", "secret", "whsec_QQ==" },
};

/* Bad files, and all that is said about each. */
static const struct {
	const char	*story, *text, *errors;
} bad[] = {
	{ "a key too near to another", "[agent]\nlisen = 1\n",
	  "f:2: [agent] has no key \"lisen\": did you mean \"listen\"?\n" },
	{ "two letters exchanged", "[alert a]\nseverty = info\n",
	  "f:2: [alert] has no key \"severty\": did you mean \"severity\"?\n" },
	{ "capitals", "[agent]\nListen = 127.0.0.1:1\n",
	  "f:2: [agent] has no key \"Listen\": did you mean \"listen\"?\n" },
	{ "a key of another section", "[agent]\nsecret_file = /x\n",
	  "f:2: [agent] has no key \"secret_file\"\n" },
	{ "what may be a secret is not repeated",
	  "[receiver r]\ntype = webhook\nwhsec_MfKQ9r8G==\n",
	  "f:3: [receiver] has no such key\n" },
	{ "nor is it without '='", "[receiver r]\ntype=x\nwhsec_MfKQ9r8G\n",
	  "f:3: this is not \"key = value\"\n" },
	{ "'=' forgotten before a URL", "[agent]\nurl http://h/x\n",
	  "f:2: this is not \"key = value\"\n" },
	{ "no key", "[agent]\n= 1s\n", "f:2: this is not \"key = value\"\n" },
	{ "a bare word at the end", "[agent]\nnonsense",
	  "f:2: this is not \"key = value\"\n" },
	{ "no value", "[agent]\ninterval =\n",
	  "f:2: interval: no value is given\n" },
	{ "a value that is a comment", "[agent]\ninterval = ; 5s\n",
	  "f:2: interval: no value is given\n" },
	{ "an empty secret", "[receiver r]\ntype=x\nsecret =\n",
	  "f:3: secret: no value is given\n" },
	{ "quotes", "[database a]\npath = \"/a\"\n",
	  "f:2: path: write the value without quotes\n" },
	{ "a home directory", "[database a]\npath = ~/a.db\n",
	  "f:2: path: \"~\" has no meaning here, write the whole path\n" },
	{ "a kind nobody knows", "[targets a]\npath = /a\nb = c\n",
	  "f:1: there is no section [targets]\n" },
	{ "a kind nearly right", "[databse a]\npath = /a\n",
	  "f:1: there is no [databse]: did you mean [database]?\n" },
	{ "no name", "[database]\npath = /a\n",
	  "f:1: [database] needs a name: [database NAME]\n" },
	{ "a name too many", "[agent one]\ninterval = 5s\n",
	  "f:1: [agent] has no name of its own\n" },
	{ "no kind", "[]\n", "f:1: there is no section []\n" },
	{ "a section twice",
	  "[database a]\npath = /a\n\n[database a]\npath = /b\n",
	  "f:4: [database a] is already on line 1\n" },
	{ "and three times", "[alert a]\n[alert b]\n[alert a]\n[alert a]\n",
	  "f:3: [alert a] is already on line 1\n"
	  "f:4: [alert a] is already on line 1\n" },
	{ "[agent] twice", "[agent]\n[agent]\n",
	  "f:2: [agent] is already on line 1\n" },
	{ "a key twice", "[database a]\npath = /a\npath = /b\n",
	  "f:3: path is already on line 2\n" },
	{ "a wrong key twice", "[agent]\ninterval = x1\ninterval = 1s\n",
	  "f:2: interval: \"x1\" is not a duration: write it as in \"5m\"; "
	  "units: ms s m h d w\n"
	  "f:3: interval is already on line 2\n" },
	{ "a path is missing", "[agent]\n[database a]\n\n",
	  "f:2: [database a] has no path\n" },
	{ "so is a type", "[receiver ops]\nurl = http://h/\n",
	  "f:1: [receiver ops] has no type\n" },
	{ "two are missing", "[replica r]\n",
	  "f:1: [replica r] has no database\n" },
	{ "a wrong one is not missing", "[database a]\npath =\n",
	  "f:2: path: no value is given\n" },
	{ "an indented line", "[agent]\ninterval = 1s\n  lisen = 1\n",
	  "f:3: begins with a space, which would add it to the line before: "
	  "begin it in the first column, a value has one line\n" },
	{ "an indented section", " [agent]\n",
	  "f:1: begins with a space, which would add it to the line before: "
	  "begin it in the first column, a value has one line\n" },
	{ "a key before any section", "interval = 1s\nlisten = x\n",
	  "f:1: there is no section before this: begin with [agent]\n" },
	{ "no bracket", "[database a\npath = /a\n",
	  "f:1: the section's name has no \"]\" at its end\n" },
	{ "a key behind the bracket", "[agent] interval = 1s\n",
	  "f:1: there is something behind the section's \"]\": begin a new "
	  "line\n" },
	{ "a name of 50 characters", "[" S50 "]\npath = /a\n",
	  "f:1: the section's name is longer than 49 characters\n" },
	{ "a name that is not UTF-8", "[database caf\xe9]\npath = /a\n",
	  "f:1: the section's name is not UTF-8\n" },
	{ "a line of 206", "[agent]\nurl = " S200 "\ninterval = 1\n",
	  "f:2: longer than 198 characters\n"
	  "f:3: interval: \"1\" has no unit: write \"1s\" for seconds\n" },
	{ "an escape sequence", "[database a]\npath = /\x1b[2J\n",
	  "f:2: holds a control character\n"
	  "f:1: [database a] has no path\n" },
	{ "too short", "[agent]\ninterval = 10ms\n",
	  "f:2: interval: 10ms is too short, the least is 100ms\n" },
	{ "too long", "[agent]\ninterval = 2h\n",
	  "f:2: interval: 2h is too long, the most is 1h\n" },
	{ "neither yes nor no", "[agent]\nhistory = maybe\n",
	  "f:2: history: \"maybe\" is neither yes nor no\n" },
	{ "a choice nobody knows", "[agent]\ntrace = bad\n",
	  "f:2: trace: \"bad\" is none of: auto sleeps bursts always no\n" },
	{ "a port alone", "[agent]\nlisten = 10925\n",
	  "f:2: listen: \"10925\" is not an address and a port in numbers, "
	  "such as 127.0.0.1:10925 or [::1]:10925\n" },
	{ "all at once", "[agent]\nx = 1\nhistory = 2\n[what]\n[database d]\n",
	  "f:2: [agent] has no key \"x\"\n"
	  "f:3: history: \"2\" is neither yes nor no\n"
	  "f:4: there is no section [what]\n"
	  "f:5: [database d] has no path\n" },
};

static const struct section *
named(const struct config *c, const char *kind, const char *name)
{
	const struct section *s = NULL;

	while ((s = config_next(c, kind, s)) != NULL)
		if (strcmp(s->name, name) == 0)
			return s;
	return NULL;
}

static void
test_good(void **state)
{
	const struct section *s;
	struct config c;

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		print_message("# %s\n", good[i].story);
		(void)config_parse(&c, "f", good[i].text);
		assert_string_equal(config_errors(&c), "");
		s = named(&c, good[i].kind, good[i].name);
		assert_non_null(s);
		if (good[i].value == NULL)
			assert_null(section_text(s, good[i].key));
		else
			assert_string_equal(section_text(s, good[i].key),
			    good[i].value);
		config_free(&c);
	}
}

static void
test_bad(void **state)
{
	struct config c;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		print_message("# %s\n", bad[i].story);
		assert_int_equal(config_parse(&c, "f", bad[i].text), -1);
		assert_string_equal(config_errors(&c), bad[i].errors);
		config_free(&c);
	}
}

/* Warnings stop nothing, and there is an end to them as well. */
static void
test_warnings(void **state)
{
	struct config c;

	(void)state;
	assert_int_equal(config_parse(&c, "f", ""), 0);
	assert_string_equal(config_warnings(&c), "");
	config_warn(&c, 3, "one of %d", 2);
	config_warn(&c, 0, "two");
	assert_string_equal(config_warnings(&c),
	    "f:3: warning: one of 2\nwarning: two\n");
	assert_string_equal(config_errors(&c), "");
	assert_int_equal(c.nerrors, 0);
	for (int i = 0; i < 100; i++)
		config_warn(&c, 4, "more");
	assert_int_equal(c.nwarnings, 102);
	assert_non_null(strstr(config_warnings(&c), "\nand 52 more "
	    "warnings\n"));
	assert_null(strstr(config_warnings(&c), "and 51 more"));
	config_error(&c, 5, "an error");
	assert_string_equal(config_errors(&c), "f:5: an error\n");
	config_free(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_warnings),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
