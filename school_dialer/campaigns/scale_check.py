"""Confirmation of unusually large campaigns about attendance, fees, or grades.

Such campaigns are normally about few students. A campaign about many is either right and confirmed by a
person, or a mistake: hundreds of families once heard by mistake that their child was absent. Rules ask for
confirmation first (`automation.run`). A campaign made by hand asks the person who starts it, shows the
number, and records who confirmed it.
"""

import frappe
from frappe import _
from frappe.utils import cint, flt

from school_dialer.audience.base import source_of
from school_dialer.audience.csv_file import CsvFile
from school_dialer.base.refusal import throw
from school_dialer.base.wording import translated
from school_dialer.messages import campaign_details, catalogue, store
from school_dialer.messages.field import ABOUT_RECORDS
from school_dialer.messages.model import TEXT, VOICE, VOICEMAIL
from school_dialer.messages.sensitivity import record_words
from school_dialer.messages.sensitivity.topics import ACADEMIC, ATTENDANCE, FEES, topics_of
from school_dialer.messages.template.syntax import parse
from school_dialer.schools import belonging
from school_dialer.schools import scope as scopes

LEAST = 10
"""Fewer students than this are never judged by their share: three absent in a class of twelve is a cold."""
CHUNK = 500
TOPICS_OF_CONDITION = {
	"Attendance": frozenset({ATTENDANCE}),
	"Fees": frozenset({FEES}),
	"Field": frozenset({ACADEMIC}),
	"People": frozenset({ATTENDANCE, FEES, ACADEMIC}),
}
"""Condition kinds that select the students for which such words are true: by the record, or by name."""


class NotConfirmed(frappe.ValidationError):
	"""The number is unusual and the user has not confirmed it. The message is the question."""


def exceeds_threshold(count: int, population: int, most_percent: float, most_number: int) -> bool:
	"""Return True if `count` students are more than may be called without confirmation."""
	return count > most_number or (count >= LEAST and 100 * count > most_percent * population)


def question(campaign) -> dict | None:
	"""Return `{"people": number, "sentence": text}` to ask the user who starts this campaign, or None.

	A campaign made by a rule is not asked about here: its rule run asked already. Neither is a correction:
	it goes to as many as heard what is wrong, whom its own confirmation showed.
	"""
	if campaign.purpose not in ABOUT_RECORDS or campaign.rule or campaign.get("corrects"):
		return None
	count, population = counted(campaign), students(campaign)
	rule = frappe.get_meta("Dialer Rule")
	percent, number = (flt(rule.get_field(name).default) for name in ("most_percent", "most_number"))
	if not exceeds_threshold(count, population, percent, cint(number)):
		return None
	sentence = _("This message about {0} would go out about {1} people. Is that right?")
	if population:
		sentence = _("This message about {0} would go out about {1} of {2} students. Is that right?")
	return {"people": count, "sentence": sentence.format(_(campaign.purpose), count, population)}


def confirm(campaign, confirmed: int) -> dict:
	"""Return the fields that record who confirmed how many people; empty if nothing needs confirmation.

	Raise `NotConfirmed` unless `confirmed` is the number that is asked about.
	"""
	asked = question(campaign)
	if not asked:
		return {}
	if cint(confirmed) != asked["people"]:
		throw(asked["sentence"], NotConfirmed, title=_("Unusually many"))
	return {
		"mass_count": asked["people"],
		"mass_confirmed_by": frappe.session.user,
		"mass_confirmed_at": frappe.utils.now(),
	}


def counted(campaign) -> int:
	"""Return the number of students the audience is about, or of people if it names no students."""
	source, about, people = source_of(campaign), set(), 0
	after: str | None = ""
	while after is not None:
		candidates, after = source.chunk(after, CHUNK)
		people += len(candidates)
		about.update(student for candidate in candidates for student in candidate.students)
	return len(about) or people


def students(campaign) -> int:
	"""Return how many students the campaign's schools have, or the site."""
	if schools := scopes.scope_of(campaign).schools:
		return len(belonging.students_of(schools))
	if not frappe.db.exists("DocType", "Student", cache=True):
		return 0
	return frappe.db.count(
		"Student", {"enabled": 1} if frappe.get_meta("Student").has_field("enabled") else {}
	)


def check_words(campaign) -> None:
	"""Raise ValidationError for words about a record that everyone in the audience would hear.

	`campaign` is a campaign or the rule that makes campaigns. The purpose must fit the record, and a field or
	a condition must select the people the words are true for. A list of names also selects them.
	"""
	template = store.template(campaign.template)
	variants = (TEXT,) if campaign.channel == "Text" else (VOICE, VOICEMAIL)
	in_details = frozenset().union(
		*(topics_of(detail.text, detail.language) for detail in campaign_details.details_of(campaign).all())
	)
	topics = record_words.in_template(template, variants) | in_details
	listed = ", ".join(translated(record_words.LABELS[topic], _) for topic in sorted(topics))
	if not record_words.fits(topics, campaign.purpose):
		throw(_("The words speak of {0}. Choose a purpose that fits them.").format(listed))
	if in_details and details_are_overheard(template, campaign):
		throw(
			_(
				"The details speak of {0}, and this message has them in a text or voicemail, "
				"which anyone may see or hear."
			).format(listed)
		)
	chosen = first_chosen(campaign)
	if campaign.purpose == "Emergency" or not topics or chosen_by_list(chosen):
		return
	missing = topics - with_a_field(template, variants) - chosen_by(chosen)
	if missing:
		throw(
			_(
				"The words speak of {0}, and everyone in this audience would hear them. "
				"Narrow the audience by it or to "
				"certain people, or use a field of the record in the message."
			).format(", ".join(translated(record_words.LABELS[topic], _) for topic in sorted(missing)))
		)


def first_chosen(campaign):
	"""Return the campaign that chose these people: of one that tries another again, it is the other."""
	first = campaign.get("resends")
	return frappe.get_cached_doc("Dialer Campaign", first) if first else campaign


def chosen_by_list(campaign) -> bool:
	"""Return True if the audience is a list: a file of names, what a rule found, or who heard what is wrong.

	A rule itself counts too, because it finds people each day. A rule about an audience counts as a campaign.
	"""
	source, name = campaign.audience_source, campaign.audience_name
	if campaign.get("corrects"):
		return True
	return not source or source == CsvFile.label or bool(name and name == campaign.get("rule_run"))


def details_are_overheard(template, campaign) -> bool:
	variants = {TEXT} if campaign.channel == "Text" else {VOICEMAIL}
	sources = [words.variant(variant) for words in template.translations for variant in variants]
	return any("campaign_details" in parse(source).fields for source in sources if source)


def with_a_field(template, variants) -> frozenset[str]:
	names = {
		name
		for words in template.translations
		for variant in variants
		if words.variant(variant)
		for name in parse(words.variant(variant)).fields
	}
	return record_words.with_a_field(names, catalogue.fields())


def chosen_by(campaign) -> frozenset[str]:
	kinds = (condition.kind for condition in source_of(campaign).filters.only)
	return frozenset().union(*(TOPICS_OF_CONDITION.get(kind, frozenset()) for kind in kinds))
