"""A teacher's message: what it would say, sending it, taking it back, and many decisions on many of them.

It becomes a Dialer Campaign to the guardians of one group, which is started by the same actions as any other.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import frappe
from frappe import _

from school_dialer.audience.base import source_of
from school_dialer.base import clock, states
from school_dialer.base.bounds import plain_text
from school_dialer.base.refusal import throw
from school_dialer.base.roles import TEACHER, with_roles
from school_dialer.base.without_permission import write_teacher_message
from school_dialer.base.wording import translated
from school_dialer.campaigns import actions, in_each_language, message_content
from school_dialer.campaigns.plausibility import day_meant
from school_dialer.campaigns.teachers import groups, limits, standing, words
from school_dialer.compliance.vocabulary import CHANNELS
from school_dialer.messages import campaign_details, store
from school_dialer.messages.model import MessageError, Template
from school_dialer.schools import registry, users, zones

CAMPAIGN = "Dialer Campaign"
UNDO = timedelta(seconds=30)
"""How long a message waits at least before its first call, so that its teacher can take it back."""
DAYS, DAYS_WITH_APPROVAL = 1, 3
"""After so many days, at the end of the hours, no one is called any more: what it says is then old."""


@dataclass(frozen=True, slots=True)
class MessageRequest:
	"""What a teacher asks for, as it came in. `details_in`: {language: details}."""

	group: str
	template: str
	channel: str
	details: str = ""
	details_in: Mapping[str, str] = field(default_factory=dict)


def values_of(teacher: str, asked: MessageRequest) -> dict:
	"""Return the campaign's values. Raise PermissionError for a group or a message that is not the teacher's.

	Raise ValidationError for what cannot be sent like this.
	"""
	if not with_roles(TEACHER, among=[teacher]):
		throw(_("The teacher may not send messages any more."), frappe.PermissionError)
	group = groups.find(teacher, asked.group)
	if group is None:
		throw(_("This is not one of your groups."), frappe.PermissionError)
	school = school_of(group, teacher)
	if asked.template not in words.offered(school):
		throw(_("Teachers may not use this message."), frappe.PermissionError)
	template = store.template(asked.template)
	if asked.channel not in CHANNELS or not getattr(template, asked.channel.lower()):
		throw(
			_("The message {0} has no words for the channel {1}.").format(
				plain_text.line(template.name), _(plain_text.line(asked.channel, 20))
			)
		)
	details, others = details_of(asked, template, group.name, school)
	return {
		"doctype": CAMPAIGN,
		"title": plain_text.line(f"{group.title}: {template.name}", 140),
		"purpose": template.purpose,
		"channel": asked.channel,
		"school": school or None,
		"audience_source": standing.GUARDIANS,
		"audience_name": group.name,
		"template": asked.template,
		"details": details,
		"details_translations": others,
	}


def school_of(group: groups.Group, teacher: str) -> str:
	"""Return in whose name the message is; "" outside a district."""
	if not registry.is_district():
		return ""
	if not registry.find(group.school):
		throw(_("It is not known to which school this group belongs. Ask the office."))
	users.require(group.school, teacher)
	return group.school


def details_of(asked: MessageRequest, template: Template, group: str, school: str) -> tuple[str, list[dict]]:
	"""Return the details in the school's language, cleaned, and the rows of those in other languages."""
	if not words.has_details(template):
		return "", []
	usual = store.school(school).language
	details = words.clean_details(asked.details, group, usual)
	if not details:
		throw(_("Write the details: the message says them."), frappe.MandatoryError)
	languages = {words_in.language for words_in in template.translations} - {usual}
	others = [
		{"language": language, "details": words.clean_details(str(text), group, language)}
		for language, text in sorted(asked.details_in.items())
		if language in languages and str(text or "").strip()
	]
	return details, others


def preview(teacher: str, asked: MessageRequest) -> dict:
	"""Return what families of the group hear in each of their languages, and how many families it has.

	With example values, and without numbers and names: nothing says which family can be reached. `goes_out`
	is naive, in site time, and None for now.
	"""
	values = values_of(teacher, asked)
	campaign = frappe.get_doc(values)
	opens = limits.opens(campaign.school)
	return {
		"title": campaign.title,
		"families": source_of(campaign).count().households,
		"messages": in_words(campaign, languages_of(campaign)),
		"goes_out": None if limits.is_open(campaign.school) else clock.to_db(opens),
		"needs_approval": limits.needs_approval(),
	}


def languages_of(campaign) -> list[str]:
	"""Return the languages that families of the audience speak, the school's first."""
	return list(
		in_each_language.audience_languages(source_of(campaign), store.school(campaign.school).language)
	)


def in_words(campaign, languages: list[str]) -> list[dict]:
	"""Return what is heard or read in each language, with example values, or why it cannot be made."""
	make, shown = in_each_language.maker(campaign), []
	for language in languages:
		row = {"language": language, "name": campaign_details.language_name(language)}
		try:
			row["message"] = message_content.message_words(make(language), campaign.channel)
		except MessageError as error:
			row["problem"] = translated(error, _)
		shown.append(row)
	return shown


def send(asked: MessageRequest) -> str:
	"""Send the message of the session's user, at once or after a manager's approval. Return the campaign.

	Raise `limits.DailyLimit` over the day's limit. Two requests at once wait for each other.
	"""
	teacher = frappe.session.user
	values = values_of(teacher, asked)
	limits.refuse_more(teacher, values["school"])
	refuse_unsayable(frappe.get_doc(values))
	start = max(clock.now() + UNDO, limits.opens(values["school"]))
	refuse_another_day(values, start)
	campaign = write_teacher_message(values)
	approval, school = limits.needs_approval(), campaign.school
	ends = limits.closes(start, DAYS_WITH_APPROVAL if approval else DAYS, school)
	frappe.db.set_value(
		CAMPAIGN,
		campaign.name,
		{
			"teacher": teacher,
			"scheduled_at": None if approval else clock.to_db(start),
			"deadline": clock.to_db(ends),
		},
		update_modified=False,
	)
	frappe.clear_document_cache(CAMPAIGN, campaign.name)
	actions.start(campaign.name) if approval else actions.schedule(campaign.name)
	return campaign.name


def refuse_another_day(values: Mapping, start: datetime) -> None:
	"""Raise ValidationError if the details say "today" and start (aware) on another day of the school."""
	day, today = zones.local(start, values["school"]).date(), zones.today(values["school"])
	for text in (values["details"], *(row["details"] for row in values["details_translations"])):
		if word := day_meant.word_of_another(text, today, day):
			message = _("It says “{0}”, but it cannot go out before {1}. Write the date.")
			throw(message.format(word, frappe.format(day, "Date")))


def refuse_unsayable(campaign) -> None:
	"""Raise ValidationError if the message cannot be made in the school's language."""
	for row in in_words(campaign, [store.school(campaign.school).language]):
		if row.get("problem"):
			throw(row["problem"])


def stop(name: str) -> int:
	"""Cancel an own message for good. Return how many families were still waiting.

	Raise PermissionError for one that is not the session user's own, whether it exists or not.
	"""
	refuse_others(name)
	return actions.cancel(name)


def refuse_others(name: str) -> None:
	if not name or frappe.db.get_value(CAMPAIGN, name, "teacher") != frappe.session.user:
		throw(_("This is not a message of yours."), frappe.PermissionError)


def waiting_for_approval() -> list:
	"""Return teachers' messages that wait for approval and on which the user may decide, oldest first."""
	rows = frappe.get_list(
		CAMPAIGN,
		filters={"status": states.AWAITING, "teacher": ("is", "set")},
		fields=["*"],
		order_by="requested_at",
		limit=100,
	)
	return [row for row in rows if users.may_act_for(row.school) and row.teacher != frappe.session.user]


def send_back(name: str, reason: str) -> None:
	"""Send a message that waits for approval back. Raise WrongState for any other."""
	actions.refuse_unless(frappe.get_doc(CAMPAIGN, name), states.AWAITING)
	actions.reject(name, reason)


def refuse_unless_teachers(name: str) -> None:
	if not frappe.db.get_value(CAMPAIGN, name, "teacher"):
		throw(_("This is not a teacher's message."))


def decide_each(names: list[str], decide) -> list[dict]:
	"""Run `decide(name)` for each message by itself. Return `{"campaign", "problem"}`, problem "" if done.

	One that is refused does not stop the others.
	"""
	listed = []
	for place, name in enumerate(dict.fromkeys(names)):
		point = f"teacher_message_{place}"
		frappe.db.savepoint(point)
		problem = ""
		try:
			decide(name)
		except (frappe.ValidationError, frappe.PermissionError, frappe.DoesNotExistError) as error:
			frappe.db.rollback(save_point=point)
			frappe.clear_last_message()
			problem = str(error)
		listed.append({"campaign": name, "problem": problem})
	return listed
