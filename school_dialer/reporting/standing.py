"""What is on file for each number, in a few words for each channel."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

import frappe
from frappe import _

from school_dialer.compliance.vocabulary import ALL_PURPOSES, CHANNELS, EVERYTHING, VOICE
from school_dialer.privacy import pseudonym

OPTED_OUT, GRANTED, EXPIRED = "Opted Out", "Granted", "Expired"
"""States of Contact Consent."""
READ = ("phone", "channel", "purpose", "status", "opt_out_scope")
COLOURS = {OPTED_OUT: "red", GRANTED: "green", EXPIRED: "orange"}
"""Colors of the states, the one that matters most first."""


def of_numbers(phones: Sequence[str]) -> dict[str, list[dict]]:
	"""Return for each number (E.164 or pseudonym) its lines, `{"text", "colour", "state"}`, in one query."""
	number_of = {form: phone for phone in phones for form in pseudonym.forms([phone])}
	rows = frappe.get_all("Contact Consent", {"phone": ("in", list(number_of))}, READ, order_by="purpose")
	found = defaultdict(list)
	for row in rows:
		found[number_of[row.phone]].append(row)
	return {phone: list(lines(found[phone])) for phone in phones}


def lines(rows: list) -> Iterator[dict]:
	"""Yield a line for each channel and state among these rows of Contact Consent (`READ`)."""
	for channel in CHANNELS:
		what = _("Calls") if channel == VOICE else _("Texts")
		of_channel = [row for row in rows if row.channel == channel and row.status in COLOURS]
		if not of_channel:
			yield {"text": _("{0}: no consent on file").format(what), "colour": "gray", "state": ""}
		for state, colour in COLOURS.items():
			if some := [row for row in of_channel if row.status == state]:
				yield {"text": words(what, state, some), "colour": colour, "state": state}


def words(what: str, state: str, rows: list) -> str:
	if state == OPTED_OUT and any(row.opt_out_scope == EVERYTHING for row in rows):
		return _("{0}: opted out of everything, emergencies too").format(what)
	every = any(row.purpose == ALL_PURPOSES for row in rows)
	if state == OPTED_OUT and every:
		return _("{0}: opted out, except for emergencies").format(what)
	sentence = {
		OPTED_OUT: _("{0}: opted out of {1}"),
		GRANTED: _("{0}: agreed to {1}"),
		EXPIRED: _("{0}: consent ended for {1}"),
	}[state]
	return sentence.format(what, _("all kinds") if every else ", ".join(_(row.purpose) for row in rows))
