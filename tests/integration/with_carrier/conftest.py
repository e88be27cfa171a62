"""A carrier process, a web server, and a school whose clock shows 10:30 a.m. on a school day."""

import secrets
import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path

import frappe
import pytest
from frappe.utils.background_jobs import get_queue, get_redis_conn
from rq import Worker

from dev.carrier import server as carrier_server
from dev.carrier.accounts.settings import FITS
from dev.carrier.clock import DEFAULT_SPEED
from dev.demo import stage
from dev.patience import PATIENCE
from dev.site import services
from dev.site.layout import current
from school_dialer import gate
from school_dialer.automation import scheduler
from school_dialer.base import clock, states
from school_dialer.calls import inbound, missed_texts
from school_dialer.campaigns import actions
from school_dialer.campaigns.parties import asking
from school_dialer.campaigns.planning import planner
from school_dialer.campaigns.plausibility import facts
from school_dialer.followup import confirmations
from school_dialer.messages.sound import recordings
from school_dialer.outbound.attempts import call_logs, claims
from school_dialer.outbound.dispatch import dispatcher, lane_scheduler
from school_dialer.outbound.pace import account_health
from tests.integration import factories as make
from tests.integration.factories import OURS
from tests.integration.with_carrier import rules
from tests.integration.with_carrier.hooks import Hooks
from tests.integration.with_carrier.households import SchoolClass
from tests.integration.with_carrier.keypad import set_recording
from tests.integration.with_carrier.rules import campaigns_of
from tests.integration.with_carrier.running import QUEUES, dial, prepare

SETTLE = (
	"update `tabDialer Rule` set enabled = 0 where title like %(titles)s",
	"update `tabDialer Campaign` set status = 'Cancelled', pending_notification = null "
	"where name in %(ours)s",
	"update `tabDialer Recipient` set status = 'Cancelled' where campaign in %(ours)s "
	"and status not in ('Reached', 'Not Reached', 'Blocked')",
	"update `tabDialer Call Log` set status = 'failed', status_rank = 90 "
	f"where (campaign in %(ours)s or campaign is null) and status_rank < {states.FINAL_RANK}",
)


@pytest.fixture(scope="session")
def school_day(site_connection) -> Iterator[float]:
	offset = stage.to_last_morning(datetime.now(timezone.utc))
	with stage.site_config(current(), {stage.CLOCK_KEY: offset}):
		frappe.conf[stage.CLOCK_KEY] = offset
		yield offset
		frappe.conf.pop(stage.CLOCK_KEY, None)


@pytest.fixture(scope="session")
def carrier_process(school_day: float) -> Iterator[carrier_server.Handle]:
	with carrier_server.start(seed=11, clock_offset=school_day) as handle:
		with stage.site_config(current(), {stage.CARRIER_KEY: handle.url}):
			frappe.conf[stage.CARRIER_KEY] = handle.url
			yield handle
			frappe.conf.pop(stage.CARRIER_KEY, None)


@pytest.fixture(scope="session")
def school(carrier_process: carrier_server.Handle) -> Iterator[None]:
	"""Set the settings of the demonstration, and restore the previous ones at the end."""
	before = frappe.db.get_singles_dict("Dialer Settings")
	stage.settle_settings(carrier_process)
	frappe.db.commit()
	yield
	frappe.db.rollback()
	for fieldname in ("mode", "school_name", "max_attempts", "public_url"):
		frappe.db.set_single_value("Dialer Settings", fieldname, before.get(fieldname))
	frappe.db.commit()


@pytest.fixture(scope="session")
def web(school: None, carrier_process: carrier_server.Handle) -> Iterator[str]:
	"""Serve the site on loopback, where the carrier calls it back, and yield its URL."""
	process = services.start_web()
	stage.set_public_url(process.details["url"])
	stage.register(carrier_process, process.details["url"])
	yield process.details["url"]
	process.stop()


@pytest.fixture(scope="session")
def ordinary_account(carrier_process: carrier_server.Handle, web: str) -> dict:
	"""Return the settings with which the carrier's account begins."""
	return {name: value for name, value in carrier_process.control("account").items() if name in FITS}


@pytest.fixture
def carrier(
	carrier_process: carrier_server.Handle, ordinary_account: dict, school_day: float, school: None
) -> Iterator[carrier_server.Handle]:
	"""Yield the carrier without faults. Everyone answers and each text arrives, unless a test says otherwise.

	Of the carrier's population one number in twenty gets no text, and tests draw their numbers.

	Its account and its speed are those it began with, whatever the tests before have changed. At the end no
	call is in progress, and all requests must have been as Twilio documents them. If a test failed, the
	requests that the site did not accept are printed.
	"""
	carrier_process.control("account", ordinary_account)
	carrier_process.control("time", {"speed": DEFAULT_SPEED, "clock_offset": school_day})
	carrier_process.control("faults", {})
	carrier_process.control("people", {"*": {"behaviour": "answers"}})
	began = carrier_process.log_path.stat().st_size
	yield carrier_process
	carrier_process.wait_until_idle()
	for entry in carrier_process.log("callback", "twiml", since=began):
		if entry["url"] and not 200 <= (entry["http_status"] or 0) < 300:
			print("not taken:", entry)
	assert carrier_process.control("stats")["violations"] == []


@pytest.fixture(scope="session", autouse=True)
def short_idle() -> Iterator[None]:
	"""A dispatcher in this process waits only briefly for more to do: what is due is on record before it
	begins.
	"""
	with pytest.MonkeyPatch.context() as patch:
		patch.setattr(dispatcher, "IDLE_SECONDS", 0.3)
		patch.setattr(dispatcher, "IDLE_POLL", 0.1)
		patch.setattr(lane_scheduler, "LONGEST_SLEEP", 0.3)
		yield


@pytest.fixture(scope="session", autouse=True)
def time_to_check() -> Iterator[None]:
	"""Give the checks before a start the time that they need on a slow machine, among many campaigns."""
	with pytest.MonkeyPatch.context() as patch:
		patch.setattr(facts, "SECONDS", float(PATIENCE))
		yield


@pytest.fixture(scope="session")
def nothing_left_before(school: None) -> None:
	"""Close what tests of other folders, or an earlier run, left open on this site."""
	leave_nothing()


@pytest.fixture(autouse=True)
def nothing_left(nothing_left_before: None) -> Iterator[None]:
	"""Close what a test leaves open.

	Jobs and webhooks commit, so open campaigns would be served in the next test, and queued jobs would run
	before that test's own. A lost text of an earlier run whose clock ended later than this run's would look
	as if it were still in transit. A carrier's list that was read looks like an outage to a later clock.
	"""
	yield
	leave_nothing()


def leave_nothing() -> None:
	empty_queues()
	frappe.db.rollback()
	frappe.cache().delete_keys(account_health.KEYS)
	titles = f"{OURS}%"
	ours = frappe.get_all("Dialer Campaign", {"title": ("like", titles)}, pluck="name", order_by="name")
	for statement in SETTLE:
		frappe.db.sql(statement, {"ours": [*ours, ""], "titles": titles})
	missed_texts.forget()
	frappe.db.commit()


def empty_queues() -> None:
	for name in QUEUES:
		get_queue(name).empty()
	forget_killed_workers()
	frappe.cache().delete_value(confirmations.ASKED)


def forget_killed_workers() -> None:
	"""Take the workers from RQ's list that ended without doing so: each counts as alive for eight minutes."""
	for worker in Worker.all(get_redis_conn()):
		here = worker.hostname == socket.gethostname()
		if here and worker.pid and not Path(f"/proc/{worker.pid}").exists():
			worker.register_death()


@pytest.fixture
def set_pace(school: None) -> Iterator[Callable[..., None]]:
	"""Yield a function that sets calls and segments per second.

	It sets both for all sending numbers, and the account's calls per second. The previous values are restored
	at the end.
	"""

	def set_to(calls: float, segments: float | None = None, account: float = 100) -> None:
		frappe.db.sql(
			"update `tabDialer Sending Number` set calls_per_second = %s, segments_per_second = %s",
			(calls, segments or calls),
		)
		frappe.db.set_single_value("Dialer Settings", "account_calls_per_second", account)
		frappe.db.commit()
		frappe.clear_document_cache("Dialer Settings", "Dialer Settings")

	before = frappe.db.sql("select calls_per_second, segments_per_second from `tabDialer Sending Number`")[0]
	yield set_to
	set_to(*before)


@pytest.fixture
def hide(carrier: carrier_server.Handle) -> Iterator[Callable[[int], None]]:
	"""Yield a function that sets whether the carrier is asked to hide the numbers of texts.

	The carrier's account supports it.
	"""

	def set_to(on: int) -> None:
		carrier.control("account", {"redaction": "all" if on else "none"})
		frappe.db.set_single_value(
			"Dialer Settings", {"obfuscate_text_numbers": on, "obfuscate_refused_at": None}
		)
		frappe.db.commit()
		frappe.clear_document_cache("Dialer Settings", "Dialer Settings")

	yield set_to
	frappe.db.rollback()
	set_to(0)


@pytest.fixture
def neighbours(carrier, hide) -> list[str]:
	"""Return four numbers that look alike once the carrier has masked them.

	They look like no number of another test. Their texts are delivered.
	"""
	hide(1)
	found = make.phones_alike(4)
	make.consents(found)
	reachable = {"behaviour": "answers", "text": {"delivery": "delivered"}}
	carrier.control("people", dict.fromkeys(found, reachable))
	return found


@pytest.fixture
def set_clock(carrier, school_day):
	"""Yield `set_clock(datetime)`, which sets the clocks of the site and the carrier."""

	def set_to(moment: datetime) -> None:
		offset = (moment - datetime.now(timezone.utc)).total_seconds()
		frappe.conf[clock.OFFSET_KEY] = offset
		carrier.control("time", {"clock_offset": offset})

	yield set_to
	frappe.conf[clock.OFFSET_KEY] = school_day
	carrier.control("time", {"clock_offset": school_day})


@pytest.fixture
def stop_clock(set_clock) -> Callable[[datetime], AbstractContextManager[None]]:
	"""Return `stop_clock(datetime)`, a context in which the site's clock stands still in this process.

	For the last seconds before something, which would be over on a slow machine. The carrier's clock and that
	of the web server begin there and go on.
	"""

	@contextmanager
	def stopped(moment: datetime) -> Iterator[None]:
		set_clock(moment)
		with pytest.MonkeyPatch.context() as patch:
			patch.setattr(clock, "now", lambda: moment)
			yield

	return stopped


@pytest.fixture
def no_refusals(school):
	"""Clear the texts refused as unregistered, in this test's transaction, which is rolled back."""
	frappe.db.sql("update `tabDialer Call Log` set error_code = null where error_code in ('30032', '30034')")


@pytest.fixture
def posted(carrier: carrier_server.Handle) -> Callable[[str], list[dict]]:
	"""Return a function that lists the campaign calls and texts which the carrier accepted for a number.

	Confirmations of opt-outs are not counted.
	"""

	def of(number: str) -> list[dict]:
		return [
			entry
			for entry in carrier.log("call", "message")
			if entry["to"] == number
			and entry["status"] == 201
			and "Reply 1" not in entry["params"].get("Body", "")
		]

	return of


@pytest.fixture
def answering(carrier: carrier_server.Handle) -> Callable[..., None]:
	"""Return a function that sets what the person at a number does: `answering("+1...", "answers")`.

	A voicemail greeting ends with a beep unless the test says otherwise. By default it would depend on the
	number, which differs in each run.
	"""

	def set_behaviour(number: str, behaviour: str, **more) -> None:
		if behaviour == "voicemail":
			more.setdefault("beep", True)
		carrier.control("people", {number: {"behaviour": behaviour, **more}})

	return set_behaviour


@pytest.fixture
def token() -> str:
	return secrets.token_hex(4)


@pytest.fixture
def say(token):
	"""Return a function that receives a new text from a number, as the webhook passes it on."""
	count = iter(range(1000))

	def text(number: str, body: str, **more) -> str | None:
		answer = inbound.reply_to_text(f"SM{token}{next(count)}", number, "+13125550100", body, **more)
		frappe.db.commit()
		return answer

	return text


@pytest.fixture
def hooks(carrier, web) -> Hooks:
	return Hooks(web, carrier.account, carrier.token)


@pytest.fixture
def log(carrier) -> str:
	"""Return a call log in the status placing, without a call at the carrier."""
	number = make.phone()
	make.consent(number)
	doc = make.campaign([number])
	frappe.db.commit()
	actions.start(doc.name)
	frappe.db.commit()
	planner.run(doc.name)
	rows = claims.claim(doc.name, 1)
	answers = asking.ask(gate.CallContext.of(doc), rows, make.clock.now())
	rows[0].log = frappe.generate_hash(length=16)
	call_logs.write_logs(doc, rows, answers, "+13125550100", make.clock.now())
	frappe.db.commit()
	return rows[0].log


@pytest.fixture
def families(school) -> rules.School:
	"""Return a school with twelve children, including two siblings."""
	made = rules.School()
	made.family("Ana", "Luis")
	for index in range(10):
		made.family(f"C{index}")
	made.opens()
	return made


@pytest.fixture
def pass_time(monkeypatch):
	"""Return `pass_time(minutes=6)`, which turns the site's clock this far on from what it would show."""
	real = clock.now

	def by(**delta) -> None:
		shift = timedelta(**delta)
		monkeypatch.setattr(clock, "now", lambda: real() + shift)

	return by


@pytest.fixture(autouse=True)
def schools_closed(nothing_left):
	"""Delete the other students at the end, since the demonstration's school needs a site without them."""
	yield
	frappe.db.rollback()
	while SchoolClass.tags:
		tag = SchoolClass.tags.pop() + "-%"
		for doctype in ("Student", "Guardian", "Student Group"):
			frappe.db.delete(doctype, {"name": ("like", tag)})
		for doctype in ("Student Guardian", "Student Group Student"):
			frappe.db.delete(doctype, {"parent": ("like", tag)})
	frappe.db.commit()


@pytest.fixture
def not_reached(carrier, answering) -> Callable:
	"""Return a function that runs a campaign whose call to this number was not answered."""

	def call(number: str, channel: str = "Any", **values):
		make.consent(number, channel=channel)
		answering(number, "no answer")
		doc = make.campaign([number], **{"text_fallback": 1, **values})
		prepare(doc)
		dial(carrier)
		return doc

	return call


@pytest.fixture(scope="module")
def mailer(school):
	"""Make a default outgoing e-mail account that connects to nothing, so that mails stay in the queue.

	Frappe keeps the account it found last, for the process: a stand-in if there was none.
	"""
	frappe.local.outgoing_email_account = {}
	before = frappe.get_all("Email Account", {"default_outgoing": 1}, pluck="name", order_by="name")
	name = None
	if not before:
		name = f"Test {secrets.token_hex(3)}"
		frappe.get_doc(
			{
				"doctype": "Email Account",
				"email_account_name": name,
				"email_id": "office@school.example",
				"enable_outgoing": 1,
				"default_outgoing": 1,
				"smtp_server": "127.0.0.1",
				"no_smtp_authentication": 1,
			}
		).insert()
		frappe.db.commit()
	yield
	frappe.db.rollback()
	if name:
		frappe.delete_doc("Email Account", name, force=True)
	frappe.db.commit()
	frappe.local.outgoing_email_account = {}


@pytest.fixture
def recording_on(school):
	set_recording(1)
	yield
	set_recording(0)


@pytest.fixture
def message(school) -> str:
	name = make.template("Event", text=0)
	frappe.db.commit()
	return name


@pytest.fixture
def session(log, message) -> str:
	"""Begin a recording whose call is being placed, and return its name."""
	doc = recordings.begin_recording(
		label="x",
		source="Phone",
		template=message,
		language="en",
		variant="voice",
		holds="public",
		call_log=log,
	)
	frappe.db.commit()
	return doc.name


@pytest.fixture
def school_with(carrier) -> Iterator[Callable[[int], rules.School]]:
	made = []

	def of(count: int) -> rules.School:
		school = rules.School()
		for index in range(count):
			school.family(f"C{index}")
		school.opens()
		made.append(school)
		return school

	yield of
	for school in made:
		school.remove()


@pytest.fixture
def planned() -> Callable[..., tuple]:
	"""Return a function that makes a rule with a planned and due campaign, committed.

	It returns the rule and the campaign's name.
	"""

	def now(school: rules.School, **values) -> tuple:
		doc = rules.rule(school, **values)
		frappe.db.commit()
		scheduler.run_rules()
		(campaign,) = campaigns_of(doc)
		planner.run(campaign)
		return doc, campaign

	return now
