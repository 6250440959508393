/*
 * options - see options.h; what a value may be is in option_check.c.
 *
 * A default that is worked out elsewhere, because it depends on the environment
 * or on another key, is NULL here and told in the sentence.
 */
#include <string.h>

#include "agent/config/options.h"

#define SECOND	1000
#define MINUTE	(60 * SECOND)
#define HOUR	(60 * MINUTE)
#define DAY	(24LL * HOUR)

const struct section_kind section_kinds[] = {
	{ "agent", 0, "The agent itself.\nThe section may be left out." },
	{ "database", 1, "A SQLite file to watch.\nNAME is the db label of its "
	  "metrics and alerts." },
	{ "replica", 1, "A copy that Litestream keeps of a database, to be "
	  "looked at where it lies." },
	{ "receiver", 1, "Where notifications go." },
	{ "drill", 0, "Restores of the replicas, as a proof.\nThe section may "
	  "be left out." },
	{ "heartbeat", 0, "A ping for somebody who notices when it stops.\nThe "
	  "section may be left out." },
	{ "digest", 0, "A message now and then that says how all is.\nWithout "
	  "the section there is none." },
	{ "alert", 1, "A rule.\nOne that bears the name of a built-in rule "
	  "changes only the keys that it gives." },
	{ NULL, 0, NULL }
};

/* Columns: see struct option. */
const struct option options[] = {
	{ "agent", "listen", OPTION_LISTEN, "127.0.0.1:10925",
	  .help = "Address and port of the pages and of /metrics.\nThere is no "
	  "password: leave it on loopback or put a proxy in front." },
	{ "agent", "state", OPTION_PATH, NULL,
	  .help = "The agent's own file, which keeps alerts, unsent "
	  "notifications and history over a restart.\nDefault: state.db in "
	  "$STATE_DIRECTORY, else ~/.local/state/litegauge/state.db." },
	{ "agent", "interval", OPTION_DURATION, "1s", 100, HOUR,
	  .help = "How often each database is looked at, 100ms to 1h." },
	{ "agent", "lock_interval", OPTION_DURATION, "50ms", 5, 10 * SECOND,
	  .zero_off = 1,
	  .help = "How often the write lock of an active database is asked "
	  "for, 5ms to 10s; 0 turns it off." },
	{ "agent", "holders_interval", OPTION_DURATION, "10s", 5 * SECOND, HOUR,
	  .help = "How often /proc/locks may be read for the names of those "
	  "who hold locks, 5s to 1h.\nReading it costs the kernel far more "
	  "than all the rest." },
	{ "agent", "trace", OPTION_CHOICE, "auto",
	  .choices = "auto sleeps bursts always no",
	  .help = "What programs in the kernel count, where they are allowed "
	  "to.\nauto: the sleeps of SQLite's busy handler; for 10 seconds in a "
	  "minute, when something is wrong, also locks and fsyncs.\nsleeps: "
	  "never those.\nbursts: "
	  "those once a minute whatever happens.\nalways: locks all the time."
	  "\nno: nothing." },
	{ "agent", "url", OPTION_TEXT, NULL,
	  .help = "What alerts link to: the agent's pages as people reach "
	  "them.\nDefault: http:// and the listen address." },
	{ "agent", "litestream", OPTION_TEXT, "auto",
	  .help = "Where replicas are learned from.\nauto: from the Litestream "
	  "that runs, else from /etc/litestream.yml.\nA path: from that file "
	  "instead of /etc/litestream.yml.\nno: only from [replica] sections."
	  },
	{ "agent", "remote_interval", OPTION_DURATION, "10s", SECOND, HOUR,
	  .help = "How often a bucket may be asked how far a replica in it has "
	  "come, 1s to 1h.\nIt is asked only while something new is on its "
	  "way." },
	{ "agent", "remote_budget", OPTION_COUNT, "1000", 10, 100000,
	  .help = "Requests to a bucket in an hour, per replica, 10 to "
	  "100000.\nWhen they are used up the lag grows until the next hour, "
	  "and sqlite_replica_requests_refused_total with it." },
	{ "agent", "history", OPTION_FLAG, "yes",
	  .help = "Whether the state file keeps 30 days of 5 minute points." },

	{ "database", "path", OPTION_PATH, NULL, .required = 1,
	  .help = "The file, or a pattern such as /data/tenants/*.db for all "
	  "that it finds." },
	{ "database", "interval", OPTION_DURATION, NULL, 100, HOUR,
	  .help = "How often this one is looked at, 100ms to 1h.\nDefault: "
	  "interval of [agent]." },

	{ "replica", "database", OPTION_TEXT, NULL, .required = 1,
	  .help = "The name of the [database] it is a copy of." },
	{ "replica", "path", OPTION_PATH, NULL,
	  .help = "The directory of a Litestream replica of type file; path or "
	  "url must be given." },
	{ "replica", "url", OPTION_SECRET, NULL,
	  .help = "Its URL as Litestream takes it: s3://bucket/path, "
	  "file:///path, sftp://host/path.\nA bucket is asked with the keys "
	  "below, else with those of the environment (AWS_ACCESS_KEY_ID or "
	  "LITESTREAM_ACCESS_KEY_ID, and so on)." },
	{ "replica", "endpoint", OPTION_TEXT, NULL,
	  .help = "Of a bucket that is not Amazon's: https://host[:port]." },
	{ "replica", "region", OPTION_TEXT, NULL,
	  .help = "Of the bucket.\nDefault: us-east-1, or where the bucket "
	  "says that it lies." },
	{ "replica", "force_path_style", OPTION_FLAG, NULL,
	  .help = "Whether the bucket's name stands in the path and not in the "
	  "host name.\nDefault: yes when there is an endpoint." },
	{ "replica", "skip_verify", OPTION_FLAG, "no",
	  .help = "Whether any certificate of the endpoint is taken." },
	{ "replica", "access_key_id", OPTION_SECRET, NULL,
	  .help = "The key for the bucket; it needs s3:ListBucket and "
	  "s3:GetObject and no more." },
	{ "replica", "secret_access_key", OPTION_SECRET, NULL,
	  .help = "Its secret." },
	{ "replica", "secret_access_key_file", OPTION_PATH, NULL,
	  .help = "A file that holds the secret, instead of "
	  "secret_access_key." },
	{ "replica", "sync_interval", OPTION_DURATION, "1s", 100, 7 * DAY,
	  .help = "Litestream's own sync-interval for it: a lag within it is "
	  "none." },

	{ "receiver", "type", OPTION_TEXT, NULL, .required = 1,
	  .help = "What speaks to it: one of the types under RECEIVERS." },
	{ "receiver", "url", OPTION_SECRET, NULL,
	  .help = "Where messages are posted.\nTreated as a secret: it is "
	  "never printed." },
	{ "receiver", "url_file", OPTION_PATH, NULL,
	  .help = "A file that holds the url, instead of url." },
	{ "receiver", "secret", OPTION_SECRET, NULL,
	  .help = "The key that signs messages (Standard Webhooks, whsec_...); "
	  "several, with blanks between, while one takes the place of another."
	  },
	{ "receiver", "secret_file", OPTION_PATH, NULL,
	  .help = "A file that holds the secret, instead of secret." },
	{ "receiver", "token", OPTION_SECRET, NULL,
	  .help = "Proves to the receiver who we are." },
	{ "receiver", "token_file", OPTION_PATH, NULL,
	  .help = "A file that holds the token, instead of token." },
	{ "receiver", "routing_key", OPTION_SECRET, NULL,
	  .help = "PagerDuty's integration key." },
	{ "receiver", "routing_key_file", OPTION_PATH, NULL,
	  .help = "A file that holds the routing key, instead of routing_key."
	  },
	{ "receiver", "username", OPTION_TEXT, NULL,
	  .help = "Who we are: for a mail server, ntfy, alertmanager or "
	  "webhook_v4." },
	{ "receiver", "password", OPTION_SECRET, NULL,
	  .help = "The password of username." },
	{ "receiver", "password_file", OPTION_PATH, NULL,
	  .help = "A file that holds the password, instead of password." },
	{ "receiver", "topic", OPTION_SECRET, NULL,
	  .help = "Of ntfy; whoever knows it can read it." },
	{ "receiver", "topic_file", OPTION_PATH, NULL,
	  .help = "A file that holds the topic, instead of topic." },
	{ "receiver", "chat_id", OPTION_TEXT, NULL,
	  .help = "Telegram's number of the chat, negative for a group." },
	{ "receiver", "thread_id", OPTION_TEXT, NULL,
	  .help = "Of a topic within a Telegram group." },
	{ "receiver", "from", OPTION_TEXT, NULL,
	  .help = "The sender of mail." },
	{ "receiver", "to", OPTION_TEXT, NULL,
	  .help = "Who gets the mail: addresses, with commas between." },
	{ "receiver", "command", OPTION_TEXT, NULL,
	  .help = "The program that is run, with its arguments after it; no "
	  "shell is in between." },
	{ "receiver", "group_wait", OPTION_DURATION, NULL, 0, HOUR,
	  .help = "How long a notification waits for others of the same "
	  "database, to go in one message with them, 0 to 1h.\nDefault: 10s "
	  "for types that can hold several in a message, 0 for others." },
	{ "receiver", "fallback", OPTION_TEXT, NULL,
	  .help = "The name of another receiver, which gets what this one "
	  "refuses or cannot be brought for 5 minutes.\nOne that no rule names "
	  "gets nothing else." },
	{ "receiver", "send_resolved", OPTION_FLAG, "yes",
	  .help = "Whether it is told that an alert is over." },

	{ "drill", "every", OPTION_DURATION, NULL, HOUR, 365 * DAY,
	  .zero_off = 1,
	  .help = "How often each replica is restored and looked over, 1h to "
	  "365d; 0: only by `litegauge drill`.\nDefault: 0." },
	{ "drill", "dir", OPTION_PATH, NULL,
	  .help = "Below which directory; it needs room for the database and "
	  "its log, and must not be the database's own.\nDefault: the "
	  "directory of the state file." },
	{ "drill", "timeout", OPTION_DURATION, "1h", 1000, 30 * DAY,
	  .help = "How long a restore may take, 1s to 30d." },
	{ "drill", "litestream", OPTION_PATH, NULL,
	  .help = "The program that restores.\nDefault: the Litestream that "
	  "runs, else the one on PATH." },
	{ "drill", "db", OPTION_TEXT, NULL,
	  .help = "Only databases whose name fits this pattern, such as "
	  "shop*.\nDefault: all." },

	{ "heartbeat", "url", OPTION_SECRET, NULL,
	  .help = "Where a GET is sent while all works, as healthchecks.io and "
	  "others want it; url or url_file must be given." },
	{ "heartbeat", "url_file", OPTION_PATH, NULL,
	  .help = "A file that holds the url, instead of url." },
	{ "heartbeat", "every", OPTION_DURATION, "1m", 12 * SECOND, DAY,
	  .help = "How often, 12s to 1d." },

	{ "digest", "every", OPTION_DURATION, "7d", 10 * SECOND, 366 * DAY,
	  .help = "How often, 10s to 366d." },
	{ "digest", "at", OPTION_TEXT, "mon 09:00",
	  .help = "When, in local time; a number of days is counted from such "
	  "a day." },
	{ "digest", "receivers", OPTION_TEXT, NULL,
	  .help = "Names of receivers, with commas between.\nDefault: all, but "
	  "those that only stand in for others." },

	{ "alert", "when", OPTION_TEXT, NULL,
	  .help = "Measure, > or <, and a value with its unit: "
	  "write_rate > 50/s." },
	{ "alert", "over", OPTION_TEXT, NULL,
	  .help = "What is held against the limit instead of each value: avg, "
	  "max, min, median or p95 of the last 1s to 30d, as in 10m median.\n"
	  "avg when none is named; 0: each value.\nDefault: each value." },
	{ "alert", "forecast", OPTION_TEXT, NULL,
	  .help = "Fires when a straight line through the last over reaches "
	  "the limit within this time, 1m to 365d.\nThen over is a quarter of "
	  "it, 1h to 7d, unless it is given; 0: no forecast.\nDefault: none."
	  },
	{ "alert", "for", OPTION_TEXT, NULL,
	  .help = "How long it must last before the alert fires, or how many "
	  "of the last values must be bad, as in 3 of 5; of 64 at most.\n"
	  "Default: 0." },
	{ "alert", "clear", OPTION_TEXT, NULL,
	  .help = "The value at which trouble is over.\nDefault: a tenth "
	  "inside the limit." },
	{ "alert", "keep", OPTION_DURATION, NULL, 0, 365 * DAY,
	  .help = "How long it must be over before the alert is resolved.\n"
	  "Default: 0." },
	{ "alert", "severity", OPTION_TEXT, NULL,
	  .help = "info, warning or critical; and a worse one with a limit of "
	  "its own farther out, as in warning, critical > 100/s.\nDefault: "
	  "warning." },
	{ "alert", "repeat", OPTION_DURATION, NULL, MINUTE, 365 * DAY,
	  .zero_off = 1,
	  .help = "How long after it was last told of an alert that still "
	  "fires is told again, 1m to 365d; 0: never.\nDefault: 4h for "
	  "critical, 24h for warning, 0 for info." },
	{ "alert", "only", OPTION_TEXT, NULL,
	  .help = "When it may begin to fire, in local time: days, hours or "
	  "both, as in weekdays 08:00-20:00.\nDefault: always." },
	{ "alert", "message", OPTION_TEXT, NULL,
	  .help = "The next step that its notifications name, in your own "
	  "words; {db}, {value}, {threshold}, {host} and {since} are filled "
	  "in.\n"
	  "Default: that of the measure." },
	{ "alert", "receivers", OPTION_TEXT, NULL,
	  .help = "Names of receivers, with commas between.\nDefault: all, but "
	  "those that only stand in for others." },
	{ "alert", "db", OPTION_TEXT, NULL,
	  .help = "Only for databases whose name fits this pattern, such as "
	  "shop*.\nDefault: all." },
	{ "alert", "enabled", OPTION_FLAG, NULL,
	  .help = "no turns the rule off, a built-in one too.\nDefault: yes."
	  },
	{ .section = NULL }
};

const struct option *
option_find(const char *section, const char *key)
{
	for (const struct option *o = options; o->section != NULL; o++)
		if (strcmp(o->section, section) == 0 &&
		    strcmp(o->key, key) == 0)
			return o;
	return NULL;
}

const struct section_kind *
section_kind_find(const char *kind)
{
	for (const struct section_kind *k = section_kinds; k->kind != NULL; k++)
		if (strcmp(k->kind, kind) == 0)
			return k;
	return NULL;
}
