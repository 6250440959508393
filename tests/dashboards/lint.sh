#!/bin/sh
# lint.sh - the dashboard and the alert rules name only metrics that exist.
#
#	lint.sh		metric families from `litegauge once`
#	lint.sh -	metric families from standard input: an exposition, or
#			one name a line; then every name has to be there
# shellcheck disable=SC2016,SC2034,SC2317
# shellcheck source=tests/scenario/lib.sh
cd "$(dirname "$0")/../.." || exit 1
. tests/scenario/lib.sh
# shellcheck source=tests/dashboards/lib.sh
. tests/dashboards/lib.sh

# --- Only metrics that exist

# Families that one database, looked at once, cannot have: they need a replica,
# a drill, a receiver, the probe, the kernel tracer or a running agent.  Of these the agent's own table has to
# know; live.sh looks at them where they are.
beyond_once='
	sqlite_processes sqlite_library_info sqlite_version_risk
	sqlite_busy_timeouts_total sqlite_snapshot_refusals_total
	sqlite_busy_retries_by_lock_total sqlite_busy_pending
	sqlite_commits_total sqlite_write_holds_total
	sqlite_write_hold_seconds_total sqlite_fsyncs_total
	sqlite_fsync_seconds_total sqlite_probe_processes
	sqlite_probe_files_ignored
	sqlite_traced_processes sqlite_traced_seconds_total
	sqlite_write_lock_refusals_total sqlite_busy_unslept_ratio
	sqlite_write_lock_hold_p50_seconds sqlite_write_lock_hold_p99_seconds
	sqlite_checkpoint_lock_holds_total
	sqlite_checkpoint_lock_hold_seconds_total
	sqlite_fsync_p50_seconds sqlite_fsync_p99_seconds
	litegauge_tracer_info litegauge_tracer_unattributed_retries_total
	sqlite_replica_up sqlite_replica_unchecked
	sqlite_replica_lag_seconds sqlite_replica_overdue_seconds
	sqlite_replica_lag_bytes sqlite_replica_lag_transactions
	sqlite_replica_last_sync_timestamp_seconds sqlite_replica_ahead
	sqlite_replica_snapshot_timestamp_seconds sqlite_replica_chain_ok
	sqlite_replica_chain_timestamp_seconds
	sqlite_replica_generation_changes_total
	sqlite_replica_requests_total sqlite_replica_requests_refused_total
	sqlite_replica_request_cost_dollars_total
	sqlite_replica_clock_skew_seconds sqlite_replica_info
	sqlite_replica_drill_success sqlite_replica_drill_timestamp_seconds
	sqlite_replica_drill_success_timestamp_seconds
	sqlite_replica_drill_duration_seconds sqlite_replica_drill_inconclusive
	litegauge_alerts litegauge_notifications_total
	litegauge_notifications_failed_total
	litegauge_notification_queue_length
	litegauge_notifications_dropped_total
	litegauge_notifications_merged_total
	litegauge_notifications_fallback_total
	litegauge_notifications_unsaved_total
	litegauge_receiver_closed litegauge_state_up litegauge_heartbeat_up
	litegauge_heartbeat_last_success_timestamp_seconds
	litegauge_config_last_reload_successful
	litegauge_config_last_reload_success_timestamp_seconds'
# Of Prometheus.
prometheus='up ALERTS'

exposed() {	# names out of an exposition or a list
	awk '
	$1 == "#" { if ($2 == "TYPE") print $3; next }
	NF { sub(/[{ \t].*/, ""); print }'
}

words() {
	printf '%s\n' "$@" | tr -s '[:space:]' '\n' | sed '/^$/d'
}

# One database in WAL mode, held open by an application.
once() {
	demo=$dir/demo.db
	tool writers --setup-only "$demo" &&
	start_tool reader --mark-only --ready-file "$dir/open" "$demo" &&
	wait_for 10 '[ -s "$dir/open" ]' &&
	tool writers --commits 10 "$demo" >/dev/null &&
	"$LITEGAUGE" once --db "demo=$demo" >"$dir/exposition" &&
	end "$tool_pid"
}

if [ "${1:-}" = - ]; then
	cat >"$dir/exposition"
	beyond_once=
	ok 'test -s "$dir/exposition"' 'families came on standard input'
else
	ok once "$LITEGAUGE once looks at a database"
	"$LITEGAUGE" --tables metrics | sed -n 's/^\.It \([a-z0-9_]*\).*/\1/p' |
	    sort -u >"$dir/table"
	is "$(words "$beyond_once" | sort -u | comm -23 - "$dir/table")" '' \
	    'what once cannot show is in the table of metrics'
fi
{ words "$beyond_once"; exposed <"$dir/exposition"; } | sort -u >"$dir/families"

# The metrics of the expressions in a JSON array.
named_in() {
	jq -r "$(cat "$dir/defs.jq")"'.[] | metrics[]' | sort -u
}

unknown_in_dashboard() {	# DASHBOARD
	expressions "$1" | jq '[.groups[].rules[].expr]' | named_in |
	    known_to "$prometheus"
}

known_to() {	# MORE: prints what is read and not known
	words "$@" | sort -u - "$dir/families" >"$dir/known"
	comm -23 - "$dir/known" | sed 's/$/: no such family/'
}

# The expressions of a rules file; "expr: |" and what is indented below it.
rule_expressions() {	# RULES
	awk '
	function flush() { if (on) printf "%s%c", text, 0; on = 0; text = "" }
	on && (match($0, /[^ ]/) > indent || NF == 0) {
		text = text $0 "\n"
		next
	}
	{ flush() }
	$1 == "expr:" {
		on = 1
		indent = index($0, "expr:")
		if ($2 !~ /^[|>]-?$/)
			text = substr($0, indent + 5) "\n"
	}
	END { flush() }' "$1" | jq -Rs 'split("\u0000")[:-1]'
}

unknown_in_rules() {	# RULES
	recorded=$(sed -n 's/^ *- record: *//p' "$1")
	rule_expressions "$1" | named_in |
	    known_to "$prometheus" "$recorded"
}

judge unknown_in_dashboard "$dash"
clean 'the dashboard shows only what the agent exports'
jq '.panels[3].targets[0].expr |= gsub("sqlite_write_transactions_total";
    "sqlite_writes_total")' "$dash" >"$dir/edited.json"
judge unknown_in_dashboard "$dir/edited.json"
noticed 'an unknown metric in the dashboard is noticed' \
	'^sqlite_writes_total: no such family'

judge unknown_in_rules "$alerts"
clean 'the rules use only what the agent exports'
is "$(rule_expressions "$alerts" | jq length)" "$(rules_found "$alerts")" \
	'no rule was left out'
sed 's/sqlite_checkpoint_lag_frames/sqlite_checkpoint_backlog/' "$alerts" \
	>"$dir/edited.yml"
judge unknown_in_rules "$dir/edited.yml"
noticed 'an unknown metric in the rules is noticed' \
	'^sqlite_checkpoint_backlog: no such family'

done_testing
