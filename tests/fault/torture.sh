#!/bin/sh
# 1,000 transitions through everything that goes wrong between an alert and
# those who must hear of it; none is lost, none is told under two names.
#
# One database crosses the limits of 50 rules at once, in every round the other
# way.  Four receivers: `calm` is well; `rough` answers 500 and 429 with both
# forms of Retry-After, hangs, resets, drips, breaks off, leads elsewhere or has
# a certificate that nobody trusts; `gone` says 410, so its fallback `spare` is
# told.  The agent is killed at random moments.  In some rounds its own disk is
# full, while it runs or from the start.
#
# One more rule flaps: with its fifth firing within the hour that is told, and
# from there nothing, until the agent starts without its file and so counts anew;
# the count stays exact.
#
# A round is over when all have heard.  However often a message comes, it has
# one id.  What a round did is random; SEED=N does it again as far as time
# allows.  The full disk is a small tmpfs, in a mount namespace of this test's
# own; where none may be mounted, all else is tested.
# shellcheck disable=SC2016,SC2034
case ${TORTURE_SH:-} in
'')
	for TORTURE_SH in -m -rm; do
		unshare "$TORTURE_SH" sh -c \
			'mount -t tmpfs tmpfs /mnt && umount /mnt' 2>/dev/null ||
			continue
		export TORTURE_SH
		exec unshare "$TORTURE_SH" sh "$0"
	done
	TORTURE_SH=none
	;;
esac
# shellcheck source=tests/scenario/lib.sh
. "$(dirname "$0")/../scenario/lib.sh"

rounds=20
rules=50
flaps_round=9			# the fifth that fires
full_round=13 none_round=15 late_round=16	# odd: fires, even: resolves
db=$dir/app.db
state=$dir/disk/state.db
seed=${SEED:-$(od -An -N2 -tu2 /dev/urandom | tr -d ' ')}

tool writers --setup-only "$db"
sqlite3 "$db" 'CREATE TABLE pad (b BLOB)'
start_tool reader --mark-only "$db"	# the app, which stays open
mkdir "$dir/disk"
[ "$TORTURE_SH" = none ] || mount -t tmpfs -o size=16m tmpfs "$dir/disk"

sql() {
	sqlite3 -batch -cmd '.timeout 10000' "$@"
}

# Odd rounds grow the database beyond all limits, even ones shrink it.
cross() {
	if [ $((round % 2)) = 1 ]; then
		sql "$db" 'PRAGMA synchronous = OFF' \
			'INSERT INTO pad VALUES (zeroblob(4000000))' \
			'PRAGMA wal_checkpoint'
	else
		sql "$db" 'PRAGMA synchronous = OFF' 'DELETE FROM pad' VACUUM \
			'PRAGMA wal_checkpoint'
	fi
}

# In one step, since the agent may read it at any moment.
lead_to() {
	echo "$1" >"$dir/rough.new"
	mv "$dir/rough.new" "$dir/rough.url"
}

ids() {
	jq -r '.headers["webhook-id"]' "$@"
}

# What each said yes to.  Of the bad address that is 204: a 200 is one that was
# never finished.
rough_ids() {
	jq -r 'select(input_filename == $good or .status == 204) |
		.headers["webhook-id"]' --arg good "$good" "$good" "$bad"
}

heard_by() {
	case $1 in
	rough)	rough_ids ;;
	calm)	ids "$calm" ;;
	spare)	ids "$spare" ;;
	esac | sort -u
}

# heard N WHO...: each has N messages.
heard() {
	heard_want=$1
	shift
	for heard_who in "$@"; do
		[ "$(heard_by "$heard_who" | wc -l)" -ge "$heard_want" ] ||
			return 1
	done
}

all_heard() {
	wait_for 15 'heard "$due" calm spare rough'
}

agent() {
	start_agent --config "$dir/litegauge.ini" --state "$state"
}

outbox() {
	sql "$state" 'SELECT count(*) FROM outbox'
}

announced() {
	sql "$state" 'SELECT count(*) FROM alert
		WHERE announced AND NOT flapping'
}

# The log of state.db must be empty: what has room in it is no full disk.
fill_disk() {
	sql "$state" 'PRAGMA wal_checkpoint(TRUNCATE)' >"$dir/dd"
	dd if=/dev/zero of="$dir/disk/ballast" bs=4k >"$dir/dd" 2>&1
}

# ---- the receivers ----------------------------------------------------------

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
	-subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1 \
	-keyout "$dir/key" -out "$dir/cert" >"$dir/openssl" 2>&1
tls_port=$(free_port)
start "$dir/tls" openssl s_server -www -state -accept "127.0.0.1:$tls_port" \
	-key "$dir/key" -cert "$dir/cert"
tls=$child
# So many clients have said something, after they saw the certificate.
trusted() {
	grep -c 'read finished' "$dir/tls"
}

wait_for 10 'curl -ksf -m 2 -o "$dir/page" "https://127.0.0.1:$tls_port/"' \
	'there is a server with a certificate of its own'
trusted=$(trusted)

start_sink 410
gone=$sink_log gone_url=$sink_url
start_sink 200
spare=$sink_log spare_url=$sink_url
start_sink 200
calm=$sink_log calm_url=$sink_url
start_sink 200
good=$sink_log good_url=$sink_url
start_sink 200
elsewhere=$sink_log elsewhere_url=$sink_url
start_sink 204		# the last, for stop_sink and restart_sink
bad=$sink_log bad_url=$sink_url

# A line for each round: when the agent is killed, in seconds or after so many
# messages, and what the rough receiver answers; tls: it is at the address with
# the wrong certificate.
awk -v seed="$seed" -v n="$rounds" -v url="$elsewhere_url" 'BEGIN {
	srand(seed)
	moods = split("204 204 204 204 204 204 hang drip half reset 500 " \
		"429:20 429d:20 302:" url "/ nonsense", mood)
	for (i = 1; i <= n; i++) {
		if (rand() < 0.7)
			printf "after:%d ", rand() * 50
		else
			printf "%.3f ", rand() * 0.25
		if (i % 7 == 3)
			print "tls"
		else
			print some() "," some() "," some() "," some()
	}
}
function some(	k, text) {
	text = mood[1 + int(rand() * moods)]
	for (k = int(rand() * 12); k > 0; k--)
		text = "204," text
	return text
}' >"$dir/plan"

umask 077
{
	cat <<INI
[agent]
interval = 100ms

[database app]
path = $db

[receiver rough]
type	 = webhook
url_file = $dir/rough.url

[receiver calm]
type = webhook
url  = $calm_url

[receiver gone]
type	 = webhook
url	 = $gone_url
fallback = spare

[receiver spare]
type = webhook
url  = $spare_url
INI
	rule=0
	while [ "$rule" -lt "$rules" ]; do
		rule=$((rule + 1))
		cat <<INI
[alert a$rule]
when	  = database_size > 1${rule}0 kB
receivers = rough, calm, gone
INI
	done
	cat <<INI
[alert flaps]
when	  = database_size > 1 MB
receivers = rough, calm, gone
INI
	litegauge_builtin=$("${LITEGAUGE:-build/litegauge}" --tables rules |
		sed -n 's/^\.It \(C[mn] \)\{0,1\}\([a-z-]*\).*/\2/p')
	for rule in $litegauge_builtin; do
		printf '[alert %s]\nenabled = no\n' "$rule"
	done
} >"$dir/litegauge.ini"

# ---- the rounds ---------------------------------------------------------------

# It dies at some moment between the crossing and the last delivery.
killed() {
	read -r moment script <<-END
	$(sed -n "${round}p" "$dir/plan")
	END
	if [ "$script" = tls ]; then
		lead_to "https://127.0.0.1:$tls_port/"
	else
		stop_sink
		restart_sink "$script"
		lead_to "$bad_url"
	fi
	had=$(wc -l <"$calm")
	start "$dir/crossed" cross
	case $moment in
	after:*)
		now
		until=$((now + 1500))
		while [ "$(wc -l <"$calm")" -le $((had + ${moment#after:})) ] &&
			now && [ "$now" -lt "$until" ]; do
			:
		done
		;;
	*)		sleep "$moment" ;;
	esac
	kill_agent
	wait "$child"
	# Or the fifth firing within an hour would be taken for flapping.
	sql "$state" "UPDATE alert SET fires = '' WHERE rule <> 'flaps'"
	got=$(heard_by calm | wc -l)
	case $got in
	"$was_due")	before=$((before + 1)) ;;
	"$due")	after=$((after + 1)) ;;
	*)	midway=$((midway + 1)) ;;
	esac
	lead_to "$good_url"
	agent
	all_heard
}

# The disk is full while it runs; what could not be said waits in memory, and is
# on disk when there is room again.
full() {
	stop_sink
	restart_sink reset
	lead_to "$bad_url"
	fill_disk
	cross >"$dir/crossed"
	wait_for 15 'heard "$due" calm spare' \
		'a full disk silences no alert'
	cmp_num "$(metric litegauge_notifications_unsaved_total)" '>=' \
		$((3 * rules)) 'which are counted as not kept'
	rm "$dir/disk/ballast"
	wait_for 20 '[ "$(outbox)" = $((due - was_due)) ] &&
		[ "$(announced)" = $((due - was_due)) ]' \
		'what has still to be said is kept when there is room'
	kill_agent
	lead_to "$good_url"
	agent
	all_heard
}

# The disk is full from the start, and nothing of the alerts can be kept.
without() {
	stop_agent
	fill_disk
	agent
	is "$(metric litegauge_state_up)" 0 \
		'an agent whose disk is full at the start runs all the same'
	cross >"$dir/crossed"
	all_heard
	rm "$dir/disk/ballast"
	wait_for 20 '[ "$(announced)" = $((due - was_due)) ]' \
		'what it said is kept when the file opens'
	is "$(metric litegauge_state_up)" 1 'which is shown'
	kill_agent
	agent
}

# What an earlier life could not deliver waits in a file that does not open.
late() {
	stop_sink
	restart_sink reset
	lead_to "$bad_url"
	cross >"$dir/crossed"
	wait_for 15 'heard "$due" calm spare' 'the well hear at once'
	stop_agent
	is "$(outbox)" $((due - was_due)) 'what one of them did not hear is in the file'
	fill_disk
	lead_to "$good_url"
	agent
	is "$(metric litegauge_state_up)" 0 'which cannot be opened'
	rm "$dir/disk/ballast"
	wait_for 20 'heard "$due" rough' \
		'and is delivered when it can be'
}

flaps_is_quiet() {
	[ "$round" -gt "$flaps_round" ] && {
		[ "$TORTURE_SH" = none ] || [ "$round" -lt "$none_round" ]
	}
}

lead_to "$good_url"
agent
round=0 before=0 midway=0 after=0 due=0
while [ "$round" -lt "$rounds" ]; do
	round=$((round + 1))
	was_due=$due
	due=$((due + rules))
	flaps_is_quiet || due=$((due + 1))
	what=killed
	if [ "$TORTURE_SH" != none ]; then
		case $round in
		"$full_round") what=full ;;
		"$none_round") what=without ;;
		"$late_round") what=late ;;
		esac
	fi
	"$what" || break
done
[ "$TORTURE_SH" != none ] ||
	pass 'a full disk # SKIP no tmpfs may be mounted here'

want=$due
echo "# seed $seed: killed before the first delivery $before times, midway" \
	"$midway, after the last $after"
is "$round" "$rounds" "all of $want transitions are heard of by all"
wait_for 10 '[ "$(outbox)" = 0 ]' 'and nothing is left in the file'
is "$(metric litegauge_notification_queue_length | grep -v '^0$')" '' \
	'nor in a queue'
ok stop_agent 'the agent ends well'

for who in rough calm spare; do
	heard_by "$who" >"$dir/$who.ids"
done
ids "$bad" "$good" "$calm" "$spare" "$gone" | sort -u >"$dir/all"
is "$(wc -l <"$dir/all" | tr -d ' ')" "$want" 'each has one id'
for who in rough calm spare; do
	ok 'cmp "$dir/all" "$dir/$who.ids"' "each has come to $who"
done
is "$(wc -l <"$elsewhere" | tr -d ' ')" 0 'no redirect was followed'
cmp_num "$(grep -c 'alert unknown ca' "$dir/tls")" '>' 0 \
	'the wrong certificate was seen'
is "$(trusted)" "$trusted" 'and nothing was said there'
end "$tls"

# By when each id came first, an alert fires and resolves by turns.
is "$(jq -rs 'sort_by(.t) |
	map({ id: .headers["webhook-id"] } + (.body | fromjson)) |
	map(select(.data.alert != "flaps")) | group_by(.data.alert) | map(
		reduce .[] as $m ([]; if any(.[]; .id == $m.id) then .
			else . + [$m] end) | [.[].type] as $types |
		[range($types | length)] |
		all($types[.] == (if . % 2 == 0 then "alert.firing"
			else "alert.resolved" end))) | all' "$calm")" true \
	'firing and resolved come by turns'
flaps_story='firing resolved firing resolved firing resolved firing resolved flapping'
[ "$TORTURE_SH" = none ] ||
	flaps_story="$flaps_story firing resolved firing resolved firing resolved"
is "$(jq -rs '[sort_by(.t)[] | select((.body | fromjson).data.alert == "flaps")] |
	reduce .[] as $m ([]; if any(.[]; .headers["webhook-id"] ==
		$m.headers["webhook-id"]) then . else . + [$m] end) |
	map(.body | fromjson.type | sub("alert."; "")) | join(" ")' "$calm")" \
	"$flaps_story" \
	'and what flaps is told until it is quiet'
for who in calm spare; do
	eval "log=\$$who"
	echo "# $who: $want messages, $(($(ids "$log" | wc -l) - want)) came twice"
done
echo "# rough: $want messages, $(($(rough_ids | wc -l) - want)) came twice," \
	"$(ids "$good" "$bad" | wc -l) requests"
unlike "$(cat "$agent_log")" 'level=error' 'and the log has no error'

[ "$TORTURE_SH" = none ] || umount "$dir/disk"
done_testing
