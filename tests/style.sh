#!/bin/sh
# What a machine can say about style, so that people need not.
# Prints "file:line  <- sentence" for each breach; any print is a failure.
set -u
cd "$(dirname "$0")/.." || exit 1
out=$(mktemp)
trap 'rm -f "$out"' EXIT
files=$(find base agent collectors litestream alerts tracer tests -name '*.[ch]' | LC_ALL=C sort)

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

# Rooms: each sees those it stands on.  The agent alone knows all of them;
# collectors and alerts do not know each other.
room() {	# name, sentence, rooms it sees as an alternation
	grep -rnE '#include "[a-z]+/' "$1" | grep -vE "#include \"($3)/" |
		sed "s|\$|  <- $2|" >> "$out"
}
room base 'base sees nothing but itself' 'base'
room tracer 'the tracer sees only base and its own room' 'base|tracer'
room alerts 'an alert sees only base and its own room' 'base|alerts'
room litestream 'litestream sees only base, its own room and the bytes of SQLite' \
	'base|litestream|collectors'
room collectors 'a collector sees neither the agent nor an alert' \
	'base|collectors|litestream|tracer'

# prove runs them as they are.
for f in tests/scenario/*.sh tests/fault/*.sh tests/dashboards/*.sh; do
	[ -x "$f" ] || echo "$f  <- make it executable" >> "$out"
done
grep -rlE 'sqlite3_open' base agent collectors litestream alerts tracer | grep -Ev '^(agent/state/|collectors/probe/)' |
	sed 's|$|  <- only state.c opens anything through SQLite|' >> "$out"

# The probe runs inside apps: it takes nothing from the agent.
grep -nE '#include "' collectors/probe/* | grep -v '"collectors/probe/' |
	sed 's|$|  <- the probe knows its own room only|' >> "$out"

cat "$out"
! [ -s "$out" ]
