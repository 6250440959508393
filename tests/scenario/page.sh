#!/bin/sh
# The page says what burns most first, what to do about it, and whether anybody
# is told; and the link of a notification leads to the alert.
# shellcheck disable=SC2016,SC2034
# shellcheck source=tests/scenario/lib.sh
. "$(dirname "$0")/lib.sh"

page() {
	curl -sf -m 5 "$agent_url/" >"$dir/page"
}

# The sentences of the table of alerts, in their order.
told() {
	page
	sed -n '/<h2>Alerts/,/<\/table>/p' "$dir/page" |
		sed -n 's/<tr.*<td>\(<b>\)\{0,1\}\([^<]*\).*/\2/p'
}

tool writers --setup-only "$dir/app.db"
tool writers --setup-only "$dir/a b<i>.db"
start_sink 410
gone_url=$sink_url
start_sink 500
failing_url=$sink_url
start_sink 200
cat >"$dir/litegauge.ini" <<INI
[database app]
path = $dir/app.db

[database a b<i>]
path = $dir/a b<i>.db

[database lost]
path = $dir/lost.db

[receiver ops]
type = webhook
url = $sink_url/hook

[receiver pager]
type = webhook
url = $gone_url/hook

[receiver chat]
type = webhook
url = $failing_url/hook

[heartbeat]
url = $failing_url/beat

[alert database-down]
for = 0s

[alert room]
when = disk_free > 1 B
db = app
severity = info
message = Ring <i>Jo</i>.

[alert hidden]
when = database_size > 1 B
db = a b*

[alert later]
when = disk_free > 1 B
db = app
for = 1h
severity = critical
INI
start_agent --config "$dir/litegauge.ini"
wait_for 15 'told | grep -q "^lost: the database cannot be read (up is 0)"' \
	'an alert is on the page'
wait_for 15 'told | grep -q "^app: disk_free"' 'and another'
ok '"${LITEGAUGE:-build/litegauge}" silence --listen "127.0.0.1:$port" \
	"rule=hidden" 2h "a <move>"' 'one is silenced'
wait_for 10 'told | grep -q "^a b&lt;i&gt;: .* Silenced until "' \
	'which is said where it is told'
is "$(told | sed 's/[:;].*//' | tr '\n' ' ')" \
	'lost app app a b&lt ' 'what burns most is first, what is silenced last'
like "$(told | sed -n 3p)" 'it fires in (59m .*|1h) if that stays so' \
	'what may yet fire says when'
like "$(told | sed -n 4p)" 'Silenced until .*' 'and until when'
like "$(cat "$dir/page")" 'a &lt;move&gt;' 'and why, escaped'
like "$(cat "$dir/page")" 'lost.db: No such file or directory' \
	'the cause is the real one'
like "$(cat "$dir/page")" 'Next: Ring &lt;i&gt;Jo' \
	"the operator's own next step stands for ours"
like "$(cat "$dir/page")" '2 alerts are firing, 1 of them critical\. 1 of 3 databases' \
	'the first line counts'

# ---- where a link leads -------------------------------------------------------

wait_for 10 '[ "$(sink_count)" -ge 3 ]' 'the receiver was told'
for db in app lost; do
	is "$(grep -c "id=\"$db\"" "$dir/page")" 1 "one place has the name of $db"
	like "$(sed -n '/<h2>Alerts/,/<\/table>/p' "$dir/page")" "id=\"$db\"" \
		'among the alerts'
	url=$(jq -r --arg db "$db" '.body | fromjson | .data |
		select(.db == $db) | .url' "$sink_log" | head -n 1)
	is "${url##*#}" "$db" 'and a notification leads there'
done

# ---- whether anybody hears of it ------------------------------------------------

wait_for 20 'page && grep -q "No alert reaches receiver pager: .*HTTP 410" \
	"$dir/page"' 'a receiver that is gone is told'
wait_for 20 'page && grep -Eq "do not reach receiver chat now: .*HTTP 500.*tried again in" \
	"$dir/page"' 'one that fails, and when it is tried again'
wait_for 20 'page && grep -q "heartbeat is not heard: the answer was HTTP 500" \
	"$dir/page"' 'and a heartbeat that fails'
is "$(metric litegauge_heartbeat_up)" 0 'which is a metric too'
unlike "$(cat "$dir/page")" "$failing_url|$gone_url|$sink_url" \
	'no address is on the page'
unlike "$(cat "$dir/page")" '<script| on[a-z]*=' 'nor a script'
stop_agent
done_testing
