#!/bin/sh
# The runner of tests itself: who fails beside others is run once more, and said
# to have needed it; what a sanitizer has found is never forgiven.
# shellcheck disable=SC2016
# shellcheck source=tests/scenario/lib.sh
. "$(dirname "$0")/lib.sh"

run=$(cd "$(dirname "$0")/.." && pwd)/run.sh

# a_test NAME: a test that does what is on standard input.
a_test() {
	{
		echo '#!/bin/sh'
		cat
		echo 'echo 1..1'
	} >"$dir/$1"
	chmod +x "$dir/$1"
}

a_test good <<'SH'
echo 'ok 1 - good'
SH
a_test bad <<'SH'
echo 'not ok 1 - bad'
echo '# for a reason'
SH
# Late once, as on a loaded machine.
a_test late <<'SH'
if [ -e "$0.was" ]; then
	echo 'ok 1 - late'
else
	: >"$0.was"
	echo 'not ok 1 - late'
fi
SH
# A program of the test has left a report, once.
a_test race <<'SH'
log=${TSAN_OPTIONS##*log_path=}
if [ -e "$0.was" ]; then
	echo 'ok 1 - race'
else
	: >"$0.was"
	echo 'WARNING: ThreadSanitizer: data race' >"${log%%:*}.1"
	echo 'not ok 1 - race'
fi
SH
for n in 1 2 3 4; do
	cp "$dir/bad" "$dir/bad$n"
done

outcome() {	# TEST...: the status of the runner; what it says in $dir/told
	rm -f "$dir"/*.was
	for one; do
		set -- "$@" "$dir/$one"
		shift
	done
	(cd "$dir" && sh "$run" -j 2 "$@") >"$dir/told" 2>&1
	echo $?
}
told() {
	grep -q "$1" "$dir/told"
}

is "$(outcome good)" 0 'what passes passes'
not_ok 'told "^== "' 'and no more is said'
is "$(outcome good late)" 0 'what is late passes by itself'
ok 'told "^== Passed, but only by themselves: $dir/late\$"' 'which is said'
is "$(outcome good late bad)" 1 'what is wrong fails twice'
ok 'told "^# for a reason"' 'and its remarks are shown'
not_ok 'told "^== Passed"' 'nothing is glossed over'
is "$(outcome bad1 bad2 bad3 bad4)" 1 'many failures'
not_ok 'told "^== Once more"' 'are not for a second try'
is "$(outcome race)" 1 'a race that shows once'
ok 'told "ThreadSanitizer: data race"' 'is shown'
not_ok 'told "^== Once more"' 'and not tried away'
done_testing
