#!/bin/sh
# The agent's own disk: full, hung, read-only, and a state.db that is damaged.
# Alerts come from memory then, and what was not kept is kept later.
#
# A full disk is a small tmpfs in a mount namespace of this test's own, a hung
# one is an fdatasync that strace delays.  Where neither is allowed, the rest is
# tested.  It takes half a minute: the agent waits 5 s for a disk, and so must
# this.
# shellcheck disable=SC2016,SC2034
case ${STATE_SH:-} in
'')
	STATE_SH=public
	if [ "$(id -u)" = 0 ] && unshare -m true 2>/dev/null; then
		STATE_SH=private
		export STATE_SH
		exec unshare -m sh "$0"
	fi
	;;
esac
# shellcheck source=tests/scenario/lib.sh
. "$(dirname "$0")/lib.sh"

db=$dir/app.db
state=$dir/small/state.db

tool writers --setup-only "$db"
sqlite3 "$db" 'CREATE TABLE pad (b BLOB)'
start_tool reader --mark-only "$db"	# the app, which stays open

resize() {
	sqlite3 -batch -cmd '.timeout 10000' "$db" 'PRAGMA synchronous = OFF' \
		'DELETE FROM pad' "INSERT INTO pad VALUES (zeroblob($1))" \
		VACUUM 'PRAGMA wal_checkpoint' >"$dir/resized" 2>&1
}

unsaved() {
	metric litegauge_notifications_unsaved_total
}

# logged ERE: since the line that $log_from is.
logged() {
	tail -n "+$log_from" "$agent_log" | grep -Eq -e "$1"
}

# types LOG: of the messages in it.
types() {
	jq -r '.body | fromjson.type' "$1" | paste -sd ' ' -
}

from_here() {
	log_from=$(($(wc -l <"$agent_log") + 1))
}

# announced: what state.db has of the alert; another process may read it.
announced() {
	sqlite3 -cmd '.timeout 5000' "$1" \
		'SELECT announced FROM alert WHERE rule = "size"'
}

outbox() {
	sqlite3 -cmd '.timeout 5000' "$1" 'SELECT count(*) FROM outbox'
}

run() {
	timeout 5 "${LITEGAUGE:-build/litegauge}" run --listen 127.0.0.1:0 \
		--db "app=$db" --state "$1" >"$dir/ran" 2>&1
}

start_sink 204
ops=$sink_log ops_url=$sink_url
start_sink 204		# the last, for stop_sink and restart_sink
away=$sink_log away_url=$sink_url
stop_sink
sink_log=$ops
umask 077
cat >"$dir/litegauge.ini" <<INI
[agent]
interval = 100ms

[database app]
path = $db

[receiver ops]
type = webhook
url  = $ops_url

[alert size]
when = database_size > 1 MB
INI
{
	cat "$dir/litegauge.ini"
	printf '[receiver away]\ntype = webhook\nurl = %s\n' "$away_url"
} >"$dir/two.ini"
mkdir "$dir/small"

# ---- a full disk ----------------------------------------------------------------

full_disk() {
	mount -t tmpfs -o size=512k tmpfs "$dir/small"
	start_agent --config "$dir/two.ini" --state "$state"
	from_here
	dd if=/dev/zero of="$dir/small/ballast" bs=4k >"$dir/dd" 2>&1
	resize 2000000
	wait_for 10 '[ "$(sink_count)" = 1 ]' 'a full disk silences no alert'
	is "$(unsaved)" 2 'which is counted as not kept, for each receiver'
	ok 'logged "state.db: .*full; notifications go out from memory"' \
		'and the log says why'
	is "$(announced "$state")" '' 'state.db has nothing of it'

	rm "$dir/small/ballast"
	wait_for 20 '[ "$(announced "$state")" = 1 ]' \
		'when there is room again it is kept after all'
	wait_for 5 'logged "state.db: works again"' 'and the log says so'
	is "$(sqlite3 "$state" 'SELECT receiver FROM outbox')" away \
		'with what has still to be sent, and no more'
	kill_agent
	sink_log=$away
	restart_sink 204
	sink_log=$ops
	resize 1000
	start_agent --config "$dir/two.ini" --state "$state"
	wait_for 10 '[ "$(sink_count)" -ge 2 ] && [ "$(wc -l <"$away")" -ge 2 ]' \
		'so a restart knows what was said'
	is "$(types "$ops")" 'alert.firing alert.resolved' 'and resolves it'
	is "$(types "$away")" 'alert.firing alert.resolved' \
		'and what was not delivered is'
	is "$(jq -r '.headers["webhook-id"]' "$ops" "$away" | sort -u | wc -l)" \
		2 'each under one id'
	is "$(unsaved)" 0 'with nothing from memory'
	ok stop_agent 'the agent ends well'
	is "$(outbox "$state")" 0 'and leaves nothing'
	umount "$dir/small"
}

# A disk that is not well at the start: the agent goes on without it.
no_disk() {
	mount -t tmpfs -o size=512k tmpfs "$dir/small"
	sink_log=$away
	stop_sink
	sink_log=$ops
	resize 2000000
	start_agent --config "$dir/two.ini" --state "$state"
	wait_for 10 '[ "$(outbox "$state")" = 1 ]' 'something waits in state.db'
	had=$(sink_count)
	ok stop_agent 'the agent ends'
	mount -o remount,ro "$dir/small"
	sink_log=$away
	had_away=$(wc -l <"$away")
	restart_sink 204
	sink_log=$ops
	resize 1000

	from_here
	start_agent --config "$dir/two.ini" --state "$state"
	ok 'logged "state.db: .*; the agent goes on without it"' \
		'a read-only disk at the start is said'
	is "$(metric litegauge_state_up)" 0 'and shown in /metrics'
	like "$(curl -s "$agent_url/")" \
		'The state file cannot be written: .*Read-only' 'and on the page'
	resize 2000000
	wait_for 10 '[ "$(sink_count)" = $((had + 1)) ]' \
		'and silences no alert'
	cmp_num "$(unsaved)" '>=' 2 'which goes out from memory'
	wait_for 5 '[ "$(wc -l <"$away")" -gt "$had_away" ]' 'to everybody'

	mount -o remount,rw "$dir/small"
	wait_for 20 '[ "$(metric litegauge_state_up)" = 1 ]' \
		'the file is tried until it opens'
	ok 'logged "state.db: works again"' 'which is said'
	wait_for 10 '[ "$(outbox "$state")" = 0 ]' \
		'what it had of an alert that has moved since is let go'
	is "$(announced "$state")" 1 'what happened meanwhile is in it'
	is "$(sink_count)" $((had + 1)) 'and nothing is said twice'
	kill_agent
	resize 1000
	start_agent --config "$dir/two.ini" --state "$state"
	wait_for 10 '[ "$(sink_count)" = $((had + 2)) ]' \
		'so that a restart knows of it'
	is "$(types "$ops" | tr ' ' '\n' | tail -n 1)" alert.resolved \
		'and resolves it'
	ok stop_agent 'the agent ends well'
	umount "$dir/small"
}

# What the file had to deliver is delivered when the file comes.
late_disk() {
	mount -t tmpfs -o size=512k tmpfs "$dir/small"
	sink_log=$away
	stop_sink
	sink_log=$ops
	resize 2000000
	start_agent --config "$dir/two.ini" --state "$state"
	wait_for 10 '[ "$(outbox "$state")" = 1 ]' 'something waits again'
	ok stop_agent 'the agent ends'
	had=$(sink_count) had_away=$(wc -l <"$away")
	mount -o remount,ro "$dir/small"
	sink_log=$away
	restart_sink 204
	sink_log=$ops
	sed 's/1 MB/1 GB/' "$dir/two.ini" >"$dir/calm.ini"
	start_agent --config "$dir/calm.ini" --state "$state"
	is "$(metric litegauge_state_up)" 0 'the file cannot be opened'
	mount -o remount,rw "$dir/small"
	wait_for 20 '[ "$(wc -l <"$away")" -ge $((had_away + 1)) ]' \
		'what it had to deliver is delivered when it can'
	wait_for 10 '[ "$(sink_count)" = $((had + 1)) ]' \
		'and an alert that it knew to fire is resolved'
	is "$(types "$ops" | tr ' ' '\n' | tail -n 1)" alert.resolved 'as such'
	wait_for 10 '[ "$(outbox "$state")" = 0 ]' 'nothing is left'
	ok stop_agent 'the agent ends well'
	umount "$dir/small"
}

if [ "$STATE_SH" = private ]; then
	full_disk
	no_disk
	late_disk
else
	pass 'a full disk # SKIP only root can mount one'
fi

# ---- a hung disk ----------------------------------------------------------------

hung_disk() {
	from_here
	resize 2000000
	wait_for 12 '[ "$(sink_count)" = $((had + 1)) ]' 'a disk that hangs silences no alert'
	cmp_num "$(curl -s -m 10 -o "$dir/page" -w '%{time_total}' \
		"$agent_url/metrics")" '<' 3 'nor does it hold up /metrics'
	is "$(unsaved)" 1 'the message is counted as not kept'
	ok 'logged "state.db: the disk does not answer; notifications go out"' \
		'and the log says why'
	wait_for 20 'logged "state.db: works again"' 'until the disk answers'
	end "$tracer"
	wait_for 20 '[ "$(outbox "$dir/state.db")" = 0 ]' \
		'and then has nothing left to send'
	is "$(announced "$dir/state.db")" 1 'but knows what was said'
	is "$(sink_count)" $((had + 1)) 'which is not said again'
}

# A commit waits for one of these or two.
resize 1000
had=$(sink_count)
start_agent --config "$dir/litegauge.ini"
start "$dir/strace.log" strace -f -p "$agent_pid" -o "$dir/strace.out" \
	-e trace=fsync,fdatasync -e inject=fsync,fdatasync:delay_enter=5500000
tracer=$child
wait_for 5 'grep -q attached "$dir/strace.log" || ! alive "$tracer"'
if alive "$tracer"; then
	hung_disk
else
	pass 'a hung disk # SKIP strace is not allowed here'
fi
stop_agent

# ---- a state.db that is not well --------------------------------------------------

# damage FILE: each has its own way.
with_words() {
	echo 'These are words and no database at all.' >"$1"
}

with_holes() {
	dd if=/dev/urandom of="$1" bs=4096 seek=1 count=2 conv=notrunc
}

cut_short() {
	truncate -s 5000 "$1"
}

for how in with_words with_holes cut_short; do
	rm -f "$dir"/state.db*
	start_agent --config "$dir/litegauge.ini"
	stop_agent
	"$how" "$dir/state.db" 2>"$dir/said"
	from_here
	start_agent --config "$dir/litegauge.ini"
	ok 'logged "level=warn msg=.*/state.db was damaged .*the old one is kept as"' \
		"a state.db $how is said to be damaged"
	ok '[ "$(ls "$dir"/state.db.damaged-* | wc -l)" = 1 ]' 'and kept aside'
	wait_for 10 '[ "$(announced "$dir/state.db")" = 1 ]' \
		'and the agent goes on with a new one'
	stop_agent
done

rm -f "$dir"/state.db*
sqlite3 "$dir/state.db" 'CREATE TABLE theirs (a)'
run "$dir/state.db"
is "$?" 1 'the database of another program is refused'
like "$(cat "$dir/ran")" 'state.db: this is the database of another program' \
	'in a sentence'

# ---- messages that nobody wants any more --------------------------------------------

rm -f "$dir"/state.db*
resize 2000000
start_agent --config "$dir/litegauge.ini"
had=$(sink_count)
stop_agent
sqlite3 "$dir/state.db" "INSERT INTO outbox (id, receiver, json, at_ms)
	VALUES ('msg_0123456789abcdefghijklmn', 'ops', json_set('$(
	sink_request 1 .body | sed "s/'/''/g")',
	'$.timestamp', '2023-01-01T00:00:00.000Z'), 1672531200000)"
sqlite3 "$dir/state.db" "INSERT INTO outbox (id, receiver, json, at_ms)
	SELECT 'msg_nobody', 'nobody', json, at_ms FROM outbox"
from_here
start_agent --config "$dir/litegauge.ini"
ok 'logged "msg_nobody for receiver nobody is dropped: there is no such"' \
	'a message for a receiver that is gone is dropped at the start'
ok 'logged "could not be delivered for a day and is dropped"' \
	'and so is one of long ago'
is "$(metric 'litegauge_notifications_dropped_total{receiver="ops"}')" 1 \
	'which is counted'
wait_for 5 '[ "$(outbox "$dir/state.db")" = 0 ]' 'both are forgotten'
is "$(sink_count)" "$had" 'and nobody hears of it'
ok stop_agent 'the agent ends well'

done_testing
