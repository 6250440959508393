#!/bin/sh
# What is wrong with a configuration is said at once, all of it, with the line;
# what is secret in it is said nowhere.
# shellcheck disable=SC2016,SC2034,SC2317
# shellcheck source=tests/scenario/lib.sh
. "$(dirname "$0")/lib.sh"

# Runs the agent to its end: status in $status, what it said in $out and $err.
runs() {
	timeout 10 "${LITEGAUGE:-build/litegauge}" "$@" >"$dir/stdout" \
		2>"$dir/stderr" </dev/null
	status=$?
	out=$(cat "$dir/stdout")
	err=$(cat "$dir/stderr")
}

HOME=$dir/home
export HOME
unset STATE_DIRECTORY XDG_STATE_HOME
mkdir "$HOME"
tool writers --setup-only "$dir/app.db" >"$dir/out"

# ---- errors ---------------------------------------------------------------

cat >"$dir/bad.ini" <<INI
[agent]
interval = 1ms
listen = nowhere

[databse app]
path = $dir/app.db

[database empty]
interval = 1s

[alert odd]
when = write_rte > 5
receivers = nobody

[receiver pigeon]
type = pigeon

[receiver hook]
type = webhook
url = http://127.0.0.1:9/hidden-url
secert = hidden-secret
no value at all

[database many]
path = $dir/*.db

[replica of-many]
database = many
path = $dir/copy

[alert never]
when = write_lock_busy > 100%
[alert unclear]
when = disk_free < 1 GB
clear = 900 MB
[alert backwards]
when = readers > 5
severity = warning, critical > 4
[alert often]
when = readers > 5
for = 3 of 70
[alert at-no-time]
when = readers > 5
only = weekdays 08:00-08:00
[alert asks]
when = readers > 5
message = look at {hostname}
[alert busi]
for = 5m

[receiver round]
type = slack
url = http://127.0.0.1:9/hidden-round
fallback = about
[receiver about]
type = slack
url = http://127.0.0.1:9/hidden-about
fallback = round
INI
cat >"$dir/want" <<'WANT'
2: interval: .*too short
3: listen: .*nowhere
5: .*did you mean .database.
8: .*has no path
12: .*write_rte.* is not a measure
13: .*there is no .receiver nobody
15: .*there is no receiver type .pigeon
21: .*did you mean "secret"
22: this is not "key = value"
28: .*is a pattern
32: .*write_lock_busy is never above 100%, so this could never fire
35: .*bad side of 1.00 GB: it must not be below
38: .*the limit of critical must be above 5, which is that of warning
41: .*only the last 64 values are kept
44: .*ends when it begins
47: .*there is no .hostname.
48: .*no built-in rule is called busi: did you mean busy
54: .*its fallbacks lead back to itself
58: .*its fallbacks lead back to itself
WANT
for command in run once check-config test-notify; do
	runs "$command" --config "$dir/bad.ini" --state "$dir/state.db"
	is "$status" 2 "$command: a wrong configuration is a usage error"
	while read -r line; do
		like "$err" "^$dir/bad.ini:$line" "it is told: line $line"
	done <"$dir/want"
	is "$(grep -c . "$dir/stderr")" 19 'and nothing else is, nor twice'
	unlike "$err$out" 'hidden' 'nor anything that is secret'
done
not_ok '[ -e "$dir/state.db" ]' 'nothing was begun'

# A name is only wrong where no pattern could find it.
cat >"$dir/name.ini" <<INI
[database app]
path = $dir/app.db
[alert mine]
when = readers > 5
db = ap
INI
runs check-config --config "$dir/name.ini"
is "$status" 2 'a rule for no database is an error'
like "$err" "^$dir/name.ini:5: .*no \[database\] has a name like ap" \
	'and it is told'
runs check-config --config "$dir/name.ini" --db "ap=$dir/ap.db"
is "$status" 0 'but --db may name one'

# ---- secrets from elsewhere -------------------------------------------------

cat >"$dir/from.ini" <<INI
[database app]
path = $dir/app.db
[replica cloud]
database = app
url = s3://bucket/app
access_key_id = \${FROM_KEY}
secret_access_key = credential:bucket
[receiver ops]
type = slack
url = https://hooks.example.org/\${FROM_PATH}
INI
unset FROM_KEY FROM_PATH CREDENTIALS_DIRECTORY
runs check-config --config "$dir/from.ini"
is "$status" 2 'what is not there is an error'
like "$err" '^.*/from.ini:3: .*secret_access_key: credential:bucket: ' \
	'of a replica'
like "$err" '^.*/from.ini:8: .*the environment variable FROM_PATH is not set' \
	'and of a receiver'
mkdir "$dir/credentials"
echo hidden-credential >"$dir/credentials/bucket"
export CREDENTIALS_DIRECTORY="$dir/credentials" FROM_PATH=hidden-path
runs check-config --config "$dir/from.ini"
like "$err" 'access_key_id: the environment variable FROM_KEY is not set' \
	'each of them is'
export FROM_KEY=hidden-key
runs check-config --config "$dir/from.ini"
is "$status" 0 'all of it is there'
unlike "$err$out" 'hidden' 'and shown nowhere'
unset FROM_KEY FROM_PATH CREDENTIALS_DIRECTORY

head -c 3000 /dev/urandom >"$dir/noise.ini"
runs check-config --config "$dir/noise.ini"
is "$status" 2 'noise is no configuration'
like "$err" "^$dir/noise.ini:1: " 'and that is said with a line'
runs check-config --config "$dir/none.ini"
is "$status $err" "2 $dir/none.ini: No such file or directory" \
	'nor is what is not there'

# ---- the command line -----------------------------------------------------

while IFS='|' read -r sentence args; do
	# shellcheck disable=SC2086 # the words are wanted
	runs $args
	is "$status" 2 "a usage error: litegauge $args"
	like "$err" "$sentence" 'with a sentence'
	is "$out" '' 'on stderr only'
done <<'ARGS'
^usage: litegauge COMMAND|
there is no command fly|fly
option '--fly'|run --fly
'--config' requires|run --config
too many arguments: more|run more
there is no log level loud|run --log-level loud
there is no database to watch: say --db|run
there is no database to watch: say --db|once
there is no database to watch: say --db|check-config
listen: "here" is not an address|run --db a.db --listen here
already; say --db NAME=b/a.db|run --db a.db --db b/a.db
there is no receiver ops in|test-notify ops --db a.db
ARGS

runs --version
is "$status" 0 '--version is fine'
like "$out" '^litegauge [0-9]+\.[0-9]+\.[0-9]+' 'and says which'
runs --help
is "$status" 0 '--help is fine'
for word in run once discover check-config test-notify -config -db -listen \
	-state -version; do
	like "$out" "^  -?$word " "and has $word"
done

# ---- two of them ----------------------------------------------------------

start_sink
cat >"$dir/good.ini" <<INI
[database app]
path = $dir/app.db
[receiver hook]
type = webhook
url = $sink_url/hidden-url
secret = whsec_aGlkZGVuIHNlY3JldCBrZXkgb2YgMzIgYnl0ZXMhIQ==
[receiver file]
type = slack
url_file = $dir/hidden.url
group_wait = 0
fallback = hook
[alert mine]
when = readers > 5
for = 2m
severity = critical
receivers = hook
[alert rich]
when = disk_free < 2 GB
over = 10m min
for = 3 of 5
keep = 1h
severity = info, critical < 1 GB
repeat = 2h
only = mon-fri 08:00-20:00
db = a*
message = Ask {db}'s owner.
[alert soon]
when = database_size > 10 GB
forecast = 30d
[alert down]
when = up < 1
[alert busy]
enabled = no
[alert write-rate]
for = 1m
INI
chmod 600 "$dir/good.ini"
echo "$sink_url/hidden-file" >"$dir/hidden.url"
runs check-config --config "$dir/good.ini"
is "$status" 2 'a file with a secret is for nobody else to read'
like "$err" "^$dir/good.ini:7: .*chmod 600" 'and how to make it so is said'
chmod 600 "$dir/hidden.url"
start_agent --config "$dir/good.ini" --log-level debug --db "gone=$dir/gone.db"
other=$(free_port)
runs run --db "$dir/app.db" --state "$dir/state.db" --listen "127.0.0.1:$other"
is "$status" 1 'a second agent cannot have the state file'
like "$err" "$dir/state.db: .*(another|in use|lock)" 'and says so'
runs run --db "$dir/app.db" --state "$dir/other.db" --listen "127.0.0.1:$port"
is "$status" 1 'nor the port'
like "$err" "127.0.0.1:$port: .*in use" 'and says so'
ok agent_answers 'the first does not mind'

# ---- what is right and hardly meant -----------------------------------------

{
	cat <<-INI
	[database app]
	path = $dir/app.db
	[receiver used]
	type = webhook
	url = $sink_url/used
	fallback = after
	[receiver after]
	type = webhook
	url = $sink_url/after
	secret = whsec_aGlkZGVuIHNlY3JldCBrZXkgb2YgMzIgYnl0ZXMhIQ==
	[receiver unused]
	type = webhook
	url = $sink_url/unused
	[alert mine]
	when = readers > 5
	for = 100ms
	receivers = used
	INI
	"${LITEGAUGE:-build/litegauge}" --tables rules |
		sed -n 's/^\.It \(.*\)/[alert \1]\nenabled = no/p'
} >"$dir/warn.ini"
cat >"$dir/want" <<'WANT'
10: warning: secret is a secret and others may open this file
11: warning: .receiver unused.: no rule uses it
16: warning: .alert mine.: for = 100ms is shorter than the interval
WANT
runs check-config --config "$dir/warn.ini"
is "$status" 0 'a warning is no error'
while read -r line; do
	like "$err" "^$dir/warn.ini:$line" "it is told: line $line"
done <"$dir/want"
is "$(grep -c . "$dir/stderr")" 3 'and nothing else is'
timeout 20 "${LITEGAUGE:-build/litegauge}" run --config "$dir/warn.ini" \
	--state "$dir/warn.db" --listen "127.0.0.1:$other" 2>"$dir/warn.log" &
warned=$!
wait_for 5 '[ "$(grep -c "level=warn.*warn.ini:.*warning: " "$dir/warn.log")" = 3 ]' \
	'the log has them when it starts'
kill -HUP "$warned"
wait_for 5 '[ "$(grep -c "level=warn.*warn.ini:.*warning: " "$dir/warn.log")" = 6 ]' \
	'and when it reads the file again'
kill "$warned"
wait "$warned"
not_ok 'grep -q hidden "$dir/warn.log"' 'and nothing that is secret'

# ---- what is said, and what is not ----------------------------------------

runs check-config --config "$dir/good.ini"
is "$status$err" 0 'a good configuration is fine'
like "$out" "^database app: $dir/app.db\$" 'its databases are shown'
like "$out" '^receiver hook: webhook$' 'and its receivers'
like "$out" '^receiver file: slack, else hook$' 'and who stands in for them'
like "$out" '^alert mine: readers above 5 for 2m, .*severity critical' \
	'and its rules as sentences'
like "$out" '^alert database-down: up below 1 for 2m' 'the built-in too'
like "$out" '^alert rich: min of disk_free over 10m below 2.00 GB in 3 of 5 values, clears above 2.20 GB for 1h, severity info, critical below 1.00 GB, repeated every 2h, only weekdays 08:00-20:00, databases a\*, with a next step of its own$' \
	'with all that they have'
like "$out" '^alert soon: database_size above 10.0 GB within 30d by the trend of 7d,' \
	'a trend as well'
like "$out" '^alert write-rate: median of write_rate over 1h above 50.0/s for 1m' \
	'one of them with a key that was changed'
like "$out" '^alert busy: off$' 'or off'
printf 'http://127.0.0.1:1/hidden-beat\n' >"$dir/beat.url"
chmod 600 "$dir/beat.url"
cat "$dir/good.ini" - >"$dir/more.ini" <<INI
[heartbeat]
url_file = $dir/beat.url
every = 2m

[digest]
at = fri 17:30

[drill]
every = 14d
db = ap*
dir = $dir
INI
runs check-config --config "$dir/more.ini"
is "$status" 0 'one with reports and drills is fine as well'
like "$out" "^heartbeat: every 2m while the databases are sampled, to the address in $dir/beat.url\$" \
	'its heartbeat is a sentence'
like "$out" '^digest: every 7d, fri 17:30, to all receivers$' 'so is its digest'
like "$out" "^drill: every 14d of the databases ap\\*, in $dir\$" 'and its drill'
unlike "$out" 'hidden-beat' 'without the secret'
if command -v script >/dev/null; then
	script -qec "'${LITEGAUGE:-build/litegauge}' check-config \
		--config '$dir/more.ini'" "$dir/typescript" >"$dir/tty" </dev/null
	like "$(cat "$dir/tty")" '^    ' 'on a terminal it is folded'
	is "$(tr -d '\r' <"$dir/tty" | grep -v "$dir" | awk 'length > 80')" '' \
		'to 80 columns'
else
	pass 'no script(1) here: # SKIP'
fi

wait_for 10 '[ "$(sink_count)" -ge 2 ]' 'messages have gone where they should'
is "$(jq -r .path "$sink_log" | sort -u | tr '\n' ' ')" \
	'/hidden-file /hidden-url ' 'to both of them'
kill -HUP "$agent_pid"
wait_for 5 'grep -q "read again" "$agent_log"'
stop_sink
cp "$dir/app.db" "$dir/gone.db"
wait_for 10 'grep -q "alert.resolved" "$agent_log"'
wait_for 10 'grep -qE "level=(warn|error).*(hook|file)" "$agent_log"' \
	'a receiver that is away is told about'
for page in / /metrics /api/v1/databases /api/v1/alerts; do
	curl -sf -m 5 "$agent_url$page" >>"$dir/pages"
done
cmp_num "$(wc -c <"$dir/pages")" '>' 5000 'all pages were read'
for file in agent.log pages stdout stderr; do
	not_ok 'grep -qE "hidden-|whsec_|aGlkZGVu" "$dir/$file"' \
		"no secret is in $file"
done
ok stop_agent 'it ends well'
sqlite3 "$dir/state.db" .dump >"$dir/dump"
not_ok 'grep -qE "hidden-|whsec_|aGlkZGVu" "$dir/dump"' 'nor is one kept'

done_testing
