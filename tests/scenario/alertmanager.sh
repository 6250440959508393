#!/bin/sh
# A real Alertmanager takes our alerts, shows them, ends them, and hands them on
# to a webhook in the form that our own webhook_v4 has.
# shellcheck disable=SC2016,SC2034
# shellcheck source=tests/scenario/lib.sh
. "$(dirname "$0")/lib.sh"

alertmanager=${PEERS:-build/peers}/usr/bin/prometheus-alertmanager
[ -x "$alertmanager" ] || skip_all 'there is no Alertmanager'
# Debian's looks for its templates in /usr/share, but is only unpacked here: it
# gets an /usr/share of its own.
share=${alertmanager%/bin/*}/share
own_share='mount --bind "$0" /usr/share && exec "$@"'
enter='unshare --mount'
[ "$(id -u)" = 0 ] || enter='unshare --mount --map-root-user'
$enter sh -c "$own_share" "$share" true 2>/dev/null ||
	skip_all 'there are no mount namespaces'
db=$dir/app.db

resize() {
	sqlite3 -batch -cmd '.timeout 10000' "$db" 'PRAGMA synchronous = OFF' \
		'DELETE FROM pad' "INSERT INTO pad VALUES (zeroblob($1))" \
		VACUUM 'PRAGMA wal_checkpoint(TRUNCATE)' >"$dir/resized" 2>&1
}

tool writers --setup-only "$db"
sqlite3 "$db" 'CREATE TABLE pad (b BLOB)'
resize 1000

start_sink 200
theirs=$sink_log
cat >"$dir/alertmanager.yml" <<YML
route:
  receiver: hook
  group_by: [db, instance]
  group_wait: 0s
  group_interval: 1s
receivers:
  - name: hook
    webhook_configs:
      - url: $sink_url/
        send_resolved: true
YML
start_sink 200
ours=$sink_log
am=http://127.0.0.1:$(free_port)
# shellcheck disable=SC2086 # words
start "$dir/am.log" $enter sh -c "$own_share" "$share" \
	"$alertmanager" --config.file="$dir/alertmanager.yml" \
	--storage.path="$dir/am" --web.listen-address="${am#http://}" \
	--cluster.listen-address=
wait_for 20 'curl -sf -m 2 "$am/-/ready"' 'Alertmanager is ready'

umask 077
cat >"$dir/litegauge.ini" <<INI
[agent]
interval = 100ms

[database app]
path = $db

[receiver am]
type = alertmanager
url  = $am/

[receiver hook]
type = webhook_v4
url  = $sink_url/

[alert too "big"]
when     = database_size > 2 MB
severity = critical
INI

active() {
	curl -sf -m 5 "$am/api/v2/alerts" >"$dir/active"
	jq -r "$1" "$dir/active"
}

# Request number N of a sink, as its body.
body() {
	sed -n "$2p" "$1" | jq -r .body
}

start_agent --config "$dir/litegauge.ini"
resize 3000000
wait_for 20 '[ "$(active length)" = 1 ]' 'it shows the alert'
is "$(active '.[0].labels | keys | join(" ")')" \
	'alertname db instance job severity' 'with five labels'
is "$(active '.[0].labels | [.alertname, .db, .job, .severity] | join(" ")')" \
	'too "big" app litegauge critical' 'of our words'
like "$(active '.[0].annotations.summary')" \
	'^app: database_size is [23][.0-9]* MB, above 2' 'and a summary'
is "$(active '.[0].status.state')" active 'as active'
is "$(active '.[0] | (.endsAt | sub("\\.[0-9]+"; "") | fromdate) -
	(now | floor) | . > 150 and . <= 241')" true \
	'for some minutes, should we be gone'

wait_for 20 '[ -s "$theirs" ] && [ -s "$ours" ]' 'both webhooks are called'
body "$theirs" 1 >"$dir/theirs.json"
body "$ours" 1 >"$dir/ours.json"

# Every place in it, whatever is there: .alerts.0.labels.db is a string.
shape() {
	jq -S '[paths as $p | {($p | map(tostring) | join(".")):
		(getpath($p) | type)}] | add' "$1"
}
is "$(shape "$dir/ours.json")" "$(shape "$dir/theirs.json")" \
	'ours has the shape of what Alertmanager sends'
same() {
	is "$(jq -S "$1" "$dir/ours.json")" "$(jq -S "$1" "$dir/theirs.json")" \
		"$2"
}
same '.alerts[0].fingerprint' 'and the same fingerprint'
same '.alerts[0].labels' 'labels'
same '.alerts[0].annotations' 'annotations'
same '.alerts[0].startsAt | sub("\\.[0-9]+"; "")' 'begin'
same '.alerts[0].endsAt' 'no end'
same '.groupKey' 'group key'
same '.groupLabels, .commonLabels, .commonAnnotations' 'group'
same '.status, .version, .truncatedAlerts' 'status'
validate=$(dirname "$0")/../alerts/validate.py
if /usr/bin/python3 -W ignore -c 'import jsonschema' 2>/dev/null; then
	jq -c . "$dir/theirs.json" >"$dir/theirs.line"
	ok '/usr/bin/python3 "$validate" webhook_v4 <"$dir/theirs.line"' \
		'our schema of it takes theirs'
fi

resize 1000
wait_for 20 '[ "$(active length)" = 0 ]' 'it is over'
wait_for 20 '[ "$(wc -l <"$theirs")" -ge 2 ]' 'and its webhook hears of it'
wait_for 20 '[ "$(wc -l <"$ours")" -ge 2 ]' 'as ours does'
body "$theirs" 2 >"$dir/theirs.json"
body "$ours" 2 >"$dir/ours.json"
same '.status, .alerts[0].status' 'resolved'
is "$(jq -r .status "$dir/ours.json")" resolved 'indeed'
same '.alerts[0].fingerprint' 'by the same fingerprint'
same '.alerts[0].endsAt | sub("\\.[0-9]+"; "")' 'at the same time'
is "$(shape "$dir/ours.json")" "$(shape "$dir/theirs.json")" \
	'in the same shape'

# ---- a severity that rises -------------------------------------------------------

sed -i -e 's/^severity = .*/severity = warning, critical > 6 MB/' \
	-e 's/^type = .*/&\ngroup_wait = 0/' "$dir/litegauge.ini"
kill -HUP "$agent_pid"
wait_for 20 'grep -q "configuration was read again" "$agent_log"'
# severities STATUS: of the alerts of that status that our webhook was told of.
severities() {
	jq -r --arg status "$1" '.body | fromjson.alerts[] |
		select(.status == $status).labels.severity' "$ours" |
		tail -n +"$2" | paste -sd ' ' -
}
resize 3000000
wait_for 20 '[ "$(active ".[].labels.severity")" = warning ]' 'a warning'
wait_for 20 '[ "$(severities firing 2)" = warning ]' 'for both'
resize 8000000
wait_for 60 '[ "$(active ".[].labels.severity")" = critical ]' \
	'when it is raised only the critical one is active'
wait_for 20 '[ "$(severities firing 2)" = "warning critical" ]' \
	'our webhook hears of that'
is "$(severities resolved 2)" warning 'and that the warning is over'
is "$(tail -n 1 "$ours" | jq -r '.body | fromjson | .status + " " +
	([.alerts[].status] | join(" "))')" 'firing resolved firing' \
	'in one message'
resize 1000
wait_for 20 '[ "$(active length)" = 0 ]' 'and both are over'
wait_for 20 '[ "$(severities resolved 2)" = "warning warning critical" ]' \
	'for both'
is "$(metric 'litegauge_notifications_dropped_total{receiver="am"}')" 0 \
	'nothing was refused'
ok stop_agent 'the agent ends well'
done_testing
