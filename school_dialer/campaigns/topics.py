"""What a school tells families most often: topics, each with finished messages, for the page *Tell Families*.

Where a topic is about some students only, its audience is narrowed to them from the start.
"""

from dataclasses import dataclass

import frappe
from frappe import _

from school_dialer.audience.base import Source, sources
from school_dialer.audience.csv_file import CsvFile
from school_dialer.audience.filters import filters, reading
from school_dialer.audience.filters.education import Attendance, Fees
from school_dialer.compliance.vocabulary import CHANNELS, EMERGENCY, PURPOSES
from school_dialer.messages import store
from school_dialer.messages.details import DETAILS
from school_dialer.messages.model import Template

MOST_MESSAGES = 500
CLOSURE, DELAY = "Emergency closure", "Emergency delay"
WEATHER = "Weather closure"


@dataclass(frozen=True, slots=True)
class Topic:
	"""What a message is about. `messages`: only these; else all of the purpose, `first` before the others."""

	key: str
	label: str
	purpose: str
	messages: tuple[str, ...] = ()
	first: str = ""
	emergency_type: str = ""
	narrowed: str = ""


TOPICS = (
	Topic("event", "Event", "Event", first="Event reminder"),
	Topic("closure", "Closure", EMERGENCY, messages=(CLOSURE,), emergency_type=WEATHER),
	Topic("delay", "Delay", EMERGENCY, messages=(DELAY,), emergency_type=WEATHER),
	Topic("absence", "Absence", "Attendance", first="Attendance notice", narrowed=Attendance.kind),
	Topic("fees", "Fees", "Fees", first="Fees due", narrowed=Fees.kind),
	Topic("general", "General", "General", first="General message"),
	Topic("emergency", "Emergency", EMERGENCY, first="Emergency evacuation"),
)
NARROWED = {
	Attendance.kind: {"kind": Attendance.kind, "status": "Absent", "at_least": 1, "days": 1},
	Fees.kind: {"kind": Fees.kind, "overdue": False, "over": 0},
}
"""The condition with which a topic's audience begins: marked absent today, and what is still to be paid."""


def offered() -> list[dict]:
	"""Return the topics for which the user may read a message, each with its messages, the usual one first.

	A message that asks something, and one for drills, is sent from a campaign's own form. Purposes without a
	topic of their own follow if the school has messages for them.
	"""
	messages = finished()
	others = set(PURPOSES) - {topic.purpose for topic in TOPICS}
	listed = (
		*TOPICS,
		*(Topic(purpose.lower(), purpose, purpose) for purpose in PURPOSES if purpose in others),
	)
	topics = []
	for topic in listed:
		if rows := [described(message) for message in of_topic(topic, messages)]:
			about = {"key": topic.key, "title": _(topic.label), "purpose": topic.purpose}
			topics.append(
				about
				| {
					"emergency_type": topic.emergency_type,
					"narrowed": NARROWED.get(topic.narrowed),
					"messages": rows,
				}
			)
	return topics


def finished() -> list[tuple[str, Template]]:
	"""Return (record, message) of each message that tells something, by name."""
	names = frappe.get_list(store.TEMPLATE, {"drill": 0}, pluck="name", order_by="name", limit=MOST_MESSAGES)
	messages = [(name, store.template(name)) for name in names]
	return [(name, message) for name, message in messages if not message.asks and message.translations]


def of_topic(topic: Topic, messages: list[tuple[str, Template]]) -> list[tuple[str, Template]]:
	rows = [row for row in messages if row[1].purpose == topic.purpose]
	if topic.messages:
		return [row for row in rows if row[0] in topic.messages]
	return sorted(rows, key=lambda row: row[0] != topic.first)


def described(row: tuple[str, Template]) -> dict:
	name, message = row
	return {
		"name": name,
		"title": message.name,
		"channels": [channel for channel in CHANNELS if getattr(message, channel.lower())],
		"details": DETAILS in message.field_names,
		"languages": [words.language for words in message.translations],
	}


def audiences() -> list[dict]:
	"""Return the audiences that need no file, each with the conditions of topics that may narrow it."""
	return [
		{
			"label": label,
			"title": source.shown(),
			"doctype": source.audience_doctype,
			"narrows": narrows(source),
		}
		for label, source in sources().items()
		if source.offered and source is not CsvFile
	]


def narrows(source: type[Source]) -> list[str]:
	return [
		kind
		for kind, condition in filters.kinds().items()
		if kind in NARROWED
		and condition.offered(source.subjects)
		and all(map(reading.reads_all, condition.reads))
	]
