#!/bin/sh
# Garbage in the files of a database harms nothing but its own numbers, and
# those it does not make up: no crash, and no commit that nobody made.
# shellcheck disable=SC2016,SC2034,SC2317
# shellcheck source=tests/scenario/lib.sh
. "$(dirname "$0")/lib.sh"

SEEDS=${SEEDS:-200}
COPIES='a b c d'

count() {
	metric "sqlite_write_transactions_total{db=\"$1\"}"
}

# The same bytes for the same seed: noise SEED BYTES
noise() {
	openssl enc -aes-128-ctr -nosalt -K "$(printf %032x "$1")" -iv 0 \
		-in /dev/zero 2>/dev/null | head -c "$2"
}

# One number of SEED below N, by kind: pick SEED KIND N
pick() {
	printf '%s.%s' "$1" "$2" | cksum | {
		read -r sum _
		echo $((sum % $3))
	}
}

# Noise over some bytes of a file, from the start for half of the seeds.
scribble() {
	size=$(stat -c %s "$2")
	at=$(($(pick "$1" half 2) * $(pick "$1" at $((size + 1)))))
	noise "$1" $(($(pick "$1" n 300) + 1)) |
		dd of="$2" bs=1 seek="$at" conv=notrunc status=none
}

# A header that is right to the agent, checksum and all, with numbers of noise.
forge() {
	noise "$1" 136 >"$dir/forged"
	perl -e '
		my $b = do { local (@ARGV, $/) = shift; <> };
		my $h = pack("L", 3007000) . substr($b, 4, 8) .
		    pack("CCS", 1, 0, 4096) . substr($b, 16, 24);
		my ($s, $t) = (0, 0);
		for my $i (0 .. 4) {
			my ($x, $y) = unpack("LL", substr($h, 8 * $i, 8));
			$s = ($s + $x + $t) & 0xffffffff;
			$t = ($t + $y + $s) & 0xffffffff;
		}
		$h .= pack("LL", $s, $t);
		print $h, $h, substr($b, 96, 40);
	' "$dir/forged" | dd of="$2" bs=1 conv=notrunc status=none
}

# What is done to a copy.  Each writes to files that no SQLite has open.
spoil() {
	file=$2
	case $(pick "$1" file 4) in
	0) file=$2-shm ;;
	1) file=$2-wal ;;
	2) file=$2-shm ;;
	esac
	case $(pick "$1" what 6) in
	0|1) scribble "$1" "$file" ;;
	2) truncate -s "$(pick "$1" n 40000)" "$file" ;;
	3) noise "$1" "$(pick "$1" n 70000)" >"$file" ;;
	4) : >"$file" ;;
	5) noise "$1" 200 >"$dir/whole" && mv "$dir/whole" "$file" ;;
	esac
}

restore() {
	for end in '' -wal -shm; do
		cat "$dir/master.db$end" >"$1$end"
	done
}

# A database with a log and an index, as they lie while somebody has it open.
tool writers --setup-only --synchronous off "$dir/live.db" >"$dir/out"
start_tool reader --mark-only --ready-file "$dir/ready" "$dir/live.db"
wait_for 10 '[ -s "$dir/ready" ]'
tool writers --synchronous off --commits 40 "$dir/live.db" >"$dir/out"
for end in '' -wal -shm; do
	cp "$dir/live.db$end" "$dir/master.db$end"
done
cmp_num "$(stat -c %s "$dir/master.db-wal")" '>' 1000 'there is a log to spoil'

set --
for copy in $COPIES forged; do
	restore "$dir/$copy.db"
	set -- "$@" --db "$copy=$dir/$copy.db"
done
tool writers --setup-only "$dir/good.db" >"$dir/out"
cat >"$dir/test.ini" <<INI
[agent]
interval = 100ms
lock_interval = 20ms
INI
start_agent --config "$dir/test.ini" --db "good=$dir/good.db" "$@"
before=$(count good)
start_tool writers --synchronous off --rate 100 --duration 60 \
	--count-file "$dir/count" "$dir/good.db"
writers=$tool_pid

# Two looks at least between one harm and the next.
samples() {
	curl -sf -m 5 "$agent_url/api/v1/databases?db=$1" | jq -r '.data[0].at'
}

looked_since() {
	[ "$(samples a)" \> "$1" ] || return 1
}

seed=0
most=0
while [ "$seed" -lt "$SEEDS" ]; do
	for copy in $COPIES; do
		seed=$((seed + 1))
		spoil "$seed" "$dir/$copy.db"
	done
	forge "$seed" "$dir/forged.db-shm"
	at=$(samples a)
	wait_for 5 'alive "$agent_pid" && looked_since "$at"' || break
	[ $((seed % 3)) -ne 0 ] || for copy in $COPIES; do
		restore "$dir/$copy.db"
	done
	scrape
	for copy in $COPIES; do
		now_is=$(sed -n "s/^sqlite_write_transactions_total{db=\"$copy\"} //p" \
			"$dir/metrics")
		[ "${now_is:-0}" -le "$most" ] || most=$now_is
	done
done
ok 'alive "$agent_pid"' "$seed kinds of garbage later it runs"
cmp_num "$most" '=' 0 'and has not made up a commit'
ok 'grep -q "level=warn msg=\"a: down: .*/a.db: " "$agent_log"' \
	'but said what it could not read'
cmp_num "$(count forged)" '>' 0 'only a right checksum is believed'
for copy in $COPIES; do
	restore "$dir/$copy.db"
done
for copy in $COPIES; do
	wait_for 5 '[ "$(metric "sqlite_up{db=\"$copy\"}")" = 1 ]' \
		"$copy is up again once it is right"
done

end "$writers"
wait_for 5 '[ "$(count good)" = \
	"$((before + $(tool writers --read-count "$dir/count")))" ]' \
	'the others were counted exactly meanwhile'
ok stop_agent 'and it ends well'
unlike "$(cat "$agent_log")" 'level=error|Sanitizer' 'nor has it complained'

done_testing
