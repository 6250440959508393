#!/bin/sh
# A digest arrives when it is due, and says what is really so.
# shellcheck disable=SC2016,SC2034,SC2317
# shellcheck source=tests/scenario/lib.sh
. "$(dirname "$0")/lib.sh"

db=$dir/app.db

# digest N FIELD: of the Nth digest that came.
digest() {
	jq -r '.body | fromjson | select(.type == "agent.digest") | .'"$2" \
		"$sink_log" | sed -n "$1p"
}

digests() {
	jq -r '.body | fromjson | .type' "$sink_log" | grep -c '^agent.digest$'
}

said() {
	"$LITEGAUGE" check-config --config "$dir/test.ini" 2>&1
}

# config DIGEST-LINES: a slow sampler, for nothing here is about that.
config() {
	cat >"$dir/test.ini" <<INI
[database app]
path = $db
[database other]
path = $dir/other.db
[receiver ops]
type = webhook
url  = $ops_url
[receiver chat]
type = webhook
url  = $chat_url
[alert big]
when = database_size > 400 MB
receivers = chat
[alert write-rate]
when = write_rate > 20/s
for  = 0s
receivers = chat
[digest]
$1
INI
}

tool writers --setup-only --synchronous off "$db" >"$dir/out"
tool writers --setup-only --synchronous off "$dir/other.db" >"$dir/out"
start_sink 200
chat_url=$sink_url
chat=$sink_log
start_sink 200
ops_url=$sink_url
ops=$sink_log

# ---- what is wrong is said --------------------------------------------------

config 'at = monday 9:00'
like "$(said)" 'test.ini:19: \[digest\]: at: "monday 9:00" is not a day' \
	'a time that is none is named'
config 'receivers = ops, mail'
like "$(said)" 'test.ini:19: \[digest\]: there is no \[receiver mail\]' \
	'so is a receiver that is none'
config 'at = sun 18:30'
unlike "$(said)" 'receiver ops\]: no rule uses' \
	'a receiver that only digests go to is used'

# ---- a digest comes ----------------------------------------------------------

config 'every = 10s
receivers = ops'
start_agent --config "$dir/test.ini"
start_tool writers --rate 50 --synchronous off --commits 1000000 "$db"
writer=$tool_pid
wait_for 25 '[ "$(digests)" -ge 1 ]' 'a digest comes'
is "$(digest 1 'data | .alert + " " + .severity + " " + .host')" \
	"digest info $(hostname)" 'as one, of this host'
is "$(digest 1 data.culprit)" null 'with the fields of every notification'
wait_for 25 '[ "$(digests)" -ge 2 ]' 'and another one'
t1=$(date -d "$(digest 1 timestamp)" +%s)
t2=$(date -d "$(digest 2 timestamp)" +%s)
cmp_num $((t2 - t1)) '>=' 7 'not sooner than it is due'
cmp_num $((t2 - t1)) '<=' 15 'nor much later'
is "$(wc -l <"$chat" | tr -d ' ')" \
	"$(grep -c alert.firing "$chat")" 'who is not named gets none'

# What it says is what the agent's own pages say.
like "$(digest 2 data.summary)" \
	'^1 alert is open: write-rate of app; ' 'an open alert is counted'
like "$(digest 1 data.summary)$(digest 2 data.summary)" \
	'1 has fired in' 'and that it has fired'
like "$(digest 2 data.cause)" \
	'^The tightest first.  app: write_rate at p95 [0-9.]+/s of 20.0/s \([0-9]+%\), size [0-9.]+ [kM]B of 400 MB \([0-9]+%\), no replica known\.  other: ' \
	'the databases, the tightest first, with the limits of the rules'
share=$(digest 2 data.cause | grep -o 'of 20.0/s ([0-9]*' | sed 's/.*(//; q')
cmp_num "$share" '>=' 50 'the mean of a young history is told'
cmp_num "$share" '<=' 260 'and in proportion'
like "$(digest 2 data.next_step)" 'open alerts' 'the next step is to look at it'

# ---- all is well ---------------------------------------------------------------

kill -TERM "$writer"
wait_for 15 'curl -sf "$agent_url/api/v1/alerts?db=app" | jq -e "[.data.alerts[] |
	select(.rule == \"write-rate\").state] == [\"ok\"]"'
n=$(digests)
wait_for 30 '[ "$(digests)" -ge $((n + 2)) ]'
like "$(digest $((n + 2)) data.summary)" \
	'^All is well with 2 databases: no alert is open, and none has fired in (9|1[0-9])' \
	'all is well, and the count begins anew'

ok stop_agent 'the agent ends well'
done_testing
