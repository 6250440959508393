#!/bin/sh
# From a live database that crosses a threshold to the message about it, and
# back: for, clear, keep, severity, receivers, a restart, a database that goes.
# shellcheck disable=SC2016,SC2034
# shellcheck source=tests/scenario/lib.sh
. "$(dirname "$0")/lib.sh"

db=$dir/app.db
secret=whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw

# ---- what the tests are written in -------------------------------------------

# The size of the file is what is in it, once that is checkpointed.
resize() {
	sqlite3 -batch -cmd '.timeout 10000' "$db" 'PRAGMA synchronous = OFF' \
		'DELETE FROM pad' "INSERT INTO pad VALUES (zeroblob($1))" \
		VACUUM 'PRAGMA wal_checkpoint(TRUNCATE)' >"$dir/resized" 2>&1
}

# state RULE [DB]: as the API says it.
state() {
	curl -sf -m 5 "$agent_url/api/v1/alerts?db=${2:-app}" |
		jq -r --arg rule "$1" \
			'.data.alerts[] | select(.rule == $rule).state'
}

# The file's size as the agent saw it last, in kB.
seen_kb() {
	metric 'sqlite_database_size_bytes{db="app"}' |
		awk '{ print int($1 / 1000) }'
}

use() {
	sink_log=$1
}

# data N FIELD: of the message in request N.
data() {
	sink_request "$1" ".body | fromjson | .data.$2"
}

type_of() {
	sink_request "$1" '.body | fromjson.type'
}

# heard TYPE ALERT: how many such messages the receiver had.
heard() {
	jq -r '.body | fromjson | .type + " " + .data.alert' "$sink_log" |
		grep -c "^alert.$1 $2\$"
}

# Milliseconds since 1970 of "2023-11-14T22:13:20.123Z".
ms_of() {
	date -d "$1" +%s%3N
}

# The signature that request N must bear.
signature() {
	key=$(printf %s "${secret#whsec_}" | base64 -d | od -An -v -tx1 |
		tr -d ' \n')
	sed -n "$1p" "$sink_log" | jq -j '.headers["webhook-id"] + "." +
		.headers["webhook-timestamp"] + "." + .body' >"$dir/signed"
	printf 'v1,%s' "$(openssl dgst -sha256 -mac HMAC -binary \
		-macopt "hexkey:$key" "$dir/signed" | base64)"
}

# ---- two receivers, three rules ----------------------------------------------

tool writers --setup-only "$db"
sqlite3 "$db" 'CREATE TABLE pad (b BLOB)'
tool writers --setup-only "$dir/gone.db"
resize 1000

start_sink 204
ops=$sink_log
ops_url=$sink_url
start_sink ok
chat=$sink_log

(
	umask 077
	echo "$secret" >"$dir/ops.secret"
	echo "$sink_url/services/T0/B0/key" >"$dir/chat.url"
)
cat >"$dir/litegauge.ini" <<INI
[agent]
interval = 100ms

[database app]
path = $db

[database gone]
path = $dir/gone.db

[receiver ops]
type	    = webhook
url	    = $ops_url/hook
secret_file = $dir/ops.secret

[receiver chat]
type	 = slack
url_file = $dir/chat.url
group_wait = 0

[alert size]
when	  = database_size > 1 MB
clear	  = 400 kB
for	  = 3s
keep	  = 1s
severity  = critical
receivers = ops
db	  = app

[alert write-rate]
over = 0
for  = 0s

[alert database-down]
for	 = 300ms
keep	 = 300ms
INI
start_agent --config "$dir/litegauge.ini"

# The app goes on all the time, slowly; it is not what crosses.
start_tool writers --rate 10 --synchronous off --commits 1000000 "$db"
wait_for 10 '[ "$(state size)" = ok ]' 'an alert begins as ok'
is "$(metric 'litegauge_alerts{state="firing",severity="critical"}')" 0 \
	'and none is firing'

# ---- for: a short crossing is none ------------------------------------------

use "$ops"
resize 2000000
wait_for 5 '[ "$(state size)" = pending ]' 'beyond the limit it is pending'
resize 1000
wait_for 5 '[ "$(state size)" = ok ]' 'and back before `for` is over: ok'
is "$(sink_count)" 0 'of which nobody hears'

# ---- firing -----------------------------------------------------------------

before=$(date +%s%3N)
resize 2000000
wait_for 10 '[ "$(sink_count)" -ge 1 ]' 'a threshold crossed reaches a webhook'
is "$(type_of 1)" alert.firing 'as firing'
is "$(sink_request 1 '.method + " " + .path')" 'POST /hook' 'at its address'
is "$(sink_request 1 '.headers["content-type"]')" application/json 'as JSON'
is "$(sink_request 1 '.body | fromjson | (keys_unsorted | join(" ")) + ": " +
	(.data | keys_unsorted | join(" "))')" \
	'type timestamp data: alert db host severity measure value threshold unit since summary cause next_step url reminder culprit' \
	'with the documented keys'
is "$(data 1 'alert + " " + .data.db + " " + .data.severity + " " +
	.data.measure + " " + .data.unit')" \
	'size app critical database_size bytes' 'that say what and how bad'
is "$(data 1 threshold)" 1000000 'how much would be well'
cmp_num "$(data 1 value)" '>' 2000000 'and how much it is'
is "$(data 1 host)" "$(hostname)" 'where'
is "$(data 1 url)" "$agent_url/#app" 'and where to look'
like "$(data 1 summary)" \
	'^app: database_size is 2[.0-9]* MB, above 1[.0]* MB for 3' \
	'and in one sentence'
cmp_num "$(data 1 'cause + .data.next_step | length')" '>' 40 \
	'with a cause and a next step'
cmp_num "$(ms_of "$(data 1 since)")" '>=' $((before + 3000)) \
	'not before `for` is over'
cmp_num "$(ms_of "$(sink_request 1 '.body | fromjson.timestamp')")" '<=' \
	$((before + 6000)) 'but soon after'

is "$(sink_request 1 '.headers["webhook-signature"]')" "$(signature 1)" \
	'the signature verifies'
like "$(sink_request 1 '.headers["webhook-id"]')" '^msg_[0-9a-z]+$' \
	'the id is fit for one'
cmp_num "$(sink_request 1 '(.headers["webhook-timestamp"] | tonumber) - .t |
	fabs')" '<' 2 'and the time is that of the attempt'

is "$(state size)" firing 'the API says firing'
is "$(metric 'litegauge_alerts{state="firing",severity="critical"}')" 1 \
	'and so do the metrics'
wait_for 5 '[ "$(metric "litegauge_notifications_total{receiver=\"ops\"}")" \
	= 1 ]' 'a delivery is counted'
ok 'grep -q "level=warn msg=\"alert.firing: app: database_size is" \
	"$agent_log"' 'the log says it too'
is "$(wc -l <"$chat" | tr -d ' ')" 0 'who is not named is not told'

# ---- clear and keep -----------------------------------------------------------

resize 700000
wait_for 5 '[ "$(seen_kb)" -lt 1000 ]'
is "$(state size)" firing 'between clear and the limit it goes on'
before=$(date +%s%3N)
resize 1000
wait_for 10 '[ "$(sink_count)" -ge 2 ]' 'within clear it is resolved'
is "$(type_of 2)" alert.resolved 'which is said'
cmp_num "$(ms_of "$(sink_request 2 '.body | fromjson.timestamp')")" '>=' \
	$((before + 1000)) 'after `keep`, not before'
is "$(data 2 since)" "$(data 1 since)" 'since is when it began to fire'
is "$(sink_request 2 '.headers["webhook-signature"]')" "$(signature 2)" \
	'that is signed as well'
unlike "$(sink_request 2 '.headers["webhook-id"]')" \
	"$(sink_request 1 '.headers["webhook-id"]')" 'and another message'
is "$(state size)" ok 'and the API says ok'

# ---- all receivers, the writes that the app makes -----------------------------

start_tool writers --rate 120 --synchronous off --commits 1000000 "$db"
use "$chat"
wait_for 10 '[ "$(sink_count)" -ge 1 ]' \
	'a rule without receivers goes to all: Slack'
is "$(sink_request 1 '.body | fromjson.blocks | map(.type) | join(" ")')" \
	'header section context' 'has its blocks'
like "$(sink_request 1 '.body | fromjson.blocks[0].text.text')" \
	'\[firing\] write-rate on app \(warning\)$' 'that say what it is'
like "$(sink_request 1 '.body | fromjson.blocks[1].text.text')" \
	'^app: write_rate is [0-9.]+/s, above 50(\.0)?/s' 'and how much'
is "$(sink_request 1 .path)" /services/T0/B0/key 'at its secret address'
not_ok 'grep -q services/T0 "$agent_log"' 'which the log does not have'
use "$ops"
wait_for 5 '[ "$(heard firing write-rate)" = 1 ]' 'and the webhook'
is "$(data 3 'severity')" warning 'with the severity of the built-in rule'
kill -TERM "$tool_pid"
wait_for 10 '[ "$(heard resolved write-rate)" -ge 1 ]' 'a quiet app is resolved'
wait_for 5 '[ "$(wc -l <"$chat")" -ge 2 ]' 'for both'

# ---- a database that is removed ----------------------------------------------

mv "$dir/gone.db" "$dir/gone.away"
wait_for 5 '[ "$(heard firing database-down)" = 1 ]' 'a database gone is heard of'
is "$(state database-down gone)" firing 'the API knows'
is "$(state database-down app)" ok 'that it is not the other one'
is "$(metric 'litegauge_alerts{state="firing",severity="critical"}')" 1 \
	'it is critical'
mv "$dir/gone.away" "$dir/gone.db"
wait_for 5 '[ "$(heard resolved database-down)" = 1 ]' 'and so is its return'

# ---- a restart ----------------------------------------------------------------

resize 2000000
wait_for 10 '[ "$(heard firing size)" = 2 ]' 'it fires again'
ok stop_agent 'an agent ends while an alert is firing'
start_agent --config "$dir/litegauge.ini"
is "$(state size)" firing 'and when it is back it still is'
# Whatever else would be said of it would come before this.
mv "$dir/gone.db" "$dir/gone.away"
wait_for 5 '[ "$(heard firing database-down)" = 2 ]'
mv "$dir/gone.away" "$dir/gone.db"
wait_for 5 '[ "$(heard resolved database-down)" = 2 ]'
is "$(heard firing size)" 2 'but it is not announced twice'

stop_agent
resize 1000
is "$(heard resolved size)" 1 'while the agent is away nothing is said'
start_agent --config "$dir/litegauge.ini"
wait_for 10 '[ "$(heard resolved size)" = 2 ]' \
	'what was over meanwhile is resolved after the restart'
is "$(jq -r '.headers["webhook-id"]' "$ops" | sort | uniq -d)" '' \
	'no message came twice'
unsent() {
	sqlite3 -cmd '.timeout 5000' "$dir/state.db" 'SELECT count(*) FROM outbox'
}
wait_for 20 '[ "$(unsent)" = 0 ]' 'everybody hears of it'
ok stop_agent 'and the agent ends well'
is "$(unsent)" 0 'with nothing left to send'

done_testing
