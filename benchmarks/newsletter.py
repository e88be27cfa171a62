"""A peer: Frappe's own Newsletter writes to the same people on the same site, through its Email Queue.

Newsletter is the part of Frappe that sends one message to many people. It queues a row for each address and
sends each by SMTP, here to a local server that discards everything. The addresses end in `.invalid`, where
mail cannot be delivered (RFC 2606). Its jobs run at once in this process, the way a worker runs them; time in
the queue is not counted. A round writes to a fifth of the people, so five rounds write to all. The same
number of people are planned and sent a text through the simulated carrier.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from socketserver import StreamRequestHandler, ThreadingTCPServer
from statistics import median
from typing import Any

import frappe

from benchmarks import costs, place, population
from benchmarks.kit import meter
from school_dialer.campaigns.planning import planner

PEOPLE = 10_000
PARTS = 5
PART = PEOPLE // PARTS
NAME = "Benchmark"
SENDER = "office@school.invalid"
WORDS = "<p>The spring concert is on Thursday at six in the evening, in the main hall.</p>"
TITLE = "Beside Frappe's Newsletter"
HEADS = (
	f"For each of the same {PEOPLE:,} people",
	"Planned here",
	"Queued by Newsletter",
	"Planned and sent a text here",
	"Queued and sent by Newsletter",
)
ABSENT = "This Frappe has no Newsletter in its core (v16 moved it to an app of its own): not measured."
FIGURES = {
	"People a second": lambda one: f"{1 / one['seconds']:,.0f}",
	"CPU of the process, µs": lambda one: f"{one['cpu'] * 1e6:,.0f}",
	"CPU of MariaDB, µs": lambda one: f"{one['database_cpu'] * 1e6:,.0f}",
	"Statements": lambda one: f"{one['statements']:,.2f}",
	"Rows written": lambda one: f"{one['rows_inserted'] + one['rows_updated']:,.1f}",
	"KB in MariaDB's redo log": lambda one: f"{one['log_bytes'] / 1000:,.1f}",
}
COMPARED = (
	("Decided on: consent, opt-outs, hours, court orders", "yes", "opt-outs", "again", "opt-outs"),
	("Decision kept, with its reasons", "yes", "no", "again", "no"),
	("One message for", "a household", "an address", "a household", "an address"),
)


def measure(rounds: int = 5) -> dict[str, Any]:
	"""Return medians per person. Planning, queueing and sending take turns."""
	with place.connected(PEOPLE):
		if not frappe.db.exists("DocType", "Newsletter"):
			return {"absent": ABSENT}
		with Sink() as sink, prepared(sink.port), costs.on_stage() as stage:
			stage.carrier.control("time", {"speed": place.STANDING_STILL})
			turns = [turn(number % PARTS, sink) for number in range(rounds)]
	return {
		"rounds": rounds,
		"people": PEOPLE,
		**{way: middle([one[way] for one in turns]) for way in turns[0]},
		"times_as_fast": round(
			median(one["queued"]["seconds"] / one["planned"]["seconds"] for one in turns), 1
		),
		"times_less_cpu": round(median(one["queued"]["cpu"] / one["planned"]["cpu"] for one in turns), 1),
		"times_less_cpu_sent": round(median(one["sent"]["cpu"] / one["texted"]["cpu"] for one in turns), 1),
	}


def table(found: dict[str, Any]) -> list[tuple[str, ...]]:
	if "absent" in found:
		return [(found["absent"], "", "", "", "")]
	ways = [found[way] for way in ("planned", "queued", "texted", "sent")]
	speed, *rows = [[what, *map(text, ways)] for what, text in FIGURES.items()]
	speed[3] = "at the number's pace"
	return [
		speed,
		*rows,
		*COMPARED,
		("Newsletter's time, as a multiple of the plan's", "", f"{found['times_as_fast']}", "", ""),
		(
			"Newsletter's CPU, as a multiple of ours",
			"",
			f"{found['times_less_cpu']}",
			"",
			f"{found['times_less_cpu_sent']}",
		),
	]


def middle(costs: list[dict[str, float]]) -> dict[str, float]:
	return {name: round(median(cost[name] for cost in costs), 7) for name in costs[0]}


def turn(part: int, sink: Sink) -> dict[str, dict[str, float]]:
	"""Return the costs of one turn, by way.

	All people are planned. One part of them is queued with e-mail muted, then queued with every e-mail
	delivered to the sink.
	"""
	found = {"planned": planned(), "queued": newsletter(part), "texted": texted()}
	before = sink.received
	with unmuted():
		found["sent"] = newsletter(part)
	assert sink.received - before == PART
	return found


def texted() -> dict[str, float]:
	"""Return the cost per text that the carrier accepted.

	It includes the planning of people who may not get one.
	"""
	name = place.campaign(PART, channel="Text", template=template())
	place.settle()
	cost = meter.spent(lambda: costs.plan_and_dispatch(name))
	count = frappe.db.count("Dialer Call Log", {"campaign": name, "carrier_sid": ("is", "set")})
	place.discard(name)
	return meter.each(cost, count)


def template() -> str:
	name = f"{place.TITLE} text"
	if found := frappe.db.get_value("Dialer Message Template", {"template_name": name}):
		return found
	values = {
		"template_name": name,
		"purpose": "Event",
		"voice": 0,
		"text": 1,
		"translations": [
			{"language": "en", "text": "The spring concert is on Thursday at six in the evening."}
		],
	}
	return frappe.get_doc({"doctype": "Dialer Message Template", **values}).insert().name


def planned() -> dict[str, float]:
	name = place.campaign(PEOPLE)
	place.settle()
	cost = meter.spent(lambda: planner.plan_all(name))
	count = frappe.db.count("Dialer Recipient", {"campaign": name})
	place.discard(name)
	return meter.each(cost, count)


def newsletter(part: int) -> dict[str, float]:
	values = {
		"doctype": "Newsletter",
		"subject": "Spring concert",
		"sender_name": NAME,
		"sender_email": SENDER,
		"content_type": "Rich Text",
		"message": WORDS,
		"send_unsubscribe_link": 1,
		"email_group": [{"email_group": group(part)}],
	}
	doc = frappe.get_doc(values).insert()
	frappe.db.commit()
	place.settle()
	try:
		cost = meter.spent(lambda: send(doc))
		assert frappe.db.count("Email Queue", {"reference_name": doc.name}) == PART
		return meter.each(cost, PART)
	finally:
		forget(doc.name)


def send(doc) -> None:
	"""Do what the Send button does, including the queue's jobs."""
	enqueue = frappe.enqueue
	frappe.enqueue = at_once
	try:
		doc.send_emails()
		frappe.db.commit()
	finally:
		frappe.enqueue = enqueue


def at_once(method, *, queue: str, now: bool, job_name: str, **arguments) -> None:
	method(**arguments)
	frappe.db.commit()


def forget(name: str) -> None:
	frappe.db.sql(
		"""delete queue, recipient from `tabEmail Queue` queue
		left join `tabEmail Queue Recipient` recipient on recipient.parent = queue.name
		where queue.reference_doctype = 'Newsletter' and queue.reference_name = %s""",
		name,
	)
	frappe.delete_doc("Newsletter", name, force=True)
	frappe.db.commit()


def group(part: int) -> str:
	return f"{NAME} {part}"


@contextmanager
def prepared(port: int) -> Iterator[None]:
	"""Create an outgoing account at this local port, and an e-mail group for each part of the people.

	They are deleted at the end. Commits.
	"""
	groups = [group(part) for part in range(PARTS)]
	try:
		account(port).insert()
		for part, title in enumerate(groups):
			frappe.get_doc({"doctype": "Email Group", "title": title}).insert()
			people = range(part * PART, (part + 1) * PART)
			population.insert(
				"Email Group Member",
				("email_group", "email", "unsubscribed"),
				((f"{NAME}-{index}", title, f"family-{index}@families.invalid", 0) for index in people),
			)
		frappe.db.commit()
		yield
	finally:
		frappe.db.rollback()
		frappe.db.delete("Email Group Member", {"email_group": ("in", groups)})
		frappe.db.delete("Email Group", {"name": ("in", groups)})
		frappe.delete_doc("Email Account", NAME, force=True)
		frappe.db.commit()


def account(port: int):
	return frappe.get_doc(
		{
			"doctype": "Email Account",
			"email_account_name": NAME,
			"email_id": SENDER,
			"enable_outgoing": 1,
			"smtp_server": "127.0.0.1",
			"smtp_port": port,
			"no_smtp_authentication": 1,
		}
	)


@contextmanager
def unmuted() -> Iterator[None]:
	"""Unmute e-mail in this process only. It goes out through the account of `prepared`."""
	flag, setting = frappe.flags.mute_emails, frappe.conf.mute_emails
	frappe.flags.mute_emails = frappe.conf.mute_emails = 0
	try:
		yield
	finally:
		frappe.flags.mute_emails, frappe.conf.mute_emails = flag, setting


class Sink:
	"""An SMTP server on loopback, in its own process. It accepts every e-mail and keeps none."""

	def __enter__(self) -> Sink:
		context = multiprocessing.get_context("spawn")
		self.count = context.Value("q", 0)
		ours, theirs = context.Pipe()
		self.process = context.Process(target=serve, args=(self.count, theirs), daemon=True)
		self.process.start()
		self.port = ours.recv()
		return self

	def __exit__(self, *problem: object) -> None:
		self.process.kill()
		self.process.join()

	@property
	def received(self) -> int:
		return self.count.value


def serve(count, ready) -> None:
	class Swallow(StreamRequestHandler):
		def handle(self) -> None:
			self.wfile.write(b"220 sink\r\n")
			for line in self.rfile:
				command = line[:4].upper()
				if command == b"DATA":
					self.wfile.write(b"354 go on\r\n")
					while self.rfile.readline() not in (b".\r\n", b""):
						pass
					with count.get_lock():
						count.value += 1
				self.wfile.write(b"221 bye\r\n" if command == b"QUIT" else b"250 ok\r\n")

	with ThreadingTCPServer(("127.0.0.1", 0), Swallow) as server:
		ready.send(server.server_address[1])
		server.serve_forever()
