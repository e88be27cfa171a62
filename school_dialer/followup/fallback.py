"""Follow-ups for households that no call reached: a text, and then an email, if the campaign has them.

A text is its own recipient in the same campaign (`fallback_of`). It is decided here, one chunk at a time, as
in planning. After that it is like any other recipient, with its own decision, permit, hours, attempts, and
result. An email goes into Frappe's own queue.

A chunk is one transaction with the mark on its households (`fallback`), and the unique index on (campaign,
household_key) allows one text per household. So a killed worker leaves all of a chunk or nothing. All of this
happens only while the campaign runs: a cancel waits for the campaign's row.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

import frappe
from frappe import _
from frappe.query_builder.functions import Count
from frappe.utils import create_batch, escape_html

from school_dialer import gate
from school_dialer.audience import barred, held, mail_address
from school_dialer.audience.base import Candidate, source_of
from school_dialer.audience.filters.condition import Contacted
from school_dialer.audience.filters.filters import no_longer_meant
from school_dialer.base import clock, states
from school_dialer.base.database.transactions import retried
from school_dialer.base.jobs import alone, job
from school_dialer.base.phone import parse
from school_dialer.campaigns import message_content, retries
from school_dialer.campaigns.approval import check as approval
from school_dialer.campaigns.call_order import ContactPoint, line_of
from school_dialer.campaigns.completing import (
	FALLBACK_TEXTS,
	UNREACHED,
	WANTS_MAIL,
	WANTS_TEXT,
	complete_if_done,
)
from school_dialer.campaigns.parties import rows as parties
from school_dialer.campaigns.planning import recipients
from school_dialer.campaigns.planning.candidate_choice import CandidateNumber, first_of
from school_dialer.campaigns.queues import enqueue_dispatch
from school_dialer.followup.confirmations import NO_TEXTS
from school_dialer.messages import context, in_place_of_call, store
from school_dialer.messages.field import Subject
from school_dialer.messages.model import Template
from school_dialer.outbound.attempts import disclosures
from school_dialer.schools import scope as scopes
from school_dialer.schools import speaking
from school_dialer.schools.speaking import CalledPerson

CHUNK = 500
MOST_IN_MAIL = 20
"""With more addresses, Frappe queues an email in a separate job, outside this transaction."""
TEXT, NO_TEXT, EMAIL, NOTHING = "Text", "No Text", "E-mail", "None"
OPTED_OUT, RESTRICTED = "OPTED_OUT", "RESTRICTED_CONTACT"
"""The gate's reasons for which a person is not written to either, on any channel.

A restriction may be that of one number, which a guardian shares from whom the student is kept. Then the
person is written to for their other numbers.
"""


Addressed = tuple[ContactPoint, str]
"""A line, and the address of its person."""


@dataclass(frozen=True, slots=True)
class Household:
	"""A household that no call reached, with its lines in calling order."""

	name: str
	lines: tuple[ContactPoint, ...]


@job
def run(campaign: str) -> None:
	"""Give every household that was not reached the follow-up that the campaign promises (background job).

	If two run at once, one exits.
	"""
	with alone(f"fallback-{campaign}") as mine:
		if not mine or not approval.enforce(frappe.get_doc("Dialer Campaign", campaign)):
			return
		while retried(lambda: plan_texts(campaign)):
			enqueue_dispatch(
				emergency=frappe.db.get_value("Dialer Campaign", campaign, "purpose") == "Emergency"
			)
			# Dialing of these begins while the next ones are planned.
			frappe.db.commit()
		while retried(lambda: send_mails(campaign)):
			pass
	complete_if_done(campaign)
	frappe.db.commit()


def running(name: str) -> frappe._dict | None:
	"""Return the campaign, locked against pause and cancel until the commit.

	Return None unless it is running and its deadline has not passed.
	"""
	rows = frappe.db.sql(
		"""select name, purpose, channel, template, details, max_attempts, emergency_type, requested_by,
			approved_by, text_fallback, email_fallback, reach, audience_source, audience_name, audience_file,
			audience_filters, started_at, school, schools, said_by, corrects, resends
		from `tabDialer Campaign`
		where name = %s and status = %s and (deadline is null or deadline > %s) lock in share mode""",
		(name, states.RUNNING, clock.db_now()),
		as_dict=True,
	)
	return rows[0] if rows else None


def owed_households(campaign: str, wants: str) -> list[Household]:
	"""Return the next chunk of households that are owed this follow-up (`WANTS_TEXT` or `WANTS_MAIL`).

	A household that is Not Reached stays so, and only one job at a time works here. Who got its text is
	owed no email.
	"""
	columns = ", ".join((*(f"orig.{field}" for field in retries.READ), "text.name text"))
	rows = frappe.db.sql(
		f"""select {columns} from `tabDialer Campaign` campaign
		join `tabDialer Recipient` orig on orig.campaign = campaign.name and {UNREACHED}
		{FALLBACK_TEXTS} where campaign.name = %s and {wants} order by orig.name limit {CHUNK}""",
		campaign,
		as_dict=True,
	)
	rows_of, _strange = parties.read([name for row in rows for name in (row.name, row.text) if name])
	return [household_of(row, rows_of) for row in rows]


def household_of(row: frappe._dict, rows_of: dict[str, list[frappe._dict]]) -> Household:
	informed = [party for party in rows_of.get(row.text, ()) if party.state == parties.INFORMED]
	left = parties.points_of(parties.still_open(rows_of.get(row.name, ()), informed=informed))
	return Household(row.name, tuple(left or [line_of(row)]))


def plan_texts(name: str) -> int:
	"""Plan the texts of one chunk in one transaction. Return its number of households."""
	campaign = running(name)
	households = owed_households(name, WANTS_TEXT) if campaign and campaign.text_fallback else []
	if households:
		options = text_options(campaign, households)
		header = frappe._dict(name=name, channel="Text", max_attempts=1)
		header.update({field: campaign[field] for field in ("school", "schools", "said_by")})
		write_texts(header, options)
		mark_households(list(options), TEXT)
		mark_households([home.name for home in households if home.name not in options], NO_TEXT)
	frappe.db.commit()
	return len(households)


def write_texts(header, options: dict[str, CandidateNumber]) -> None:
	"""Write the recipients of texts, by household. One that is planned for a second time keeps its name."""
	keys = {f"text:{household}": household for household in options}
	earlier = recipients.read_known(header.name, list(keys)) if keys else {}
	new = recipients.new_names(len(options))
	names = [earlier[key].name if key in earlier else name for key, name in zip(keys, new, strict=True)]
	rows = recipients.rows_of(header, list(options.values()), names)
	recipients.write_over(
		[
			row | {"household_key": key, "fallback_of": household}
			for row, (key, household) in zip(rows, keys.items(), strict=True)
		]
	)
	recipients.add_parties(header.name, zip(names, options.values(), strict=True))


def text_options(campaign, households: list[Household]) -> dict[str, CandidateNumber]:
	"""Return {household: number to text}, with the other numbers that may be texted behind it.

	If no number may be texted, the value is the first one with the reasons. Two households that share a
	number get one text about a student. Lines that cannot receive texts are skipped.
	"""
	answers = ask_gate(campaign, "Text", households)
	phones = {line.phone for household in households for line in household.lines}
	texted = retries.who_is_called(campaign.name, "Text", phones)
	options: dict[str, CandidateNumber] = {}
	for household in households:
		usable = [
			line
			for line in household.lines
			if not retries.is_taken(named_on(line, answers[household.name, line.key]), texted)
			and parse(line.phone).line_type not in NO_TEXTS
		]
		if usable:
			choices = [option_of(line, answers[household.name, line.key]) for line in usable]
			chosen = options[household.name] = first_of(choices, share=False)
			texted[chosen.phone][household.name] = set(chosen.answer.students)
	return options


def named_on(line: ContactPoint, answer: gate.EligibilityResult) -> ContactPoint:
	"""Return the line with the students whom a text to it may name: who is left out needs no second text."""
	return replace(line, students=answer.students or line.students)


def option_of(line: ContactPoint, answer: gate.EligibilityResult) -> CandidateNumber:
	person = Candidate(
		line.person_doctype, line.person, line.person_name, (line.phone,), line.language, line.students
	)
	return CandidateNumber(person, line.phone, line.phone, answer)


def ask_gate(
	campaign, channel: str, households: list[Household], planned: bool = True
) -> dict[tuple, gate.EligibilityResult]:
	"""Return the gate's decision on every line, by household and `ContactPoint.key`.

	With `planned`, a number that has left its person's record since is refused.
	"""
	lines = [(household.name, line) for household in households for line in household.lines]
	questions = [
		gate.EligibilityCheck(str(index), line.phone, *line.owner, line.students, planned=planned)
		for index, (_name, line) in enumerate(lines)
	]
	answers = gate.ask(replace(gate.CallContext.of(campaign), channel=channel), questions, clock.now())
	return {(name, line.key): answers[str(index)] for index, (name, line) in enumerate(lines)}


def send_mails(name: str) -> int:
	"""Queue the emails of one chunk in one transaction. Return its number of households."""
	campaign = running(name)
	households = owed_households(name, WANTS_MAIL) if campaign and campaign.email_fallback else []
	if households:
		wanted, gone = recheck_audience(campaign, households)
		addressed, refused = addressees(campaign, wanted)
		queue(campaign, addressed)
		written = {household for household, _place in addressed}
		mark_households(sorted(written), EMAIL)
		mark_households(refused, NOTHING, _("refused, or restricted"))
		for household, why in gone.items():
			mark_households([household], NOTHING, why)
		rest = {household.name for household in wanted} - written - set(refused)
		mark_households(sorted(rest), NOTHING, _("no e-mail address on record"))
	frappe.db.commit()
	return len(households)


def recheck_audience(campaign, households: list[Household]) -> tuple[list[Household], dict[str, str]]:
	"""Return (households with something left to report, {household: why not}).

	The students of each household are reduced to those still concerned. A text is checked again when it is
	dispatched, as a call is; an email is checked here.
	"""
	source = source_of(campaign)
	students = {student for household in households for line in household.lines for student in line.students}
	gone = source.withdrawn(students) if source.rechecks and students else {}
	out = source.passed_over(
		[[Contacted(line.phone, *line.owner) for line in household.lines] for household in households]
	)
	wanted, reasons = [], {}
	for household, passed_over in zip(households, out, strict=True):
		if passed_over:
			reasons[household.name] = no_longer_meant()
			continue
		lines = tuple(
			replace(line, students=tuple(student for student in line.students if student not in gone))
			for line in household.lines
		)
		concerned = {student for line in household.lines for student in line.students}
		if concerned and gone.keys() >= concerned:
			reasons[household.name] = gone[min(concerned)][:140]
		else:
			wanted.append(Household(household.name, lines))
	return wanted, reasons


def addressees(campaign, households: list[Household]) -> tuple[dict[tuple[str, int], Addressed], list[str]]:
	"""Return ({(household, place): (line, address)}, households that may not be written to).

	The line is the first person with an address who may be written to; others follow as long as someone is to
	be informed (`informing_more`), whether their number is still on record or not. The second part lists
	households where no such person may be. An address is not used for a student if it is shared with a
	guardian from whom a court order or, except in an emergency, a safety hold keeps that student.
	"""
	addresses = mail_address.addresses_of(
		{line.owner for household in households for line in household.lines}
	)
	asked = [ask_gate(campaign, channel, households, planned=False) for channel in ("Voice", "Text")]
	students = {student for household in households for line in household.lines for student in line.students}
	forbidden = barred.addresses(students)
	if not gate.CallContext.of(campaign).reaches_emergency_contacts:
		forbidden |= held.addresses(students)
	addressed: dict[tuple[str, int], Addressed] = {}
	refused = []
	for household in households:
		codes = {
			line.key: {code for answers in asked for code in answers[household.name, line.key].decision.codes}
			for line in household.lines
		}
		no = {line.owner for line in household.lines if OPTED_OUT in codes[line.key]}
		with_address = [line for line in household.lines if line.owner in addresses]
		permitted = (
			record_mail(line, asked[0][household.name, line.key].students, addresses[line.owner], forbidden)
			for line in with_address
			if line.owner not in no and RESTRICTED not in codes[line.key]
		)
		chosen = informing_more(filter(None, permitted), addresses, campaign.reach)
		for place, line in enumerate(chosen):
			addressed[household.name, place] = line, addresses[line.owner]
		if with_address and not chosen:
			refused.append(household.name)
	return addressed, refused


def informing_more(
	lines: Iterable[ContactPoint], addresses: dict[tuple[str, ...], str], reach: str
) -> list[ContactPoint]:
	"""Return the lines whose email tells someone what none before it does.

	That is a person and a student, or the student alone where one guardian of each is enough. Two people with
	one mailbox read the same email.
	"""
	chosen: list[ContactPoint] = []
	informed: set[tuple[str, ...]] = set()
	for line in lines:
		mailbox, students = barred.mailbox(addresses[line.owner]), parties.about(line)
		heard = {parties.heard_by(line.owner, student, reach) for student in students}
		read = {(mailbox, student) for student in students}
		if not (heard <= informed or read <= informed):
			chosen.append(line)
		informed |= heard | read
	return chosen


def record_mail(
	line: ContactPoint, students: tuple[str, ...], address: str, forbidden: set[tuple[str, str]]
) -> ContactPoint | None:
	"""Return the line with the students that an email to this address may be about.

	Return None if the line is about students and no student is left.
	"""
	left = tuple(student for student in students if (barred.mailbox(address), student) not in forbidden)
	return replace(line, students=left) if left or not line.students else None


def queue(campaign, addressed: dict[tuple[str, int], Addressed]) -> None:
	"""Queue the emails. People who get the same words share a queue entry; no one sees other addresses."""
	template, preferences = gate.template_of(campaign), message_content.preferences()
	schools = speaking.names(
		scopes.scope_of(campaign),
		[CalledPerson(*line.owner, line.students) for line, _address in addressed.values()],
	)
	by_key = {f"{name}-{place}" if place else name: entry for (name, place), entry in addressed.items()}
	subjects = [
		subject_of(key, line, campaign, template, school)
		for (key, (line, _address)), school in zip(by_key.items(), schools, strict=True)
	]
	values = context.read_values(subjects, template.field_names) if subjects else {}
	alike: dict[in_place_of_call.Mail, list[str]] = defaultdict(list)
	mails = []
	for subject in subjects:
		outgoing = store.outgoing(template, subject, values[subject.key])
		line, address = by_key[subject.key]
		mail = in_place_of_call.mail(outgoing, preferences)
		alike[mail].append(address)
		mails.append((subject.key, line, mail.fields))
	disclosures.record_mails(campaign, mails)
	for mail, addresses in alike.items():
		body = "".join(f'<p dir="auto">{escape_html(words)}</p>' for words in mail.paragraphs)
		for batch in create_batch(sorted(set(addresses)), MOST_IN_MAIL):
			frappe.sendmail(
				recipients=batch,
				subject=mail.subject,
				message=body,
				reference_doctype="Dialer Campaign",
				reference_name=campaign.name,
				add_unsubscribe_link=0,
			)


def subject_of(name: str, line: ContactPoint, campaign, template: Template, school: str = "") -> Subject:
	return Subject(
		name,
		line.person_doctype,
		line.person,
		line.person_name,
		line.students,
		line.language,
		"Text",
		campaign.name,
		campaign.purpose,
		template.about_records,
		school,
	)


def mark_households(households: list[str], done: str, reason: str | None = None) -> None:
	if households:
		frappe.db.sql(
			"update `tabDialer Recipient` set fallback = %s, fallback_reason = %s where name in %s",
			(done, reason, tuple(households)),
		)


def counts(campaign) -> dict[str, dict[str, int]]:
	"""Return counts for the campaign's form: `texts` by status, and `done` by other follow-up.

	Both are empty if the campaign has neither follow-up.
	"""
	if not (campaign.text_fallback or campaign.email_fallback):
		return {"texts": {}, "done": {}}
	recipient = frappe.qb.DocType("Dialer Recipient")
	of_campaign = frappe.qb.from_(recipient).where(recipient.campaign == campaign.name)
	texts = of_campaign.where(recipient.fallback_of.isnotnull()).groupby(recipient.status)
	done = of_campaign.where(recipient.fallback.isnotnull()).groupby(recipient.fallback)
	return {
		"texts": dict(texts.select(recipient.status, Count("*")).run()),
		"done": dict(done.select(recipient.fallback, Count("*")).run()),
	}
