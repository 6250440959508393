#!/bin/sh
# The count of write transactions is the writers' own count: through
# checkpoints, logs that begin again, last closes, short runs, and crashes.
#
# Where a machine is so busy that a whole log came and went between two of the
# agent's turns, the agent must know it: then, and only then, less is right.
. "$(dirname "$0")/lib.sh"

db=$dir/app.db
total='sqlite_write_transactions_total{db="app"}'
gaps='sqlite_write_transactions_gaps_total{db="app"}'

# sampled SINCE: there was a whole sample after that time (RFC 3339).
sampled() {
	sampled_at=$(curl -s "$agent_url/api/v1/databases" | jq -r '.data[0].at')
	[ "$(printf '%s\n%s\n' "$1" "$sampled_at" | LC_ALL=C sort | head -n 1)" = "$1" ]
}

# counted TRUTH NAME [killed]: what came in since the last call is the truth.
before=0 gaps_before=0
counted() {
	wait_for 10 "sampled '$(date -u +%Y-%m-%dT%H:%M:%S.%3NZ)'"
	counted_n=$(($(metric "$total") - before))
	counted_gaps=$(($(metric "$gaps") - gaps_before))
	before=$(metric "$total") gaps_before=$(metric "$gaps")
	diag "$2: $counted_n of $1, known gaps: $counted_gaps"
	cmp_num "$counted_n" '<=' "$1" "$2: never more than there were"
	if [ "$counted_gaps" -eq 0 ] && [ "${3:-}" != killed ]; then
		is "$counted_n" "$1" "$2: all of them"
	elif [ "$counted_gaps" -eq 0 ]; then
		# When a recovery falls between the reading of the kernel's word
		# and that of the header, and the new count has passed the old
		# one, the few in between are lost without being known.
		cmp_num "$counted_n" '>=' "$(($1 * 97 / 100))" \
		    "$2: all of them, or nearly"
	else
		cmp_num "$counted_n" '>=' "$(($1 / 2))" \
		    "$2: a lower bound, and said to be one"
	fi
}

tool writers --setup-only "$db"
start_agent --db "app=$db"

tool writers --procs 4 --commits 5000 --synchronous off "$db" >/dev/null
counted 20000 'four processes flat out'

tool writers --procs 4 --commits 2500 --rate 1000 --synchronous off \
    --reopen 250 --checkpoint restart --checkpoint-each 300 "$db" >/dev/null
counted 10000 'with last closes and forced restarts of the log'

tool writers --procs 2 --commits 500 --rate 1000 --synchronous off \
    --reopen 100 --checkpoint truncate --checkpoint-each 70 "$db" >/dev/null
counted 1000 'with the log truncated'

i=0
while [ $i -lt 50 ]; do
	tool writers --commits 100 --rate 3000 --synchronous off "$db" >/dev/null
	i=$((i + 1))
done
counted 5000 'fifty runs of an app, a hundred commits each'

# The rows are the truth here: a process that is killed cannot count its last.
rows=$(sqlite3 "$db" 'SELECT count(*) FROM t')
i=0
while [ $i -lt 10 ]; do
	start_tool writers --procs 4 --rate 300 --commits 1000000 \
	    --synchronous off --ready-file "$dir/ready.$i" "$db"
	wait_for 10 "test -e $dir/ready.$i"
	more=$(metric "$total")
	wait_for 10 "test \"\$(metric '$total')\" != '$more'"
	kill -9 "$tool_pid"
	end_tool || :
	i=$((i + 1))
done
counted $(($(sqlite3 "$db" 'SELECT count(*) FROM t') - rows)) \
    'ten times killed and recovered' killed

stop_agent

# Rollback mode has a counter of its own, in the file's header.
sqlite3 "$dir/old.db" 'PRAGMA journal_mode=DELETE; CREATE TABLE
    t(id INTEGER PRIMARY KEY, b BLOB)' >/dev/null
start_agent --db "app=$dir/old.db"
before=0 gaps_before=0
for mode in delete truncate persist; do
	tool writers --procs 2 --commits 200 --rate 400 --synchronous off \
	    --journal $mode "$dir/old.db" >/dev/null
	counted 400 "rollback mode $mode"
done
stop_agent
done_testing
