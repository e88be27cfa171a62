"""What is on file for each number, in a few words for each channel."""

from collections.abc import Iterable, Iterator, Sequence

import frappe
from frappe import _

from school_dialer.base import clock
from school_dialer.compliance.vocabulary import ALL_PURPOSES, CHANNELS, EVERYTHING, VOICE
from school_dialer.consent import facts, providers
from school_dialer.privacy import pseudonym
from school_dialer.reporting.number import line_words
from school_dialer.schools import opting_out
from school_dialer.schools import rows as school_rows

CONSENT = "Contact Consent"
OPTED_OUT, GRANTED, EXPIRED = "Opted Out", "Granted", "Expired"
"""States of Contact Consent."""
READ = ("phone", "channel", "purpose", "status", "opt_out_scope", "provided_by")
COLOURS = {OPTED_OUT: "red", GRANTED: "green", EXPIRED: "orange"}
"""Colors of the states, the one that matters most first."""


def of_numbers(phones: Sequence[str]) -> dict[str, list[dict]]:
	"""Return each number's (E.164 or pseudonym) `consent_lines`, and what look-ups say, in few queries."""
	looked_up = line_words.pills(phones)
	return {
		phone: [*consent_lines(rows), *looked_up.get(phone, ())] for phone, rows in rows_of(phones).items()
	}


def rows_of(phones: Sequence[str]) -> dict[str, list[frappe._dict]]:
	"""Return for each number its rows of Contact Consent (`READ`), and `people` who gave it, in few queries.

	A school's user sees the consents of their own families, and every opt-out: it holds for all schools.
	"""
	number_of = {form: phone for phone in phones for form in pseudonym.forms([phone])}
	condition = school_rows.conditions(CONSENT).replace("%", "%%")
	shown = f" and (status = '{OPTED_OUT}' or {condition})" if condition else ""
	rows = frappe.db.sql(
		f"select {', '.join(READ)} from `tab{CONSENT}` where phone in %s{shown} order by purpose",
		(tuple(number_of) or ("",),),
		as_dict=True,
	)
	renamed = facts.later_names(row.provided_by for row in rows if row.provided_by)
	by_phone: dict[str, list] = {phone: [] for phone in phones}
	for row in rows:
		row.people = providers.renamed(providers.read(row.provided_by, None), renamed)
		by_phone[number_of[row.phone]].append(row)
	return by_phone


def of_person(rows: Iterable[frappe._dict], doctype: str, name: str) -> list[frappe._dict]:
	"""Return the rows that count for this person.

	Opt-outs count for everyone at a number; a consent counts for those who gave the number, where that is on
	record, until the end of each one's own (`ledger.ConsentFacts.of`).
	"""
	key, now, current = f"{doctype}/{name}", clock.now(), []
	for row in rows:
		if row.status == OPTED_OUT or not row.people:
			current.append(row)
		elif key in row.people:
			is_over = row.status == GRANTED and row.people[key] and row.people[key] <= now
			current.append(frappe._dict(row, status=EXPIRED) if is_over else row)
	return current


def consent_lines(rows: list) -> Iterator[dict]:
	"""Yield a line for each channel and state among these rows of Contact Consent (`READ`).

	Each is `{"text", "words", "colour", "state", "channel"}`; the text is the channel and the words.
	"""
	for channel in CHANNELS:
		of_channel = [row for row in rows if row.channel == channel and row.status in COLOURS]
		for state in COLOURS:
			if standing := [row for row in of_channel if row.status == state]:
				yield line(channel, state, words(state, standing))
		if not of_channel:
			yield line(channel, "", _("no consent on file"))


def line(channel: str, state: str, state_words: str) -> dict:
	what = _("Calls") if channel == VOICE else _("Texts")
	colour = COLOURS.get(state, "gray")
	return {
		"text": f"{what}: {state_words}",
		"words": state_words,
		"colour": colour,
		"state": state,
		"channel": channel,
	}


def words(state: str, rows: list) -> str:
	if state == OPTED_OUT and any(row.opt_out_scope == EVERYTHING for row in rows):
		return _("opted out of everything, emergencies too")
	every = any(row.purpose == ALL_PURPOSES for row in rows)
	if state == OPTED_OUT and every:
		return _("opted out, except for emergencies")
	sentence = {
		OPTED_OUT: _("opted out of {0}"),
		GRANTED: _("agreed to {0}"),
		EXPIRED: _("consent ended for {0}"),
	}[state]
	return sentence.format(
		_("all kinds") if every else ", ".join(opting_out.purpose_name(row.purpose) for row in rows)
	)
