#!/bin/sh
# A silence keeps quiet what it matches and nothing else, survives a restart,
# ends without a word, and the end of what people know of is told under it too.
# shellcheck disable=SC2016,SC2034
# shellcheck source=tests/scenario/lib.sh
. "$(dirname "$0")/lib.sh"

db=$dir/app.db
agent=${LITEGAUGE:-build/litegauge}

resize() {
	sqlite3 -batch -cmd '.timeout 10000' "$db" 'PRAGMA synchronous = OFF' \
		'DELETE FROM pad' "INSERT INTO pad VALUES (zeroblob($1))" \
		VACUUM 'PRAGMA wal_checkpoint(TRUNCATE)' >"$dir/resized" 2>&1
}

# state RULE: as the API says it.
state() {
	curl -sf -m 5 "$agent_url/api/v1/alerts?db=app" |
		jq -r --arg rule "$1" \
			'.data.alerts[] | select(.rule == $rule).state'
}

# heard TYPE ALERT: how many such messages the receiver had.
heard() {
	jq -r '.body | fromjson | .type + " " + .data.alert' "$sink_log" |
		grep -c "^alert.$1 $2\$"
}

silence() {
	"$agent" silence --listen "127.0.0.1:$port" "$@"
}

silences() {
	silence --json | jq length
}

is "$("$agent" silence --listen 127.0.0.1:1 2>&1 | cut -c1-44)" \
	'litegauge: no agent answers at 127.0.0.1:1 (' 'without an agent it says so'

tool writers --setup-only "$db"
sqlite3 "$db" 'CREATE TABLE pad (b BLOB)'
resize 1000
start_sink 204
cat >"$dir/litegauge.ini" <<INI
[agent]
interval = 100ms

[database app]
path = $db

[receiver ops]
type = webhook
url = $sink_url/hook

[alert size]
when = database_size > 1 MB
clear = 400 kB

[alert size-too]
when = database_size > 1 MB
clear = 400 kB
INI
start_agent --config "$dir/litegauge.ini"

# ---- asked for -----------------------------------------------------------------

is "$(silence)" 'Nothing is silenced.' 'at first nothing is silenced'
ok 'silence "db=app rule=size" 1h "moving house" >"$dir/said"' 'one begins'
like "$(cat "$dir/said")" \
	'^s[0-9a-v]{7} until 20.* UTC: db=app rule=size \(.*: moving house\)$' \
	'and is told back'
is "$(wc -l <"$dir/said")" 1 'which fits an alert'
id=$(cut -d ' ' -f 1 "$dir/said")
like "$(silence)" "^$id until" 'it is listed'
ok 'silence "rule=none" 1h >"$dir/said"' 'another needs no reason'
like "$(cat "$dir/said")" ' UTC: rule=none \([^: ]+\)$' 'and none is said of it'
is "$(tail -n 1 "$dir/said")" \
	'No alert that there is now fits it: are the names right?' \
	'but that it fits nothing is'
other=$(head -n 1 "$dir/said" | cut -d ' ' -f 1)
ok 'silence end "$other" >"$dir/said"' 'it is ended'
is "$(curl -sf "$agent_url/api/v1/silences" | jq -r '.data[0].why')" \
	'moving house' 'the API has it'
like "$(curl -sf "$agent_url/")" '<h2>Silences</h2>' 'so has the page'

no() {
	not_ok "silence $1 >'$dir/said' 2>&1" "refused: $1"
	like "$(cat "$dir/said")" "$2" 'with a sentence'
}
no '"nonsense" 1h' 'is not db='
no '"db=app" 1 x' 'unit'
no '"db=app" 400d' '366d'
no 'db=app' 'for how long'
no 'end' 'say which one'
no 'severity=fatal 1h' 'none of info, warning and critical'
no 'end s0000000' 'there is no silence s0000000'
is "$(curl -s -o "$dir/said" -w '%{http_code}' -X POST -H 'Origin: http://evil' \
	"$agent_url/api/v1/silences/add?match=db=*&for=1h")" 403 \
	'a web page may not silence anything'
is "$(curl -s -o "$dir/said" -w '%{http_code}' \
	"$agent_url/api/v1/silences/add?match=db=*&for=1h")" 405 'nor a link'
is "$(silences)" 1 'nothing came of all that'

# ---- under it ------------------------------------------------------------------

resize 1500000
wait_for 10 '[ "$(heard firing size-too)" = 1 ]' 'the other alert is told of'
wait_for 10 '[ "$(state size)" = silenced ]' 'this one is shown as silenced'
is "$(metric 'litegauge_alerts{state="silenced",severity="warning"}')" 1 \
	'and counted so'
is "$(heard firing size)" 0 'and not told of'

kill_agent
start_agent --config "$dir/litegauge.ini"
is "$(silences)" 1 'a restart keeps the silence'
wait_for 10 '[ "$(state size)" = silenced ]' 'and what it covers'

ok 'silence end "$id" >"$dir/said"' 'it is ended'
is "$(silence)" 'Nothing is silenced.' 'and gone'
wait_for 10 '[ "$(state size)" = firing ]' 'the alert is shown as it is'
resize 1000
wait_for 10 '[ "$(heard resolved size-too)" = 1 ]' 'both end'
wait_for 10 '[ "$(state size)" = ok ]'
is "$(heard firing size)$(heard resolved size)" 00 \
	'of the one that nobody heard of the end is no news'

# ---- what people know of -------------------------------------------------------

resize 1500000
wait_for 10 '[ "$(heard firing size)" = 1 ]' 'an alert is told of'
ok 'silence "rule=size*" 2s brief >"$dir/said"' 'then it is silenced'
is "$(state size)" silenced 'and shown so'
resize 1000
wait_for 10 '[ "$(heard resolved size)" = 1 ]' 'its end is told all the same'
wait_for 10 '[ "$(silences)" = 0 ]' 'the silence ends by itself'
is "$(heard firing size)$(heard firing size-too)" 12 \
	'and its end announces nothing'
kill_agent
start_agent --config "$dir/litegauge.ini"
is "$(silences)" 0 'what is over does not come back'
stop_agent
unlike "$(cat "$agent_log")" 'level=error' 'nothing failed'
done_testing
