"""One run with everything in it.

It has calls, texts, opt-outs, a PIN, an answer, a recording, an e-mail, a visit to the preference page, lost
responses, refused numbers, forged callbacks, and a crash in a request and in a job. `Run` holds its data.
"""

import json
import re
import secrets
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from html import unescape
from pathlib import Path

import frappe
import redis
import requests
from frappe.deferred_insert import save_to_db
from pytest import MonkeyPatch
from rq import Worker
from rq.job import Job

from dev.demo.people import MANAGER, Person
from dev.demo.stage import SENDER
from dev.patience import PATIENCE, eventually
from dev.school import users
from dev.school.bulk import Bulk
from dev.site import services
from dev.site.layout import OWN, current
from school_dialer import scheduler
from school_dialer.base import states
from school_dialer.calls import pins
from school_dialer.consent.choices import preference_link
from school_dialer.messages.spoken.ivr_state import RIGHT
from school_dialer.messages.spoken.question import REASON
from school_dialer.outbound.attempts import reconciler
from tests.chance import chance
from tests.integration import factories as make
from tests.integration.with_carrier.keypad import template as question_template

NAME, NUMBER, ADDRESS, PIN, TOKEN, CREDENTIAL = (
	"name",
	"number",
	"e-mail address",
	"PIN",
	"token",
	"credential",
)
GREETING = "Hello {{ recipient_name }}, {{ student_names }} sings on Thursday."
PEOPLE = (
	{"behaviour": "answers"},
	{"behaviour": "presses", "digits": "9"},
	{"behaviour": "voicemail", "beep": True},
	{"behaviour": "busy"},
	{"refuse": 21211},
	{"behaviour": "answers", "text": {"delivery": "delivered", "reply": "STOP", "after": 1}},
	{"behaviour": "answers", "text": {"delivery": "undelivered", "error": 30003}},
)


@dataclass
class Run:
	"""The data of the run.

	`secrets` holds the kind and the text of everything that may be stored in few places only. `redis` holds
	every key seen in Redis with its contents.
	"""

	secrets: list[tuple[str, str]] = field(default_factory=list)
	guardians: list[tuple[str, str, str, str]] = field(default_factory=list)
	entries: list[dict] = field(default_factory=list)
	redis: dict[str, set[str]] = field(default_factory=dict)
	logs_at: dict[Path, int] = field(default_factory=dict)
	errors: int = 0
	began: datetime = field(default_factory=frappe.utils.now_datetime)

	def keep(self, kind: str, *texts: str) -> None:
		self.secrets += [(kind, text) for text in texts]

	def of(self, kind: str) -> list[str]:
		return [text for one, text in self.secrets if one == kind]


def play(carrier, url: str, hooks) -> Run:
	"""Play the whole run with a real worker, web server and carrier."""
	save_to_db()
	frappe.db.commit()
	run, carrier_at = Run(logs_at=sizes()), len(carrier.log())
	users.create()
	errors_before = frappe.db.count("Error Log")
	run.keep(CREDENTIAL, carrier.token, frappe.conf.encryption_key, frappe.conf.db_password)
	pin = invite(run, carrier)
	# A dozen requests, so that hardly ever all arrive. A lost one makes the reconciler ask for a list.
	carrier.control(
		"faults", {"lose_request": 0.6, "lose_answer": 0.2, "http_500_after": 0.1, "double_callback": 0.3}
	)
	singing = make.template(
		said={"voice": GREETING, "voicemail": "Hello {{ recipient_name }}.", "text": GREETING}
	)
	absent = question_template("Attendance", REASON, voice="{{ student_names }} had a bad day at school.")
	names = [
		campaign(run, run.guardians[:-1], channel="Voice", template=singing, email_fallback=1),
		campaign(run, run.guardians[2:-1], channel="Text", template=singing),
		campaign(run, run.guardians[-1:], purpose="Attendance", template=absent, identity_check="PIN"),
	]
	frappe.db.commit()
	workers = services.start_worker(n=1)
	try:
		manager = Person(url, MANAGER)
		for name in names:
			manager.press("start", name)
		eventually("The first request of each", lambda: all_asked(names), lambda: steps(names))
		# What was lost is looked up now: a list takes several requests, of which none may be lost again.
		carrier.control("faults", {"double_callback": 0.3})
		eventually("The end of the campaigns", lambda: all_ended(run, names), lambda: steps(names))
		ways_out(run, carrier, url)
		eventually("The end of each call and text", lambda: settled(run))
		eventually("The confirmations", lambda: confirmed(run))
		crash_in_a_job(run, names[0])
		crash_in_a_request(run, hooks, names[2], pin)
	finally:
		for worker in workers:
			worker.stop()
		carrier.control("faults", {})
	frappe.db.rollback()
	run.entries = carrier.log()[carrier_at:]
	run.errors = frappe.db.count("Error Log") - errors_before
	return run


def invite(run: Run, carrier) -> str:
	"""Insert a family for each behaviour, and one that is asked for its PIN, which is returned."""
	behaviours = {family(run): behaviour for behaviour in PEOPLE}
	asked = family(run)
	run.keep(PIN, pin := pin_of(run.guardians[-1]))
	behaviours[asked] = {"behaviour": "presses", "digits": ["1212#", f"{pin}#", "5", "1"], "says": [4]}
	carrier.control("people", behaviours)
	return pin


def family(run: Run) -> str:
	"""Insert a guardian with a number, an address and consent, and their child. Return the number.

	The names of the records reveal nothing, like the school's own.
	"""
	number, called = make.phone(), f"Quillon{secrets.token_hex(4)}"
	child, address = f"Zephyrine{secrets.token_hex(4)}", f"{secrets.token_hex(6)}@family.example"
	guardian, student = f"LEAK-G-{secrets.token_hex(4)}", f"LEAK-S-{secrets.token_hex(4)}"
	bulk = Bulk()
	bulk.insert(
		"Guardian",
		[{"name": guardian, "guardian_name": called, "mobile_number": number, "email_address": address}],
	)
	bulk.insert(
		"Student",
		[
			{
				"name": student,
				"first_name": child,
				"student_name": child,
				"enabled": 1,
				"guardians": [{"guardian": guardian, "guardian_name": called, "relation": "Mother"}],
			}
		],
	)
	make.consent(number)
	run.keep(NAME, called, child)
	run.keep(NUMBER, *writings(number))
	run.keep(ADDRESS, address)
	run.guardians.append((number, called, guardian, student))
	return number


def writings(number: str) -> list[str]:
	"""Return a number in the formats in which it may be written."""
	area, exchange, line = number[2:5], number[5:8], number[8:]
	return [f"{area}{exchange}{line}", f"{area}) {exchange}-{line}", f"{area}-{exchange}-{line}"]


def pin_of(guardian: tuple) -> str:
	"""Set and return the guardian's PIN.

	It has eight digits, so that no time and no digest contains it by chance.
	"""
	pin = ""
	while pins.is_weak(pin):
		pin = str(10**7 + chance.randrange(5 * 10**7))
	first = pins.make_pin("Guardian", guardian[2], guardian[1])
	assert pins.choose("Guardian", guardian[2], guardian[1], pin, first) == RIGHT
	return pin


def campaign(run: Run, guardians: list[tuple], **values) -> str:
	"""Return a campaign to these guardians, and to one person of a CSV file without consent."""
	run.keep(NUMBER, *writings(stranger := make.phone()))
	doc = make.campaign([stranger], **values)
	for number, called, guardian, student in guardians:
		frappe.get_doc(
			{
				"doctype": "Dialer Recipient",
				"campaign": doc.name,
				"phone": number,
				"person_doctype": "Guardian",
				"person": guardian,
				"person_name": called,
				"students": json.dumps([student]),
			}
		).insert()
	return doc.name


def all_asked(names: list[str]) -> bool:
	"""Return whether everyone who may be called was tried once."""
	frappe.db.rollback()
	waiting = {"campaign": ("in", names), "attempts": 0, "status": ("in", (*states.WAITING, states.DIALING))}
	planned = frappe.db.count("Dialer Campaign", {"name": ("in", names), "status": states.PREPARING})
	return not planned and not frappe.db.count("Dialer Recipient", waiting)


def steps(names: list[str]) -> tuple:
	"""Return what grows or changes while the campaigns go on."""
	frappe.db.rollback()
	made = frappe.db.count("Dialer Call Log", {"campaign": ("in", names)})
	rows = frappe.get_all(
		"Dialer Recipient", {"campaign": ("in", names)}, ["status", "attempts"], as_list=True, order_by="name"
	)
	return made, rows


def all_ended(run: Run, names: list[str]) -> bool:
	return all([ended(run, name) for name in names])


def ended(run: Run, name: str) -> bool:
	"""Do the scheduler's work, and return whether the campaign is completed.

	Lost responses are looked up at once, since this carrier lists a call at once. A callback that has not
	arrived by then will not arrive.
	"""
	with MonkeyPatch.context() as patch:
		patch.setattr(reconciler, "LISTED", timedelta(0))
		patch.setattr(reconciler, "TIED", timedelta(seconds=10))
		reconciler.run()
		scheduler.tick()
	look_at_redis(run)
	status, message = frappe.db.get_value("Dialer Campaign", name, ["status", "status_message"])
	assert status not in (states.FAILED, states.PAUSED), message
	return status == states.COMPLETED


def settled(run: Run) -> bool:
	"""Ask the carrier about calls and texts without an end, and return whether there are none left.

	On a busy machine the site may be too slow for a callback, which the carrier does not repeat.
	"""
	with MonkeyPatch.context() as patch:
		patch.setattr(reconciler, "SILENT", timedelta(0))
		reconciler.run()
	look_at_redis(run)
	numbers = [number for number, *_more in run.guardians]
	return not frappe.db.exists(
		"Dialer Call Log", {"phone": ("in", numbers), "status_rank": ("<", states.FINAL_RANK)}
	)


def ways_out(run: Run, carrier, url: str) -> None:
	"""Let one person call back, one stop calls for a purpose by link, and an attacker forge callbacks."""
	number = run.guardians[0][0]
	token = preference_link.url(preference_link.issue(number)).rpartition("t=")[2]
	frappe.db.commit()
	run.keep(TOKEN, token)
	carrier.control("inbound_call", {"from": number, "to": SENDER, "behaviour": "answers"})
	page = f"{url}{preference_link.PATH}"
	shown = requests.get(page, params={"t": token}, timeout=PATIENCE).text
	seen = unescape(re.search(r'name="seen" value="([^"]*)"', shown)[1])
	assert requests.post(page, data={"t": token, "act": "stop:Any:Fees", "seen": seen}, timeout=PATIENCE).ok
	form = {"From": number, "To": SENDER, "Body": run.of(NAME)[0], "Digits": run.of(PIN)[0]}
	for method in ("inbound_text", "inbound_call", "status", "keypress", "voice"):
		answer = requests.post(
			f"{url}/api/method/school_dialer.webhooks.twilio.{method}",
			data=form,
			headers={"X-Twilio-Signature": "forged"},
			timeout=PATIENCE,
		)
		assert answer.status_code == 403
	carrier.wait_until_idle()


def confirmed(run: Run) -> bool:
	"""Do the scheduler's work, and return whether no text that answers a person is left.

	One whose number was busy, or whose worker ended, is taken up by the tick alone.
	"""
	scheduler.tick()
	look_at_redis(run)
	numbers = [number for number, *_more in run.guardians]
	waiting = {"status": ("in", ("Waiting", "Sending")), "phone": ("in", numbers)}
	return not frappe.db.exists("Dialer Notice", waiting)


def crash_in_a_job(run: Run, name: str) -> None:
	"""Crash a job that holds households, names and addresses.

	The message template is gone when the e-mails are written.
	"""
	before = frappe.db.count("Error Log")
	frappe.db.sql("update `tabDialer Recipient` set fallback = null where campaign = %s", name)
	frappe.db.sql(
		"update `tabDialer Campaign` set status = 'Running', template = 'gone' where name = %s", name
	)
	frappe.db.commit()
	job = frappe.enqueue("school_dialer.followup.fallback.run", queue="short", campaign=name)
	# The other worker may serve a dispatcher, which may stay for minutes.
	second = services.start_worker(["short"])
	try:
		eventually("The crash of a job", lambda: look_at_redis(run) and frappe.db.count("Error Log") > before)
	except TimeoutError as late:
		raise AssertionError(f"{late}: {jobs_in_words(job, name)}") from None
	finally:
		for worker in second:
			worker.stop()
	frappe.db.sql("update `tabDialer Campaign` set status = 'Completed' where name = %s", name)
	frappe.db.commit()


def jobs_in_words(job: Job, campaign: str) -> str:
	"""Return the job's status, the campaign's, and what the workers do, for the reader of the failed test."""
	found = [f"job: {job.get_status()}", f"campaign: {campaign_in_words(campaign)}"]
	for worker in Worker.all(connection=job.connection):
		current = worker.get_current_job()
		found.append(f"worker: {worker.get_state()} {worker.last_heartbeat} {current and current.kwargs}")
	return "; ".join(found)


def campaign_in_words(name: str) -> str:
	frappe.db.rollback()
	status = frappe.db.get_value("Dialer Campaign", name, ["status", "status_message", "deadline"])
	rows = frappe.get_all(
		"Dialer Recipient", {"campaign": name}, ["status", "fallback", "fallback_reason"], as_list=True
	)
	return f"{status} {rows}"


def crash_in_a_request(run: Run, hooks, name: str, pin: str) -> None:
	"""Send a genuine callback with a number and a PIN for a call log whose row is invalid.

	Frappe's error report waits in Redis, and then becomes a row.
	"""
	log, sid, rank, students = frappe.db.get_value(
		"Dialer Call Log", {"campaign": name}, ["name", "carrier_sid", "status_rank", "students"]
	)
	set_log(log, 50, "not JSON")
	form = {"CallSid": sid, "Digits": pin, "From": SENDER, "To": run.guardians[-1][0]}
	assert hooks.post("keypress", {"log": log}, form).status_code == 500
	look_at_redis(run)
	save_to_db()
	set_log(log, rank, students)


def set_log(name: str, rank: int, students: str) -> None:
	frappe.db.sql(
		"update `tabDialer Call Log` set status_rank = %s, students = %s where name = %s",
		(rank, students, name),
	)
	frappe.db.commit()


def look_at_redis(run: Run) -> bool:
	"""Record the contents of Redis each time the run waits, since many keys disappear soon."""
	frappe.db.rollback()
	for key, text in everything_in_redis():
		run.redis.setdefault(key, set()).add(text)
	return True


def everything_in_redis() -> Iterator[tuple[str, str]]:
	"""Yield each key with its contents as text, from both Redis servers.

	What RQ compressed is decompressed.
	"""
	for address in ("redis_cache", "redis_queue"):
		server = redis.Redis.from_url(frappe.conf[address])
		readers: dict[bytes, Callable] = {
			b"string": server.get,
			b"hash": server.hgetall,
			b"list": lambda key, server=server: server.lrange(key, 0, -1),
			b"set": server.smembers,
			b"zset": lambda key, server=server: server.zrange(key, 0, -1),
			b"stream": server.xrange,
		}
		for key in server.scan_iter(count=1000):
			if read := readers.get(server.type(key)):
				shown = key.decode(errors="replace")
				yield shown, " ".join((shown, *texts(read(key))))


def texts(value) -> Iterator[str]:
	if isinstance(value, dict):
		for one in value.items():
			yield from texts(one)
	elif isinstance(value, list | set | tuple):
		for one in value:
			yield from texts(one)
	elif isinstance(value, bytes):
		try:
			yield zlib.decompress(value).decode(errors="replace")
		except zlib.error:
			yield value.decode(errors="replace")
	else:
		yield str(value)


def log_files() -> list[Path]:
	"""Return the log files of the site, the bench, and the processes that were started."""
	bench = current()
	folders = (OWN / "logs", bench.path / "logs", bench.sites / bench.site / "logs", bench.sites / "logs")
	return sorted({path.resolve() for folder in folders for path in folder.rglob("*") if path.is_file()})


def sizes() -> dict[Path, int]:
	return {path: path.stat().st_size for path in log_files()}


def clear() -> None:
	"""Delete the families. The dialer's own rows stay, as they do at a school."""
	for doctype in ("Student", "Guardian"):
		frappe.db.delete(doctype, {"name": ("like", "LEAK-%")})
	frappe.db.delete("Student Guardian", {"parent": ("like", "LEAK-%")})
	frappe.db.delete("Comment", {"reference_name": ("like", "LEAK-%")})
	frappe.db.commit()
