#!/bin/sh
# From a threshold crossed to the webhook received: 2 seconds at most.
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

received_ms() {
	sink_request "$1" '.t * 1000 | floor'
}

start_sink 204
cat >"$dir/litegauge.ini" <<INI
[database app]
path = $db

[receiver ops]
type = webhook
url  = $sink_url

[alert size]
when = database_size > 1 MB
INI
start_agent --config "$dir/litegauge.ini"

: >"$dir/took"
# One that fires five times within an hour would be taken to flap.
take_another_rule() {
	sed -i "s/^\[alert .*/[alert size$round]/" "$dir/litegauge.ini"
	kill -HUP "$agent_pid"
	wait_for 10 'curl -sf "$agent_url/api/v1/alerts?db=app" | jq -e \
		".data.alerts[] | select(.rule == \"size$round\").state == \"ok\""'
}

round=0
while [ "$round" -lt "$rounds" ]; do
	round=$((round + 1))
	[ $((round % 4)) != 0 ] || take_another_rule
	pause
	crossed=$(grow)
	wait_for 10 '[ "$(sink_count)" -ge $((2 * round - 1)) ]' || break
	echo $(($(received_ms $((2 * round - 1))) - crossed)) >>"$dir/took"
	shrink
	wait_for 10 '[ "$(sink_count)" -ge $((2 * round)) ]' || break
done

is "$(jq -r '.body | fromjson.type' "$sink_log" | sort | uniq -c | tr -s ' \n' ' ')" \
	" $rounds alert.firing $rounds alert.resolved " \
	"each of $rounds crossings is heard of once, there and back"
sort -n "$dir/took" >"$dir/sorted"
median=$(sed -n "$((rounds / 2)),$((rounds / 2 + 1))p" "$dir/sorted" |
	awk '{ sum += $1 } END { if (NR) print sum / NR }')
echo "# median $median ms (least $(head -n 1 "$dir/sorted") ms," \
	"greatest $(tail -n 1 "$dir/sorted") ms)"
cmp_num "$median" '<=' "$limit_ms" "the median is at most $limit_ms ms"
cmp_num "$(head -n 1 "$dir/sorted")" '>=' 0 'and none came before its cause'
ok stop_agent 'the agent ends well'

done_testing
