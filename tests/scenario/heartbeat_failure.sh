#!/bin/sh
# A ping that fails is tried again, with a line in the log but not one for each.
# shellcheck disable=SC2016,SC2034,SC2317
# shellcheck source=tests/scenario/lib.sh
. "$(dirname "$0")/lib.sh"

last='litegauge_heartbeat_last_success_timestamp_seconds'

tool writers --setup-only --synchronous off "$dir/good.db" >"$dir/out"
start_sink 200
cat >"$dir/test.ini" <<INI
[database good]
path = $dir/good.db
[heartbeat]
url   = $sink_url/ping
every = 12s
INI
start_agent --config "$dir/test.ini"
wait_for 5 '[ "$(sink_count)" -ge 1 ]' 'a ping comes'
n=$(sink_count)
stop_sink
wait_for 20 'grep -q "heartbeat: " "$agent_log"' 'a failure is logged'
before=$(metric "$last")
restart_sink 500,200
wait_for 30 '[ "$(sink_count)" -ge $((n + 2)) ]' 'and tried again'
wait_for 5 '[ "$(metric "$last")" != "$before" ]' \
	'until it is answered well'
cmp_num "$(grep -c 'level=warn.*heartbeat: ' "$agent_log")" '<=' 2 \
	'without a line for each'
ok stop_agent 'the agent ends well'
done_testing
