"""The words of a call and what follows its keys, by the fast path and by Frappe: the same, byte for byte.

Each story happens twice, to two families alike: one at a web server of Frappe alone, one behind the fast
path.
"""

import re
import secrets
from dataclasses import dataclass

import frappe
import pytest
import requests
from frappe.database.database import Database

from dev.demo import stage
from dev.patience import eventually
from dev.site.layout import current
from school_dialer import gate
from school_dialer.calls import pins
from school_dialer.campaigns.parties import asking
from school_dialer.consent import journal, journal_file
from school_dialer.consent.lock import number_lock
from school_dialer.consent.replies import answer_limits
from school_dialer.outbound.attempts import call_logs, claims
from school_dialer.webhooks import answer_fast_path, live
from tests.integration import factories as make
from tests.integration.with_carrier.fast_path import by_frappe
from tests.integration.with_carrier.households import SchoolClass, set_settings
from tests.integration.with_carrier.keypad import ABSENCE, VOTE, template
from tests.integration.with_carrier.running import prepare

pytestmark = pytest.mark.exhaustive

HUMAN = ("voice", {"AnsweredBy": "human"})
OVER = ("status", {"CallStatus": "completed", "CallDuration": "40"})
KEPT = (
	"status",
	"result",
	"answered_by",
	"content",
	"fields_used",
	"dialogue",
	"keys_pressed",
	"acknowledged",
	"seconds_needed",
	"detection_seconds",
	"voicemail_left",
	"error_message",
)
WRONG_PIN, RIGHT_PIN = "a wrong PIN", "the right PIN"


def keys(digits: str, turn: int | None = None, **more: str):
	return "keypress", {"Digits": digits, **more}, {} if turn is None else {"turn": str(turn)}


STORIES = {
	"heard again, a slip, and stopped": ({}, [HUMAN, keys("2", 0), keys("5", 1), keys("9", 2), keys("2", 3)]),
	"this purpose is stopped": ({}, [HUMAN, keys("7", 0), OVER]),
	"everything is stopped, twice": ({}, [HUMAN, keys("8", 0), keys("8", 0), OVER]),
	"fetched three times, the last after a key": ({}, [HUMAN, HUMAN, keys("2", 0), HUMAN, keys("2", 0)]),
	"nobody knows who answered": ({}, [("voice", {"AnsweredBy": "unknown"}), keys("1", 0), keys("2", 1)]),
	"nothing is said of who answered": ({}, [("voice", {}), keys("1"), keys("")]),
	"a machine": ({}, [("voice", {"AnsweredBy": "machine_end_beep"}), ("voicemail_end", {}), OVER]),
	"a phone that screens calls": (
		{},
		[
			("voice", {"AnsweredBy": "machine_end_silence", "MachineDetectionDuration": "8000"}),
			("joined", {"Digits": "1"}),
			keys("2", 0),
			("status", {**OVER[1], "AnsweredBy": "machine_end_silence"}),
		],
	),
	"who screens a call stops it": (
		{},
		[("voice", {"AnsweredBy": "machine_end_silence"}), ("joined", {"Digits": "9"}), OVER],
	),
	"a key that a screened call does not have": (
		{"purpose": "Attendance"},
		[
			("voice", {"AnsweredBy": "machine_end_other"}),
			("joined", {"Digits": "*"}),
			keys("1", 0),
			keys("2", 1),
			OVER,
		],
	),
	"a fax": ({}, [("voice", {"AnsweredBy": "fax", "MachineDetectionDuration": "4100"}), OVER]),
	"acknowledged": ({"acknowledge": 1}, [HUMAN, keys("1", 0), keys("1", 1), OVER]),
	"a question": ({"words": VOTE}, [HUMAN, keys("2", 0), keys("0", 1), keys("3", 2), keys("9", 3)]),
	"a record is confirmed": (
		{"purpose": "Attendance"},
		[HUMAN, keys("3", 0), keys("1", 1), keys("2", 2), OVER],
	),
	"a PIN": (
		{"purpose": "Attendance", "identity_check": "PIN"},
		[HUMAN, keys(WRONG_PIN, 0), keys("1", 1), keys(RIGHT_PIN, 2), keys("2", 3), OVER],
	),
	"three wrong PINs, and a stop": (
		{"purpose": "Attendance", "identity_check": "PIN"},
		[HUMAN, *(keys(WRONG_PIN, turn) for turn in range(3)), keys("9", 3)],
	),
	"no PIN": ({"purpose": "Attendance", "identity_check": "PIN", "pin": False}, [HUMAN, keys("1", 0)]),
	"the end comes first": ({}, [OVER, HUMAN, keys("9")]),
	"hung up": ({}, [HUMAN, keys("hangup", 0), OVER, keys("9", 0, CallStatus="completed")]),
	"of another call": ({}, [HUMAN, ("voice", {"CallSid": "CA" + "9" * 32}), keys("9", CallSid="")]),
	"odd values": (
		{},
		[
			("voice", {"AnsweredBy": "\u202e'\"<b>\x00", "MachineDetectionDuration": "nan"}),
			keys("9" * 400),
			keys("\u0669"),
			(
				"keypress",
				{"Digits": "2", "RecordingSid": "RE'--", "RecordingDuration": "x"},
				{"turn": "\u0661"},
			),
			("keypress", {"Digits": "2"}, {"turn": "99999999999", "log2": "%00"}),
		],
	),
}


@dataclass
class Line:
	"""One of the two families' calls, and the server that answers it."""

	hooks: object
	log: str
	sid: str
	pins: dict[str, str]

	def ask(self, method: str, form: dict, query: dict | None = None) -> requests.Response:
		form = {"CallSid": self.sid, "CallStatus": "in-progress", **form}
		if form.get("Digits") in self.pins:
			form["Digits"] = self.pins[form["Digits"]]
		answer = self.hooks.post(method, {"log": self.log, **(query or {})}, form)
		if method == "status":
			eventually("The end of the call", lambda: self.row("ended_at").ended_at)
		return answer

	def said(self, answer: requests.Response) -> tuple:
		body = answer.content.replace(self.log.encode(), b"THE-LOG")
		return answer.status_code, answer.headers.get("Content-Type") if body else "", body

	def row(self, *fields: str):
		frappe.db.rollback()
		return frappe.db.get_value("Dialer Call Log", self.log, fields, as_dict=True)

	def lasted(self) -> float:
		"""Return the seconds since the call was placed."""
		return (make.clock.db_now() - self.row("placed_at")["placed_at"]).total_seconds()

	def left(self) -> dict:
		"""Return everything that the story left, without names, times and numbers."""
		row = self.row(*KEPT, "phone", "recipient", "campaign")
		phone, recipient, campaign = row.pop("phone"), row.pop("recipient"), row.pop("campaign")
		events = {"phone": phone, "kind": "Opt Out"}
		return {
			**row,
			"recipient": frappe.db.get_value(
				"Dialer Recipient", recipient, ["status", "outcome", "keys_pressed"]
			),
			"events": frappe.get_all(
				"Consent Event",
				events,
				["scope", "purpose", "source", "actor", "wording", "language", "owner"],
				order_by="seq",
			),
			"notices": frappe.get_all(
				"Dialer Notice", {"phone": phone}, ["kind", "owner"], order_by="creation"
			),
			"answers": frappe.get_all(
				"Dialer Answer", {"campaign": campaign}, ["answer"], order_by="creation"
			),
		}


def line(hooks, purpose: str = "Event", words: dict | None = None, pin: bool = True, **values) -> Line:
	"""Place a call about one student to a new family, and return it."""
	number = make.phone()
	message = template(purpose, **{**ABSENCE, **(words or {})})
	doc = SchoolClass([{"Ana": [number]}]).campaign(purpose=purpose, template=message, **values)
	prepare(doc)
	rows = claims.claim(doc.name, 1)
	answers = asking.ask(gate.CallContext.of(doc), rows, make.clock.now())
	rows[0].log = frappe.generate_hash(length=16)
	call_logs.write_logs(doc, rows, answers, "+13125550100", make.clock.now())
	known = {WRONG_PIN: "1212"}
	if values.get("identity_check") == "PIN" and pin:
		known[RIGHT_PIN] = pins.make_pin("Guardian", rows[0].person, "Ana")
	frappe.db.commit()
	return Line(hooks, rows[0].log, f"CA{secrets.token_hex(16)}", known)


@pytest.mark.parametrize("story", STORIES)
def test_both_ways_say_and_leave_the_same(hooks, at_door, story):
	values, steps = STORIES[story]
	slow, fast = line(hooks, **values), line(at_door, **values)
	for step in steps:
		slow_answer, fast_answer = slow.ask(*step), fast.ask(*step)
		assert slow.said(slow_answer) == fast.said(fast_answer), step
		assert by_frappe(slow_answer) and not by_frappe(fast_answer)
	slow_left, fast_left = slow.left(), fast.left()
	# Seconds on the line are a part of what a call needs, and the two took turns.
	needed = [left.pop("seconds_needed") for left in (slow_left, fast_left)]
	assert abs(needed[0] - needed[1]) <= max(slow.lasted(), fast.lasted())
	assert slow_left == fast_left


def test_a_log_that_is_gone(hooks, at_door):
	for method in ("voice", "joined", "keypress", "voicemail_end"):
		slow, fast = (one.post(method, {"log": "gone"}, {"CallSid": "CA1"}) for one in (hooks, at_door))
		assert slow.content == fast.content and slow.status_code == fast.status_code == 200


@pytest.mark.parametrize(
	("form", "query"),
	[
		({"Pad": "x" * 20_000}, {}),
		({f"Field{number}": "" for number in range(600)}, {}),
		({"cmd": "frappe.ping"}, {}),
		({}, {"_lang": "es"}),
	],
	ids=["long", "many fields", "another method", "a language"],
)
def test_what_is_unusual_is_for_frappe(hooks, at_door, form, query):
	answers = [
		one.post("voice", {"log": "gone", **query}, {"CallSid": "CA1", **form}) for one in (hooks, at_door)
	]
	assert answers[0].status_code == answers[1].status_code and answers[0].content == answers[1].content
	assert all(map(by_frappe, answers))


@pytest.mark.parametrize("signature", [None, "", "A" * 28])
@pytest.mark.parametrize("method", ["voice", "joined", "keypress", "voicemail_end"])
def test_without_the_carriers_signature_nothing_is_said(at_door, method, signature):
	one = line(at_door)
	answer = at_door.post(method, {"log": one.log}, {"CallSid": one.sid, "Digits": "9"}, signature)
	assert answer.status_code == 403 and "Response" not in answer.text
	assert one.left()["events"] == [] and not one.row("content").content


def test_in_maintenance_mode_frappe_answers_at_once(hooks, at_door):
	one = line(at_door)
	assert one.ask(*HUMAN).status_code == 200
	with stage.site_config(current(), {"maintenance_mode": 1}):
		answers = [two.post("keypress", {"log": one.log}, {"CallSid": one.sid}) for two in (hooks, at_door)]
	assert [answer.status_code for answer in answers] == [503, 503]
	assert one.ask(*keys("2", 0)).status_code == 200


def test_a_changed_setting_and_a_changed_message_hold_at_once(at_door):
	one, before = line(at_door), frappe.db.get_single_value("Dialer Settings", "caller_identity")
	assert before in one.ask(*HUMAN).text
	try:
		set_settings({"caller_identity": "Northern Lights School"})
		reword(one.row("template").template, "The picnic is on Friday.")
		said = one.ask(*HUMAN).text
	finally:
		set_settings({"caller_identity": before})
	assert "Northern Lights School" in said and "The picnic is on Friday." in said


def reword(name: str, words: str) -> None:
	"""Change the words of a message that a campaign uses, past the check that refuses it to people."""
	frappe.db.set_value("Dialer Message Translation", {"parent": name}, "voice", words)
	frappe.db.commit()
	frappe.clear_document_cache("Dialer Message Template", name)


def test_an_opt_out_is_in_the_journal_before_the_answer(at_door):
	one = line(at_door)
	one.ask(*HUMAN)
	assert one.ask(*keys("9", 0)).status_code == 200
	phone = one.row("phone").phone
	assert [entry.kind for entry in journaled() if entry.phone == phone] == ["Opt Out"]


def journaled() -> list[journal_file.Entry]:
	found = []
	for path in journal.files():
		with path.open("rb") as source:
			found += journal_file.read(source, journal.key(), journal_file.Reading())
	return found


def test_no_words_are_kept_in_redis_or_in_the_database(at_door):
	one = line(at_door)
	(said,) = re.findall(r">([^<]* had a bad day at school\.)<", one.ask(*HUMAN).text)
	assert not said.startswith("{{")
	kept = frappe.cache()
	for key in kept.keys("*"):
		if kept.type(key) == b"string":
			assert said.encode() not in (kept.get(key) or b""), key
	for table in ("Dialer Call Log", "Dialer Recipient"):
		assert said not in str(frappe.db.sql(f"select * from `tab{table}`"))


def test_a_failure_before_the_commit_is_for_frappe(knocked, site, monkeypatch):
	monkeypatch.setattr("school_dialer.calls.live_call.answer", lambda *_: 1 / 0)
	assert b"CallSid=CA7" in knocked.knock(site, "voice", CallSid="CA7")


def test_a_failure_after_the_commit_is_an_error_and_not_repeated(knocked, site, monkeypatch):
	def answer(*_arguments):
		frappe.db.after_commit.add(lambda: 1 / 0)
		return "<Response />"

	monkeypatch.setattr("school_dialer.calls.live_call.answer", answer)
	assert knocked.knock(site, "voice", CallSid="CA7") is None
	assert knocked.answer.status_code == 500


def test_a_carrier_that_no_longer_waits_gets_no_words(knocked, site, monkeypatch):
	monkeypatch.setattr(live.listener, "is_waiting", lambda *_: False)
	assert knocked.knock(site, "voice", CallSid="CA7") is None
	assert knocked.answer.status_code == 503


def test_nothing_of_one_request_is_left_for_the_next(knocked, site, monkeypatch):
	"""Check the transaction, the flags, and the language of the requests that share a connection."""
	seen = []

	def answer(*_arguments):
		seen.append((frappe.db.sql("select connection_id()")[0][0], dict(frappe.flags), frappe.session.user))
		seen.append(frappe.db.sql("select @@session.transaction_isolation")[0][0])
		frappe.flags.left_over = frappe.local.lang = "xx"
		frappe.db.after_rollback.add(lambda: seen.append("too late"))
		frappe.db.sql("update `tabDialer Call Log` set error_message = 'x' where name = %s", log)
		return live.Response()

	log = frappe.generate_hash(length=16)
	monkeypatch.setitem(answer_fast_path.ANSWERS, "/api/method/school_dialer.webhooks.twilio.voice", answer)
	for _time in range(2):
		assert knocked.knock(site, "voice", CallSid="CA7") is None
	first, _level, second, _again = [one for one in seen if one != "too late"]
	assert first == second and first[2] == "Guest" and "left_over" not in second[1]


@pytest.mark.parametrize("when", ["never committed", "before the commit", "after the commit"])
def test_a_connection_that_waits_has_no_transaction(knocked, site, monkeypatch, when):
	"""Check what only reads. An open transaction would keep a migration from changing the tables."""

	def read() -> None:
		frappe.db.sql("select name from `tabDialer Call Log` limit 1")

	def answer() -> live.Response:
		if when == "after the commit":
			frappe.db.after_commit.add(read)
		else:
			read()
		if when != "never committed":
			frappe.db.commit()
		return live.Response()

	monkeypatch.setitem(answer_fast_path.ANSWERS, "/api/method/school_dialer.webhooks.twilio.voice", answer)
	assert knocked.knock(site, "voice", CallSid="CA7") is None
	((db, _used_at),) = knocked.door.sites[site].connections.idle
	with db._conn.cursor() as cursor:
		cursor.execute("select @@in_transaction")
		assert cursor.fetchone() == (0,)


def test_after_an_opt_out_no_transaction_and_no_lock_is_left(knocked, at_door, site):
	"""Check it without a rollback, which the connection is spared."""
	one = line(at_door)
	for method, form in (("voice", {"AnsweredBy": "human"}), ("keypress", {"Digits": "9"})):
		assert knocked.knock(site, method, one.log, CallSid=one.sid, **form) is None
	assert knocked.answer.status_code == 200 and len(one.left()["events"]) == 1
	((db, _used_at),) = knocked.door.sites[site].connections.idle
	assert "release_lock" in str(db._cursor._executed)
	with db._conn.cursor() as cursor:
		cursor.execute("select @@in_transaction")
		assert cursor.fetchone() == (0,)
	with number_lock([one.row("phone").phone], timeout=0):
		pass


def test_an_opt_out_takes_twenty_statements(knocked, at_door, site, monkeypatch):
	one, sent, send = line(at_door), [], Database.sql

	def sql(db, query, *arguments, **options):
		sent.append(str(query))
		return send(db, query, *arguments, **options)

	monkeypatch.setitem(answer_limits._far_until, (site, answer_limits.ALL_A_DAY), float("inf"))
	assert knocked.knock(site, "voice", one.log, CallSid=one.sid, AnsweredBy="human") is None
	with monkeypatch.context() as patch:
		patch.setattr(Database, "sql", sql)
		assert knocked.knock(site, "keypress", one.log, CallSid=one.sid, Digits="9") is None
	assert len(one.left()["events"]) == 1
	assert len(sent) <= 20, "\n".join(sent)


def idle_connection(knocked, site: str) -> int:
	"""Return the database's number of the connection that waits for the next request."""
	((db, _used_at),) = knocked.door.sites[site].connections.idle
	return db._conn.thread_id()


def test_a_connection_that_died_while_it_waited_is_replaced(knocked, site):
	assert knocked.knock(site, "voice", CallSid="CA7") is None
	first = idle_connection(knocked, site)
	frappe.db.sql("kill %s", first)
	assert knocked.knock(site, "voice", CallSid="CA7") is None
	assert knocked.answer.status_code == 200 and idle_connection(knocked, site) != first


def test_a_connection_that_waited_for_long_is_closed(knocked, site, monkeypatch):
	assert knocked.knock(site, "voice", CallSid="CA7") is None
	first = idle_connection(knocked, site)
	assert knocked.knock(site, "voice", CallSid="CA7") is None and idle_connection(knocked, site) == first
	monkeypatch.setattr("school_dialer.webhooks.own_context.IDLE_SECONDS", -1.0)
	assert knocked.knock(site, "voice", CallSid="CA7") is None
	assert idle_connection(knocked, site) != first
