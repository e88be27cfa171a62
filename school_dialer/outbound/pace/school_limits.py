"""The spend limit of each school of a district, by calendar month in the site's time zone.

At its limit, a school's own campaigns pause. In a campaign of the district, its families are set aside until
the month ends, and the others are called; once only such families are left, the campaign pauses too. Staff
are notified once. An emergency is never held back.
"""

import math
from collections import Counter
from collections.abc import Collection
from typing import NamedTuple

import frappe
from frappe import _
from frappe.utils import fmt_money, format_date

from school_dialer.base import roles, states
from school_dialer.base.bounds import plain_text
from school_dialer.base.database.transactions import changed
from school_dialer.campaigns import estimate
from school_dialer.campaigns.transitions import try_move
from school_dialer.compliance.vocabulary import EMERGENCY
from school_dialer.outbound.pace import school_costs
from school_dialer.outbound.pace.school_costs import Cost
from school_dialer.schools import approvers, belonging, registry, staff
from school_dialer.settings import carrier_settings

CAMPAIGN = "Dialer Campaign"
EACH_SCHOOL = "Each family's school"
"""The value of `said_by` of a campaign of the district whose calls are in the name of the schools."""
NOTIFIED_SECONDS = 31 * 24 * 3600
ONLY_SET_ASIDE = """select campaign.name, min(recipient.school) from `tabDialer Campaign` campaign
	join `tabDialer Recipient` recipient on recipient.campaign = campaign.name
		and recipient.status = 'Pending' and recipient.not_before = %(until)s
	where campaign.status = 'Running' and recipient.school in %(schools)s
	and not exists (select 1 from `tabDialer Recipient` other where other.campaign = campaign.name
		and other.status in %(open)s and not (other.status = 'Pending' and other.not_before = %(until)s))
	group by campaign.name"""

CLAIMED = """select recipient.campaign, recipient.channel, count(*) from `tabDialer Campaign` campaign
	join `tabDialer Recipient` recipient on recipient.campaign = campaign.name
		and recipient.status = 'Dialing'
	left join `tabDialer Call Log` log on log.name = recipient.last_call_log and log.status_rank < %(final)s
	where campaign.school = %(school)s and campaign.status in ('Running', 'Paused') and log.name is null
	group by recipient.campaign, recipient.channel"""


class Allowance(NamedTuple):
	recipients: int
	"""How many may be claimed now."""
	exhausted: str = ""
	"""Why the campaign has to pause: the money is used up, and no call that is under way can leave some."""


def limited() -> dict[str, float]:
	"""Return the monthly limits of the schools that have one; none outside a district."""
	if not registry.is_district():
		return {}
	return {
		name: school.monthly_limit for name, school in registry.schools().items() if school.monthly_limit > 0
	}


def money_left() -> dict[str, float]:
	"""Return what each school with a limit may still spend this month; below 0 once it is passed."""
	limits = limited()
	costs = school_costs.this_month(limits) if limits else {}
	return {school: limit - costs[school].total for school, limit in limits.items()}


def allowance(campaign, most: int) -> Allowance:
	"""Return for how many recipients of a school's campaign its limit leaves money, up to `most`.

	A fixed number of queries for each chunk. The school's row stays locked until the caller commits its
	claim, so that claims share what is left. As long as another claim has the row, there is none: a
	dispatcher that waited here would hold back emergencies.
	"""
	limit = limited().get(campaign.school)
	if campaign.purpose == EMERGENCY or not limit:
		return Allowance(most)
	if not try_to_lock(campaign.school):
		return Allowance(0)
	cost = school_costs.this_month([campaign.school])[campaign.school]
	cost += Cost(reserved=reserved_by_claims(campaign.school))
	room = affordable(limit - cost.total, estimate.unit_while_calling(campaign).price, most)
	if room <= 0 and not cost.reserved:
		return Allowance(0, message(campaign.school, limit, cost))
	return Allowance(room)


def try_to_lock(school: str) -> bool:
	"""Return whether the school's row is locked now by this transaction. Does not wait for another one."""
	query = f"select name from `tab{registry.DOCTYPE}` where name = %s for update skip locked"
	return bool(frappe.db.sql(query, school))


def reserved_by_claims(school: str) -> float:
	"""Return the price of what this school's campaigns have claimed and not placed yet, in one query."""
	rows = frappe.db.sql(CLAIMED, {"school": school, "final": states.FINAL_RANK})
	return sum(count * school_costs.price_of(campaign, channel) for campaign, channel, count in rows)


def affordable(money: float, price: float, most: int) -> int:
	"""Return how many calls at this price the money pays for, up to `most`. Free ones need some money."""
	if not price:
		return most if money > 0 else 0
	return max(0, min(most, math.floor(money / price + 1e-9)))


def set_aside(campaign) -> None:
	"""Let the families of schools at their limit wait until the month ends, in a campaign of the district.

	Pauses the campaign if only such families are left. Commits, if it changed anything.
	"""
	limits = limited()
	if campaign.purpose == EMERGENCY or campaign.school or not limits:
		return
	costs, price = school_costs.this_month(limits), estimate.unit_while_calling(campaign).price
	full = [
		school for school, limit in limits.items() if not affordable(limit - costs[school].total, price, 1)
	]
	if not full:
		return
	frappe.db.sql(
		"""update `tabDialer Recipient` set status = 'Pending', not_before = %(until)s, outcome = %(why)s
		where campaign = %(campaign)s and school in %(schools)s and status in %(waiting)s
		and not_before < %(until)s""",
		{
			"until": school_costs.next_month(),
			"why": _("The school's monthly limit is used up.")[:140],
			"campaign": campaign.name,
			"schools": tuple(full),
			"waiting": states.WAITING,
		},
	)
	if changed():
		reason = " ".join(message(school, limits[school], costs[school]) for school in full)
		frappe.db.set_value(
			CAMPAIGN,
			{"name": campaign.name, "status": states.RUNNING},
			"status_message",
			reason,
			update_modified=False,
		)
		for school in full:
			notify(campaign.name, school)
	pause_set_aside()
	frappe.db.commit()


def pause_set_aside() -> None:
	"""Pause the district's campaigns in which only families set aside are left. Does not commit."""
	if not (limits := limited()):
		return
	values = {"until": school_costs.next_month(), "schools": tuple(limits), "open": states.OPEN}
	rows = frappe.db.sql(ONLY_SET_ASIDE, values)
	costs = school_costs.this_month({school for _name, school in rows}) if rows else {}
	for name, school in rows:
		reason = message(school, limits[school], costs[school])
		try_move(name, states.PAUSED, status_message=reason, pending_notification_actor="")


def message(school: str, limit: float, cost: Cost) -> str:
	return _(
		"{0} has used up its monthly limit of {1}: {2} so far. No one else of this school is called. "
		"Raise the limit in the school's form or wait until {3}, then press Resume."
	).format(plain_text.line(school), money(limit), money(cost.total), format_date(school_costs.next_month()))


def money(amount: float) -> str:
	return fmt_money(amount, currency=carrier_settings.settings().currency)


def notify(campaign: str, school: str) -> None:
	"""Notify the managers once a month of a campaign of the district in which a school's families wait."""
	key = f"school_dialer_set_aside|{campaign}|{school}|{school_costs.next_month():%Y-%m}"
	if not frappe.cache().set(frappe.cache().make_key(key), "1", ex=NOTIFIED_SECONDS, nx=True):
		return
	subject = _("The monthly limit of {0} is used up: its families wait.").format(plain_text.line(school))
	staff.notify(managers(school), subject, CAMPAIGN, campaign)


def managers(school: str) -> set[str]:
	return approvers.acting_for(staff.with_roles(roles.MANAGER), school)


def warnings(costs: dict[str, float]) -> list[dict]:
	"""Return {school, cost, left, limit, words} for each school whose limit this estimate passes.

	`costs` is the estimate by school, in the currency of Dialer Settings.
	"""
	limits, still = limited(), money_left()
	return [
		{
			"school": school,
			"cost": cost,
			"left": still[school],
			"limit": limits[school],
			"words": _("{0}: this takes about {1}, and {2} of its monthly limit of {3} is left.").format(
				plain_text.line(school), money(cost), money(max(0.0, still[school])), money(limits[school])
			),
		}
		for school, cost in sorted(costs.items())
		if school in limits and cost > still[school]
	]


def by_school(campaign, options: Collection, cost: float) -> dict[str, float]:
	"""Return the part of a campaign's estimated cost that each school pays, for the people it would call."""
	if not limited() or not options:
		return {}
	if campaign.school:
		return {campaign.school: cost}
	if campaign.said_by != EACH_SCHOOL:
		return {}
	school_of = belonging.of_students({student for option in options for student in option.answer.students})
	counts: Counter[str] = Counter()
	for option in options:
		schools = [school_of[student] for student in option.answer.students if student in school_of]
		counts[schools[0] if schools else ""] += 1
	return {school: cost * count / len(options) for school, count in counts.items() if school}
