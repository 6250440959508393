#!/bin/sh
# From a threshold crossed to the message received: 2 seconds at most, for a type
# that gets an alert at a time (webhook) and for one that groups them (slack),
# with group_wait = 0.
#
# What crosses is the size of the file: one checkpoint copies a large row into
# it.  The time is taken by the writer just before that row is committed, so the
# commit and the checkpoint count as well, and by the receiver's own log.  The
# interval is the default one.  A pause of any length comes before each
# crossing, since one that follows a message would always follow a sample too.
# shellcheck disable=SC2016
# shellcheck source=tests/scenario/lib.sh
. "$(dirname "$0")/lib.sh"

rounds=10
limit_ms=2000
db=$dir/app.db
clock="SELECT CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)"

tool writers --setup-only "$db"
sqlite3 "$db" 'CREATE TABLE pad (b BLOB)'
start_tool reader --mark-only "$db"	# the app, which stays open

grow() {
	sqlite3 -batch -cmd '.timeout 10000' "$db" 'PRAGMA synchronous = OFF' \
		"$clock" 'INSERT INTO pad VALUES (zeroblob(2000000))' \
		'PRAGMA wal_checkpoint' | head -n 1
}

shrink() {
	sqlite3 -batch -cmd '.timeout 10000' "$db" 'PRAGMA synchronous = OFF' \
		'DELETE FROM pad' VACUUM 'PRAGMA wal_checkpoint' >"$dir/shrunk"
}

# Tenths of a second, from 0 to 9.
pause() {
	sleep "0.$(($(od -An -N1 -tu1 /dev/urandom) % 10))"
}

# received_ms LOG N: when that request came.
received_ms() {
	sed -n "$2p" "$1" | jq '.t * 1000 | floor'
}

start_sink ok
chat=$sink_log chat_url=$sink_url
start_sink ok
hook=$sink_log hook_url=$sink_url
cat >"$dir/litegauge.ini" <<INI
[database app]
path = $db

[receiver hook]
type = webhook
url  = $hook_url
group_wait = 0

[receiver chat]
type = slack
url  = $chat_url
group_wait = 0

[alert size]
when = database_size > 1 MB
INI
start_agent --config "$dir/litegauge.ini"

both_have() {
	[ "$(wc -l <"$hook")" -ge "$1" ] && [ "$(wc -l <"$chat")" -ge "$1" ]
}

# One that fires five times within an hour would be taken to flap.
take_another_rule() {
	sed -i "s/^\[alert .*/[alert size$round]/" "$dir/litegauge.ini"
	kill -HUP "$agent_pid"
	wait_for 10 'curl -sf "$agent_url/api/v1/alerts?db=app" | jq -e \
		".data.alerts[] | select(.rule == \"size$round\").state == \"ok\""'
}

: >"$dir/hook.ms"
: >"$dir/chat.ms"
round=0
while [ "$round" -lt "$rounds" ]; do
	round=$((round + 1))
	sleep 1		# a chat is sent one message a second
	[ $((round % 4)) != 0 ] || take_another_rule
	pause
	crossed=$(grow)
	wait_for 10 'both_have $((2 * round - 1))' || break
	for name in hook chat; do
		eval "log=\$$name"
		echo $(($(received_ms "$log" $((2 * round - 1))) - crossed)) \
			>>"$dir/$name.ms"
	done
	shrink
	wait_for 10 'both_have $((2 * round))' || break
done

is "$(jq -r '.body | fromjson.type' "$hook" | sort | uniq -c | tr -s ' \n' ' ')" \
	" $rounds alert.firing $rounds alert.resolved " \
	"each of $rounds crossings is heard of once, there and back"
is "$(wc -l <"$chat" | tr -d ' ')" $((2 * rounds)) 'by both'
for name in hook chat; do
	sort -n "$dir/$name.ms" >"$dir/sorted"
	median=$(sed -n "$((rounds / 2)),$((rounds / 2 + 1))p" "$dir/sorted" |
		awk '{ sum += $1 } END { if (NR) print sum / NR }')
	echo "# $name: median $median ms (least $(head -n 1 "$dir/sorted") ms," \
		"greatest $(tail -n 1 "$dir/sorted") ms)"
	cmp_num "$median" '<=' "$limit_ms" \
		"the median of the $name is at most $limit_ms ms"
	cmp_num "$(head -n 1 "$dir/sorted")" '>=' 0 'and none came before its cause'
done
ok stop_agent 'the agent ends well'

done_testing
