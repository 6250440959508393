#!/bin/sh
# once, discover and test-notify: commands that look, print and end.
# shellcheck disable=SC2016,SC2034,SC2317
# shellcheck source=tests/scenario/lib.sh
. "$(dirname "$0")/lib.sh"

runs() {
	timeout 20 "${LITEGAUGE:-build/litegauge}" "$@" >"$dir/stdout" \
		2>"$dir/stderr" </dev/null
	status=$?
	out=$(cat "$dir/stdout")
	err=$(cat "$dir/stderr")
}

HOME=$dir/home
export HOME
unset STATE_DIRECTORY XDG_STATE_HOME
mkdir "$HOME" "$dir/data"
tool writers --setup-only "$dir/data/app.db" >"$dir/out"
tool writers --setup-only --journal delete "$dir/data/old.db" >"$dir/out"

# ---- help -----------------------------------------------------------------

runs --help
is "$status$err" 0 'help is fine'
is "$(awk 'length >= 80' "$dir/stdout")" '' 'and fits a terminal'
for name in $("${LITEGAUGE:-build/litegauge}" --tables commands |
	sed -n 's/^\.It Cm \([a-z-]*\).*/\1/p'); do
	ok 'grep -q "^  $name " "$dir/stdout"' "it has $name"
done

# ---- once -----------------------------------------------------------------

runs once --db "app=$dir/data/app.db" --db "$dir/data/old.db"
is "$status$err" 0 'once is fine with databases that are'
for line in 'sqlite_up{db="app"} 1' 'sqlite_up{db="old"} 1' \
	'# TYPE sqlite_write_transactions_total counter' \
	'sqlite_write_transactions_total{db="app"} 0'; do
	ok 'grep -qxF "$line" "$dir/stdout"' "it prints $line"
done
is "$(grep -cvE '^(# (HELP|TYPE) |[a-z_]+(\{.*\})? [-+0-9.eInfNa]+$)' \
	"$dir/stdout")" 0 'and nothing that is no exposition'
if [ -x "${PROMTOOL:-}" ]; then
	ok '"$PROMTOOL" check metrics <"$dir/stdout"' 'promtool agrees'
fi
runs once --db "app=$dir/data/app.db" --db "gone=$dir/data/gone.db" \
	--db "here=$dir/data"
is "$status" 1 'one that is down is trouble'
is "$err" "gone: $dir/data/gone.db: No such file or directory
here: $dir/data: not a regular file" 'with the reason'
for line in 'sqlite_up{db="app"} 1' 'sqlite_up{db="gone"} 0'; do
	ok 'grep -qxF "$line" "$dir/stdout"' "and still it prints $line"
done
runs once --db "all=$dir/data/*.db"
is "$status$err" 0 'a pattern will do'
ok 'grep -qxF "sqlite_up{db=\"all/old.db\"} 1" "$dir/stdout"' 'for each match'
is "$(ls -A "$dir/data" "$HOME" | tr '\n' ' ')" \
	"$dir/data: app.db old.db  $dir/home: " 'nothing is left behind'

# ---- discover -------------------------------------------------------------

holds() {
	rm -f "$dir/ready"
	start_tool reader --ready-file "$dir/ready" "$1"
	wait_for 10 '[ -s "$dir/ready" ]'
}

# The name of the section with this path.
section_of() {
	FILE=$1 awk '/^\[/ { name = $2; sub("]", "", name) }
		$0 == "path = " ENVIRON["FILE"] { print name }' "$dir/found.ini"
}

newline='
'
mkdir "$dir/with space" "$dir/data/*" "$dir/semi ;colon" \
	"$dir/data/line$newline[agent]"
cp "$dir/data/app.db" "$dir/data/unused.db"
for file in "$dir/with space/a b.db" "$dir/a-b.db" "$dir/data/*/app.db" \
	"$dir/semi ;colon/app.db" "$dir/data/line$newline[agent]/app.db"; do
	cp "$dir/data/app.db" "$file"
	holds "$file"
done
holds "$dir/data/app.db"
holds "$dir/data/app.db"
start "$dir/out" tail -f "$dir/said"
runs discover
is "$status" 0 'discover finds something'
cp "$dir/stdout" "$dir/found.ini"
name=$(section_of "$dir/data/app.db")
like "$name" '^app(-[0-9]+)?$' 'the database that a reader holds'
is "$(grep -cxF "path = $dir/data/app.db" "$dir/found.ini")" 1 \
	'once, though two have it open'
like "$(section_of "$dir/with space/a b.db")" '^a-b(-[0-9]+)?$' \
	'its name is one that a label may have'
unlike "$(section_of "$dir/a-b.db")" \
	"^$(section_of "$dir/with space/a b.db")\$" 'and unlike all the others'
ok 'grep -qE "^; open in reader .*\(PID [0-9]+\)" "$dir/found.ini"' \
	'and who has it open is said'
not_ok 'grep -qF "$dir/data/unused.db" "$dir/found.ini"' \
	'one that nobody has open is not there'
not_ok 'grep -qF "$dir/said" "$dir/found.ini"' 'nor any other file'
not_ok 'grep -q "semi ;\|^\[agent]\|data/[*]/" "$dir/found.ini"' \
	'nor a path that would mean something else there'
cmp_num "$(grep -c 'cannot stand in a configuration' "$dir/stderr")" '>=' 3 \
	'which is said'
is "$(sed -n 's/^\[database \(.*\)]$/\1/p' "$dir/found.ini" | sort | uniq -d)" \
	'' 'no name is given twice'
runs check-config --config "$dir/found.ini"
is "$status$err" 0 'check-config accepts it as it is'
like "$out" "^database $name: $dir/data/app.db\$" 'and reads it as it was meant'
start_agent --config "$dir/found.ini"
is "$(metric "sqlite_up{db=\"$name\"}")" 1 'run can use it'
ok stop_agent 'to its end'

# ---- test-notify ----------------------------------------------------------

key='a secret key of thirty-two bytes'
start_sink 200,200,200,200,200,200,200,500,200
cat >"$dir/test.ini" <<INI
[database app]
path = $dir/data/app.db
[receiver ops]
type = webhook
url = $sink_url/ops
secret = whsec_$(printf %s "$key" | base64)
[receiver away]
type = webhook
url = http://127.0.0.1:$(free_port)/hidden
INI

# The signature that request N must have, by its own id, time and body.
signature() {
	{
		sink_request "$1" '.headers | "\(.["webhook-id"]).\(
			.["webhook-timestamp"])."' | tr -d '\n'
		sed -n "$1p" "$sink_log" | jq -j .body
	} | openssl dgst -sha256 -mac HMAC -macopt \
		"hexkey:$(printf %s "$key" | od -An -tx1 -v | tr -d ' \n')" \
		-binary | base64
}

runs test-notify ops --config "$dir/test.ini"
is "$status$err" 0 'a message can be tried'
is "$out" 'ops: firing: delivered
ops: worse: delivered
ops: reminder: delivered
ops: no data: delivered
ops: flapping: delivered
ops: resolved: delivered
ops: three at once: not sent: one alert a message
ops: digest: delivered' 'one of each kind'
is "$(sink_count) $(sink_request 1 '.method + .path')" '7 POST/ops' \
	'and is really delivered'
for n in 1 2; do
	is "$(sink_request "$n" '.headers["webhook-signature"]')" \
		"v1,$(signature "$n")" "the signature of message $n is right"
	cmp_num "$(sink_request "$n" '(.t - (.headers["webhook-timestamp"] |
		tonumber)) | fabs')" '<' 5 'and its time is now'
done
is "$(jq -r '.body | fromjson | "\(.type) \(.data.severity)" +
	if .data.reminder then " again" else "" end' "$sink_log" |
	paste -sd, -)" "alert.firing warning,alert.firing critical,alert.firing \
critical again,alert.no_data critical,alert.flapping warning,alert.resolved \
warning,agent.digest info" 'they say what they are, in the order of a life'
unlike "$(jq -r .body "$sink_log")" 'whsec_|hidden' 'and no secret'

runs test-notify ops --config "$dir/test.ini"
is "$status" 1 'a receiver that refuses is trouble'
like "$out" '^ops: firing: failed: it answered HTTP 500$' 'with the reason'
like "$out" '^ops: worse: delivered$' 'and the others are tried'
runs test-notify away --config "$dir/test.ini"
is "$status" 1 'so is one that is away'
like "$out" '^away: firing: failed: .*(refused|connect)' 'with that reason'
unlike "$out$err" 'hidden' 'and without its address'
runs test-notify --config "$dir/test.ini"
is "$status" 1 'without a name all are tried'
like "$out" '^ops: firing: delivered' 'the one'
like "$out" '^away: firing: failed' 'and the other'
runs test-notify opps --config "$dir/test.ini"
is "$status" 2 'a name that is none is a usage error'
like "$err" 'no receiver opps' 'and is said'

# ---- patterns ---------------------------------------------------------------

mkdir -p "$dir/many/alice" "$dir/many/bob"
for name in alice bob; do
	tool writers --setup-only "$dir/many/$name/app.db" >"$dir/out"
done
"$LITEGAUGE" once --db "many=$dir/many/*/app.db" >"$dir/once"
is "$(sed -n 's/^sqlite_up{db="\(.*\)"} 1$/\1/p' "$dir/once" | sort | tr '\n' ' ')" \
    'many/alice/app.db many/bob/app.db ' \
    'files of one name in two folders are two databases'

done_testing
