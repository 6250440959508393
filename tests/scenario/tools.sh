#!/bin/sh
# The tools that everything else is measured against, measured themselves.
# Without the agent: what they say is compared with what SQLite says.
# shellcheck disable=SC2016,SC2034,SC2317
# shellcheck source=tests/scenario/lib.sh
. "$(dirname "$0")/lib.sh"

db=$dir/app.db

sql() {
	sqlite3 -batch "$1" "$2"
}

# What a tool printed: said NAME FILE
said() {
	awk -v name="$1" '$1 == name { print $2 }' "$2"
}

# SQLite's own counters: of commits in the -shm, of changes in the file.
shm_commits() {
	od -An -tu4 -j8 -N4 "$db-shm" | tr -d ' '
}

file_changes() {
	od -An -tu4 --endian=big -j24 -N4 "$1" | tr -d ' '
}

# 0 when the checkpoint was complete, 1 when somebody was in its way.
checkpoint_busy() {
	sql "$db" 'PRAGMA wal_checkpoint(TRUNCATE)' | cut -d'|' -f1
}

# ---- writers --------------------------------------------------------------

ok 'tool writers --setup-only "$db"' 'a table can be made beforehand'
is "$(sql "$db" 'PRAGMA journal_mode')" wal 'in WAL mode'
is "$(sql "$db" 'SELECT count(*) FROM t')" 0 'and is empty'

tool writers --procs 4 --commits 250 --reopen 7 --synchronous off "$db" \
	>"$dir/out"
is "$?" 0 'four processes write and reopen'
is "$(said commits "$dir/out")" 1000 'each commit is counted'
is "$(said rows "$dir/out")" 1000 'and is a row to them'
is "$(sql "$db" 'SELECT count(*) FROM t')" 1000 'and to sqlite3'

# A connection that stays keeps the counter of the -shm going.
start_tool reader --mark-only --ready-file "$dir/ready" "$db"
wait_for 10 '[ -s "$dir/ready" ]'
for how in '--procs 3 --threads 2 --commits 100' \
	'--procs 2 --commits 50 --update --seed-rows 5' \
	'--commits 60 --hold 1 --reopen 5 --psow0' \
	'--procs 2 --commits 80 --checkpoint restart --checkpoint-each 9' \
	'--procs 2 --duration 0.3 --autocheckpoint 10'; do
	tool writers --setup-only --seed-rows 5 "$db"
	before=$(shm_commits)
	# shellcheck disable=SC2086 # the words are wanted
	tool writers $how --synchronous off "$db" >"$dir/out"
	is "$(said commits "$dir/out")" $(($(shm_commits) - before)) \
		"SQLite counts the same: $how"
done
end "$tool_pid"

for mode in delete truncate persist memory; do
	old=$dir/$mode.db
	tool writers --journal $mode --setup-only "$old"
	before=$(file_changes "$old")
	tool writers --journal $mode --synchronous off --procs 3 \
		--commits 20 "$old" >"$dir/out"
	is "$(said commits "$dir/out")" $(($(file_changes "$old") - before)) \
		"SQLite counts the same: --journal $mode"
done

ok 'tool writers --exclusive "$dir/alone.db"' 'one can lock everybody out'
not_ok 'tool writers "$dir/none/app.db"' 'no folder is a failure'
not_ok 'tool writers --journal what "$db"' 'no such mode is a failure'

tool writers --rate 50 --commits 25 "$db" >"$dir/out"
cmp_num "$(said elapsed "$dir/out")" '>=' 0.45 'a rate is kept to'

start_tool writers --procs 2 --count-file "$dir/count" --commits 1000000 \
	--ready-file "$dir/ready.w" --go-file "$dir/go" "$db"
wait_for 10 '[ -s "$dir/ready.w" ]' 'writers say when they are ready'
is "$(tool writers --read-count "$dir/count")" 0 'and then wait'
: >"$dir/go"
wait_for 10 '[ "$(tool writers --read-count "$dir/count")" -gt 20 ]' \
	'until they may go, and count while they run'
kill -TERM "$tool_pid"
ok end_tool 'a SIGTERM ends them well'
is "$(tool writers --read-count "$dir/count")" \
	"$(said commits "$tool_out")" 'and the count stands'

sql "$db" 'DELETE FROM t'
rm "$dir/count"
start_tool writers --procs 2 --count-file "$dir/count" --commits 1000000 "$db"
wait_for 10 '[ "$(tool writers --read-count "$dir/count")" -gt 20 ]'
kill -KILL "$tool_pid"
end "$tool_pid"
rows_stand() {
	rows=$(sql "$db" 'SELECT count(*) FROM t')
	sleep 0.1
	[ "$rows" = "$(sql "$db" 'SELECT count(*) FROM t')" ]
}
wait_for 10 rows_stand 'a kill -9 ends all their processes'
over=$((rows - $(tool writers --read-count "$dir/count")))
ok '[ "$over" -ge 0 ] && [ "$over" -le 2 ]' \
	'and what is not counted is one commit of each at most'

start_tool writers --hold 400 --commits 1 --ready-file "$dir/ready.h" \
	--go-file "$dir/go" "$db"
wait_for 10 '[ -s "$dir/ready.h" ]'
holder=$tool_pid
wait_for 10 '! sql "$db" "BEGIN IMMEDIATE"' 'a transaction can be held'
tool writers --commits 1 "$db" >"$dir/out"
cmp_num "$(said busy_retries "$dir/out")" '>' 0 'and others retry meanwhile'
ok 'wait "$holder"' 'and it ends'

# ---- contend --------------------------------------------------------------

# truth FILTER ARGS...: of a short run.
truth() {
	truth_filter=$1
	shift
	tool contend --duration 0.6 --procs 2 --threads 2 "$@" \
		"$dir/contended.db" | jq "$truth_filter"
}
for how in timeout own elsewhere; do
	is "$(truth '.retries > 5 and .wait_seconds > 0.01 and .refused == 0 and
		.commits > 10' --handler $how)" true \
		"who waits by --handler $how is counted"
done
is "$(truth '.retries == 0 and .refused > 5' --handler none)" true \
	'and who does not wait is refused'
is "$(truth '.refused > 5' --timeout 2)" true 'so is who waits too shortly'
is "$(truth '.snapshots > 5' --upgrade)" true \
	'a snapshot out of date is refused at once'

# ---- reader ---------------------------------------------------------------

start_tool reader --ready-file "$dir/ready.r" \
	--then-release-file "$dir/release" "$db"
wait_for 10 '[ -s "$dir/ready.r" ]' 'a reader says when it reads'
is "$(cat "$dir/ready.r")" "$tool_pid" 'and who it is'
tool writers --commits 10 "$db" >"$dir/out"
is "$(checkpoint_busy)" 1 'it stops a checkpoint'
: >"$dir/release"
ok end_tool 'until it is released'
is "$(checkpoint_busy)" 0 'and then no more'

tool writers --commits 10 "$db" >"$dir/out"
for how in --mark-only '--poll 10'; do
	rm -f "$dir/ready.r"
	# shellcheck disable=SC2086 # the words are wanted
	start_tool reader $how --ready-file "$dir/ready.r" "$db"
	wait_for 10 '[ -s "$dir/ready.r" ]'
	wait_for 10 '[ "$(checkpoint_busy)" = 0 ]' "none is stopped by $how"
	kill -TERM "$tool_pid"
	ok end_tool "and SIGTERM ends $how"
done
ok 'tool reader --hold 0.1 "$db"' 'a reader can end by itself'

# ---- sink -----------------------------------------------------------------

# What curl's -w says of a request: asks FORMAT ARGS...
asks() {
	asks_format=$1
	shift
	curl -s -m 5 -o "$dir/body" -D "$dir/head" -w "$asks_format" "$@" \
		"$sink_url/hook"
}

start_sink 200,429:2,429d:2,302:http://127.0.0.1:1/,204,410,ok
is "$(asks '%{http_code}' -H 'X-Sign: aé' -d '{"a":"\"\\é"}')" 200 \
	'a sink answers'
is "$(sink_request 1 '.method + .path')" POST/hook 'and logs the request'
is "$(sink_request 1 '.headers["x-sign"]')" 'aé' 'with its headers'
is "$(sink_request 1 '.body | fromjson.a')" '"\é' 'and its body'
cmp_num "$(sink_request 1 .t)" '<=' "$(date +%s.%N)" 'and the time'
is "$(asks '%{http_code}')" 429 'it has a script'
like "$(cat "$dir/head")" '^Retry-After: 2' 'that says when to retry'
asks '' >"$dir/out"
later=$(sed -n 's/^Retry-After: //p' "$dir/head" | tr -d '\r')
cmp_num $(($(date -d "$later" +%s) - $(date +%s))) '>=' 2 'or by the clock'
is "$(asks '%{http_code} %{redirect_url}')" '302 http://127.0.0.1:1/' \
	'or where to'
is "$(asks '%{http_code}') $(asks '%{http_code}')" '204 410' 'and goes on'
asks '' && asks ''
is "$(cat "$dir/body")" ok 'and repeats its end'
is "$(sink_count)" 8 'all of it is in the log'

printf 'a\000b\377\n\303\251"' >"$dir/bytes"
asks '' --data-binary @"$dir/bytes"
is "$(sink_request 9 '.body | explode | @csv')" '97,0,98,65533,10,233,34' \
	'any byte can be logged'
head -c 1100000 /dev/zero >"$dir/bytes"
is "$(asks '%{http_code}' --data-binary @"$dir/bytes")" 413 'but not too many'

stop_sink
not_ok 'asks ""' 'a sink can be away'
restart_sink 503
is "$(asks '%{http_code}') $(sink_count)" '503 11' 'and come back'

start_sink hang,200,reset,nonsense,half,drip
start "$dir/hung" curl -s -m 60 -d hung "$sink_url"
hung=$child
wait_for 10 '[ "$(sink_count)" = 1 ]'
is "$(asks '%{http_code}')" 200 'one that hangs holds up no other'
ok 'alive "$hung"' 'and still hangs'
for curl_says in '56 reset' '1 nonsense' '18 half' '28 drip'; do
	curl -s -m 1 -o "$dir/body" "$sink_url"
	is "$?" "${curl_says% *}" "it is as rude as told: ${curl_says#* }"
done
is "$(sink_count) $(sink_request 3 .status)" '6 0' 'and that is logged too'

done_testing
