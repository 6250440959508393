#!/bin/sh
# Pings come while the agent does its work; none comes while it is stopped, and
# after a reload they go elsewhere.
# shellcheck disable=SC2016,SC2034,SC2317
# shellcheck source=tests/scenario/lib.sh
. "$(dirname "$0")/lib.sh"

last='litegauge_heartbeat_last_success_timestamp_seconds'

# Milliseconds between the last two pings.
gap() {
	tail -n 2 "$sink_log" | jq -s '(.[1].t - .[0].t) * 1000 | floor'
}

# Seconds since the last ping.
silent() {
	jq -n --argjson now "$(date +%s.%N)" \
		--argjson t "$(tail -n 1 "$sink_log" | jq .t)" '$now - $t'
}

silent_for() {
	awk -v a="$(silent)" -v b="$1" 'BEGIN { exit !(a >= b) }'
}

tool writers --setup-only --synchronous off "$dir/good.db" >"$dir/out"
start_sink 200
(umask 077 && echo "$sink_url/ping/secret-key" >"$dir/ping.url")

# ---- what is wrong is said --------------------------------------------------

config() {
	printf '[database good]\npath = %s\n%s\n' "$dir/good.db" "$1" \
		>"$dir/test.ini"
}

said() {
	"$LITEGAUGE" check-config --config "$dir/test.ini" 2>&1
}

config '[heartbeat]
every = 1m'
like "$(said)" 'test.ini:3: \[heartbeat\]: it needs url or url_file' \
	'a heartbeat needs a place to go'
config '[heartbeat]
url = hc-ping.com/secret-key'
like "$(said)" 'test.ini:4: \[heartbeat\]: url does not hold one URL' \
	'one that begins with a scheme'
unlike "$(said)" 'secret-key' 'which is not told'
config "[heartbeat]
url = $sink_url/x
every = 5s"
like "$(said)" 'every: 5s is too short' 'nobody is pinged all the time'
echo x >"$dir/open.url"
chmod 644 "$dir/open.url"
config "[heartbeat]
url_file = $dir/open.url"
like "$(said)" 'others may open it' 'nor is a secret read that is none'

# ---- pings come --------------------------------------------------------------

config "[heartbeat]
url_file = $dir/ping.url
every    = 12s"
start_agent --config "$dir/test.ini"
wait_for 5 '[ "$(sink_count)" -ge 1 ]' 'a ping comes soon after the start'
is "$(sink_request 1 '.method + " " + .path + .body')" 'GET /ping/secret-key' \
	'a plain GET, at the secret place'
cmp_num "$(metric "$last")" '>' $(($(date +%s) - 10)) \
	'the metric says when it was heard'
wait_for 15 '[ "$(sink_count)" -ge 2 ]' 'and another one'
cmp_num "$(gap)" '>=' 11900 'when it is due, not before'
cmp_num "$(gap)" '<=' 15000 'nor much later'
not_ok 'grep -q secret-key "$agent_log"' 'the log does not have the place'
not_ok 'curl -s "$agent_url/metrics" | grep -q secret-key' 'nor do the metrics'

# ---- the agent is stopped ----------------------------------------------------

kill -STOP "$agent_pid"
wait_for 40 'silent_for 20' 'while the agent is stopped no ping comes'
n=$(sink_count)
kill -CONT "$agent_pid"
wait_for 5 '[ "$(sink_count)" -gt "$n" ]' 'and one soon after'

# ---- a reload ----------------------------------------------------------------

config "[heartbeat]
url   = $sink_url/other
every = 12s"
kill -HUP "$agent_pid"
wait_for 20 '[ "$(tail -n 1 "$sink_log" | jq -r .path)" = /other ]' \
	'a new configuration has it go elsewhere'
cmp_num "$(gap)" '>=' 11900 'and not sooner than it may'

ok stop_agent 'the agent ends well'
done_testing
