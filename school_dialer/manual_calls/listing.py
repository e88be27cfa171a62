"""Who is on the list: families that no automatic call reached, as long as none did and a person may phone
them."""

import json
import secrets
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import timedelta

import frappe
from frappe import _

from school_dialer import gate
from school_dialer.audience.base import source_of
from school_dialer.audience.guardians import ONE_GUARDIAN
from school_dialer.base import clock, roles, states
from school_dialer.base.database.rows import insert, stamp
from school_dialer.base.jobs import job
from school_dialer.base.phone import mask
from school_dialer.campaigns import related
from school_dialer.campaigns.parties import asking
from school_dialer.campaigns.resends import informed
from school_dialer.compliance.vocabulary import BLOCK, DEFER, EMERGENCY, PURPOSES, VOICE
from school_dialer.inbound.conversations import school
from school_dialer.manual_calls import work
from school_dialer.outbound.attempts import revocation
from school_dialer.schools import approvers, staff

DOCTYPE = "Dialer Manual Call"
AT_ONCE = (EMERGENCY, "Attendance")
"""Purposes that do not wait for the end of the campaign, and that are on the list unless the school decides
otherwise."""
TOO_SLOW = timedelta(minutes=10)
"""After this time, families that an emergency's first call did not reach are listed while the machine goes
on."""
RECENT = timedelta(days=7)
"""Campaigns that began before are history, and so are families that no one phoned for as long."""
CHUNK = 200
ALL_TRIED, TAKES_LONG, DEADLINE, NOT_CALLED = (
	"All tries used",
	"Tries take too long",
	"The deadline passed",
	"Not called automatically",
)
READ = """recipient.name, recipient.status, recipient.outcome, recipient.phone, recipient.phone_masked,
	recipient.person_doctype, recipient.person, recipient.person_name, recipient.language,
	recipient.students, recipient.school"""
TEXTED = """exists (select 1 from `tabDialer Recipient` text where text.fallback_of = recipient.name
	and text.status in %(texted)s)"""
"""A family got the text in place of the call, or still may."""
IS_WRONG = f"""exists ({related.CORRECTION}
	and (correction.status = 'Completed' or exists (select 1 from `tabDialer Recipient` called
		where called.campaign = correction.name and (called.attempts > 0 or called.status = 'Dialing'))))"""
"""The correction of a campaign can't be undone any more. Until then families stay, and no one phones them."""
NOT_TWICE = """and not exists (select 1 from `tabDialer Manual Call` other where other.phone = recipient.phone
	and other.campaign in %(others)s and other.campaign != %(campaign)s
	and (other.status != 'Done' or (other.done_at >= %(started)s and other.outcome != %(not_needed)s)))"""
"""The family is not on the list already for another campaign that tries the same people.

Whom the end of the other campaign took off the list was not phoned for it, and is still to be informed by
this one.
"""


def setting_of(purpose: str) -> str:
	return f"phone_{purpose.lower()}"


def purposes() -> tuple[str, ...]:
	"""Return the purposes for which staff phone those whom no call reached, by Dialer Settings."""
	settings = frappe.get_cached_doc("Dialer Settings")
	return tuple(purpose for purpose in PURPOSES if settings.get(setting_of(purpose)))


def fill() -> None:
	"""Put families on the list, and take off those whom the machine reached (step of the scheduler's tick).

	Does not commit.
	"""
	leave()
	for campaign in campaigns():
		fill_from(campaign)


@job
def fill_soon(campaign: str) -> None:
	"""Put the families of a campaign that just ended on the list (background job)."""
	for each in campaigns(campaign):
		fill_from(each)
	frappe.db.commit()


def campaigns(name: str = "") -> list:
	"""Return the campaigns of the chosen purposes that may have families to phone, the most urgent first."""
	names = frappe.db.sql(
		f"""select name from `tabDialer Campaign` campaign where purpose in %(purposes)s
		and started_at > %(since)s and {"name = %(name)s and" if name else ""} (
			status in ('Running', 'Paused') and (purpose in %(at_once)s or deadline <= %(now)s)
			or status = 'Completed')
		and not {related.IS_CORRECTED}
		order by started_at""",
		{
			"undone": related.UNDONE,
			"purposes": (*purposes(), ""),
			"at_once": AT_ONCE,
			"since": clock.to_db(clock.now() - RECENT),
			"now": clock.db_now(),
			"name": name,
		},
	)
	docs = [frappe.get_cached_doc("Dialer Campaign", name) for (name,) in names]
	return sorted(docs, key=lambda campaign: work.RANK[campaign.purpose])


def fill_from(campaign) -> None:
	"""Put the campaign's families that a person is to phone on the list, in a fixed number of queries for
	each chunk."""
	first = campaign.purpose == EMERGENCY and not frappe.db.exists(DOCTYPE, {"campaign": campaign.name})
	while rows := not_listed(campaign):
		answers = permitted(campaign, rows)
		name_schools(rows)
		entries = [entry(campaign, row, answers[row.name]) for row in rows]
		insert(DOCTYPE, entries, ignore=True)
		if first and any(family["status"] == work.WAITING for family in entries):
			alarm(campaign)
			first = False
		if len(rows) < CHUNK:
			return


def alarm(campaign) -> None:
	"""Tell those who phone families, once for each emergency, that its calls did not reach all of them."""
	words = _("{0}: families were not reached. Phone them: open Families to Phone.")
	for role in (roles.AGENT, roles.MANAGER):
		users = approvers.acting_for(staff.with_roles(role), campaign.school)
		staff.alarm_users(users, words.format(campaign.title), "Dialer Campaign", campaign.name)


def not_listed(campaign) -> list[frappe._dict]:
	"""Return recipients that no call reached and that were not on the list yet.

	Those whom the machine may not call, as for want of consent, are among them: the gate decides for a call
	by a person.
	"""
	others = related.campaigns_of(related.first_of(campaign))
	rows = frappe.db.sql(
		f"""select {READ} from `tabDialer Recipient` recipient
		left join `tabDialer Manual Call` listed on listed.recipient = recipient.name
		where recipient.campaign = %(campaign)s and listed.name is null
		and recipient.fallback_of is null and recipient.phone like '+%%'
		and (recipient.status in ('Not Reached', 'Blocked')
			or (%(slow)s and recipient.status in %(waiting)s and recipient.attempts > 0))
		{"" if campaign.purpose == EMERGENCY else "and not " + TEXTED}
		{NOT_TWICE if len(others) > 1 else ""}
		limit {CHUNK}""",
		{
			"others": others,
			"started": campaign.started_at,
			"not_needed": work.NOT_NEEDED,
			"campaign": campaign.name,
			"waiting": states.WAITING,
			"slow": campaign.purpose == EMERGENCY and is_slow(campaign),
			"texted": (states.REACHED, *states.OPEN),
		},
		as_dict=True,
	)
	return with_students(rows)


def is_slow(campaign) -> bool:
	return clock.from_db(campaign.started_at) + TOO_SLOW <= clock.now()


def with_students(rows: list) -> list:
	for row in rows:
		row.students = tuple(json.loads(row.students or "[]"))
	return rows


def permitted(campaign, rows: Iterable) -> dict[str, gate.EligibilityResult]:
	"""Ask the gate about calls by a person to these rows, by name. Sets what `asking.ask` sets.

	`students` become those of whom someone there may hear: no one else is shown to who phones.
	"""
	rows = list(rows)
	asking.attach(rows)
	answers = asking.ask(context_of(campaign), rows, clock.now(), of=gate.ask_manual) if rows else {}
	for row in rows:
		row.students = asking.spoken_of(row)
	return answers


def context_of(campaign) -> gate.CallContext:
	return replace(gate.CallContext.of(campaign), channel=VOICE)


def entry(campaign, row, answer: gate.EligibilityResult) -> dict:
	"""Return the row of the list for a recipient.

	A family that no one may phone is on record as such, and so is not looked at again.
	"""
	decision, now = answer.decision, clock.db_now()
	blocked = decision.verdict == BLOCK
	return {
		"name": secrets.token_hex(8),
		**stamp(),
		"recipient": row.name,
		"campaign": campaign.name,
		"purpose": campaign.purpose,
		"urgency": work.RANK[campaign.purpose],
		"why": reason(row),
		"language": row.language or None,
		"school": row.school or None,
		"phone": row.phone,
		"phone_masked": mask(row.phone),
		"person_doctype": row.person_doctype,
		"person": row.person,
		"person_name": row.person_name,
		"students": json.dumps(row.students),
		"listed_at": now,
		"not_before": clock.to_db(decision.until) if decision.verdict == DEFER else now,
		"attempts": 0,
		"status": work.DONE if blocked else work.WAITING,
		"outcome": work.NOT_PERMITTED if blocked else None,
		"refused": ", ".join(decision.codes)[:140] if blocked else None,
		"done_at": now if blocked else None,
	}


def name_schools(rows: list) -> None:
	"""Set the school of rows that name none: that of their students."""
	schools = school.school_of_each([school.FamilyNumber(row.phone, row.students) for row in rows])
	for row, school_name in zip(rows, schools, strict=True):
		row.school = row.school or school_name


def reason(row) -> str:
	if row.status == states.BLOCKED:
		return NOT_CALLED
	if row.status in states.WAITING:
		return TAKES_LONG
	return DEADLINE if row.outcome == "deadline" else ALL_TRIED


def leave() -> None:
	"""Take off the list whom the machine reached, whose reason is gone, and whom no one phoned for long."""
	now = clock.db_now()
	frappe.db.sql(
		f"""update `tabDialer Manual Call` listed
		join `tabDialer Recipient` recipient on recipient.name = listed.recipient
		join `tabDialer Campaign` campaign on campaign.name = listed.campaign
		set listed.status = 'Done', listed.done_at = %(now)s, listed.claimed_by = null,
			listed.claimed_until = null, listed.outcome = case
				when listed.listed_at <= %(old)s then %(given_up)s
				when 'Cancelled' in (recipient.status, campaign.status) or {IS_WRONG} then %(not_needed)s
				else %(by_machine)s end
		where listed.status = 'Waiting' and (listed.listed_at <= %(old)s
			or recipient.status in ('Reached', 'Cancelled') or campaign.status = 'Cancelled' or {IS_WRONG}
			or (listed.purpose != %(emergency)s and {TEXTED}))""",
		{
			"now": now,
			"old": clock.to_db(clock.now() - RECENT),
			"texted": (states.REACHED,),
			"undone": related.UNDONE,
			"emergency": EMERGENCY,
			"given_up": work.GIVEN_UP,
			"not_needed": work.NOT_NEEDED,
			"by_machine": work.BY_MACHINE,
		},
	)
	for campaign, rows in tried_again().items():
		for row in informed_meanwhile(campaign, rows):
			close(row.name, work.BY_MACHINE)


def tried_again() -> dict[str, list]:
	"""Return who waits on the list and may be tried again by another campaign, by campaign."""
	rows = frappe.db.sql(
		"""select listed.name, listed.campaign, listed.phone, listed.person_doctype, listed.person,
			listed.students
		from `tabDialer Manual Call` listed
		join `tabDialer Campaign` campaign on campaign.name = listed.campaign
		where listed.status = 'Waiting' and exists (select 1 from `tabDialer Campaign` again
			where again.resends = ifnull(nullif(campaign.resends, ''), campaign.name))""",
		as_dict=True,
	)
	by_campaign: dict[str, list] = defaultdict(list)
	for row in with_students(rows):
		by_campaign[row.campaign].append(row)
	return by_campaign


def informed_meanwhile(campaign: str, rows: list) -> list:
	"""Return those of the campaign's rows who know by now what a person was to tell them.

	In an emergency a text is not enough, as for the text in place of a call.
	"""
	doc = frappe.get_cached_doc("Dialer Campaign", campaign)
	known = informed.read_known(
		related.campaigns_of(related.first_of(doc)),
		campaign,
		doc.reach == ONE_GUARDIAN,
		{student for row in rows for student in row.students},
		[row for row in rows if not row.students],
		by_call=doc.purpose == EMERGENCY,
	)
	return [row for row in rows if all(known.knows(informed.who(row), one) for one in row.students or ("",))]


def on_consent_changed(phones: list[str]) -> None:
	"""Decide again on all who wait with these numbers (hook `dialer_consent_changed`).

	Those who wait for the machine come first (`attempts.revocation`). Whom no one may phone any more is taken
	off the list.
	"""
	by_kind = revocation.read_waiting(phones)
	revocation.react(by_kind)
	rows = with_students(by_kind[revocation.BY_PERSON])
	for campaign in sorted({row.campaign for row in rows}):
		theirs = [row for row in rows if row.campaign == campaign]
		answers = permitted(frappe.get_cached_doc("Dialer Campaign", campaign), theirs)
		for row in theirs:
			if answers[row.name].decision.verdict == BLOCK:
				close(row.name, work.NOT_PERMITTED, refused=", ".join(answers[row.name].decision.codes)[:140])


def close(name: str, outcome: str, **values) -> None:
	"""Take a waiting row off the list for this reason."""
	frappe.db.set_value(
		DOCTYPE,
		{"name": name, "status": work.WAITING},
		{"status": work.DONE, "outcome": outcome, "done_at": clock.db_now(), **values},
	)


def why_wrong(campaign) -> str:
	"""Return that the campaign's message was wrong and is corrected, so that no one says it, or ""."""
	return related.why_wrong(campaign.name, related.first_of(campaign))


def reason_gone(campaign, students: tuple[str, ...]) -> str:
	"""Return why there is nothing left to call about, as after a corrected absence, or ""."""
	source = source_of(campaign)
	if not (students and source.rechecks):
		return ""
	gone = source.withdrawn(set(students))
	return gone[students[0]] if gone.keys() >= set(students) else ""


def of_campaign(campaign: str) -> dict:
	"""Return {waiting, with_people, outcomes: {outcome: count}}: the campaign's part of the list."""
	rows = frappe.db.sql(
		"""select status, ifnull(outcome, ''), count(*) from `tabDialer Manual Call`
		where campaign = %s group by status, outcome""",
		campaign,
	)
	return {
		"waiting": sum(count for status, _outcome, count in rows if status == work.WAITING),
		"with_people": sum(count for status, _outcome, count in rows if status in work.WITH_PERSON),
		"outcomes": {outcome: count for status, outcome, count in rows if status == work.DONE and outcome},
	}


def counts(condition: str, now) -> Iterator[frappe._dict]:
	"""Yield {purpose, language, waiting, later, claimed}: families by urgency and language.

	`condition` limits the rows to those that the user may read, as SQL for a statement with values.
	"""
	yield from frappe.db.sql(
		f"""select purpose, ifnull(language, '') language,
			sum(status = 'Waiting' and not_before <= %(now)s) waiting,
			sum(status = 'Waiting' and not_before > %(now)s) later,
			sum(status in ('Claimed', 'Called')) claimed
		from `tabDialer Manual Call` where status != 'Done' {condition}
		group by urgency, purpose, language order by urgency, language""",
		{"now": now},
		as_dict=True,
	)
