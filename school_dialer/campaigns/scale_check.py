"""Attendance, fees and grades are about few. A campaign about many of them is either right and seen by a person, or a mistake.

Hundreds of families once heard by mistake that their child was absent. Rules ask a person before that (`automation.run`); a campaign made
by hand asks the person who starts it, with the number, and keeps who said yes.
"""

import frappe
from frappe import _
from frappe.utils import cint, flt

from school_dialer.audience.base import source_of
from school_dialer.audience.csv_file import CsvFile
from school_dialer.messages import store
from school_dialer.messages.model import TEXT, VOICE, VOICEMAIL
from school_dialer.messages.sensitivity import record_words
from school_dialer.messages.sensitivity.topics import ACADEMIC, ATTENDANCE, FEES, topics_of
from school_dialer.messages.template import catalogue
from school_dialer.messages.template.field import ABOUT_RECORDS
from school_dialer.messages.template.syntax import parse
from school_dialer.wording import translated

LEAST = 10
"""Fewer than this are no mass, whatever share they are: three absent in a first class of twelve is a cold."""
CHUNK = 500
TOPICS_OF_CONDITION = {
	"Attendance": frozenset({ATTENDANCE}),
	"Fees": frozenset({FEES}),
	"Field": frozenset({ACADEMIC}),
	"People": frozenset({ATTENDANCE, FEES, ACADEMIC}),
}
"""Kinds of conditions that choose those of whom such words are true: by the record, or by name."""


class NotConfirmed(frappe.ValidationError):
	"""So many are unusual, and the person who starts the campaign has not said yes to that number. The message is the question."""


def exceeds_threshold(count: int, population: int, most_percent: float, most_number: int) -> bool:
	"""Whether so many of so many are more than may be called without asking a person."""
	return count > most_number or (count >= LEAST and 100 * count > most_percent * population)


def question(campaign) -> dict | None:
	"""What to ask the person who starts this campaign: `{"people": number, "sentence": text}`; None when there is nothing to ask.

	A rule's campaign was asked about by its run.
	"""
	if campaign.purpose not in ABOUT_RECORDS or campaign.rule:
		return None
	count, population = counted(campaign), students()
	rule = frappe.get_meta("Dialer Rule")
	percent, number = (flt(rule.get_field(name).default) for name in ("most_percent", "most_number"))
	if not exceeds_threshold(count, population, percent, cint(number)):
		return None
	sentence = _("This message about {0} would go out about {1} people. Is that right?")
	if population:
		sentence = _("This message about {0} would go out about {1} of {2} students. Is that right?")
	return {"people": count, "sentence": sentence.format(_(campaign.purpose), count, population)}


def confirm(campaign, confirmed: int) -> dict:
	"""The fields that keep who said yes to how many. Raises `NotConfirmed` unless `confirmed` is the number that is asked about."""
	asked = question(campaign)
	if not asked:
		return {}
	if cint(confirmed) != asked["people"]:
		frappe.throw(asked["sentence"], NotConfirmed, title=_("Unusually many"))
	return {
		"mass_count": asked["people"],
		"mass_confirmed_by": frappe.session.user,
		"mass_confirmed_at": frappe.utils.now(),
	}


def counted(campaign) -> int:
	"""The students whom the audience is about; the people, where it names no students."""
	source, about, people = source_of(campaign), set(), 0
	after: str | None = ""
	while after is not None:
		candidates, after = source.chunk(after, CHUNK)
		people += len(candidates)
		about.update(student for one in candidates for student in one.students)
	return len(about) or people


def students() -> int:
	if not frappe.db.exists("DocType", "Student", cache=True):
		return 0
	return frappe.db.count(
		"Student", {"enabled": 1} if frappe.get_meta("Student").has_field("enabled") else {}
	)


def check_words(campaign) -> None:
	"""Refuse words about a record that everyone in the audience would hear, of whomever they are true. Raises ValidationError.
	`campaign` is one, or the rule that makes some.

	Their purpose has to be that of the record, and a field or a condition has to choose those they are true of; a list of names does too.
	"""
	template = store.template(campaign.template)
	variants = (TEXT,) if campaign.channel == "Text" else (VOICE, VOICEMAIL)
	in_details = topics_of(campaign.details or "")
	topics = record_words.in_template(template, variants) | in_details
	listed = ", ".join(translated(record_words.LABELS[topic], _) for topic in sorted(topics))
	if not record_words.fits(topics, campaign.purpose):
		frappe.throw(_("The words speak of {0}. Choose a purpose that fits them.").format(listed))
	if in_details and details_are_overheard(template, campaign):
		frappe.throw(
			_(
				"The details speak of {0}, and this message has them in a text or voicemail, which anyone may see or hear."
			).format(listed)
		)
	if campaign.purpose == "Emergency" or not topics or chosen_by_list(campaign):
		return
	missing = topics - with_a_field(template, variants) - chosen_by(campaign)
	if missing:
		frappe.throw(
			_(
				"The words speak of {0}, and everyone in this audience would hear them. Narrow the audience by it or to "
				"certain people, or use a field of the record in the message."
			).format(", ".join(translated(record_words.LABELS[topic], _) for topic in sorted(missing)))
		)


def chosen_by_list(campaign) -> bool:
	"""A file of names, or what a rule found; also of a rule, which finds them each day. A rule about an audience is like a campaign."""
	source, name = campaign.audience_source, campaign.audience_name
	return not source or source == CsvFile.label or bool(name and name == campaign.get("rule_run"))


def details_are_overheard(template, campaign) -> bool:
	variants = {TEXT} if campaign.channel == "Text" else {VOICEMAIL}
	sources = [words.variant(one) for words in template.translations for one in variants]
	return any("campaign_details" in parse(source).fields for source in sources if source)


def with_a_field(template, variants) -> frozenset[str]:
	names = {
		name
		for words in template.translations
		for one in variants
		if words.variant(one)
		for name in parse(words.variant(one)).fields
	}
	return record_words.with_a_field(names, catalogue.fields())


def chosen_by(campaign) -> frozenset[str]:
	kinds = (condition.kind for condition in source_of(campaign).filters.only)
	return frozenset().union(*(TOPICS_OF_CONDITION.get(kind, frozenset()) for kind in kinds))
