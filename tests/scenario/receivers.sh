#!/bin/sh
# Receivers that behave as badly as receivers do, all at once, each with a sink
# of its own, and one that is well and must not notice.
#
# What each has to do with a failure is in its first answer; after that it says
# yes.  A request that nobody answers takes its 15 seconds, and so does this
# test: all others fit into them.
# shellcheck disable=SC2016,SC2034
# shellcheck source=tests/scenario/lib.sh
. "$(dirname "$0")/lib.sh"

db=$dir/app.db

tool writers --setup-only "$db"
sqlite3 "$db" 'CREATE TABLE pad (b BLOB)'
start_tool reader --mark-only "$db"	# the app, which stays open

resize() {
	sqlite3 -batch -cmd '.timeout 10000' "$db" 'PRAGMA synchronous = OFF' \
		'DELETE FROM pad' "INSERT INTO pad VALUES (zeroblob($1))" \
		VACUUM 'PRAGMA wal_checkpoint' >"$dir/resized" 2>&1
}

umask 077
cat >"$dir/litegauge.ini" <<INI
[agent]
interval = 100ms

[database app]
path = $db

[alert one]
when = database_size > 1 MB
[alert two]
when = database_size > 2 MB
[alert three]
when = database_size > 3 MB
INI

# receiver NAME SCRIPT: with a sink; its log is $dir/NAME.
receiver() {
	start_sink "$2"
	ln -s "$sink_log" "$dir/$1"
	cat >>"$dir/litegauge.ini" <<INI
[receiver $1]
type = webhook
url  = $sink_url/a-secret-path
INI
}

start_sink 200
elsewhere=$sink_log
receiver moved "302:$sink_url/,200"
receiver good 204
receiver broken 500,200
receiver later 429:8,200
receiver dated 429d:8,200
receiver hung hang,200
receiver reset reset,200
receiver nonsense nonsense,200
receiver half half,200
receiver drip drip,200
receiver gone 410
receiver away 200	# the last, for stop_sink and restart_sink
stop_sink

failed() {
	metric "litegauge_notifications_failed_total{receiver=\"$1\",reason=\"$2\"}"
}

queued() {
	metric "litegauge_notification_queue_length{receiver=\"$1\"}"
}

# The messages that NAME said yes to, in order: "firing one, firing two".
heard() {
	jq -r 'select(.status == 200 or .status == 204) | .body | fromjson |
		(.type | ltrimstr("alert.")) + " " + .data.alert' "$dir/$1" |
		paste -sd, - | sed 's/,/, /g'
}

# Those where the answer has a body that never comes whole are told apart by
# their first request.
heard_after_first() {
	sed 1d "$dir/$1" | jq -r '.body | fromjson |
		(.type | ltrimstr("alert.")) + " " + .data.alert' |
		paste -sd, - | sed 's/,/, /g'
}

# Seconds between the first request of NAME and the second.
gap() {
	jq -s '.[1].t - .[0].t' "$dir/$1"
}

# ---- three alerts, and the last of them is over ------------------------------

resize 1000
start_agent --config "$dir/litegauge.ini"
start "$dir/took" sh -c 'while :; do
	curl -s -m 20 -o "$1" -w "%{time_total}\n" "$2/metrics"
	sleep 0.1
done' sh "$dir/took.page" "$agent_url"
asking=$child

resize 1500000
wait_for 5 '[ "$(heard good)" = "firing one" ]' 'who is well hears at once'
resize 2500000
wait_for 5 '[ "$(heard good)" = "firing one, firing two" ]' 'of the next'
resize 3500000
wait_for 5 '[ "$(wc -l <"$dir/good")" -ge 3 ]' 'of the one after that'
resize 2500000
wait_for 5 '[ "$(heard good)" = \
	"firing one, firing two, firing three, resolved three" ]' \
	'and of its end, whatever the others do'

# A firing that failed and is over is not sent late as new.
late='firing one, firing two, resolved three'

wait_for 10 '[ "$(heard broken)" = "$late" ]' 'a 500 is tried again'
cmp_num "$(gap broken)" '>=' 5 'after 5 seconds'
cmp_num "$(gap broken)" '<=' 8 'and a little'
is "$(jq -s '.[0].headers["webhook-id"] == .[1].headers["webhook-id"] and
	.[0].body == .[1].body' "$dir/broken")" true \
	'with the same id and the same body'
cmp_num "$(jq -s '(.[1].headers["webhook-timestamp"] | tonumber) -
	(.[0].headers["webhook-timestamp"] | tonumber)' "$dir/broken")" '>=' 5 \
	'and the time of the attempt'
for name in reset nonsense half; do
	wait_for 10 '[ "$(heard_after_first $name)" = "$late" ]' \
		"and so is a $name"
	cmp_num "$(gap $name)" '>=' 5 'after as long'
done
wait_for 10 '[ "$(heard moved)" = "$late" ]' 'a redirect is a failure'
is "$(wc -l <"$elsewhere" | tr -d ' ')" 0 'and is not followed'
for name in later dated; do
	wait_for 10 '[ "$(heard $name)" = "$late" ]' "Retry-After is heard: $name"
	cmp_num "$(gap $name)" '>=' 8 'and obeyed'
	cmp_num "$(gap $name)" '<=' 11 'and not more than that'
done

is "$(jq -s length "$dir/gone")" 1 'a receiver that is gone is asked once'
is "$(metric 'litegauge_notifications_dropped_total{receiver="gone"}')" 4 \
	'and all that was for it is dropped'
is "$(queued gone) $(queued good) $(queued away)" '0 0 3' \
	'and only who is away has a queue'

for name in hung drip; do
	wait_for 25 '[ "$(heard_after_first $name)" = "$late" ]' \
		"15 seconds are enough for who is $name"
	# The sink has its first request a little after the agent began.
	cmp_num "$(gap $name)" '>=' 19 'with 5 more before the next attempt'
done

# ---- the reasons ----------------------------------------------------------------

while read -r name reason times; do
	is "$(failed "$name" "$reason")" "$times" "$name is counted as $reason"
done <<'END'
broken serverError 1
later rateLimited 1
dated rateLimited 1
hung contextDeadlineExceeded 1
drip contextDeadlineExceeded 1
reset other 1
nonsense other 1
half other 1
moved other 1
gone clientError 1
END
cmp_num "$(failed away other)" '>=' 1 'away is counted as other'
is "$(metric 'litegauge_notifications_total{receiver="broken"}')" 3 \
	'deliveries are counted apart from failures'

ok 'grep -q "receiver moved: .*redirects are not followed" "$agent_log"' \
	'the log says what to do about a redirect'
ok 'grep -q "receiver gone: .*remove it from the configuration" "$agent_log"' \
	'and about who is gone'
not_ok 'grep -q a-secret-path "$agent_log"' 'and has no address in it'

# ---- it is back ------------------------------------------------------------------

# A request held up for long is one line here: so both bounds.
kill -TERM "$asking"
is "$(awk '$1 > 1' "$dir/took" | wc -l | tr -d ' ')" 0 \
	'/metrics was never held up'
cmp_num "$(awk '{ n++; over += $1 > 0.1 } END { print n ? over / n : 1 }' \
	"$dir/took")" '<=' 0.25 'and seldom took 100 ms, however busy the machine'
echo "# /metrics: $(sort -n "$dir/took" |
	awk '{ v[NR] = $1 * 1000 } END { printf "%d times, median %s ms, greatest %s ms",
		NR, v[int((NR + 1) / 2)], v[NR] }')"

ok stop_agent 'an agent with a queue can end'
restart_sink 200
start_agent --config "$dir/litegauge.ini"
wait_for 5 '[ "$(wc -l <"$dir/away")" -ge 3 ]' \
	'a receiver that was away is told after a restart at once'
is "$(heard away)" "$late" 'of everything, in order'
wait_for 5 '[ "$(queued away)" = 0 ]' 'and its queue is empty'
is "$(wc -l <"$dir/good" | tr -d ' ')" 4 'who knows it is not told again'
ok stop_agent 'the agent ends well'

done_testing
