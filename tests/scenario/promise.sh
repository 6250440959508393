#!/bin/sh
# Whatever is changed while an alert fires, by a reload or between two runs: who
# heard that it fires hears its end, once, and nobody else does.
# shellcheck disable=SC2016,SC2034
# shellcheck source=tests/scenario/lib.sh
. "$(dirname "$0")/lib.sh"

db=$dir/app.db

resize() {
	sqlite3 -batch -cmd '.timeout 10000' "$db" 'PRAGMA synchronous = OFF' \
		'DELETE FROM pad' "INSERT INTO pad VALUES (zeroblob($1))" \
		VACUUM 'PRAGMA wal_checkpoint(TRUNCATE)' >"$dir/resized" 2>&1
}

# story RECEIVER: all that it was told of the rule size, in order.
story() {
	jq -r --arg path "/$1" 'select(.path == $path).body | fromjson |
		select(.data.alert == "size") |
		(.type | sub("alert."; "")) +
		(if .data.reminder then "+" else "" end)' "$sink_log" |
		paste -sd ' ' -
}

says() {
	[ "$(story "$1")" = "$2" ]
}

# ini WHEN RECEIVERS
ini() {
	cat <<INI
[agent]
interval = 100ms
[database app]
path = $db
[receiver ops]
type = webhook
url  = $ops_url/ops
fallback = spare
[receiver night]
type = webhook
url  = $sink_url/night
[receiver spare]
type = webhook
url  = $sink_url/spare
[alert size]
when = $1
receivers = $2
INI
}

reload() {
	ini "$@" >"$dir/litegauge.ini"
	ok 'curl -sf -X POST "$agent_url/-/reload"' "reload: $1 to $2"
}

again() {
	stop_agent
	ini "$@" >"$dir/litegauge.ini"
	start_agent --config "$dir/litegauge.ini"
}

tool writers --setup-only "$db"
sqlite3 "$db" 'CREATE TABLE pad (b BLOB)'
resize 1500000
start_sink 400,204
refuses_log=$sink_log refuses_url=$sink_url
start_sink 204
ops_url=$sink_url
big='database_size > 1 MB'
ini "$big" ops >"$dir/litegauge.ini"
start_agent --config "$dir/litegauge.ini"
wait_for 10 'says ops firing' 'it fires, and one is told'

# ---- a reload -------------------------------------------------------------

reload "$big" night
wait_for 10 'says night firing+' 'who comes new is told that it fires'
reload "$big" night
reload 'database_size > 1100 kB' night
resize 1000
wait_for 10 'says night "firing+ resolved"' 'who was named hears the end'
wait_for 10 'says ops "firing resolved"' 'and who is no more does too'
is "$(story spare)" '' 'who stands in hears nothing'

# ---- between two runs -----------------------------------------------------

resize 1500000
wait_for 10 'says night "firing+ resolved firing"' 'it fires again'
again "$big" ops
wait_for 10 'says ops "firing resolved firing+"' 'after a restart as well'
again 'wal_size > 100 GB' ops
wait_for 10 'says ops "firing resolved firing+ resolved"' \
	'of another measure it is another alert, and the old one ends'
wait_for 10 'says night "firing+ resolved firing resolved"' 'for both'
is "$(jq -r '.body | fromjson | .data.measure' "$sink_log" | sort -u)" \
	database_size 'and of the other nothing is said'
unlike "$(cat "$agent_log")" 'state.db' 'state.db took all of it'

# ---- a fallback ---------------------------------------------------------------

ops_url=$refuses_url
resize 1000
again "$big" ops
resize 1500000
wait_for 10 'says spare firing' 'what one refuses another is told'
again "$big" ops
resize 1000
wait_for 10 'says spare "firing resolved"' 'and its end, after a restart'
wait_for 10 '[ "$(wc -l <"$refuses_log")" = 2 ]' 'as is the one who is well now'
stop_agent
done_testing
