"""The history of a number: one line per event, from every place where events are recorded.

No entry contains a number, except where people wrote one themselves. Calls about students are left out for a
user who may not read those students.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import frappe
from frappe import _

from school_dialer.base import states
from school_dialer.base.counted import about, counted
from school_dialer.campaigns.call_order import UNHEARD, VOICEMAIL
from school_dialer.consent import events
from school_dialer.consent.choices import wrong_number
from school_dialer.privacy import student_rows
from school_dialer.reporting import consent_basis, reasons
from school_dialer.reporting.campaigns import corrected_by
from school_dialer.reporting.number import line_words
from school_dialer.schools import opting_out
from school_dialer.schools import rows as school_rows

CALL_FIELDS = (
	"direction",
	"channel",
	"purpose",
	"campaign",
	"status",
	"duration",
	"keys_pressed",
	"result",
	"voicemail_left",
	"placed_at",
	"decision",
)

ENROLLMENT = "Enrolment"
"""As the ledger spells it. Each event is sealed with the words of its day."""
RECIPIENT = "`tabDialer Recipient`"


@dataclass(frozen=True, slots=True)
class HistoryEntry:
	"""One event in a number's history.

	`at` is naive, in the site time zone. `doctype` and `name` are where it is recorded. `said` has the exact
	words that a person said or agreed to.
	"""

	at: datetime
	doctype: str
	name: str
	text: str
	said: str = ""


def history_of(phones: Sequence[str], most: int, start: int = 0) -> list[HistoryEntry]:
	"""Return a number's history, latest first: at most `most` entries after skipping `start`.

	`phones` are all values under which the number is stored. The history has consent events, calls and texts,
	campaigns that did not call, emails in place of calls, texts that were not sent, reviews, and
	conversations.
	"""
	upto = start + most
	entries = [entry for source in SOURCES for entry in source(tuple(phones), upto)]
	return sorted(entries, key=lambda entry: (entry.at, entry.doctype, entry.name), reverse=True)[start:upto]


def consent_events(phones: tuple[str, ...], most: int) -> list[HistoryEntry]:
	rows = frappe.db.sql(
		"""select name, kind, channel, purpose, scope, basis, source, received_at, wording, note
		from `tabConsent Event` where phone in %s"""
		+ school_rows.narrowing("Consent Event")
		+ " order by received_at desc, seq desc limit %s",
		(phones, most),
		as_dict=True,
	)
	return [
		HistoryEntry(row.received_at, "Consent Event", row.name, of_event(row), row.wording or "")
		for row in rows
	]


def of_event(row) -> str:
	"""Describe a consent event, and how it reached us."""
	what = {"Voice": _("calls"), "Text": _("texts")}.get(row.channel, _("calls and texts"))
	of_school = events.names_school(row.purpose)
	kinds = _("of all kinds") if row.purpose == "All" else about(row.purpose or "")
	concerning = opting_out.purpose_name(row.purpose) if of_school else kinds
	words = {
		events.GRANT: _("Agreed to {0} {1}"),
		events.OPT_IN: opened(row, of_school),
		events.OPT_OUT: stopped(row.scope),
		events.RESCOPE: _("Said how much is to stop: {0}").format(stopped(row.scope)),
		events.WRONG_NUMBER: _("Someone else has this number"),
		events.VERIFY: _("The number was confirmed to be theirs"),
		events.EXPIRE: _("The consent to {0} {1} ended"),
	}[row.kind]
	basis = f" ({consent_basis.in_words(row.basis)})" if row.basis else ""
	how = _("Enrollment") if row.source == ENROLLMENT else _(row.source)
	return _("{0}. How: {1}.").format(words.format(what, concerning) + basis, how)


def opened(row, of_school: bool) -> str:
	"""Describe why an opt-out ended, with placeholders for the channel and the purpose."""
	if row.source not in events.PERSON_SOURCES:
		return _("An opt-out that staff recorded by mistake was taken back")
	if row.note == wrong_number.UNDONE:
		return _("The report of a wrong number was undone")
	if row.note == wrong_number.SETTLED:
		return _("The time to undo the report of a wrong number is over")
	return _("Agreed again to {0} from {1}") if of_school else _("Agreed again to {0} {1}")


def stopped(scope: str | None) -> str:
	"""Describe the scope of an opt-out, with placeholders for the channel and the purpose."""
	return {
		"all non-emergency": _("No more {0}, but for emergencies"),
		"everything": _("No more {0}, not even in an emergency"),
		"this school": _("No more {0} from {1}, but for emergencies"),
	}.get(scope or "", _("No more {0} {1}"))


def calls_and_texts(phones: tuple[str, ...], most: int) -> list[HistoryEntry]:
	rows = frappe.db.sql(
		f"select name, creation, {', '.join(CALL_FIELDS)} from `tabDialer Call Log` where phone in %s"
		+ student_rows.narrowing("Dialer Call Log")
		+ " order by placed_at desc, name limit %s",
		(phones, most),
		as_dict=True,
	)
	return [
		HistoryEntry(row.placed_at or row.creation, "Dialer Call Log", row.name, text)
		for row, text in zip(rows, of_calls(rows), strict=True)
	]


def of_calls(rows: Sequence) -> list[str]:
	"""Describe calls and texts, in one query. Each of `rows` has CALL_FIELDS."""
	campaigns = {row.campaign for row in rows if row.campaign}
	titles, corrected = {}, {}
	if campaigns:
		named = {"name": ("in", sorted(campaigns))}
		titles = dict(frappe.get_all("Dialer Campaign", named, ["name", "title"], as_list=True))
		corrected = corrected_by(campaigns)
	texts = [of_call(row, titles.get(row.campaign)) for row in rows]
	return [
		" ".join([text, _("Corrected by: {0}.").format(corrected[row.campaign])])
		if row.campaign in corrected
		else text
		for row, text in zip(rows, texts, strict=True)
	]


def of_call(row, title: str | None) -> str:
	"""Answer "Why did you call me?": what it was about, how it went, and how long it took."""
	what = title or _(row.purpose or "General")
	sentence = {
		("Voice", "Outbound"): _("We called about {0}: {1}"),
		("Voice", "Inbound"): _("They called us about {0}: {1}"),
		("Text", "Outbound"): _("We texted about {0}: {1}"),
		("Text", "Inbound"): _("They texted us about {0}: {1}"),
	}[row.channel, row.direction]
	how = outcome(row)
	if row.duration:
		how = counted(row.duration, _("{1}, 1 second"), _("{1}, {0} seconds"), how)
	sentences = [sentence.format(what, how) + "."]
	if row.result in UNHEARD:
		sentences.append(_("Result: {0}.").format(_(row.result)))
	if row.voicemail_left:
		sentences.append(_("Left on voicemail: {0}.").format(_(row.voicemail_left)))
	if row.keys_pressed:
		sentences.append(_("Keys pressed: {0}.").format(row.keys_pressed))
	if permitted := consent_basis.rested_on(row.decision):
		sentences.append(permitted)
	return " ".join(sentences)


def outcome(row) -> str:
	if row.channel == "Voice" and row.direction == "Outbound" and row.status == "completed":
		return _("voicemail") if row.result == VOICEMAIL else _("answered")
	return {
		"no-answer": _("no answer"),
		"busy": _("busy"),
		"failed": _("did not go through"),
		states.UNREPORTED: _("sent, no delivery report"),
	}.get(row.status, _(row.status))


def not_called(phones: tuple[str, ...], most: int) -> list[HistoryEntry]:
	"""Return entries for campaigns that had the number but did not call it."""
	rows = frappe.db.sql(
		f"""select {RECIPIENT}.name, {RECIPIENT}.status, {RECIPIENT}.channel, {RECIPIENT}.reasons,
			{RECIPIENT}.creation,
			coalesce({RECIPIENT}.decided_at, {RECIPIENT}.creation) as at, campaign.title
		from {RECIPIENT} join `tabDialer Campaign` campaign on campaign.name = {RECIPIENT}.campaign
		where {RECIPIENT}.phone in %s and {RECIPIENT}.status in ('Blocked', 'Deferred', 'Cancelled')"""
		+ student_rows.narrowing("Dialer Recipient")
		+ f" order by at desc, {RECIPIENT}.name limit %s",
		(phones, most),
		as_dict=True,
	)
	return [HistoryEntry(row.at, "Dialer Recipient", row.name, of_recipient(row)) for row in rows]


def of_recipient(row) -> str:
	what = {
		"Blocked": _("Not called by the campaign {0}"),
		"Deferred": _("The campaign {0} waits to call"),
		"Cancelled": _("Taken off the campaign {0}"),
	}[row.status]
	codes = (row.reasons or "").split(", ") if row.reasons else []
	sentence = what.format(row.title)
	return f"{sentence}: {'; '.join(map(reasons.title, codes))}." if codes else f"{sentence}."


def mails(phones: tuple[str, ...], most: int) -> list[HistoryEntry]:
	"""Return entries for emails sent in place of a call. They are sent when the last call has ended."""
	rows = frappe.db.sql(
		f"""select {RECIPIENT}.name, coalesce(log.ended_at, log.placed_at, {RECIPIENT}.modified) as at,
			campaign.title
		from {RECIPIENT} join `tabDialer Campaign` campaign on campaign.name = {RECIPIENT}.campaign
		left join `tabDialer Call Log` log on log.name = {RECIPIENT}.last_call_log
		where {RECIPIENT}.phone in %s and {RECIPIENT}.fallback = 'E-mail'"""
		+ student_rows.narrowing("Dialer Recipient")
		+ f" order by at desc, {RECIPIENT}.name limit %s",
		(phones, most),
		as_dict=True,
	)
	sentence = _("E-mail in place of the call of the campaign {0}.")
	return [HistoryEntry(row.at, "Dialer Recipient", row.name, sentence.format(row.title)) for row in rows]


def notices(phones: tuple[str, ...], most: int) -> list[HistoryEntry]:
	"""Return entries for replies that have not been sent. Replies that were sent are among the texts."""
	rows = frappe.db.sql(
		"""select name, creation, kind, status from `tabDialer Notice`
		where phone in %s and ifnull(call_log, '') = ''"""
		+ school_rows.narrowing("Dialer Notice")
		+ " order by creation desc limit %s",
		(phones, most),
		as_dict=True,
	)
	return [
		HistoryEntry(row.creation, "Dialer Notice", row.name, f"{_(row.kind)}: {_(row.status)}.")
		for row in rows
	]


def lookups(phones: tuple[str, ...], most: int) -> list[HistoryEntry]:
	return [
		HistoryEntry(row.asked_at, "Dialer Number Lookup", row.name, line_words.of_lookup(row))
		for row in line_words.read(phones, most)
	]


REVIEWS = "`tabDialer Review`"
REVIEW = ", ".join(f"{REVIEWS}.{column}" for column in ("name", "creation", "reason", "status"))


def reviews(phones: tuple[str, ...], most: int) -> list[HistoryEntry]:
	return [
		put_before(row)
		for row in frappe.db.sql(
			f"select {REVIEW} from {REVIEWS} where phone in %s"
			+ school_rows.narrowing("Dialer Review")
			+ " order by creation desc limit %s",
			(phones, most),
			as_dict=True,
		)
	]


def reviews_of_events(phones: tuple[str, ...], most: int) -> list[HistoryEntry]:
	"""Return entries from before reviews stored a number."""
	return [
		put_before(row)
		for row in frappe.db.sql(
			f"""select {REVIEW} from `tabConsent Event` event
			join {REVIEWS} on {REVIEWS}.consent_event = event.name
			where event.phone in %s and ifnull({REVIEWS}.phone, '') = ''"""
			+ school_rows.narrowing("Dialer Review")
			+ f" order by {REVIEWS}.creation desc limit %s",
			(phones, most),
			as_dict=True,
		)
	]


def put_before(row) -> HistoryEntry:
	sentence = _("Sent for review, {0}: {1}.").format(_(row.reason), _(row.status))
	return HistoryEntry(row.creation, "Dialer Review", row.name, sentence)


def conversations(phones: tuple[str, ...], most: int) -> list[HistoryEntry]:
	"""Return an entry for each conversation that the user may read, at its last message."""
	rows = frappe.db.sql(
		"select name, last_at, status, messages from `tabDialer Conversation` where phone in %s"
		+ student_rows.narrowing("Dialer Conversation")
		+ " order by last_at desc, name limit %s",
		(phones, most),
		as_dict=True,
	)
	one, many = _("Conversation, one message: {1}."), _("Conversation, {0} messages: {1}.")
	return [
		HistoryEntry(
			row.last_at,
			"Dialer Conversation",
			row.name,
			(one if row.messages == 1 else many).format(row.messages, _(row.status)),
		)
		for row in rows
	]


def has_other(phones: Sequence[str]) -> bool:
	"""Return whether the number has records of other schools, or of the district, beside the user's own.

	That is False for a number of which the user sees nothing, so no one learns by it whose number it is.
	"""
	ours, other = False, False
	for doctype in NARROWED:
		condition = school_rows.conditions(doctype).replace("%", "%%")
		if not condition:
			return False
		query = f"select 1 from `tab{doctype}` where phone in %s and {{}} limit 1"
		ours = ours or bool(frappe.db.sql(query.format(condition), (tuple(phones),)))
		other = other or bool(frappe.db.sql(query.format(f"not ifnull(({condition}), 0)"), (tuple(phones),)))
	return ours and other


NARROWED = ("Consent Event", "Dialer Call Log", "Dialer Recipient", "Dialer Conversation", "Dialer Review")
SOURCES = (
	consent_events,
	calls_and_texts,
	not_called,
	mails,
	notices,
	reviews,
	reviews_of_events,
	conversations,
	lookups,
)
