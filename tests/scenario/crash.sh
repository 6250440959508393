#!/bin/sh
# kill -9 at any moment between a crossing and its delivery, 50 times: nothing
# is lost, and nothing is announced twice under two names.
#
# One database crosses the limits of three rules at once, in every round the
# other way.  The receiver `rough` is then at an address where it hangs, breaks
# off or drips as often as it says yes; `calm` is always well.  The agent is
# killed at a random moment from before the crossing to after the deliveries,
# what it left in state.db is read, and it is started again with `rough` at a
# good address.  So each round has three messages for each of two receivers:
# however often they come, they have three ids.
#
# What a round did is random; SEED=N does it again as far as time allows.
# shellcheck disable=SC2016,SC2034
# shellcheck source=tests/scenario/lib.sh
. "$(dirname "$0")/lib.sh"

rounds=50
rules=3
db=$dir/app.db
seed=${SEED:-$(od -An -N2 -tu2 /dev/urandom | tr -d ' ')}

tool writers --setup-only "$db"
sqlite3 "$db" 'CREATE TABLE pad (b BLOB)'
start_tool reader --mark-only "$db"	# the app, which stays open

sql() {
	sqlite3 -batch -cmd '.timeout 10000' "$@"
}

# Odd rounds grow the database beyond all limits, even ones shrink it.
cross() {
	if [ $((round % 2)) = 1 ]; then
		sql "$db" 'PRAGMA synchronous = OFF' \
			'INSERT INTO pad VALUES (zeroblob(4000000))' \
			'PRAGMA wal_checkpoint'
	else
		sql "$db" 'PRAGMA synchronous = OFF' 'DELETE FROM pad' VACUUM \
			'PRAGMA wal_checkpoint'
	fi
}

# In one step, since the agent may read it at any moment.
lead_to() {
	echo "$1" >"$dir/rough.new"
	mv "$dir/rough.new" "$dir/rough.url"
}

ids() {
	jq -r '.headers["webhook-id"]' "$@"
}

# The messages that a receiver said yes to.  Of the bad address that is 204:
# a 200 is one that was never finished.
calm_ids() {
	ids "$calm" | sort -u
}

rough_ids() {
	jq -r 'select(input_filename == $good or .status == 204) |
		.headers["webhook-id"]' --arg good "$good" "$good" "$bad" |
		sort -u
}

all_heard() {
	[ "$(calm_ids | wc -l)" -ge "$1" ] && [ "$(rough_ids | wc -l)" -ge "$1" ]
}

# A line for each round: what the rough receiver answers in it.
awk -v seed="$seed" -v n="$rounds" 'BEGIN {
	srand(seed)
	split("204 204 204 204 204 204 204 204 204 hang hang drip half reset " \
		"500 nonsense", a)
	for (i = 1; i <= n; i++)
		printf "%s,%s,%s,%s\n", one(), one(), one(), one()
}
function one() {
	return a[1 + int(rand() * 16)]
}' >"$dir/scripts"
awk -v seed="$seed" -v n="$rounds" 'BEGIN {
	srand(seed + 1)
	for (i = 1; i <= n; i++)
		printf "%.3f\n", rand() * 0.3
}' >"$dir/moments"

start_sink 200
good=$sink_log good_url=$sink_url
start_sink 200
calm=$sink_log calm_url=$sink_url
start_sink 204
bad=$sink_log bad_url=$sink_url

umask 077
cat >"$dir/litegauge.ini" <<INI
[agent]
interval = 100ms

[database app]
path = $db

[receiver rough]
type	 = webhook
url_file = $dir/rough.url

[receiver calm]
type = webhook
url  = $calm_url

[alert one]
when = database_size > 1 MB
[alert two]
when = database_size > 2 MB
[alert three]
when = database_size > 3 MB
INI

# What the agent knew when it died, by what is on disk and at the receivers: a
# message that a receiver had must have been on disk before.  Three alerts are
# three jobs to the keeper, so it may have kept some of them only.
look_back() {
	sql "$dir/state.db" "SELECT id || ' ' || receiver FROM outbox" \
		>"$dir/outbox"
	announced=$(sql "$dir/state.db" \
		'SELECT count(*) FROM alert WHERE announced')
	moved=$((round % 2 ? announced : rules - announced))
	cut -d' ' -f1 "$dir/outbox" >>"$dir/known"
	# Or the fifth firing within an hour would be taken for flapping.
	sql "$dir/state.db" "UPDATE alert SET fires = ''"
	got=$(($(wc -l <"$bad") + $(wc -l <"$calm") - had))
	if [ "$moved" = 0 ]; then
		[ "$got" = 0 ] || unsaved=$((unsaved + 1))
		unseen=$((unseen + 1))
	elif [ "$got" = 0 ]; then
		unsent=$((unsent + 1))
	elif [ -s "$dir/outbox" ]; then
		midway=$((midway + 1))
	else
		finished=$((finished + 1))
	fi
}

lead_to "$good_url"
start_agent --config "$dir/litegauge.ini"

round=0 unseen=0 unsent=0 midway=0 finished=0 unsaved=0
: >"$dir/known"
while [ "$round" -lt "$rounds" ]; do
	round=$((round + 1))
	had=$(($(wc -l <"$bad") + $(wc -l <"$calm")))
	stop_sink
	restart_sink "$(sed -n "${round}p" "$dir/scripts")"
	lead_to "$bad_url"
	start "$dir/crossed" cross
	sleep "$(sed -n "${round}p" "$dir/moments")"
	kill_agent
	wait "$child"
	look_back
	lead_to "$good_url"
	start_agent --config "$dir/litegauge.ini" || break
	wait_for 10 'all_heard $((round * rules))' || break
done

echo "# seed $seed: killed before the crossing was seen $unseen times," \
	"before any message went out $unsent, midway $midway," \
	"after all were delivered $finished"
is "$round" "$rounds" 'every crossing is heard of by both receivers'
is "$unsaved" 0 'a message is on disk before its first attempt'
cmp_num $((unsent + midway)) '>' 0 'some kills were between fire and delivery'

wait_for 10 '[ "$(metric "litegauge_notification_queue_length{receiver=\"rough\"}")" = 0 ]' \
	'nothing is left for the one'
wait_for 10 '[ "$(metric "litegauge_notification_queue_length{receiver=\"calm\"}")" = 0 ]' \
	'nor for the other'
ok stop_agent 'and the agent ends well'

want=$((rounds * rules))
{
	ids "$bad" "$good" "$calm"
	cat "$dir/known"
} | sort -u >"$dir/all"
is "$(wc -l <"$dir/all" | tr -d ' ')" "$want" 'each message has one id'
rough_ids >"$dir/rough.ids"
calm_ids >"$dir/calm.ids"
ok 'cmp "$dir/all" "$dir/rough.ids"' 'each has arrived where it is rough'
ok 'cmp "$dir/all" "$dir/calm.ids"' 'and where it is calm'
is "$(sql "$dir/state.db" 'SELECT count(*) FROM outbox')" 0 \
	'state.db has none left'

# Firing and resolved by turns, for each alert, by when each id came first.
by_turns() {
	jq -rs --arg alert "$1" 'sort_by(.t) |
		map({ id: .headers["webhook-id"] } + (.body | fromjson)) |
		map(select(.data.alert == $alert)) |
		reduce .[] as $m ([]; if any(.[]; .id == $m.id) then .
			else . + [$m] end) |
		[.[].type] as $types |
		[range($types | length)] |
		all($types[.] == (if . % 2 == 0 then "alert.firing"
			else "alert.resolved" end))' "$calm"
}
is "$(by_turns one) $(by_turns two) $(by_turns three)" 'true true true' \
	'firing and resolved come by turns'
again=$(($(ids "$bad" "$good" | wc -l) + $(ids "$calm" | wc -l) - 2 * want))
echo "# $want transitions, $((2 * want)) deliveries," \
	"$again attempts more than that"
unlike "$(cat "$agent_log")" 'level=error' 'and the log has no error'

done_testing
