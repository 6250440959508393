#!/bin/sh
# A disk that does not answer silences nothing but itself, and is told about.
# shellcheck disable=SC2016,SC2034,SC2317
# shellcheck source=tests/scenario/lib.sh
. "$(dirname "$0")/../scenario/lib.sh"

fresh() {
	tool writers --setup-only --synchronous off "$1" >"$dir/out"
}

count() {
	metric "sqlite_write_transactions_total{db=\"$1\"}"
}

late() {
	metric "litegauge_sample_late_seconds{db=\"$1\"}"
}

late_by() {
	awk -v a="$(late "$1")" -v b="$3" \
		"BEGIN { exit !(a != \"\" && a + 0 $2 b + 0) }"
}

# The slowest of 50 answers to GET /metrics, in ms.
slowest() {
	for turn in 1 2 3 4 5; do
		set -- "$agent_url/metrics" "$agent_url/metrics"
		set -- "$@" "$@" "$@" "$@" "$@"
		curl -sf -m 10 -w '%{time_total}\n' "$@" -o /dev/null \
			$(printf -- '-o /dev/null %.0s' 1 2 3 4 5 6 7 8 9)
	done | awk '$1 > max { max = $1 } { n++ }
		END { print n == 50 ? int(max * 1000) : "only " n }'
}

# It ends within 5 s, on a clock that does not ask the agent.
leaves_in_time() {
	kill -TERM "$agent_pid"
	wait_for 5 '! alive "$agent_pid"' "$1"
}

# ---- a FIFO, whole or beside a database -----------------------------------

mkfifo "$dir/fifo.db"
for file in good side; do
	fresh "$dir/$file.db"
done
mkfifo "$dir/side.db-shm" "$dir/side.db-wal"
start_agent --db "fifo=$dir/fifo.db" --db "side=$dir/side.db" \
	--db "good=$dir/good.db"
start_tool writers --synchronous off --rate 100 --duration 1 "$dir/good.db"
is "$(metric 'sqlite_up{db="fifo"}')" 0 'a FIFO is no database'
is "$(count side)" 0 'nor is one a log'
ok end_tool 'writers go on beside it'
truth=$(awk '/^commits/ { print $2 }' "$tool_out")
wait_for 5 '[ "$(count good)" = "$truth" ]' 'and are counted exactly'
is "$(metric litegauge_samplers_stuck)" 0 'nobody waits for it'
leaves_in_time 'nor does the end'
ok 'wait "$agent_pid"' 'which is a good one'

# ---- a file system that stops ---------------------------------------------

mkdir "$dir/disk" "$dir/mnt"
for file in "$dir/disk/one.db" "$dir/disk/two.db"; do
	fresh "$file"
done
start_tool hangfs --flag "$dir/hang" --ready-file "$dir/mounted" \
	"$dir/disk" "$dir/mnt"
hangfs=$tool_pid
hangfs_out=$tool_out
wait_for 10 '[ -s "$dir/mounted" ] || ! alive "$hangfs"'
if ! [ -s "$dir/mounted" ]; then
	pass "the rest # SKIP no FUSE: $(head -n 1 "$hangfs_out")"
	done_testing
fi

start_sink
cat >"$dir/test.ini" <<INI
[database good]
path = $dir/good.db
[database one]
path = $dir/mnt/one.db
[database two]
path = $dir/mnt/two.db
[receiver ops]
type = webhook
url = $sink_url
[alert sample-late]
when = sample_late > 4s
INI
# Somebody stays, so that the log of these outlives the writers.
for name in one two; do
	start_tool reader --mark-only "$dir/disk/$name.db"
done
rm -f "$dir/state.db"
start_agent --config "$dir/test.ini"
for file in good disk/one disk/two; do
	name=${file#disk/}
	start_tool writers --synchronous off --rate 50 --duration 60 \
		--count-file "$dir/$name.count" "$dir/$file.db"
	eval "$name=$tool_pid"
done
for name in good one two; do
	wait_for 5 '[ "$(count "$name")" -gt 20 ]' "$name is watched"
done
is "$(metric litegauge_samplers_stuck)" 0 'nothing hangs'
before=$(slowest)

: >"$dir/hang"
wait_for 10 '[ "$(metric litegauge_samplers_stuck)" = 1 ]' \
	'a disk that hangs takes a thread'
like "$(cat "$agent_log")" 'a disk does not answer: 1 of' 'which is logged'
wait_for 5 'late_by good "<" 1' 'and holds up nobody else for long'
during=$(slowest)
diag "the slowest of 50 scrapes: $before ms before, $during ms during the hang"
# A loop that waits for a disk would wait for seconds.
[ "$before" -gt 500 ] || before=500
cmp_num "$during" '<=' "$before" '/metrics answers at once, 50 times'
was=$(late one)
wait_for 5 'late_by one ">" "$was + 1"' 'the hung one is late, and ever more'
for turn in 1 2 3 4 5; do
	at_least=$(tool writers --read-count "$dir/good.count")
	wait_for 2 '[ "$(count good)" -ge "$at_least" ]' \
		"the others are sampled on schedule, $turn"
	late_by good '<' 1 || fail "good is late by $(late good)"
done
end "$good"
wait_for 3 '[ "$(count good)" = \
	"$(tool writers --read-count "$dir/good.count")" ]' \
	'and every commit is counted'
wait_for 10 '[ "$(sink_count)" -ge 2 ]' 'the hang is told about'
is "$(jq -r '.body | fromjson | [.type, .data.alert, .data.db] | join(" ")' \
	"$sink_log" | sort)" 'alert.firing sample-late one
alert.firing sample-late two' 'for each of its databases'
wait_for 10 'late_by one ">" 9' 'it lasts'
is "$(metric litegauge_samplers_stuck)" 1 'one thread for the two of them'

rm "$dir/hang"
for name in one two; do
	wait_for 5 'late_by "$name" "<" 1' "$name is sampled again"
done
wait_for 5 '[ "$(metric litegauge_samplers_stuck)" = 0 ]' \
	'the thread is given back'
end "$one"
end "$two"
for name in one two; do
	wait_for 5 '[ "$(count "$name")" = \
		"$(tool writers --read-count "$dir/$name.count")" ]' \
		"every commit of that time is counted, of $name"
done
wait_for 5 '[ "$(sink_count)" -ge 4 ]' 'that it is over is told as well'
wait_for 10 '[ "$(jq -rs "map(.body | fromjson) | group_by(.data.db) |
	map(.[-1].type) | unique | join(\" \")" "$sink_log")" = alert.resolved ]' \
	'as such'

: >"$dir/hang"
wait_for 5 'late_by one ">" 1 || late_by two ">" 1' 'it hangs once more'
leaves_in_time 'SIGTERM ends the agent all the same'
like "$(tail -n 1 "$agent_log")" 'leaving without it' 'with a word'
rm "$dir/hang"
wait "$agent_pid"

# ---- already so at the start ----------------------------------------------

: >"$dir/hang"
cat >"$dir/test.ini" <<INI
[database good]
path = $dir/good.db
[database all]
path = $dir/mnt/*.db
INI
start_agent --config "$dir/test.ini"
wait_for 10 '[ "$(metric "sqlite_up{db=\"good\"}")" = 1 ]' \
	'a pattern that hangs holds up nobody'
is "$(metric litegauge_samplers_stuck)" 1 'but a thread'
rm "$dir/hang"
for name in one two; do
	wait_for 5 '[ "$(metric "sqlite_up{db=\"all/$name.db\"}")" = 1 ]' \
		"its matches are found once they can be, $name"
done
ok stop_agent 'the end is a good one again'

# ---- our own disk, from the start -------------------------------------------

: >"$dir/hang"
start_agent --db "good=$dir/good.db" --state "$dir/mnt/state.db"
wait_for 5 '[ "$(metric "sqlite_up{db=\"good\"}")" = 1 ]' \
	'a state file that hangs keeps no agent from its work'
is "$(metric litegauge_state_up)" 0 'but is said to, in /metrics'
like "$(curl -s -m 5 "$agent_url/")" \
	'The state file cannot be written: the disk does not answer' \
	'and on the page'
leaves_in_time 'the agent ends all the same'
rm "$dir/hang"
wait "$agent_pid"

# ---- the disk of a secret ----------------------------------------------------

# Two receivers; the URL of one lies on a disk that hangs.
(umask 077 && echo "$sink_url/hung" >"$dir/disk/ops.url")
cat >"$dir/test.ini" <<INI
[database good]
path = $dir/good.db
[receiver ops]
type = webhook
url_file = $dir/mnt/ops.url
[receiver others]
type = webhook
url = $sink_url/others
[alert tall]
when = database_size > 1 MB
INI
rm -f "$dir/state.db"
: >"$sink_log"
sqlite3 "$dir/good.db" 'CREATE TABLE pad (b BLOB)'
start_tool reader --mark-only "$dir/good.db"
start_agent --config "$dir/test.ini"
: >"$dir/hang"
sqlite3 -cmd '.timeout 5000' "$dir/good.db" \
	'INSERT INTO pad VALUES (zeroblob(1500000))' 'PRAGMA wal_checkpoint' \
	>"$dir/out"
wait_for 10 'grep -q "ops.url: the disk does not answer" "$agent_log"' \
	'a URL on a disk that hangs is missed, with a word'
wait_for 2 '[ "$(sink_count)" = 1 ]' 'others are told all the same'
is "$(sink_request 1 .path)" /others 'at their own place'
slow=$(slowest)
cmp_num "$slow" '<=' "$before" 'and /metrics answers at once, 50 times'
kill -HUP "$agent_pid"
wait_for 5 'grep -q "level=error .*ops.url: the disk does not" "$agent_log"' \
	'a reload is refused'
rm "$dir/hang"
wait_for 15 '[ "$(sink_count)" = 2 ]' 'once it answers the message arrives'
is "$(sink_request 2 .path)" /hung 'where it should'
kill -HUP "$agent_pid"
wait_for 5 'grep -q "configuration was read again" "$agent_log"' \
	'and a reload is none any more'
: >"$dir/hang"
kill -HUP "$agent_pid"
leaves_in_time 'hung again, SIGTERM ends the agent'
rm "$dir/hang"

end "$hangfs"
not_ok 'grep -qF "$dir/mnt" /proc/self/mounts' 'the mount is gone'

done_testing
