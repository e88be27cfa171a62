"""Who got a campaign's message, or may have, by what its call logs say now.

A call counts if a person heard any of the message, if a machine has it or may have it, and if the carrier
never said what became of it. A text counts once it was sent, and an e-mail once it was queued. A call by a
member of staff counts by what they noted. Someone who was asked to confirm who they are, and did not, heard
nothing of the message.

The SQL here takes its values from `VALUES` and `sql_values`.
"""

from collections.abc import Collection

import frappe

from school_dialer.base import states
from school_dialer.base.jobs import EMERGENCY_QUEUE

BY_STAFF = ("Reached", "Left a message", "Call again later", "Asked to stop")
"""Outcomes of a call by a person in which the family got the message, or may have."""
VALUES = {
	"sent": (*states.HANDED_OVER, states.LOST),
	"lost": states.LOST,
	"recorded": ("Yes", "Not known"),
	"withheld": ("not confirmed", "no PIN", "PIN locked", "wrong PIN"),
	"noted": ("reached", "voicemail"),
	"by_staff": BY_STAFF,
	"final": states.FINAL_RANK,
	"sent_rank": states.rank("sent"),
}
PLACED = "log.direction = 'Outbound' and log.recipient > ''"
"""Not the test calls of staff, which have no recipient."""
GOT = f"""{PLACED} and (
	(log.channel = 'Text' and log.status in %(sent)s)
	or (log.channel = 'Voice' and log.manual = 1 and ifnull(log.result, '') in %(noted)s)
	or (log.channel = 'Voice' and log.manual = 0 and (
		log.status = %(lost)s
		or ifnull(log.voicemail_left, '') in %(recorded)s
		or (log.status_rank >= %(final)s and log.content > '' and ifnull(log.answered_by, '') != 'fax'
			and ifnull(log.result, '') not in %(withheld)s))))"""
"""The condition on a call log (alias `log`)."""
PEOPLE = f"""select log.phone, log.channel, log.person_doctype, log.person, log.person_name, log.language,
		log.students, 0 own
	from `tabDialer Call Log` log where log.campaign = %(first)s and {GOT}
	union all
	select log.phone, log.channel, party.person_doctype, party.person, party.person_name, party.language,
		if(party.student > '', json_array(party.student), '[]'), 1
	from `tabDialer Party` party
	join `tabDialer Call Log` log on log.name = party.call_log and log.recipient = party.parent
	where party.campaign = %(first)s and {GOT}
	union all
	select listed.phone, 'Voice', listed.person_doctype, listed.person, listed.person_name, listed.language,
		listed.students, 0
	from `tabDialer Manual Call` listed
	where listed.campaign = %(first)s and listed.outcome in %(by_staff)s"""
"""Who heard it. A row is `own` if its students are the person's; a call names those of all who share it."""
EARLIER = f"""select log.phone from `tabDialer Call Log` log
	join `tabDialer Campaign` other on other.name = log.campaign
	where other.corrects = %(first)s and other.name != %(own)s and {GOT}"""
"""Numbers at which an earlier correction of the same campaign was heard, before it was canceled."""
PLANNED = "select household_key from `tabDialer Recipient` where campaign = %(own)s"
MISSING = f"""from ({PEOPLE}) heard where heard.phone > ''
	and heard.phone not in ({PLANNED}) and heard.phone not in ({EARLIER})"""
"""Those that the correction does not have yet. It has one recipient for each number."""
MAILED = """from `tabDialer Recipient` mailed
	where mailed.campaign = %(first)s and mailed.fallback = 'E-mail'
	and concat('mail:', mailed.name) not in (select household_key from `tabDialer Recipient`
		where campaign = %(own)s)"""
"""Households that got an e-mail in place of the call, and are not in the correction yet."""


def sql_values(first: str, own: str = "") -> dict:
	"""Return the values of the SQL here. `own` is the correction, or "" before there is one."""
	return {**VALUES, "first": first, "own": own}


def heard_at(first: str, phones: Collection[str]) -> frozenset[str]:
	"""Return those of these numbers at which the campaign's message was heard, or may have been."""
	if not phones:
		return frozenset()
	rows = frappe.db.sql(
		f"select distinct heard.phone from ({PEOPLE}) heard where heard.phone in %(phones)s",
		{**sql_values(first), "phones": tuple(phones)},
	)
	return frozenset(phone for (phone,) in rows)


def counts(first: str, own: str = "") -> dict:
	"""Return {people, languages: {code: people}, emails} of those whom a correction would go to now.

	A number counts once. Without a language of their own, people count under "".
	"""
	rows = frappe.db.sql(
		f"""select language, count(*) from (select heard.phone, max(ifnull(heard.language, '')) language
		{MISSING} group by heard.phone) number group by language order by count(*) desc, language""",
		sql_values(first, own),
	)
	languages = dict(rows)
	emails = frappe.db.sql(f"select count(*) {MAILED}", sql_values(first, own))[0][0]
	return {"people": sum(languages.values()), "languages": languages, "emails": emails}


def is_settled(first: str) -> bool:
	"""Return True if no one can be added to those who heard the campaign any more.

	It has ended, no call or text of it is under way, and no member of staff has a family of it. What the
	carrier never answered counts as heard already.
	"""
	open_ones = f"""select status from `tabDialer Campaign` where name = %(first)s and status not in %(ended)s
		union all (select name from `tabDialer Recipient` where campaign = %(first)s and status = 'Dialing'
			limit 1)
		union all (select name from `tabDialer Manual Call`
			where campaign = %(first)s and status in ('Claimed', 'Called') limit 1)
		union all (select log.name from `tabDialer Call Log` log where log.campaign = %(first)s and {PLACED}
			and log.status_rank < %(final)s and log.status != %(lost)s
			and not (log.channel = 'Text' and log.status_rank >= %(sent_rank)s) limit 1)"""
	return not frappe.db.sql(open_ones, {**sql_values(first), "ended": states.ENDED})


def is_owed(correction: str, first: str) -> bool:
	"""Return True if someone may still have to be added to the correction."""
	if not is_settled(first):
		return True
	values = sql_values(first, correction)
	return any(frappe.db.sql(f"select 1 {missed} limit 1", values) for missed in (MISSING, MAILED))


def enqueue_late(correction: str) -> None:
	"""Enqueue the job that adds to a correction whom it lacks. An extra job is harmless: it exits at once."""
	frappe.enqueue(
		"school_dialer.campaigns.corrections.late.add_soon",
		queue=EMERGENCY_QUEUE,
		enqueue_after_commit=True,
		campaign=correction,
	)
