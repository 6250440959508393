#!/bin/sh
# What a machine can say about style, so that people need not.
# Prints "file:line  <- sentence" for each breach; any print is a failure.
set -u
cd "$(dirname "$0")/.." || exit 1
out=$(mktemp)
trap 'rm -f "$out"' EXIT
files=$(find agent collectors litestream alerts tracer tests -name '*.[ch]' | LC_ALL=C sort)

rule() {	# sentence, extended regexp
	# shellcheck disable=SC2086 # a list of files
	grep -nE "$2" $files | sed "s|\$|  <- $1|" >> "$out"
}
rule 'space at the end of a line'	'[[:space:]]+$'
rule 'indent with tabs'			'^        '
rule 'use /* */'			'^[^"]*[^:"]//'
rule 'banned function'	'\b(v?sprintf|str(cpy|cat|ncpy|tok)|gets|ato[ilf]|alloca|system|popen)\('

for f in $files; do
	expand "$f" | awk -v f="$f" '
	length > 80	{ print f ":" NR "  <- longer than 80 columns" }
	NR == 1 && !/^\/\*/ { print f ":1  <- say what the file is for" }
	END { if (NR > 400) print f "  <- longer than 400 lines" }' >> "$out"
done

# Rooms: collectors and alerts do not know each other, nor who calls them.
grep -nE '#include "(alerts|agent/(agent|store|sampler|loop|http|config|keeper|state))' collectors/*.[ch] collectors/TEMPLATE |
	sed 's|$|  <- a collector sees only small tools, batch and its own room|' >> "$out"
grep -nE '#include "(alerts|agent/(agent|store|sampler|http|config|keeper|state))' litestream/* |
	sed 's|$|  <- litestream sees only tools, the loop and the bytes of SQLite|' >> "$out"
grep -rnE '#include "(collectors|litestream|agent/(agent|store|sampler|http|config|keeper|state))' alerts |
	sed 's|$|  <- an alert sees only tools, the loop and its own room|' >> "$out"
grep -rnE '#include "(alerts|collectors|agent/(agent|store|sampler|loop|http|config|keeper|state))' tracer |
	sed 's|$|  <- the tracer sees only small tools and its own room|' >> "$out"

# prove runs them as they are.
for f in tests/scenario/*.sh tests/fault/*.sh tests/dashboards/*.sh; do
	[ -x "$f" ] || echo "$f  <- make it executable" >> "$out"
done
grep -rlE 'sqlite3_open' agent collectors litestream alerts tracer | grep -Ev '^(agent/state|collectors/probe/)' |
	sed 's|$|  <- only state.c opens anything through SQLite|' >> "$out"

# The probe runs inside apps: it takes nothing from the agent.
grep -nE '#include "' collectors/probe/* | grep -v '"collectors/probe/' |
	sed 's|$|  <- the probe knows its own room only|' >> "$out"

cat "$out"
! [ -s "$out" ]
