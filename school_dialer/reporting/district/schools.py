"""Results by school, in a fixed number of queries for all schools together.

A family counts once, in the school in whose name it was called, or whose campaign it is; else in that of the
first child the call was about, or of the person's own record; else in "", the district's own. So the schools
add up to the site.
"""

from collections import Counter, defaultdict
from collections.abc import Collection
from datetime import datetime

import frappe

from school_dialer.audience.columns import existing
from school_dialer.base import states
from school_dialer.consent.replies.opt_out_timing import STOPS
from school_dialer.outbound.pace import school_costs
from school_dialer.schools import belonging, registry, users

OWN_RECORDS = ("Student", "Contact", "Employee", "Instructor")
DISTRICT = ""
TRIED = "tried"
OPT_OUTS = """select event.name, event.phone, ifnull(log.school, '') from `tabConsent Event` event
	left join `tabDialer Call Log` log
		on event.reference_doctype = 'Dialer Call Log' and log.name = event.reference_name
	where event.kind in %(stops)s and event.effective_at >= %(begin)s and event.effective_at < %(before)s
	and (%(purpose)s = '' or ifnull(event.purpose, '') in ('', %(purpose)s))
	and (%(channel)s = '' or ifnull(event.channel, '') in ('', %(channel)s))"""
KEY, KEPT_SECONDS = "school_dialer_results_by_school", 10


def family() -> tuple[str, str]:
	"""Return SQL for the school of a row `recipient` of Dialer Recipient, and the joins that it needs."""
	parts = ["nullif(recipient.school, '')", "nullif(of_campaign.school, '')"]
	joins = ["left join `tabDialer Campaign` of_campaign on of_campaign.name = recipient.campaign"]
	if existing([belonging.FIELD], "Student"):
		parts.append(f"nullif(child.{belonging.FIELD}, '')")
		joins.append("left join `tabStudent` child on child.name = json_value(recipient.students, '$[0]')")
	for doctype in OWN_RECORDS:
		if existing([belonging.FIELD], doctype):
			alias = f"own_{doctype.lower()}"
			parts.append(f"nullif({alias}.{belonging.FIELD}, '')")
			joins.append(
				f"left join `tab{doctype}` {alias} on recipient.person_doctype = '{doctype}'"
				f" and {alias}.name = recipient.person"
			)
	return f"coalesce({', '.join(parts)}, '')", " ".join(joins)


def allowed() -> Collection[str] | None:
	"""Return the schools whose results the session's user may see, or None for all with the district's."""
	return users.of_user()


def reach(begin: datetime, before: datetime, purpose: str = "", channel: str = "") -> dict[str, Counter]:
	"""Return school -> households of campaigns that started in this span, by status, and `TRIED`."""
	school, joins = family()
	rows = frappe.db.sql(
		f"""select {school}, recipient.status, recipient.attempts > 0, count(*)
		from `tabDialer Campaign` campaign
		join `tabDialer Recipient` recipient on recipient.campaign = campaign.name {joins}
		where campaign.started_at >= %(begin)s and campaign.started_at < %(before)s
		and recipient.fallback_of is null
		and (%(purpose)s = '' or campaign.purpose = %(purpose)s)
		and (%(channel)s = '' or campaign.channel = %(channel)s)
		group by 1, 2, 3""",
		{"begin": begin, "before": before, "purpose": purpose, "channel": channel},
	)
	return counted(rows)


def counted(rows: Collection[tuple]) -> dict[str, Counter]:
	by_school: dict[str, Counter] = defaultdict(Counter)
	for school, status, tried, count in rows:
		by_school[school][status] += count
		by_school[school][TRIED] += count if tried else 0
	return by_school


def opt_outs(begin: datetime, before: datetime, purpose: str = "", channel: str = "") -> Counter:
	"""Return school -> opt-outs and wrong numbers that took effect in this span, each once.

	An opt-out counts in the school of the call or text that it answered; one given otherwise, in that of the
	family that was called at its number last.
	"""
	return Counter(school for _phone, school in stopped(begin, before, purpose, channel))


def stopped(begin: datetime, before: datetime, purpose: str = "", channel: str = "") -> list[tuple[str, str]]:
	"""Return the number and the school of each opt-out that `opt_outs` counts. Two queries."""
	rows = frappe.db.sql(
		OPT_OUTS,
		{"stops": STOPS, "begin": begin, "before": before, "purpose": purpose, "channel": channel},
	)
	schools = of_numbers({phone for _event, phone, school in rows if not school})
	return [(phone, school or schools.get(phone, DISTRICT)) for _event, phone, school in rows]


def of_numbers(phones: Collection[str]) -> dict[str, str]:
	"""Return the school of the latest recipient of each number (E.164)."""
	if not phones:
		return {}
	school, joins = family()
	return dict(
		frappe.db.sql(
			f"""select recipient.phone, {school} from `tabDialer Recipient` recipient {joins}
			where recipient.name in
				(select max(name) from `tabDialer Recipient` where phone in %s group by phone)""",
			(tuple(phones),),
		)
	)


def costs(begin: datetime, before: datetime, purpose: str = "", channel: str = "") -> dict[str, dict]:
	"""Return school -> {cost, calls, texts} of what was placed in this span and has ended."""
	more = (
		" and (%(purpose)s = '' or purpose = %(purpose)s) and (%(channel)s = '' or channel = %(channel)s)"
		" and status_rank >= %(final)s"
	)
	rows = school_costs.read_costs(begin, before, None, more, purpose=purpose, channel=channel)
	by_school: dict[str, dict] = defaultdict(lambda: {"cost": 0.0, "calls": 0, "texts": 0})
	for school, cost in school_costs.add_up(rows).items():
		by_school[school]["cost"] = cost.used
	for row in rows:
		by_school[row.school]["calls" if row.channel == "Voice" else "texts"] += row.count
	return by_school


def of_campaign(campaign: str) -> dict[str, Counter]:
	"""Return school -> households of this campaign by status, and `TRIED`."""
	school, joins = family()
	rows = frappe.db.sql(
		f"""select {school}, recipient.status, recipient.attempts > 0, count(*)
		from `tabDialer Recipient` recipient {joins}
		where recipient.campaign = %s and recipient.fallback_of is null group by 1, 2, 3""",
		campaign,
	)
	return counted(rows)


def side_by_side(campaign) -> list[dict]:
	"""Return the results of a campaign of the district by school, for its form; empty for any other.

	Each has `school` ("" for the district's own), `people`, and the counts of statuses. Counted at most
	every `KEPT_SECONDS`, because open forms ask every few seconds. Only schools that the user may see.
	"""
	if campaign.get("school") or not registry.is_district():
		return []
	key = f"{KEY}|{campaign.name}"
	by_school = frappe.cache().get_value(key, expires=True)
	if by_school is None:
		by_school = {school: dict(counts) for school, counts in of_campaign(campaign.name).items()}
		frappe.cache().set_value(key, by_school, expires_in_sec=KEPT_SECONDS)
	visible = allowed()
	return [
		as_shown(school, Counter(by_school[school]))
		for school in sorted(by_school, key=lambda name: (not name, name))
		if visible is None or school in visible
	]


def as_shown(school: str, counts: Counter) -> dict:
	waiting = sum(counts[state] for state in (*states.WAITING, states.DIALING, states.UNKNOWN))
	return {
		"school": school,
		"people": counts.total() - counts[TRIED],
		TRIED: counts[TRIED],
		"reached": counts[states.REACHED],
		"not_reached": counts[states.NOT_REACHED],
		"blocked": counts[states.BLOCKED],
		"cancelled": counts["Cancelled"],
		"waiting": waiting,
	}
