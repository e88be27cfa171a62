"""A drill of a kit item: to the same audience on the same channel, with the drill's own words.

A drill is a campaign for general matters, to families and to staff alike: it is no emergency (47 CFR
64.1200(f)(4)), so consent and hours hold.
"""

from typing import Any

import frappe
from frappe import _

from school_dialer.base.refusal import throw
from school_dialer.campaigns.plausibility import questions
from school_dialer.emergency_kit import words as kit_words
from school_dialer.messages import store
from school_dialer.messages.emergency.drill import GENERAL

LONGEST_TITLE = 140


class Unconfirmed(Exception):
	"""The drill looks like a mistake in a way that the starter has not confirmed. Has the `questions`."""

	def __init__(self, asked: list[dict]):
		super().__init__("questions")
		self.questions = asked


def template() -> str:
	"""Return the name of the drill's template, or "" if the site has none."""
	return frappe.db.get_value(store.TEMPLATE, {"drill": 1}, order_by="creation") or ""


def values_of(item: Any) -> dict:
	name = template()
	if not name:
		throw(_("The message of drills is missing. Run bench migrate."))
	return {
		"doctype": "Dialer Campaign",
		"title": _("Drill: {0}").format(item.title)[:LONGEST_TITLE],
		"purpose": GENERAL,
		"channel": item.channel,
		"school": item.school or None,
		"audience_source": item.audience_source,
		"audience_doctype": item.audience_doctype,
		"audience_name": item.audience_name,
		"template": name,
	}


def drill_words(item: Any) -> str:
	"""Return what a drill of this item says in the school's language, or "" if there can be none."""
	if not template():
		return ""
	words, _problem, _language = kit_words.campaign_words(frappe.get_doc(values_of(item)))
	return words


def refuse_unconfirmed(campaign, agreed: frozenset[str]) -> None:
	"""Raise `Unconfirmed` if something about the drill looks like a mistake and is not among `agreed`."""
	asked = questions.questions_for(campaign)
	if any(question["key"] not in agreed for question in asked):
		raise Unconfirmed([{"key": question["key"], "sentence": question["sentence"]} for question in asked])
