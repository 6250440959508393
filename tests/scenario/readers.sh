#!/bin/sh
# A reader that holds its transaction while writers go on: checkpoint lag, since
# when, and who, in the diagnosis and in the alert.  A writer is no reader, and a
# mark without its lock is nothing.
. "$(dirname "$0")/lib.sh"

db=$dir/app.db
lag='sqlite_checkpoint_lag_seconds{db="app"}'
frames='sqlite_checkpoint_lag_frames{db="app"}'
readers='sqlite_readers{db="app"}'
oldest='sqlite_oldest_reader_timestamp_seconds{db="app"}'

# culprit WHAT FIELD: from the API.
culprit() {
	curl -s "$agent_url/api/v1/databases" |
	    jq -r ".data[0].culprits.$1.$2 // \"\""
}

age() {
	metric "$oldest" | awk -v now="$(date +%s.%N)" '{ print ($1 > 0 ? now - $1 : 0) }'
}

tool writers --setup-only "$db"
tool writers --commits 50 --synchronous off "$db" >/dev/null
start_sink
cat >"$dir/litegauge.ini" <<INI
[database app]
path = $db
[receiver ops]
type = webhook
url  = $sink_url
[alert behind]
when = checkpoint_lag_frames > 1000
for  = 8s
INI
start_agent --config "$dir/litegauge.ini"
start_tool writers --rate 50 --duration 40 --synchronous off "$db"
writer=$tool_pid
wait_for 10 "test \"\$(metric 'sqlite_write_transactions_total{db=\"app\"}')\" -gt 20"

is "$(metric "$readers")" 0 'a writer is not called a reader'
is "$(metric "$oldest")" 0 'nor the oldest one'
wait_for 10 '[ "$(metric "sqlite_processes{db=\"app\"}")" = 1 ]' \
    'one process has it open'

start_tool reader --hold 60 --ready-file "$dir/reading" \
    --then-release-file "$dir/release" "$db"
wait_for 10 "test -s $dir/reading"
reader=$(cat "$dir/reading")
began=$(date +%s.%N)
wait_for 10 '[ "$(metric "$readers")" = 1 ]' 'the reader is seen'
wait_for 10 '[ "$(culprit oldest_reader pid)" = "$reader" ]' 'with its PID'
like "$(culprit oldest_reader command)" reader 'and its name'

# Long enough for an age to mean something.
wait_for 12 'cmp=$(age); [ "${cmp%.*}" -ge 6 ]'
held=$(awk -v a="$began" -v b="$(date +%s.%N)" 'BEGIN { print b - a }')
said=$(age)
diag "held for $held s, said $said s"
cmp_num "$said" '<=' "$(awk "BEGIN { print $held + 1.1 }")" \
    'the age is not more than an interval too much'
cmp_num "$said" '>=' "$(awk "BEGIN { print $held - 1.6 }")" \
    'nor more than an interval too little'

backlog=$(metric "$frames")
tool writers --commits 1200 --synchronous off "$db" >/dev/null
wait_for 10 "test \"\$(metric '$frames')\" -ge $((backlog + 1200))" \
    'what cannot be copied back is in the lag'
# SQLite's own word: frames in the log, frames copied back.
said=$(sqlite3 "$db" 'PRAGMA wal_checkpoint' | awk -F'|' '{ print $2 - $3 }')
off=$(($(metric "$frames") - said))
cmp_num "${off#-}" '<=' 100 'as SQLite itself counts it, but for commits since'
held=$(awk -v a="$began" -v b="$(date +%s.%N)" 'BEGIN { print b - a }')
cmp_num "$(metric "$lag")" '>=' "$(awk "BEGIN { print $held - 2.5 }")" \
    'the lag is as old as the reader'

# What is behind it, where people look and in what they are sent.
wait_for 20 'curl -s "$agent_url/api/v1/databases" |
    jq -r ".data[0].diagnoses[].name" | grep -qx pinned-reader' \
    'it is diagnosed'
told() {
	jq -r '.body | fromjson | select(.data.alert == "behind" and
	    .type == "alert.firing") | .data'"$1" "$sink_log"
}
wait_for 20 '[ -n "$(told .cause)" ]' 'an alert of it is told'
like "$(told .cause)" "^The log cannot begin again: .* of commits wait behind \
a read that PID $reader \(reader[^)]*\) has held for [0-9.]+s" \
    'with the diagnosis for a cause'
like "$(told .next_step)" '^End that request or transaction' 'and its next step'
is "$(told .culprit.pid)" "$reader" 'and who it is'

touch "$dir/release"
end_tool
wait_for 5 '[ "$(metric "$readers")" = 0 ]' 'the reader is gone'
tool writers --commits 1200 --synchronous off "$db" >/dev/null
wait_for 5 '[ "$(metric "$oldest")" = 0 ]' 'and is no culprit any more'

# Its mark stays in the wal-index after the lock is gone.
start_tool reader --mark-only --ready-file "$dir/marked" "$db"
wait_for 10 "test -s $dir/marked"
tool writers --commits 20 --synchronous off "$db" >/dev/null
wait_for 5 '[ "$(metric "$readers")" = 0 ]'
is "$(metric "$oldest")" 0 'a held mark without a lock is not a reader'
kill "$tool_pid"
end_tool || :
kill "$writer" 2>/dev/null

# One long write transaction holds a read lock too.
start_tool writers --hold 5000 --commits 1 --synchronous off "$db"
wait_for 5 '[ "$(culprit writer pid)" = "$tool_pid" ]' 'the writer is named'
wait_for 5 'test -n "$(curl -s "$agent_url/api/v1/databases" |
    jq -r ".data[0].measures.writer_hold.value | select(. > 2)")"' \
    'and how long it has held'
wait_for 2 '[ "$(metric "$readers")" = 0 ]' 'it is not called a reader'
is "$(metric "$oldest")" 0 'nor the oldest one, however long'
stop_agent
done_testing
