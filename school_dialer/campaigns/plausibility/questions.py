"""Ask the questions about a campaign, and keep who confirmed what on it."""

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass

import frappe
from frappe import _
from frappe.utils import escape_html

from school_dialer.base import clock
from school_dialer.base.bounds import bounded_json
from school_dialer.base.refusal import throw
from school_dialer.campaigns.plausibility import links, look
from school_dialer.campaigns.plausibility.facts import Facts
from school_dialer.campaigns.plausibility.finding import Finding
from school_dialer.campaigns.plausibility.sentences import remedy, sentence
from school_dialer.compliance.vocabulary import EMERGENCY

MOST_AGREED, LONGEST_AGREED = 40, 20_000
NOTHING_ASKED: dict[str, None] = {"plausibility": None, "asked_before_start": None}


class NotConfirmed(frappe.ValidationError):
	"""Something looks like a mistake, and the user has not confirmed it. The message is the questions."""


def for_form(campaign) -> dict:
	"""Return `{"questions": all of them, "links": how many links are being looked at}`."""
	return {"questions": questions_for(campaign), "links": links.ask_soon(Facts.of(campaign))}


def questions_for(campaign) -> list[dict]:
	"""Return the questions for the form: key, sentence, remedy, and whether a second person is needed."""
	return [shown(finding) for finding in look.findings(campaign)]


def shown(finding: Finding) -> dict:
	return {
		"key": finding.key,
		"sentence": sentence(finding),
		"remedy": remedy(finding.code),
		"second_person": finding.second_person,
	}


def of_links(campaign) -> dict:
	"""Return `{"questions": those about links, "links": how many are still unasked}`."""
	facts = Facts.of(campaign)
	return {
		"questions": [shown(finding) for finding in links.look(facts)],
		"links": len(links.unasked(facts)),
	}


def read_agreed(agreed: str | Collection[str] | None) -> frozenset[str]:
	"""Return the keys that the user confirmed. What is no list of short texts confirms nothing."""
	if isinstance(agreed, str):
		try:
			agreed = bounded_json.parse(agreed, LONGEST_AGREED)
		except ValueError:
			return frozenset()
	if not isinstance(agreed, list | tuple | set | frozenset):
		return frozenset()
	return frozenset(key for key in list(agreed)[:MOST_AGREED] if isinstance(key, str))


@dataclass(frozen=True, slots=True)
class Asked:
	"""What the person who starts a campaign was asked.

	- `fields`: the campaign's fields that keep it.
	- `keys`: the questions, for the seal of an approval request.
	- `second_person`: whether one of them needs a second person.
	"""

	fields: dict[str, str | None]
	keys: tuple[str, ...] = ()
	second_person: bool = False

	@classmethod
	def made_of(cls, rows: list[dict]) -> "Asked":
		if not rows:
			return cls(dict(NOTHING_ASKED))
		kept_fields = {
			"plausibility": json.dumps(rows, ensure_ascii=False),
			"asked_before_start": "\n".join(map(in_words, rows)),
		}
		return cls(
			kept_fields,
			tuple(question["key"] for question in rows),
			any(question["second_person"] for question in rows),
		)


def confirmed(campaign, agreed: Collection[str]) -> Asked:
	"""Return what the user was asked and confirmed. Raise `NotConfirmed` if something is unconfirmed.

	An emergency is never refused: what its requester did not confirm, the approver sees.
	"""
	findings = look.findings(campaign)
	refuse_unconfirmed(campaign, findings, agreed)
	return Asked.made_of([row(finding, finding.key in agreed) for finding in findings])


def for_schedule(campaign, agreed: Collection[str]) -> dict[str, str | None]:
	"""Return the fields as `confirmed` does. Raise ValidationError if a second person is needed."""
	asked = confirmed(campaign, agreed)
	if asked.second_person:
		throw(
			_(
				"A second person has to look at this, so it is not scheduled. Clear the field Schedule for, "
				"and press Start to ask a Compliance Officer for approval."
			)
		)
	return asked.fields


def asked_again(campaign) -> Asked:
	"""Return the questions about a campaign as it is now, for a second request for approval.

	What was confirmed before stays confirmed. The approver sees the others.
	"""
	before = {question["key"]: question for question in kept_questions(campaign)}
	return Asked.made_of(
		[before.get(finding.key) or row(finding, False) for finding in look.findings(campaign)]
	)


def at_approval(campaign, sealed: Collection[str], agreed: Collection[str]) -> dict[str, str | None]:
	"""Return the fields with what the approver confirmed beyond the sealed questions.

	Raise `NotConfirmed` for a new question that the approver has not confirmed. The approval of an emergency
	is neither refused nor kept waiting.
	"""
	if campaign.purpose == EMERGENCY:
		return {}
	new = [finding for finding in look.findings(campaign) if finding.key not in sealed]
	refuse_unconfirmed(campaign, new, agreed)
	if not new:
		return {}
	return Asked.made_of([*kept_questions(campaign), *(row(finding, True) for finding in new)]).fields


def at_scheduled_start(campaign) -> Asked | None:
	"""Return all questions if there is one that no one confirmed when it was scheduled, or None.

	Links are judged by what is known: no one waits for them.
	"""
	before = kept_questions(campaign)
	asked = {question["key"] for question in before}
	new = [row(finding, False) for finding in look.findings(campaign) if finding.key not in asked]
	return Asked.made_of([*before, *new]) if new else None


def confirmed_by_resuming(campaign) -> dict[str, str | None]:
	"""Return the fields with all questions confirmed by the user who resumes the campaign."""
	rows = kept_questions(campaign)
	if all(question["by"] for question in rows):
		return {}
	confirmed = [question if question["by"] else {**question, **confirmation()} for question in rows]
	return Asked.made_of(confirmed).fields


def refuse_unconfirmed(campaign, findings: Iterable[Finding], agreed: Collection[str]) -> None:
	open_questions = [finding for finding in findings if finding.key not in agreed]
	if open_questions and campaign.purpose != EMERGENCY:
		lines = [f"{sentence(finding)} {remedy(finding.code)}" for finding in open_questions]
		throw(
			"<br>".join(map(escape_html, lines)),
			NotConfirmed,
			title=_("Is This Right?"),
		)


def row(finding: Finding, is_confirmed: bool) -> dict:
	question = {"key": finding.key, "sentence": sentence(finding), "second_person": finding.second_person}
	return {**question, **(confirmation() if is_confirmed else {"by": "", "at": ""})}


def confirmation() -> dict[str, str]:
	return {"by": frappe.session.user, "at": str(clock.db_now().replace(microsecond=0))}


def in_words(kept: dict) -> str:
	if not kept["by"]:
		return _("{0} Not confirmed yet.").format(kept["sentence"])
	return _("{0} Confirmed by {1} at {2}.").format(
		kept["sentence"], frappe.utils.get_fullname(kept["by"]), frappe.format(kept["at"], "Datetime")
	)


def rows_of(asked: Asked) -> list[dict]:
	return json.loads(asked.fields["plausibility"] or "[]")


def kept_questions(campaign) -> list[dict]:
	"""Return what was asked and kept on the campaign."""
	try:
		return json.loads(campaign.get("plausibility") or "[]")
	except ValueError:
		return []
