#!/bin/sh
# alerts.sh - the alert rules are in order, do what their stories say, and are
# told in sentences; and each mistake in them is noticed.
# shellcheck disable=SC2016,SC2034,SC2317
# shellcheck source=tests/scenario/lib.sh
cd "$(dirname "$0")/../.." || exit 1
. tests/scenario/lib.sh
# shellcheck source=tests/dashboards/lib.sh
. tests/dashboards/lib.sh

stories=dashboards/prometheus/alerts_test.yml
days=dashboards/prometheus/alerts_days_test.yml

check_rules() {	# FILE
	"$PROMTOOL" check rules --lint=all --lint-fatal "$1"
}

ok 'check_rules "$alerts"' 'the alert rules are in order'
awk '{ print } /- alert: SQLiteMonitorReloadFailed/ { on = 1 }
	on { text = text $0 "\n" } END { printf "%s", text }' \
	"$alerts" >"$dir/edited.yml"
ok 'fails_with duplicate check_rules "$dir/edited.yml"' \
	'a rule that is there twice is noticed'
ok '"$PROMTOOL" test rules "$stories" "$days"' \
	'the alert rules do what their stories say'

# story ALERT SED: the stories about one alert, with an edit of the rules.
story() {
	mkdir -p "$dir/story"
	sed "$2" "$alerts" >"$dir/story/alerts.yml"
	if cmp -s "$alerts" "$dir/story/alerts.yml"; then
		echo 'the edit changes nothing'
		return 0
	fi
	awk -v alert="alertname: $1" '
	function flush() {
		if (!body || index(text, alert "\n"))
			printf "%s", text
		text = ""
	}
	/^- name:/ { flush(); body = 1 }
	{ text = text $0 "\n" }
	END { flush() }' "$stories" >"$dir/story/alerts_test.yml"
	"$PROMTOOL" test rules "$dir/story/alerts_test.yml"
}

ok 'fails_with exp: story SQLiteReplicaLagging "s/overdue_seconds > 60/&0/"' \
	'another limit is noticed'
ok 'fails_with exp: story SQLiteWALTooLarge "s/product > 48/product > 64/"' \
	'lost hysteresis is noticed'
ok 'fails_with exp: story SQLiteFsyncSlow "s/> 0.1$/> 0.3/"' \
	'another limit of seconds is noticed'
ok 'fails_with exp: story SQLiteProbeIncomplete "s/or 0 [*] sqlite_processes//"' \
	'a lost neutral element is noticed'
ok 'fails_with exp: story SQLiteDatabaseDown "/keep_firing_for/d"' \
	'an alert that resolves too soon is noticed'
ok 'fails_with exp: story SQLiteMonitorDown "s/: critical/: warning/"' \
	'another severity is noticed'

# Every alert fires in a story, and stays quiet in another.
untold() {	# RULES STORIES...
	awk '
	FNR == NR {
		if ($2 == "alert:")
			alert[$3] = 1
		next
	}
	$1 == "alertname:" { name = $2; told[name] = 1 }
	$1 == "exp_alerts:" {
		if ($2 == "[]")
			quiet[name] = 1
		else
			fires[name] = 1
	}
	END {
		for (a in alert) {
			if (!(a in fires))
				print a ": no story in which it fires"
			if (!(a in quiet))
				print a ": no story in which it is quiet"
		}
		for (a in told)
			if (!(a in alert))
				print a ": a story about no alert"
	}' "$@"
}

judge untold "$alerts" "$stories" "$days"
clean 'every alert has stories'
sed 's/alert: SQLiteReplicaDown/alert: SQLiteNew/' "$alerts" >"$dir/edited.yml"
judge untold "$dir/edited.yml" "$stories" "$days"
noticed 'an alert without a story is noticed' '^SQLite.*: .* story '

# What a person reads of an alert.
misspoken() {	# RULES
	awk '
	function finish() {
		if (name == "")
			return
		if (name !~ /^SQLite[A-Z][A-Za-z]+$/)
			print name ": not SQLite and CamelCase"
		if (severity !~ /^(critical|warning|info)$/)
			print name ": severity " severity
		if (summary !~ /^[A-Z].*[^.]\.$/ || summary ~ /[{}]/ ||
		    summary ~ /\. /)
			print name ": the summary is no single sentence"
		if (!named)
			print name ": the description names no instance"
		name = severity = summary = named = ""
	}
	$1 == "-" { finish() }
	$2 == "alert:" { name = $3 }
	$1 == "severity:" { severity = $2 }
	$1 == "summary:" { sub(/^ *summary: */, ""); summary = $0 }
	/\$labels\.instance/ { named = 1 }
	END { finish() }' "$1"
}

judge misspoken "$alerts"
clean 'every alert says what it is, how bad, and where'
sed 's/^\( *summary: .*\)\.$/\1/' "$alerts" >"$dir/edited.yml"
judge misspoken "$dir/edited.yml"
noticed 'a summary without its full stop is noticed' 'no single sentence'

done_testing
