#!/bin/sh
# What each type sends is what its vendor has documented, and what a webhook
# signs is what others compute.
#
# The schemas are in tests/alerts/schemas, the bodies of every kind of message
# in tests/alerts/snapshots; here real deliveries are held against them too.
# shellcheck disable=SC2016,SC2034
# shellcheck source=tests/scenario/lib.sh
. "$(dirname "$0")/lib.sh"

alerts=$(cd "$(dirname "$0")/../alerts" && pwd)
validate=$alerts/validate.py
python=
for try in /usr/bin/python3 python3; do
	"$try" -W ignore -c 'import jsonschema' 2>/dev/null && python=$try && break
done
[ -n "$python" ] || skip_all 'there is no python3-jsonschema'

# ---- the snapshots -----------------------------------------------------------

ok '"$python" "$validate" --snapshots "$alerts"/snapshots/*.txt' \
	'the bodies of all snapshots are as documented'
cmp_num "$(tail -n 1 "$dir/said" | awk '{ print $1 }')" '>=' 60 \
	'and they are many'
for name in "$alerts"/snapshots/*.txt; do
	name=${name##*/}
	case $name in email.txt | exec.txt) continue ;; esac
	[ -e "$alerts/schemas/${name%.txt}.json" ] ||
		fail "there is a schema for ${name%.txt}"
done

# A schema that takes anything proves nothing.
while read -r type edit; do
	sed -n '/^== firing$/,/^== /p' "$alerts/snapshots/$type.txt" |
		sed -e '1,/^$/d' -e '/^== /d' | jq -c "$edit" >"$dir/one"
	ok 'test -s "$dir/one"' "$type can be broken: $edit"
	printf '%s %s\n' "$type" "$edit" >>"$dir/edits"
	printf '%s %s\n' "$type" "$(cat "$dir/one")" >>"$dir/broken"
done <<'END'
webhook del(.data.db)
webhook .data.severity = "bad"
webhook .timestamp = "today"
webhook_v4 del(.groupKey)
webhook_v4 .version = 4
webhook_v4 .alerts[0].labels.x = 1
webhook_v4 .alerts[0].endsAt = .alerts[0].startsAt
alertmanager .[0].labels = {}
alertmanager .[0].status = "firing"
alertmanager .[0].startsAt = 1700000000
slack .blocks = []
slack .blocks[1].text.text = "<!channel>"
slack .blocks[0].text.text = "x" * 151
slack .blocks[2].elements[0].text = "<!channel>"
slack .blocks += [range(50) as $_ | .blocks[0]]
discord .embeds += [range(10) as $_ | .embeds[0]]
discord .embeds[0].title = "x" * 257
discord .allowed_mentions.parse = ["everyone"]
discord .embeds = [range(3) as $_ | .embeds[0] | .description = "x" * 2500]
teams .attachments[0].content.version = "9"
teams .attachments[0].content.body[0].items[0].inlines[0].color = "Red"
teams .attachments[0].content.body += [range(99) as $_ | .attachments[0].content.body[0]]
googlechat .text = "x" * 4097
googlechat .cards = []
pagerduty del(.payload)
pagerduty .payload.severity = "bad"
pagerduty .dedup_key = "x" * 256
pagerduty .payload.summary = "x" * 1025
ntfy .topic = "a/b"
ntfy .priority = 6
ntfy .message = "x" * 4097
telegram .text = "<x>"
telegram .text = "a & b"
telegram .text = "x" * 4097
telegram del(.chat_id)
exec del(.data.next_step)
END
"$python" "$validate" --each <"$dir/broken" >"$dir/verdicts"
paste -d ' ' "$dir/verdicts" "$dir/edits" >"$dir/judged"
while read -r verdict edit; do
	is "$verdict" wrong "and is then found: $edit"
done <"$dir/judged"
is "$(wc -l <"$dir/judged")" "$(wc -l <"$dir/broken")" 'each of them'

# ---- real deliveries ---------------------------------------------------------

old=whsec_$(printf 'an old secret of 32 bytes, so so' | base64)
new=whsec_$(printf 'the new secret, of 32 bytes also' | base64)
tool writers --setup-only "$dir/app.db"
mkdir "$dir/credentials"
umask 077
printf '[database app]\npath = %s\n' "$dir/app.db" >"$dir/litegauge.ini"

# receiver TYPE SCRIPT KEYS: its sink's log is $dir/TYPE.
receiver() {
	start_sink "$2"
	ln -s "$sink_log" "$dir/$1"
	{
		printf '[receiver %s]\ntype = %s\n' "$1" "$1"
		printf "$3\n" "$sink_url"
	} >>"$dir/litegauge.ini"
}

receiver webhook 204 "url = %s/in\nsecret = credential:turning"
receiver webhook_v4 200 'url = %s/in\ntoken = ${SCENARIO_TOKEN}'
receiver alertmanager 200 \
	'url = %s/am/\nusername = lite\npassword = pa$$w${SCENARIO_TOKEN}'
receiver slack ok 'url = %s/services/T0/B0/s3cr3t'
receiver discord 204 'url = %s/api/webhooks/1/s3cr3t'
receiver teams 202 'url = %s/workflows/s3cr3t?sig=s3cr3t'
receiver googlechat 200 'url = credential:chat\n; %s'
printf '%s/v1/spaces/AAA/messages?key=k&token=s3cr3t\n' "$sink_url" \
	>"$dir/credentials/chat"
receiver pagerduty 202 'url = %s/v2/enqueue\nrouting_key = credential:pager'
receiver ntfy 200 'url = %s\ntopic = db-alerts\ntoken = tk_${SCENARIO_TOKEN}'
receiver telegram telegram 'url = %s/\ntoken = 1234:AAs3cr3t\nchat_id = -42'
echo s3cr3t78901234567890123456789012 >"$dir/credentials/pager"
echo "$old $new" >"$dir/credentials/turning"
types='webhook webhook_v4 alertmanager slack discord teams googlechat pagerduty
	ntfy telegram'

not_ok '"${LITEGAUGE:-build/litegauge}" check-config \
	--config "$dir/litegauge.ini"' 'a variable that is not set is an error'
like "$(cat "$dir/said")" 'the environment variable SCENARIO_TOKEN is not set' \
	'which names it'
like "$(cat "$dir/said")" 'credential:chat: .CREDENTIALS_DIRECTORY is not set' \
	'and so is a credential without systemd'
CREDENTIALS_DIRECTORY=$dir/credentials
SCENARIO_TOKEN=t0ken
export CREDENTIALS_DIRECTORY SCENARIO_TOKEN
ok '"${LITEGAUGE:-build/litegauge}" check-config \
	--config "$dir/litegauge.ini"' 'with both it is none'
# Each at its own pace, but all at once.
notifiers=
for type in $types; do
	start "$dir/$type.said" "${LITEGAUGE:-build/litegauge}" test-notify \
		"$type" --config "$dir/litegauge.ini"
	notifiers="$notifiers $child"
done
for child in $notifiers; do
	wait "$child" || fail 'all types deliver' "$(cat "$dir"/*.said)"
done
is "$(cat "$dir"/*.said | grep -c ': firing: delivered$')" 10 \
	'all types deliver their samples'
unlike "$(cat "$dir"/*.said)" 's3cr3t|t0ken|whsec' 'and tell no secret'

for type in $types; do
	jq -r .body "$dir/$type" >"$dir/$type.bodies"
	cmp_num "$(wc -l <"$dir/$type.bodies")" '>=' 2 "$type has had some"
	ok '"$python" "$validate" "$type" <"$dir/$type.bodies"' \
		'of the documented form'
done
is "$(jq -r .path "$dir/alertmanager" | sort -u)" /am/api/v2/alerts \
	'an Alertmanager is posted to below its url'
is "$(jq -r '.headers.authorization' "$dir/alertmanager" | sort -u)" \
	"Basic $(printf 'lite:pa$wt0ken' | base64)" 'with a login'
is "$(jq -r '.headers.authorization' "$dir/webhook_v4" | sort -u)" \
	'Bearer t0ken' 'or with a token'
is "$(jq -r '.headers.authorization' "$dir/ntfy" | sort -u)" \
	'Bearer tk_t0ken' 'to ntfy too'
is "$(jq -r .path "$dir/telegram" | sort -u)" /bot1234:AAs3cr3t/sendMessage \
	'a bot of Telegram is known by its path'
is "$(jq -r '.body | fromjson | "\(.event_action) \(.dedup_key)"' \
	"$dir/pagerduty" | sort | uniq -c | awk '{ print $2, $1, $3 }')" \
	"resolve 1 litegauge/$(hostname)/test/test
trigger 5 litegauge/$(hostname)/test/test" \
	'PagerDuty has one incident, which is closed, and no digest'
is "$(jq -r .path "$dir/googlechat" | sort -u)" \
	'/v1/spaces/AAA/messages?key=k&token=s3cr3t&messageReplyOption=REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD' \
	'Google Chat is asked to keep to a thread'

# ---- signatures, by another's arithmetic --------------------------------------

cat >"$dir/verify.py" <<'END'
import base64, hashlib, hmac, json, sys
seen = 0
for line in open(sys.argv[1]):
    r = json.loads(line)
    h = r["headers"]
    text = f"{h['webhook-id']}.{h['webhook-timestamp']}.{r['body']}".encode()
    right = ["v1," + base64.b64encode(hmac.new(base64.b64decode(
        s.removeprefix("whsec_")), text, hashlib.sha256).digest()).decode()
        for s in sys.argv[2:]]
    assert h["webhook-signature"].split(" ") == right, h
    seen += 1
print(seen)
END
ok '"$python" "$dir/verify.py" "$dir/webhook" "$old" "$new"' \
	'a delivery is signed by the old secret and by the new one'
cmp_num "$(cat "$dir/said")" '>=' 2 'each of them'
not_ok '"$python" "$dir/verify.py" "$dir/webhook" "$new" "$old"' \
	'and by no other'
# The old one goes, without a reload: it is read at each use.
echo "$new" >"$dir/credentials/turning"
before=$(wc -l <"$dir/webhook")
ok '"${LITEGAUGE:-build/litegauge}" test-notify webhook \
	--config "$dir/litegauge.ini"' 'it is turned'
tail -n +"$((before + 1))" "$dir/webhook" >"$dir/after"
ok '"$python" "$dir/verify.py" "$dir/after" "$new"' 'and one is left'
done_testing
