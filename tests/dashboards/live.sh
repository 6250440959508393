#!/bin/sh
# live.sh - a real Prometheus scrapes a real agent, and every panel of the
# dashboard has something to show.  What lint.sh cannot know: that the metrics
# carry the labels which the queries and rules join on.
#
# The agent watches a database that is written and read, by programs with the
# probe and under the kernel tracer (where that cannot run, what it alone tells
# is left out), and replicated by the real Litestream, to a folder and to a
# bucket; one rule of its own fires, so that it has notified somebody.
#
# Environment: PROMETHEUS (prometheus), LITESTREAM03 (Litestream 0.3, needed),
# PROMTOOL (promtool), LITEGAUGE (build/litegauge), TOOLS (build/tools),
# PRELOAD (build/litegauge_preload.so).
# shellcheck disable=SC2016,SC2034,SC2086,SC2317
# shellcheck source=tests/scenario/lib.sh
cd "$(dirname "$0")/../.." || exit 1
. tests/scenario/lib.sh

PROMETHEUS=${PROMETHEUS:-prometheus}
dash=dashboards/grafana/litegauge.json
alerts=$PWD/dashboards/prometheus/alerts.yml
preload=${PRELOAD:-$PWD/build/litegauge_preload.so}
LITEGAUGE_PROBE_DIR=$dir/probe
export LITEGAUGE_PROBE_DIR
mkdir "$LITEGAUGE_PROBE_DIR"

ok 'test -x "${LITESTREAM03:-}"' 'LITESTREAM03 names a Litestream 0.3'
ok '"$PROMETHEUS" --version' 'prometheus is there'
[ "$tap_failed" -eq 0 ] || done_testing

# ---- what is watched ------------------------------------------------------

# Step by step, so that everything has happened once: a complete checkpoint
# (Litestream keeps one from being complete), a complete replica (so does an
# application that never rests), and only then writes and a long read.
is_set() {
	metric "$1" | grep -q '^[1-9]'
}

# app TOOL ARGS...: one with the probe inside.
app() {
	app_tool=$1
	shift
	start "$dir/$app_tool.out" env LD_PRELOAD="$preload" \
		"${TOOLS:-build/tools}/$app_tool" "$@"
}

ok 'tool writers --setup-only "$dir/app.db"' 'there is a database'
app reader --mark-only --hold 300 --ready-file "$dir/open" "$dir/app.db"
wait_for 10 '[ -s "$dir/open" ]' 'which stays open'
ok 'tool writers --commits 20 --checkpoint passive --checkpoint-each 20 \
	"$dir/app.db"' 'was written'

start_sink 200
watcher_url=$sink_url
start_sink 200
cat >"$dir/litegauge.ini" <<INI
[database app]
path = $dir/app.db

[receiver ops]
type = webhook
url  = $sink_url/hook

[alert always]
when = database_size > 1 KB
for  = 0s

[agent]
remote_interval = 1s
trace = always
holders_interval = 5s

[drill]
every = 30d

[heartbeat]
url = $watcher_url/ping
INI
# A drill of an hour ago, as state.db keeps it: a real one comes too late here.
start_agent --config "$dir/litegauge.ini"
stop_agent
ago=$(($(date +%s) - 3600))000
ok 'for r in file s3; do sqlite3 "$dir/state.db" "INSERT INTO drill VALUES (\"app\",
	\"$r\", 0, NULL, $ago, $ago, 0, $ago, 1500, 4096, 0, \"G/0:4152\", \"ab\")"
	done' 'each replica has been restored once'
start_agent --config "$dir/litegauge.ini"
wait_for 20 '[ "$(sink_count)" -ge 1 ]' 'the receiver was told of an alert'
wait_for 20 'is_set litegauge_heartbeat_up' 'and its heartbeat is heard'
wait_for 20 'is_set \
	"sqlite_checkpoint_last_complete_timestamp_seconds{db=\"app\"}"' \
	'the agent saw a complete checkpoint'

# Families that only the tracer fills, and what it takes to fill them.
traced='sqlite_write_lock_refusals_total sqlite_busy_unslept_ratio
	sqlite_traced_seconds_total sqlite_traced_processes
	sqlite_write_lock_hold_p50_seconds sqlite_write_lock_hold_p99_seconds
	sqlite_checkpoint_lock_holds_total
	sqlite_checkpoint_lock_hold_seconds_total
	sqlite_fsync_p50_seconds sqlite_fsync_p99_seconds
	litegauge_tracer_unattributed_retries_total'
app writers --procs 4 --hold 3 --duration 150 "$dir/app.db"
contender=$child
scrape
if grep -q '^litegauge_tracer_info{state="on"' "$dir/metrics"; then
	traced=
	wait_for 60 '[ -n "$(metric \
		"sqlite_busy_unslept_ratio{db=\"app\",source=\"kernel\"}")" ]' \
		'the kernel tells of refusals'
fi
wait_for 60 'is_set "sqlite_busy_retries_total{db=\"app\",source=\"probe\"}"' \
	'the probe tells of retries'
end "$contender"
echo junk >"$LITEGAUGE_PROBE_DIR/junk.probe"

# Who looks at it; it wants ten scrapes.
start_prometheus() {
	prometheus_port=$(free_port)
	prometheus_url=http://127.0.0.1:$prometheus_port
	cat >"$dir/prometheus.yml" <<YML
global:
  scrape_interval: 1s
  evaluation_interval: 1s
rule_files: ["$alerts"]
scrape_configs:
- job_name: sqlite
  static_configs:
  - targets: ["127.0.0.1:$port"]
YML
	start "$dir/prometheus.log" "$PROMETHEUS" \
		--config.file="$dir/prometheus.yml" \
		--storage.tsdb.path="$dir/tsdb" \
		--web.listen-address="127.0.0.1:$prometheus_port"
}

start_tool s3 --dir "$dir/bucket" --bucket backups --region eu-central-1 \
	--access-key AKIAREPLICATOR --secret-key top/secret+1 \
	--port-file "$dir/s3.port"
wait_for 10 '[ -s "$dir/s3.port" ]' 'there is a bucket'
cat >"$dir/litestream.yml" <<YML
dbs:
  - path: $dir/app.db
    replicas:
      - path: $dir/replica
      - type: s3
        bucket: backups
        path: app
        region: eu-central-1
        endpoint: http://127.0.0.1:$(cat "$dir/s3.port")
        force-path-style: true
YML
start "$dir/litestream.log" env -u AWS_CA_BUNDLE \
	AWS_ACCESS_KEY_ID=AKIAREPLICATOR AWS_SECRET_ACCESS_KEY=top/secret+1 \
	"$LITESTREAM03" replicate -config "$dir/litestream.yml"
for name in local file s3; do
	replica="db=\"app\",replica=\"$name\""
	wait_for 30 'is_set "sqlite_replica_up{$replica}" &&
		is_set "sqlite_replica_last_sync_timestamp_seconds{$replica}"' \
		"the agent saw a complete replica: $name"
	if [ "$name" = local ]; then
		start_prometheus	# what contended is long counted
		continue
	fi
	wait_for 30 'is_set "sqlite_replica_chain_ok{$replica}"' \
		"with all its files: $name"
done

app writers --procs 2 --rate 5 --duration 300 "$dir/app.db"
app reader --hold 300 --ready-file "$dir/reading" "$dir/app.db"
wait_for 10 '[ -s "$dir/reading" ]' 'now it is written and read'

# ---- who looks at it ------------------------------------------------------

wait_for 30 'curl -sf "$prometheus_url/-/ready"' 'Prometheus is ready'

# api PATH [CURL-ARGS...]: one answer of Prometheus.
api() {
	api_path=$1
	shift
	curl -s -m 10 -G "$prometheus_url/api/v1/$api_path" "$@"
}

# results EXPR: how many series it has now; its error when it has one.
results() {
	api query --data-urlencode "query=$1" |
	    jq -r 'if .status == "success" then .data.result | length
	        else .error end'
}

# ---- the target -----------------------------------------------------------

targets() {
	api targets | jq -r "[.data.activeTargets[] | $1] | join(\",\")"
}

wait_for 20 '[ "$(targets .health)" = up ]' 'the target is up'
wait_for 20 '[ "$(results "count_over_time(sqlite_up[1m]) > 9")" = 1 ]' \
	'ten scrapes later'
is "$(targets .health)" up 'the target is still up'
is "$(targets .lastError)" '' 'and no scrape had an error'

# ---- the panels -----------------------------------------------------------

# As Grafana would, with All chosen: one query a line.
jq -r '
	.panels[] | recurse(.panels[]?) | .title as $title | .targets[]?
	| "\($title) \(.refId)\t" + (.expr
	    | gsub("\\$__rate_interval"; "5s")
	    | gsub("\\$(job|instance|db)"; ".+"))' "$dash" >"$dir/queries"
cmp_num "$(wc -l <"$dir/queries")" '>' 50 'the dashboard has many queries'
is_traced() {	# EXPR: needs the tracer, which is off
	for family in $traced; do
		case $1 in
		*"$family"[!a-z_]*) return 0 ;;
		esac
	done
	return 1
}

# Syncs are traced for 3 s in a minute.
while IFS='	' read -r name query; do
	if is_traced "$query"; then
		pass "no tracer here: $name # SKIP"
		continue
	fi
	wait_for 90 '[ "$(results "$query")" -gt 0 ]' "there is data: $name"
done <"$dir/queries"

# The check above could not fail if an unknown metric had results too.
is "$(results 'sqlite_no_such_metric')" 0 'an unknown metric has no data'

# A template variable that offers nothing leaves every panel empty.
jq -r '.templating.list[] | select(.type == "query") | .query.query
	| capture("^label_values\\((?<expr>.*), (?<name>[a-z]+)\\)$")
	| "\(.name)\t\(.expr | gsub("\\$(job|instance)"; ".+"))"' \
	"$dash" >"$dir/variables"
while IFS='	' read -r name query; do
	case $name in
	job)		want=sqlite ;;
	instance)	want=127.0.0.1:$port ;;
	db)		want=app ;;
	esac
	is "$(api "label/$name/values" --data-urlencode "match[]=$query" |
	    jq -r '.data | join(",")')" "$want" "$name can be chosen"
done <"$dir/variables"

# The tables join their queries on labels: one row for each thing, not two.
jq -r '.panels[] | recurse(.panels[]?) | select(.type == "table") | .title' \
	"$dash" >"$dir/tables"
cmp_num "$(wc -l <"$dir/tables")" '>=' 3 'there are tables'
while read -r table; do
	rows=
	grep "^$table [A-Z]	" "$dir/queries" >"$dir/columns"
	while IFS='	' read -r name query; do
		[ -n "$rows" ] || rows=$(results "$query")
		is "$(results "$query")" "$rows" "as many rows as any: $name"
	done <"$dir/columns"
done <"$dir/tables"

# ---- the alert rules ------------------------------------------------------

rules() {
	api rules | jq -r "[.data.groups[].rules[] | $1] | .[]"
}

wait_for 20 '! rules .health | grep -qx unknown' 'every rule was evaluated'
is "$(rules 'select(.health != "ok") | "\(.name): \(.lastError)"')" '' \
	'and none has an error'
is "$(rules .name | wc -l | tr -d ' ')" \
	"$(grep -Ec '^ *- (alert|record):' "$alerts")" 'none was left out'
is "$(results 'db:sqlite_wal_live_bytes:product > 0')" 1 \
	'the live log has a size in bytes'
# Litestream 0.3 does have that SQLite, and it is one process of several; and
# the file among those of the probes is junk.  Who must wait for a processor
# between a refusal and its sleep seems not to have slept.
is "$(rules 'select(.type == "alerting" and .state != "inactive") | .name' |
	grep -Ev '^SQLite(Disk|FsyncSlow$|WALResetRisk$|Probe)' |
	grep -vx SQLiteBusyTimeoutMissing)" '' \
	'nothing is wrong but perhaps this disk, and no alert thinks otherwise'

# ---- the names ------------------------------------------------------------

# With a replica and a receiver every family is there, none has to be excused.
scrape
printf '%s\n' $traced >>"$dir/metrics"
ok 'tests/dashboards/lint.sh - <"$dir/metrics"' \
	'lint.sh finds every metric in this exposition'

# ---- and the other way round ----------------------------------------------

stop_agent
wait_for 20 '[ "$(targets .health)" = down ]' 'an agent that stops is noticed'
query=$(sed -n 's/^Down A	//p' "$dir/queries")
wait_for 20 '[ "$(api query --data-urlencode "query=$query" |
	jq -r ".data.result[0].value[1]")" = 1 ]' 'and the dashboard says so'

done_testing
