#!/bin/sh
# A new configuration is laid over the running agent: what is in both goes on,
# and what is wrong changes nothing.
# shellcheck disable=SC2016,SC2034,SC2317
# shellcheck source=tests/scenario/lib.sh
. "$(dirname "$0")/lib.sh"

count() {
	metric "sqlite_write_transactions_total{db=\"$1\"}"
}

names() {
	curl -sf -m 5 "$agent_url/api/v1/databases" |
		jq -r '[.data[].name] | join(" ")'
}

# State and beginning of a rule's alert: alert RULE DB
alert() {
	curl -sf -m 5 "$agent_url/api/v1/alerts?db=$2" |
		jq -r --arg rule "$1" '.data.alerts[] |
			select(.rule == $rule) | "\(.state) \(.since)"'
}

# Status of a POST, its answer in $dir/answer.
post() {
	curl -s -m 5 -o "$dir/answer" -w '%{http_code}' -X POST "$@" \
		"$agent_url/-/reload"
}

reload_ok() {
	metric litegauge_config_last_reload_successful
}

lines() {
	grep -c "$1" "$agent_log"
}

for file in stays goes comes there; do
	tool writers --setup-only --synchronous off "$dir/$file.db" >"$dir/out"
done
start_sink
cat >"$dir/first.ini" <<INI
[agent]
interval = 200ms
[database stays]
path = $dir/stays.db
[database goes]
path = $dir/goes.db
[database moves]
path = $dir/goes.db
[receiver hook]
type = webhook
url = $sink_url
[alert big]
when = database_size > 1 kB
db = [sc]*
[alert many]
when = readers > 100
INI
cat >"$dir/second.ini" <<INI
[agent]
interval = 200ms
[database stays]
path = $dir/stays.db
[database comes]
path = $dir/comes.db
[database moves]
path = $dir/there.db
[receiver hook]
type = webhook
url = $sink_url
[alert big]
when = database_size > 2 kB
for = 1s
severity = critical
db = [sc]*
INI
cp "$dir/first.ini" "$dir/test.ini"
start_agent --config "$dir/test.ini"
start_tool writers --synchronous off --rate 100 --duration 60 \
	--count-file "$dir/count" "$dir/stays.db"
wait_for 5 '[ "$(count stays)" -gt 10 ]' 'one database is written to'
is "$(names)" 'goes moves stays' 'three are watched'
wait_for 5 '[ "$(sink_count)" = 1 ]' 'an alert is told'
firing=$(alert big stays)
like "$firing" '^firing 20' 'it fires'
like "$(alert many stays)" '^ok ' 'another does not'

# ---- a change -------------------------------------------------------------

cp "$dir/second.ini" "$dir/test.ini"
kill -HUP "$agent_pid"
wait_for 5 '[ "$(names)" = "comes moves stays" ]' \
	'SIGHUP: one comes, one goes, two stay'
wait_for 5 '[ "$(metric "sqlite_up{db=\"comes\"}")" = 1 ]' 'the new one is up'
is "$(count goes)" '' 'of the old one nothing is left'
moved() {
	scrape && grep -qF "info{db=\"moves\",path=\"$dir/there.db\"" \
		"$dir/metrics"
}
wait_for 5 moved 'a path can change'
tool writers --synchronous off --rate 100 --commits 30 "$dir/there.db" \
	>"$dir/out"
wait_for 5 '[ "$(count moves)" = 30 ]' 'and what is there now is counted'
is "$(alert big stays)" "$firing" 'an alert fires on, since the same moment'
is "$(alert many stays)" '' 'a rule can go'
wait_for 5 '[ "$(sink_count)" = 2 ]' 'the new database has its own alert'
is "$(sink_request 2 '.body | fromjson | [.type, .data.db, .data.severity] |
	join(" ")')" 'alert.firing comes critical' 'by the new rule'

# ---- a mistake ------------------------------------------------------------

cat >>"$dir/test.ini" <<INI
[database odd]
path = /
[alert bad]
when = size > much
fort = 1m
INI
at=$(wc -l <"$dir/second.ini")
was=$(metric litegauge_config_last_reload_success_timestamp_seconds)
is "$(post)" 500 'POST of a bad file is refused'
like "$(cat "$dir/answer")" "^$dir/test.ini:$((at + 5)): .*fort" \
	'with file, line and reason'
is "$(reload_ok)" 0 'that is in the metrics'
is "$(metric litegauge_config_last_reload_success_timestamp_seconds)" "$was" \
	'with the time of the last good one'
is "$(names)" 'comes moves stays' 'and nothing has changed'
is "$(alert big stays)" "$firing" 'nor has the alert'
ok 'grep -q "level=error msg=\".*test.ini:$((at + 4)): .*bad" "$agent_log"' \
	'the log has every mistake'
before=$(lines 'level=error')
kill -HUP "$agent_pid"
wait_for 5 '[ "$(lines "level=error")" -gt "$before" ]' 'so with SIGHUP'
ok 'grep -q "level=error msg=\".* not taken: it stays as it was" "$agent_log"' \
	'and says that nothing has changed'
mv "$dir/test.ini" "$dir/away.ini"
is "$(post)" 500 'a file that is gone is refused'
like "$(cat "$dir/answer")" 'test.ini: No such file' 'with the reason'
is "$(curl -s -o "$dir/answer" -w '%{http_code}' "$agent_url/-/reload")" 405 \
	'GET does not reload'
cp "$dir/second.ini" "$dir/test.ini"
is "$(post -H 'Origin: http://example.org')" 403 'nor may a web page'
is "$(reload_ok)" 0 'and has not'
is "$(post)" 200 'a good file is taken'
is "$(reload_ok)" 1 'and all is well'
cmp_num "$(metric litegauge_config_last_reload_success_timestamp_seconds)" \
	'>' "$was" 'since now'

# ---- what only a restart changes ------------------------------------------

is "$(lines 'restart litegauge for it')" 0 'nothing has asked for a restart'
sed '/^interval/a lock_interval = 30ms\nholders_interval = 20s\nurl = http://x/' \
	"$dir/second.ini" >"$dir/test.ini"
is "$(post)" 200 'some keys are fixed'
for key in lock_interval holders_interval url; do
	is "$(lines "$key has changed: restart litegauge for it")" 1 \
		"and say so: $key"
done

# ---- and all the while ----------------------------------------------------

for i in 1 2 3 4 5 6 7 8 9 10; do
	is "$(post)" 200 "once more, $i"
done
kill -TERM "$tool_pid"
ok end_tool 'the writers end'
wait_for 5 '[ "$(count stays)" = \
	"$(tool writers --read-count "$dir/count")" ]' \
	'not a commit was lost or counted twice'
is "$(alert big stays)" "$firing" 'the alert never noticed'
is "$(sink_count)" 2 'and nobody was told twice'
ok stop_agent 'the agent ends well'
not_ok 'grep -q Sanitizer "$agent_log"' 'and cleanly'

done_testing
