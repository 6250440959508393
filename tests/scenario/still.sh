#!/bin/sh
# A machine that is frozen for a while, as for a snapshot of it, is no disk that
# hangs: nobody is woken.
# shellcheck disable=SC2016,SC2034
# shellcheck source=tests/scenario/lib.sh
. "$(dirname "$0")/lib.sh"

tool writers --setup-only "$dir/app.db"
start_sink 204
cat >"$dir/litegauge.ini" <<INI
[agent]
interval = 200ms
[database app]
path = $dir/app.db
[receiver ops]
type = webhook
url  = $sink_url
[alert sample-late]
when = sample_late > 2s
INI
start_agent --config "$dir/litegauge.ini"
wait_for 10 '[ "$(metric "sqlite_up{db=\"app\"}")" = 1 ]' 'all is well'
for _ in 1 2; do
	kill -STOP "$agent_pid"
	sleep 5			# this is what it is about
	kill -CONT "$agent_pid"
	wait_for 5 '[ "$(metric "sqlite_up{db=\"app\"}")" = 1 ]' 'it goes on'
done
moved=$(sqlite3 "$dir/state.db" "SELECT count(*) FROM alert")
is "$moved" 0 'no alert has moved'
is "$(sink_count)" 0 'and nobody is told'
stop_agent
done_testing
