#!/bin/sh
# exec: the agent hands an alert to a program, whatever the program does.
# shellcheck disable=SC2016,SC2034
# shellcheck source=tests/scenario/lib.sh
. "$(dirname "$0")/lib.sh"

litegauge=${LITEGAUGE:-build/litegauge}
tool writers --setup-only "$dir/app.db"
sqlite3 "$dir/app.db" 'CREATE TABLE pad (b BLOB)'

# It keeps what it gets, one file for each message, and ends as $dir/status says.
cat >"$dir/tell" <<'SH'
#!/bin/sh
dir=${0%/*}
[ "$1" = 'to whom' ] || exit 64
cat >"$dir/in.$$"
env | sort >"$dir/env.$LITEGAUGE_ID"
ls /proc/self/fd | wc -l >"$dir/fds"
status=$(cat "$dir/status")
[ "$status" = hang ] && sleep 600
[ "$status" = 0 ] || echo "cannot tell: $status" >&2
[ "$status" = 0 ] && mv "$dir/in.$$" "$dir/$LITEGAUGE_ID.json"
echo "$LITEGAUGE_TYPE $LITEGAUGE_ALERT $LITEGAUGE_DB $status" >>"$dir/calls"
exit "$status"
SH
chmod 700 "$dir/tell"
: >"$dir/calls"
echo 0 >"$dir/status"

configure() {
	cat >"$dir/litegauge.ini" <<INI
[agent]
interval = 100ms
[database app]
path = $dir/app.db
[receiver ops]
type = exec
command = $1
[alert tall]
when = database_size > 1 MB
INI
}

for bad in "bin/tell|a whole path" "'tell|within quotes" "''|names no program"
do
	configure "${bad%|*}"
	not_ok '"$litegauge" check-config --config "$dir/litegauge.ini"' \
		"a command of ${bad%|*} is an error"
	like "$(cat "$dir/said")" "litegauge.ini:5: .*${bad#*|}" 'and said'
done

configure "$dir/tell 'to whom'"
OPS_SECRET=s3cr3t
export OPS_SECRET
ok '"$litegauge" test-notify --config "$dir/litegauge.ini"' \
	'samples are handed over'
is "$(grep -c ': delivered$' "$dir/said")" 7 'of each kind'
is "$(cat "$dir"/msg_*.json | jq -r .type | sort -u | paste -sd' ' -)" \
	'agent.digest alert.firing alert.flapping alert.no_data alert.resolved' \
	'as the JSON of a webhook'
is "$(cat "$dir"/env.* | cut -d= -f1 | grep -v '^_$' | sort -u |
	paste -sd' ' -)" 'HOME LANG LITEGAUGE_ALERT LITEGAUGE_DB LITEGAUGE_ID LITEGAUGE_SEVERITY LITEGAUGE_TYPE PATH PWD' \
	'with an environment that holds nothing else'
# ls has its directory open, and the three that everybody has.
is "$(tr -d ' ' <"$dir/fds")" 4 'and no file of the agent'

echo 75 >"$dir/status"
not_ok '"$litegauge" test-notify --config "$dir/litegauge.ini"' \
	'a program that fails is trouble'
like "$(cat "$dir/said")" \
	'^ops: firing: failed: the program ended \(exit status 75\): cannot tell: 75$' \
	'and its own words are the reason'
configure "$dir/tell nobody"
not_ok '"$litegauge" test-notify --config "$dir/litegauge.ini"' \
	'so is one that is called wrongly'
like "$(cat "$dir/said")" 'does not know \(exit status 64\)' 'as it says'
configure "$dir/tale"
not_ok '"$litegauge" test-notify --config "$dir/litegauge.ini"' \
	'and one that is not there'
like "$(cat "$dir/said")" 'cannot be run: No such file' 'which is said'

# ---- the agent --------------------------------------------------------------

resize() {
	sqlite3 -batch -cmd '.timeout 10000' "$dir/app.db" 'DELETE FROM pad' \
		"INSERT INTO pad VALUES (zeroblob($1))" VACUUM \
		'PRAGMA wal_checkpoint' >"$dir/resized" 2>&1
}

configure "$dir/tell 'to whom'"
rm -f "$dir"/msg_*.json "$dir"/env.*
: >"$dir/calls"
echo 75 >"$dir/status"
start_tool reader --mark-only "$dir/app.db"	# the app, which stays open
resize 1000
start_agent --config "$dir/litegauge.ini"
resize 1500000
wait_for 10 'grep -q "^alert.firing tall app 75$" "$dir/calls"' \
	'an alert is handed over'
echo 0 >"$dir/status"
wait_for 20 'grep -q "^alert.firing tall app 0$" "$dir/calls"' \
	'and again when the program could not'
is "$(cat "$dir"/msg_*.json | jq -r '.type + " " + .data.alert')" \
	'alert.firing tall' 'once'

echo hang >"$dir/status"
resize 1000
wait_for 10 '[ "$(ls "$dir"/env.* | wc -l)" -ge 2 ]' 'a program hangs'
took=$(curl -s -m 10 -o "$dir/page" -w '%{time_total}' "$agent_url/metrics")
cmp_num "$took" '<' 0.5 'and the agent does not'
cpu() {
	awk '{ print $14 + $15 }' "/proc/$agent_pid/stat"
}
before=$(cpu)
sleep 1
cmp_num $(($(cpu) - before)) '<' 30 'nor is it busy with waiting'
hung=$(pgrep -P "$agent_pid" -f tell)
ok stop_agent 'the agent stops all the same'
wait_for 5 '[ ! -d "/proc/$hung" ]' 'and leaves no program behind'
echo 0 >"$dir/status"
start_agent --config "$dir/litegauge.ini"
wait_for 20 'grep -q "^alert.resolved tall app 0$" "$dir/calls"' \
	'what was not delivered then is now'
ok stop_agent 'to the end'

# Started without any of the first three descriptors: nothing takes their place.
sh -c 'exec "$0" "$@" <&- >&- 2>&-' "$litegauge" run --state "$dir/state.db" \
	--listen "127.0.0.1:$port" --config "$dir/litegauge.ini" &
closed=$!
children="$children $closed"
wait_for 10 agent_answers
is "$(for fd in 0 1 2; do readlink "/proc/$closed/fd/$fd"; done | sort -u)" \
	/dev/null 'a start without standard files has some that do no harm'
resize 1500000
wait_for 20 '[ "$(grep -c "^alert.firing tall app 0$" "$dir/calls")" = 2 ]' \
	'and programs are fed as before'
end "$closed"
unlike "$(cat "$agent_log")" 's3cr3t' 'no secret is in the log'
done_testing
