#!/bin/sh
# The manuals and the README say what there is, all of it, and nothing else; and
# what they show to be typed, works.
# shellcheck disable=SC2016,SC2034,SC2317
# shellcheck source=tests/scenario/lib.sh
. "$(dirname "$0")/lib.sh"

root=$(cd "$(dirname "$0")/../.." && pwd)
agent=${LITEGAUGE:-$root/build/litegauge}
readme=$root/README.md

for page in litegauge.8 litegauge.ini.5; do
	sh "$root/build-aux/manual.sh" "$agent" "$root/agent/$page.in" \
		>"$dir/$page"
done
cat "$dir/litegauge.8" "$dir/litegauge.ini.5" >"$dir/manuals"
cat "$dir/manuals" "$readme" >"$dir/all"

# What a table of the program has in its first column.
rows() {
	"$agent" --tables "$1" | sed -n 's/^\.It \(C[mn] \|Ic \|Fl -\{0,1\}\)\{0,1\}//p' |
		awk '{ print $1 }'
}

# Lines of the first file that are not in the second.
beyond() {
	sort -u "$1" >"$dir/a"
	sort -u "$2" >"$dir/b"
	comm -23 "$dir/a" "$dir/b" | tr '\n' ' '
}

# The literal block after a comment `.\" example NAME`, as people read it.
example() {
	awk -v name="$1" '
		$1 == ".\\\"" && $2 == "example" { here = $3 == name }
		$1 == ".\\\"" && $2 == "end" { here = 0 }
		here && /^\./ { next }
		here { gsub(/\\e/, "\\"); gsub(/\\&/, ""); print }
	' "$root/agent/litegauge.ini.5.in"
}

# ---- all there is, is told ------------------------------------------------

tool writers --setup-only "$dir/app.db" >"$dir/out"
"$agent" once --db "app=$dir/app.db" | awk '
	$1 == "#" && $2 == "TYPE" { print $3 }' >"$dir/families"
cmp_num "$(wc -l <"$dir/families")" '>' 30 'once prints its families'
sed -n 's/^\.It \([a-z_]*\) \(gauge\|counter\|info\)$/\1/p' \
	"$dir/litegauge.8" >"$dir/told"
is "$(beyond "$dir/families" "$dir/told")" '' \
	'every family of once is in litegauge(8)'

for table in commands flags pages metrics; do
	rows "$table" >"$dir/rows"
	sed -n 's/^\.It \(Cm \|Fl -\)\{0,1\}//p' "$dir/litegauge.8" |
		awk '{ print $1 }' >"$dir/told"
	cmp_num "$(wc -l <"$dir/rows")" '>' 4 "there is a table of $table"
	is "$(beyond "$dir/rows" "$dir/told")" '' \
		"every row of $table is in litegauge(8)"
done
for table in options measures rules receivers; do
	rows "$table" >"$dir/rows"
	sed -n 's/^\.It \(Ic \)\{0,1\}//p' "$dir/litegauge.ini.5" |
		awk '{ print $1 }' >"$dir/told"
	cmp_num "$(wc -l <"$dir/rows")" '>' 1 "there is a table of $table"
	is "$(beyond "$dir/rows" "$dir/told")" '' \
		"every row of $table is in litegauge.ini(5)"
done
# Collectors need more words than their row has.
for name in $(sed -n 's/^const struct collector collector_\([a-z0-9_]*\).*/\1/p' \
	"$root"/collectors/*.c); do
	ok "grep -q '^.It $name\$' '$dir/litegauge.8'" \
		"how exact the collector $name is, is told"
done

# ---- nothing is told that is not there ------------------------------------

"$agent" --tables metrics | awk '$1 == ".It" { print $2 }' |
	sort -u - "$dir/families" >"$dir/there"
"$agent" --tables measures | awk '$1 == ".It" { print $2 }' >>"$dir/there"
rows options >>"$dir/there"
grep -Eo '\b(sqlite|litegauge|process)_[a-z0-9_]+' "$dir/all" |
	grep -Evx 'sqlite_modified_timestamp_seconds|litegauge_(probe(_auto)?|preload)' \
	>"$dir/named"
is "$(beyond "$dir/named" "$dir/there")" '' 'no metric is named that is not'

# Keys, measures and receivers where the manual sets them off with a macro.
sed -n 's/^\.Cm //p' "$root/agent/litegauge.ini.5.in" | tr -d ' ' |
	tr ',' '\n' | grep -E '^[a-z_]+$' >"$dir/named"
rows commands >>"$dir/there"
is "$(beyond "$dir/named" "$dir/there")" '' 'no key is named that is not'
example ini | sed -n 's/^\([a-z_]*\) *=.*/\1/p' >"$dir/named"
cmp_num "$(wc -l <"$dir/named")" '>' 20 'the example has keys'
is "$(beyond "$dir/named" "$dir/there")" '' 'nor in the example'
grep -Eo '/(api/v1|-)/[a-z]+' "$dir/all" >"$dir/named"
rows pages >"$dir/there"
is "$(beyond "$dir/named" "$dir/there")" '' 'no page is named that is not'

# `litegauge WORD` is a command; the README says which are not yet.
rows commands >"$dir/there"
sed -n 's/^\.Dl litegauge \([a-z-]*\).*/\1/p; s/^litegauge \([a-z-]*\).*/\1/p
	s/^sudo litegauge \([a-z-]*\).*/\1/p' "$root"/agent/*.in "$readme" |
	grep -vE '^(is|runs|reads|watches)$' >"$dir/named"
cmp_num "$(wc -l <"$dir/named")" '>' 6 'commands are shown'
is "$(beyond "$dir/named" "$dir/there")" '' 'no command is shown that is not'

# ---- the pages are well formed ---------------------------------------------

if command -v mandoc >/dev/null; then
	for page in litegauge.8 litegauge.ini.5; do
		is "$(mandoc -Tlint -Wwarning "$dir/$page" 2>&1)" '' \
			"mandoc has no word against $page"
	done
	# Without what it strikes over to make a letter bold.
	mandoc -Tascii "$dir/litegauge.ini.5" |
	    sed "s/.$(printf '\b')//g" >"$dir/text"
	ok 'grep -q "checkpoint_lag is 16s" "$dir/text"' \
		'the examples are seen in it'
else
	pass 'no mandoc here: # SKIP'
fi
unlike "$(cat "$dir/all")" '@TABLE@|there is no table' 'every table was found'

# ---- the README's words and files ------------------------------------------

cmp_num "$(wc -l <"$readme")" '<' 250 'the README is short'
# What it puts between backquotes and looks like a path of the tree.
grep -Eo '`[a-zA-Z0-9_./-]+`|\]\([a-z./]+\)' "$readme" | tr -d '`])(' |
	grep -E '^(agent|collectors|alerts|dashboards|tests|build-aux)/|^LICENSE$' \
		>"$dir/paths"
cmp_num "$(wc -l <"$dir/paths")" '>' 5 'it names files'
missing=
while read -r path; do
	[ -e "$root/$path" ] || missing="$missing $path"
done <"$dir/paths"
is "$missing" '' 'and there are all of them'
sed -n 's/^| `\([a-z-]*\)\/` | .* | \(.*\) |$/\1 \2/p' "$readme" |
	tr -d '`,' >"$dir/tour"
cmp_num "$(wc -l <"$dir/tour")" '>=' 6 'the tour has all rooms'
missing=
while read -r room files; do
	for file in $files; do
		[ -e "$root/$room/$file" ] || missing="$missing $room/$file"
	done
done <"$dir/tour"
is "$missing" '' 'and a first file for each'
missing=
for target in $(grep -Eo '`?make [a-z-]+' "$readme" | awk '{ print $2 }'); do
	grep -qE "^$target[a-z -]*:" "$root/Makefile" ||
		missing="$missing $target"
done
is "$missing" '' 'every make target it names is one'
awk '/^```c$/ { on = 1; next } /^```$/ { on = 0 } on' "$readme" >"$dir/block"
sed 's/template/modified/g' "$root/collectors/TEMPLATE" >"$dir/template"
ok 'cmp "$dir/block" "$dir/template"' 'its collector is the TEMPLATE'
cmp_num "$(wc -c <"$root/dashboards/page.png")" '<' 153600 \
	'the picture is small'
cat "$root"/agent/*.in "$readme" "$root/agent/litegauge.ini" >"$dir/written"
unlike "$(cat "$dir/written")" '/work\b|localhost\.localdomain|/tmp/' \
	'nothing of the machine it was written on'
make -s -C "$root" -n install DESTDIR="$dir/inst" >"$dir/install" 2>&1
missing=
for file in $(grep -Eo '/usr/local/[a-z/]+\.(json|yml)' "$readme"); do
	grep -q "$(basename "$file")" "$dir/install" || missing="$missing $file"
done
is "$missing" '' 'what it takes from /usr/local is installed there'

# ---- every INI passes ------------------------------------------------------

mkdir -p "$dir/etc"
echo 'https://hooks.example.org/services/x' >"$dir/etc/ops.url"
echo K003secret >"$dir/etc/b2.secret"
echo whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw >"$dir/etc/pager.secret"
chmod 600 "$dir/etc/ops.url" "$dir/etc/pager.secret" "$dir/etc/b2.secret"

# check FILE NAME: with paths that are here.
check_ini() {
	sed "s|/etc/litegauge/|$dir/etc/|; s|/var/lib/litegauge|$dir|" "$1" \
		>"$dir/checked.ini"
	ok '"$agent" check-config --config "$dir/checked.ini"' "$2"
}
example ini >"$dir/example.ini"
check_ini "$dir/example.ini" 'the complete example is right'
ok '"$agent" check-config --config "$dir/checked.ini" |
	grep -q "^alert long-write: writer_hold above 5s"' \
	'and its rules mean what they say'
not_ok 'sed "s/writer_hold/writer_holds/" "$dir/checked.ini" >"$dir/bad.ini" &&
	"$agent" check-config --config "$dir/bad.ini"' 'a wrong one does not pass'
# The smaller ones, of the manual and of the README, need a database and a
# receiver around them.
printf '[database app]\npath = /x/app.db\n[receiver ops]\ntype = slack\n' \
	>"$dir/frame.ini"
echo 'url = https://hooks.example.org/x' >>"$dir/frame.ini"
awk '/^; later, and only/ { on = 1 } on && /^\.Ed/ { exit } on' \
	"$root/agent/litegauge.ini.5.in" | cat "$dir/frame.ini" - >"$dir/small.ini"
ok 'grep -q "enabled = no" "$dir/small.ini"' 'the small example is found'
check_ini "$dir/small.ini" 'the changed built-in rules are right'
{
	printf '[database app]\npath = /x/app.db\n'
	awk '/^```ini$/ { on = 1; next } /^```$/ { on = 0 } on' "$readme"
} >"$dir/readme.ini"
check_ini "$dir/readme.ini" "the README's receiver is right"
# Rules, and what they are said to mean.
{
	cat "$dir/frame.ini"
	printf '[database shop]\npath = /x/shop.db\n'
	example rules
} >"$dir/rules.ini"
check_ini "$dir/rules.ini" 'the examples of rules are right'
example said | tr -s '\n ' ' ' >"$dir/told"
"$agent" check-config --config "$dir/rules.ini" |
	grep -E '^alert (slow-writes|disk-soon|much-written):' |
	tr -s '\n ' ' ' >"$dir/said"
is "$(cat "$dir/said")" "$(cat "$dir/told")" \
	'and mean what the manual says that they mean'
# As it is, and with every example in it awake.
{
	cat "$root/agent/litegauge.ini"
	printf '[database x]\npath = /x/x.db\n'
} >"$dir/asleep.ini"
check_ini "$dir/asleep.ini" 'agent/litegauge.ini is right'
sed 's/^;\([][a-z_]\)/\1/' "$root/agent/litegauge.ini" >"$dir/awake.ini"
ok 'grep -q "^\[receiver pager\]" "$dir/awake.ini"' 'its examples wake up'
check_ini "$dir/awake.ini" 'and with its examples too'

# ---- the webhook is the one that is documented -----------------------------

secret=$(cat "$dir/etc/pager.secret")
start_sink 200
cat >"$dir/hook.ini" <<INI
[database app]
path = $dir/app.db

[receiver pager]
type        = webhook
url         = $sink_url/hook
secret_file = $dir/etc/pager.secret

[alert at-once]
when     = disk_free > 1 B
severity = info
INI
start_agent --config "$dir/hook.ini"
wait_for 15 '[ "$(sink_count)" -ge 1 ]' 'a rule that is met at once is told'
sink_request 1 .body >"$dir/real.json"
example webhook | tr -d '\n' >"$dir/shown.json"
keys='[paths | join(".")] | sort | .[]'
ok 'jq -e . "$dir/shown.json"' 'the body in the manual is JSON'
# The culprit is null here; the manual shows one, so its own two go.
jq -r "$keys" "$dir/shown.json" | grep -v '^data\.culprit\.' >"$dir/shown.keys"
jq -r "$keys" "$dir/real.json" | grep -v '^data\.culprit\.' >"$dir/real.keys"
cmp_num "$(wc -l <"$dir/real.keys")" '>=' 17 'a real body has its keys'
is "$(cat "$dir/shown.keys")" "$(cat "$dir/real.keys")" \
	'the same as in the manual'
sed -n 's/^\.It Li \(data\.\)\{0,1\}\([a-z_]*\)$/\2/p' \
	"$root/agent/litegauge.ini.5.in" >"$dir/told"
jq -r '(keys + (.data | keys))[]' "$dir/real.json" | grep -v '^data$' \
	>"$dir/rows"
is "$(beyond "$dir/rows" "$dir/told")" '' 'each has its words'

id=$(sink_request 1 '.headers["webhook-id"]')
timestamp=$(sink_request 1 '.headers["webhook-timestamp"]')
signature=$(sink_request 1 '.headers["webhook-signature"]')
printf %s "$(cat "$dir/real.json")" >"$dir/body"
example openssl | sed "s/\\\\en/\\\\n/" >"$dir/openssl.sh"
is "v1,$(cd "$dir" && secret=$secret id=$id timestamp=$timestamp \
	sh ./openssl.sh)" "$signature" 'the shell snippet finds the signature'
if command -v python3 >/dev/null; then
	{
		example verify
		cat <<-'PY'
		import json, os
		r = json.loads(open("request").read())
		ok = lambda b: verify(os.environ["secret"], r["headers"], b)
		print(ok(r["body"].encode()), ok(r["body"].encode() + b" "))
		PY
	} >"$dir/verify.py"
	sed -n 1p "$sink_log" >"$dir/request"
	is "$(cd "$dir" && secret=$secret python3 verify.py)" 'True False' \
		'the Python snippet says yes to it and no to another'
else
	pass 'no python3 here: # SKIP'
fi

# ---- the pages have the shape that the manual shows ------------------------

curl -s "$agent_url/api/v1/alerts" >"$dir/alerts.json"
curl -s "$agent_url/api/v1/databases" >"$dir/databases.json"
curl -s "$agent_url/api/v1/history?db=app&measure=write_rate" \
	>"$dir/history.json"
for page in databases alerts history; do
	awk -v page="/api/v1/$page" '$1 == ".Ss" { here = $2 == page }
		here && /^\.Bd/ { on = 1; next } here && /^\.Ed/ { exit }
		here && on' "$root/agent/litegauge.8.in" |
		sed -e ':a' -e '/\\e$/N; s/\\e\n//; ta' >"$dir/$page.shown"
	ok "jq -e . '$dir/$page.shown'" "the example of /api/v1/$page is JSON"
done
is "$(jq -c '.data[0] | keys' "$dir/databases.shown")" \
	"$(jq -c '.data[0] | keys' "$dir/databases.json")" \
	'a database has the keys that the manual shows'
is "$(jq -c '(.data.alerts[0], .data.rules[0]) | keys' "$dir/alerts.shown")" \
	"$(jq -c '(.data.alerts[0], .data.rules[0]) | keys' "$dir/alerts.json")" \
	'so have an alert and a rule'
is "$(jq -c '.data | keys' "$dir/history.shown")" \
	"$(jq -c '.data | keys' "$dir/history.json")" 'and a history'
stop_agent
done_testing
