"""After a run with everything in it (`eventful`), no personal data is where it does not belong.

The personal data are its names, numbers, words, PINs, links and credentials. Every table is searched, and
both Redis servers during the run, every log file, the requests to the carrier, and the URLs it fetches.
`ALLOWED` says where something may be stored, with the reason. The last tests plant a leak in each of these
places, and it is found.
"""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from urllib.parse import unquote_plus, urlsplit

import frappe
import pytest

from tests.integration.with_carrier import eventful
from tests.integration.with_carrier.eventful import ADDRESS, NAME, NUMBER, PIN, TOKEN
from tests.integration.with_carrier.keypad import set_recording

pytestmark = pytest.mark.exhaustive

ALLOWED = {
	# The school's own records, from which names, numbers and addresses come.
	"tabGuardian": {NAME, NUMBER, ADDRESS},
	"tabStudent": {NAME},
	"tabStudent Guardian": {NAME},
	# A comment on the student's record says who gave an answer.
	"tabComment": {NAME},
	# The dialer's own records, behind permissions, masks, retention and erasure.
	"tabDialer Recipient": {NAME, NUMBER},
	"tabDialer Party": {NAME, NUMBER},
	"tabDialer Manual Call": {NAME, NUMBER},
	"tabDialer Call Log": {NAME, NUMBER},
	"tabDialer Notice": {NUMBER},
	"tabDialer Preference Link": {NUMBER},
	"tabDialer Disclosure": {NAME},
	"tabDialer Answer": {NAME},
	"tabDialer PIN": {NAME},
	# A person who stopped the calls by key is named as the actor.
	"tabConsent Event": {NUMBER, NAME},
	"tabConsent Head": {NUMBER},
	"tabContact Consent": {NUMBER},
	# Frappe's outbox, cleared by Frappe: the e-mail in place of a call.
	"tabEmail Queue": {NAME, ADDRESS},
	"tabEmail Queue Recipient": {ADDRESS},
}
CALL = {"Url", "Method", "Timeout", "MachineDetection", "MachineDetectionTimeout"}
TEXT = {"Body", "ContentRetention", "AddressRetention", "ValidityPeriod"}
BOTH = {"To", "From", "StatusCallback", "StatusCallbackMethod", "StatusCallbackEvent"}
BELONGS_AT_THE_CARRIER = {"To", "Body"}
"""The number to call, and the words of a text. Lists are filtered by To.

The carrier fetches the words of a call when a person answers.
"""
IN_OUR_ADDRESSES = {"log", "turn"}
"""The call log's random name, and the question that a key answers."""
TEXT_TYPES = ("char", "varchar", "text", "tinytext", "mediumtext", "longtext", "json")
ERRORS = "tabError Log"
RUNS: list[eventful.Run] = []


@pytest.fixture(scope="module", autouse=True)
def cleared(school) -> Iterator[None]:
	yield
	eventful.clear()


@pytest.fixture
def run(carrier, web, hooks, mailer) -> eventful.Run:
	"""Return the run, which is played once for all tests of this file."""
	if not RUNS:
		set_recording(1)
		try:
			RUNS.append(eventful.play(carrier, web, hooks))
		finally:
			set_recording(0)
	return RUNS[0]


def found_in(text: str, secrets: list[tuple[str, str]]) -> set[str]:
	"""Return only the kinds of secrets found, so that a failing test is not a leak itself."""
	written = text + unquote_plus(text)
	return {kind for kind, secret in secrets if secret in written}


def in_tables(secrets: list[tuple[str, str]], began: datetime | None = None) -> set[tuple[str, str]]:
	"""Return the tables that hold secrets where they do not belong, as `(table, kind)`.

	Errors logged before the run began are left out: Frappe 16 writes the password of the database beside each
	error in a statement.
	"""
	found = set()
	wanted = [secret for _kind, secret in secrets]
	for table, columns in tables().items():
		text = "concat_ws(' ', " + ", ".join(f"`{column}`" for column in columns) + ")"
		where = " or ".join([f"locate(%s, {text}) > 0"] * len(wanted))
		since = "and creation >= %s" if began and table == ERRORS else ""
		values = [*wanted, began] if since else wanted
		for (row,) in frappe.db.sql(f"select {text} from `{table}` where ({where}) {since}", values):
			found |= {(table, kind) for kind in found_in(row, secrets) - ALLOWED.get(table, set())}
	return found


def tables() -> dict[str, list[str]]:
	"""Return the text columns of each table."""
	rows = frappe.db.sql(
		"""select table_name, column_name from information_schema.columns
		where table_schema = database() and data_type in %s order by table_name, column_name""",
		(TEXT_TYPES,),
	)
	columns: dict[str, list[str]] = {}
	for table, column in rows:
		columns.setdefault(table, []).append(column)
	return columns


def in_redis(contents: Iterable[tuple[str, str]], secrets: list[tuple[str, str]]) -> set[tuple[str, str]]:
	return {(key.partition(":")[0], kind) for key, text in contents for kind in found_in(text, secrets)}


def in_logs(since: dict[Path, int], secrets: list[tuple[str, str]]) -> set[tuple[str, str]]:
	found = set()
	for path in eventful.log_files():
		with path.open("rb") as file:
			begun = since.get(path, 0)
			file.seek(begun if begun <= path.stat().st_size else 0)
			found |= {(path.name, kind) for kind in found_in(file.read().decode(errors="replace"), secrets)}
	return found


def at_the_carrier(entries: list[dict], secrets: list[tuple[str, str]]) -> set[tuple[str, str]]:
	"""Return the secrets found in requests to the carrier and in the URLs that it fetches from us.

	Each is `(place, kind)`. The parameters that belong at the carrier are not searched.
	"""
	found = set()
	for entry in entries:
		if "params" in entry and "path" in entry:
			told = {key: value for key, value in entry["params"].items() if key not in BELONGS_AT_THE_CARRIER}
			found |= {("request", kind) for kind in found_in(entry["path"] + json.dumps(told), secrets)}
		found |= {("address", kind) for kind in found_in(entry.get("url") or "", secrets)}
	return found


def outcomes(run) -> list[tuple]:
	"""Return what became of each attempt, for the reader of a failed test. It has no personal data."""
	place = {number: place for place, (number, *_more) in enumerate(run.guardians)}
	logs = frappe.get_all(
		"Dialer Call Log",
		{"phone": ("in", list(place)), "direction": "Outbound"},
		["phone", "channel", "status", "error_code", "campaign", "verdict"],
		order_by="placed_at",
	)
	recipients = frappe.get_all(
		"Dialer Recipient",
		{"phone": ("in", list(place))},
		["phone", "campaign", "status", "reasons", "attempts"],
		order_by="name",
	)
	return sorted((place[row.pop("phone")], *map(str, row.values())) for row in (*logs, *recipients))


def test_the_run_had_everything_in_it(run):
	"""Check the run itself: without its parts, the other tests would prove nothing."""
	logs = frappe.get_all(
		"Dialer Call Log",
		{"phone": ("in", [number for number, *_more in run.guardians])},
		["channel", "direction", "status", "answered_by", "keys_pressed", "content"],
		order_by="name",
	)
	assert {log.channel for log in logs} == {"Voice", "Text"}
	assert {"completed", "busy", "refused", "delivered", "undelivered"} <= {log.status for log in logs}, (
		outcomes(run)
	)
	assert any(log.keys_pressed == "[PIN][PIN]51" and log.content == "Full" for log in logs)
	assert any(log.direction == "Inbound" for log in logs)
	kinds = [entry["kind"] for entry in run.entries]
	assert {"call", "message", "list", "callback", "twiml", "recording", "inbound_call"} <= set(kinds)
	assert any(entry.get("faults") for entry in run.entries)
	people = ("in", [guardian for *_more, guardian, _student in run.guardians])
	assert frappe.db.exists("Dialer Answer", {"person": people, "recording": ("like", "RE%")})
	assert frappe.db.exists("Dialer Disclosure", {"person": people})
	assert frappe.db.exists("Email Queue Recipient", {"recipient": ("in", run.of(ADDRESS))})
	sources = frappe.get_all(
		"Consent Event",
		{"kind": "Opt Out", "phone": ("in", [number for number, *_more in run.guardians])},
		pluck="source",
		order_by="seq",
	)
	assert {"Keypad", "Text", "Preference Page"} <= set(sources)
	assert run.errors >= 2
	assert any("rq:job" in key for key in run.redis) and any(map(str.strip, run.redis))


def test_no_table_but_the_records_and_the_evidence_holds_it(run):
	assert in_tables(run.secrets, run.began) == set()


def test_no_key_and_no_value_in_redis_held_it(run):
	contents = [(key, text) for key, held in run.redis.items() for text in held]
	assert in_redis(contents, run.secrets) == set()


def test_no_log_file_holds_it(run):
	assert in_logs(run.logs_at, run.secrets) == set()


def test_the_carrier_learns_numbers_and_words_and_nothing_else(run):
	assert at_the_carrier(run.entries, run.secrets) == set()
	for entry in run.entries:
		if entry["kind"] in ("call", "message"):
			assert set(entry["params"]) <= BOTH | (CALL if entry["kind"] == "call" else TEXT)
			for name in ("Url", "StatusCallback"):
				query = urlsplit(entry["params"].get(name, "")).query
				assert {part.partition("=")[0] for part in query.split("&") if part} <= IN_OUR_ADDRESSES
		elif entry["kind"] in ("twiml", "callback"):
			query = urlsplit(entry["url"]).query
			assert {part.partition("=")[0] for part in query.split("&") if part} <= IN_OUR_ADDRESSES


def test_words_are_kept_nowhere(run):
	"""Check that the words a parent heard or read are stored nowhere, not even as evidence.

	Frappe's outbox has them in its own encoding until Frappe clears it.
	"""
	wanted = [f"Hello {name}" for name in run.of(NAME) if name.startswith("Quillon")]
	said = [sentence for entry in run.entries if entry["kind"] == "twiml" for sentence in entry["sentences"]]
	assert any(words in sentence for words in wanted for sentence in said)
	for table, columns in tables().items():
		if table != "tabEmail Queue":
			text = "concat_ws(' ', " + ", ".join(f"`{column}`" for column in columns) + ")"
			where = " or ".join([f"locate(%s, {text}) > 0"] * len(wanted))
			assert not frappe.db.sql(f"select 1 from `{table}` where {where} limit 1", wanted), table


# Tests that a leak is found.

PLANTED = [(NAME, "Quillonplanted"), (NUMBER, "312) 555-0199"), (PIN, "20481739"), (TOKEN, "t/+planted=x")]


@pytest.mark.parametrize("secret", PLANTED)
def test_a_planted_row_is_found(school, secret):
	frappe.log_error(title="Planted", message=f"phone = '{secret[1]}'")
	version = {"doctype": "Version", "ref_doctype": "User", "docname": "x", "data": secret[1]}
	version = frappe.get_doc(version)
	version.db_insert()
	try:
		assert in_tables([secret]) == {("tabError Log", secret[0]), ("tabVersion", secret[0])}
	finally:
		frappe.db.delete("Error Log", {"method": "Planted"})
		frappe.db.delete("Version", {"name": version.name})
		frappe.db.commit()


def test_what_is_allowed_in_one_table_is_found_in_the_same_of_another_kind(school):
	frappe.get_doc({"doctype": "Dialer PIN", "person_name": "20481739", "name": "planted"}).db_insert()
	assert in_tables([(PIN, "20481739")]) == {("tabDialer PIN", PIN)}
	assert in_tables([(NAME, "20481739")]) == set()


@pytest.mark.parametrize("secret", PLANTED)
def test_a_planted_argument_of_a_job_and_a_cached_value_are_found(school, secret):
	frappe.cache().set_value("planted", {"a": [secret[1]]})
	job = frappe.enqueue("frappe.ping", queue="long", about=secret[1])
	try:
		found = in_redis(eventful.everything_in_redis(), [secret])
		assert ("rq", secret[0]) in found and len(found) == 2
	finally:
		job.delete()
		frappe.cache().delete_value("planted")


@pytest.mark.parametrize("secret", PLANTED)
def test_a_planted_line_in_a_log_is_found(school, secret):
	since = eventful.sizes()
	path = eventful.log_files()[0]
	with path.open("a") as file:
		file.write(f"planted: {secret[1]}\n")
	try:
		assert in_logs(since, [secret]) == {(path.name, secret[0])}
	finally:
		with path.open("r+") as file:
			file.truncate(since[path])


@pytest.mark.parametrize(
	("entry", "where"),
	[
		(
			{"path": "/Calls.json", "params": {"To": "312) 555-0199", "FriendlyName": "Quillonplanted"}},
			"request",
		),
		({"path": "/Calls.json", "params": {"Url": "https://x.example/?name=Quillon%70lanted"}}, "request"),
		({"path": "/Calls/Quillonplanted.json", "params": {}}, "request"),
		({"url": "https://school.example/?name=Quillonplanted"}, "address"),
	],
)
def test_a_planted_word_at_the_carrier_is_found(entry, where):
	assert at_the_carrier([entry], PLANTED) == {(where, NAME)}
