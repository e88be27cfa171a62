"""What must hold after many families have written at once, whatever ended meanwhile."""

import json
from collections import Counter

import frappe
import pytest

from school_dialer.consent import ledger
from school_dialer.desk.inbox import conversations
from school_dialer.help_desk.tickets import upkeep
from school_dialer.inbound.conversations import belonging
from school_dialer.messages import store

STOPS = (
	"STOP",
	"stop texting me please",
	"no me llamen más",
	"别再给我打电话",
	"لا تتصل بي مرة أخرى",
	"đừng gọi cho tôi nữa",
	"ne m'appelez plus",
	"pare de me ligar",
	"sispann rele m",
	"huwag na kayong tumawag",
	"wrong number",
	"número equivocado",
)
HELPS = ("HELP", "AYUDA")


def read_late(numbers: list[str]) -> set[tuple[str, str]]:
	"""Return the texts that were read from the carrier's list, as (number, name of the log)."""
	of_late = {"phone": ("in", numbers), "direction": "Inbound", "error_message": ("is", "set")}
	return {
		(row.phone, row.name)
		for row in frappe.get_all("Dialer Call Log", of_late, ["name", "phone"], order_by="name")
	}


def votes(poll, given: dict[str, str], late: set[tuple[str, str]]) -> None:
	"""Each vote was counted once. One that was read late, after other words, may wait for staff instead."""
	rows = frappe.db.sql(
		"""select recipient.phone, answer.answer from `tabDialer Answer` answer
		join `tabDialer Recipient` recipient on recipient.name = answer.recipient
		where answer.campaign = %s""",
		poll.name,
	)
	counted = {phone: str(answer) for phone, answer in rows}
	assert len(rows) == len(counted) and counted.items() <= given.items()
	kept = {"phone": ("in", list(given)), "words": ("in", list(given.values())), "direction": "Received"}
	waiting = frappe.get_all("Dialer Conversation Message", kept, pluck="phone", order_by="name")
	assert sorted([*counted, *waiting]) == sorted(given)
	assert set(waiting) <= {number for number, _log in late}


def opt_outs(texts: list, families: list[str]) -> None:
	facts = ledger.read(families)
	stopped = {number for number, body in texts if body in STOPS}
	assert {number for number in families if facts[number].opt_outs} == stopped


def messages(texts: list, families: list[str], votes: dict[str, str], late: set) -> list:
	"""Each text that is no opt-out, call for help, or vote is one message."""
	wanted = Counter(
		(number, body.strip())
		for number, body in texts
		if body not in (*STOPS, *HELPS) and votes.get(number) != body
	)
	rows = frappe.get_all(
		"Dialer Conversation Message",
		{"phone": ("in", families), "direction": "Received"},
		["phone", "words", "conversation", "unsure", "reference_name"],
		order_by="name",
	)
	kept_late = [row for row in rows if row.words in HELPS or row.words == votes.get(row.phone)]
	assert {(row.phone, row.reference_name) for row in kept_late} <= late
	assert Counter((row.phone, row.words.strip()) for row in rows if row not in kept_late) == wanted
	begins = store.school().identity + ":"
	assert all(bool(row.unsure) is row.words.startswith(begins) for row in rows)
	return rows


def threads(numbers: list[str], rows: list) -> None:
	"""At most one conversation of a number is open, its counts are right, and none mixes numbers."""
	threads = frappe.get_all(
		"Dialer Conversation",
		{"phone": ("in", numbers)},
		["name", "phone", "status", "messages"],
		order_by="name",
	)
	still_open = Counter(thread.phone for thread in threads if thread.status != "Closed")
	assert set(still_open.values()) == {1}
	phones = {thread.name: thread.phone for thread in threads}
	assert all(phones[row.conversation] == row.phone for row in rows)
	of_numbers = {"phone": ("in", numbers)}
	found = frappe.get_all("Dialer Conversation Message", of_numbers, pluck="conversation", order_by="name")
	assert {thread.name: thread.messages for thread in threads} == Counter(found)


def answers(carrier, numbers: list[str]) -> None:
	"""Each conversation was acknowledged once at most, and no text was answered twice.

	A guardian who writes about an absence is asked back, which is no acknowledgement.
	"""
	of_numbers = {"phone": ("in", numbers), "automatic": 1, "question": ("is", "not set")}
	acknowledged = frappe.get_all(
		"Dialer Conversation Message", of_numbers, pluck="conversation", order_by="name"
	)
	assert acknowledged and max(Counter(acknowledged).values()) == 1
	answers = Counter(
		entry["sid"] for entry in carrier.log("inbound_text") if entry["from"] in numbers and entry["replies"]
	)
	assert max(answers.values()) == 1


def tickets(numbers: list[str]) -> None:
	"""Each conversation that waits has one ticket of its own, with each of its messages once."""
	frappe.cache().delete_keys(upkeep.failure(""))
	upkeep.keep_up()
	threads = frappe.get_all(
		"Dialer Conversation",
		{"phone": ("in", numbers)},
		["name", "status", "ticket_doctype", "ticket"],
		order_by="name",
	)
	opened = [thread.ticket for thread in threads if thread.ticket]
	assert len(set(opened)) == len(opened)
	assert all(thread.ticket for thread in threads if thread.status == "Waiting")
	for thread in threads:
		if thread.ticket:
			of_thread = {"conversation": thread.name, "words": ("is", "set")}
			said = frappe.get_all("Dialer Conversation Message", of_thread, pluck="communication")
			of_ticket = {
				"reference_doctype": thread.ticket_doctype,
				"reference_name": str(thread.ticket),
				"communication_type": ("in", ("Communication", "Automated Message")),
			}
			assert sorted(said) == sorted(frappe.get_all("Communication", of_ticket, pluck="name"))


def readers(numbers: list[str], as_role) -> None:
	"""Staff without a right to the students read nothing of what their guardians wrote."""
	names = frappe.get_all(
		"Dialer Conversation", {"phone": ("in", numbers)}, ["name", "students"], order_by="name"
	)
	assert names and all(json.loads(row.students) for row in names)
	as_role("Dialer Agent")
	of_names = {"name": ("in", [row.name for row in names])}
	assert not frappe.get_list("Dialer Conversation", of_names, order_by="name")
	of_threads = {"conversation": ("in", [row.name for row in names])}
	assert not frappe.get_list("Dialer Conversation Message", of_threads, order_by="name")
	for row in names:
		with pytest.raises(frappe.PermissionError):
			conversations.thread(row.name)
	frappe.set_user("Administrator")
	assert belonging.owner_of(numbers[0]).belongs_to == belonging.ONE
