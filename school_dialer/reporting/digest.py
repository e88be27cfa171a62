"""The nightly digest: one email to each manager and compliance officer about the previous day.

It also lists what needs to be done. Counts only. Runs a fixed number of queries, however many people were
called.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

import frappe
from frappe import _
from frappe.utils import flt, fmt_money, get_url_to_form, get_url_to_list

from school_dialer.base import clock, roles, states
from school_dialer.base.counted import counted
from school_dialer.base.jobs import alone, job
from school_dialer.compliance.vocabulary import DEFERRING, EMERGENCY, INVALID_NUMBER
from school_dialer.manual_calls import work
from school_dialer.outbound.pace import limits
from school_dialer.reporting import reasons
from school_dialer.schools import staff
from school_dialer.settings import carrier_settings

SENT_ON = "digest_sent_on"
MOST_CAMPAIGNS = 50


@dataclass(frozen=True, slots=True)
class Day:
	"""The digest of one day.

	`campaigns` are those that were dialing on this day. `blocked` has people by reason, in words. `to_do` has
	texts, each with the URL of the list to open.
	"""

	day: date
	campaigns: list[dict] = field(default_factory=list)
	reached: int = 0
	calls: int = 0
	opt_outs: int = 0
	wrong_numbers: int = 0
	bad_numbers: int = 0
	blocked: list[tuple[str, int]] = field(default_factory=list)
	cost: str = ""
	to_do: list[tuple[str, str]] = field(default_factory=list)

	def __bool__(self) -> bool:
		return any((self.campaigns, self.calls, self.blocked, self.opt_outs, self.wrong_numbers, self.to_do))


@job
def nightly() -> None:
	"""Scheduled job: send the digest once per day.

	Nothing is sent for a day with no activity and nothing to do.
	"""
	if not carrier_settings.settings().nightly_digest:
		return
	yesterday = clock.db_now().date() - timedelta(days=1)
	with alone("digest") as mine:
		if mine and not sent(yesterday):
			send(day_of(yesterday))
			frappe.db.set_single_value("Dialer Settings", SENT_ON, yesterday, update_modified=False)
			# The mails are queued in the same transaction: a day's digest is sent once, or not yet.
			frappe.db.commit()


def sent(day: date) -> bool:
	last = frappe.db.get_single_value("Dialer Settings", SENT_ON, cache=False)
	return bool(last) and frappe.utils.getdate(last) >= day


def send(figures: Day) -> int:
	"""Send the digest. Return the number of recipients."""
	if not figures:
		return 0
	shown = frappe.format(figures.day, "Date")
	return staff.mail(
		staff.with_roles(roles.MANAGER, roles.OFFICER),
		_("School Dialer on {0}").format(shown),
		template="dialer_digest",
		args={"day": figures, "date": shown, "school": carrier_settings.settings().school_name},
		reference_doctype="Dialer Settings",
		reference_name="Dialer Settings",
		add_unsubscribe_link=1,
	)


def day_of(day: date) -> Day:
	start = datetime.combine(day, time.min)
	end = start + timedelta(days=1)
	campaigns, logs = dialing_on(start, end), calls_on(start, end)
	stops = stops_on(start, end)
	blocked = blocked_on(start, end)
	return Day(
		day=day,
		campaigns=campaigns,
		reached=sum(row["reached"] for row in campaigns),
		calls=sum(row.calls for row in logs),
		opt_outs=stops["Opt Out"],
		wrong_numbers=stops["Wrong Number"],
		bad_numbers=blocked[INVALID_NUMBER] + sum(row.refused for row in logs),
		blocked=[(reasons.title(code), count) for code, count in blocked.most_common()],
		cost=cost(logs),
		to_do=to_do(),
	)


def dialing_on(start: datetime, end: datetime) -> list[dict]:
	"""Return campaigns that were active on that day, with their recipients' current states."""
	rows = frappe.db.sql(
		"""select campaign.name, campaign.title, campaign.status,
			sum(recipient.status = 'Reached') reached, sum(recipient.status = 'Not Reached') not_reached,
			sum(recipient.status = 'Blocked') blocked, count(*) people
		from `tabDialer Campaign` campaign join `tabDialer Recipient` recipient
			on recipient.campaign = campaign.name
		where campaign.started_at < %(end)s and (campaign.ended_at is null or campaign.ended_at >= %(start)s)
		group by campaign.name order by campaign.started_at desc limit %(most)s""",
		{"start": start, "end": end, "most": MOST_CAMPAIGNS},
		as_dict=True,
	)
	counts = ("reached", "not_reached", "blocked")
	return [
		{**row, **{key: int(row[key]) for key in counts}, "url": get_url_to_form("Dialer Campaign", row.name)}
		for row in rows
	]


def calls_on(start: datetime, end: datetime) -> list[dict]:
	return frappe.db.sql(
		"""select channel, count(*) calls, sum(status = 'refused') refused,
			sum(ceil(duration / 60) + ceil(ifnull(transfer_seconds, 0) / 60)) minutes,
			sum(status not in %(not_billed)s) billed
		from `tabDialer Call Log`
		where placed_at >= %(start)s and placed_at < %(end)s and direction = 'Outbound' group by channel""",
		{"start": start, "end": end, "not_billed": limits.NOT_BILLED},
		as_dict=True,
	)


def cost(logs: list[dict]) -> str:
	prices = carrier_settings.settings()
	total = sum(
		flt(row.minutes) * flt(prices.price_per_minute)
		if row.channel == "Voice"
		else flt(row.billed) * flt(prices.price_per_segment)
		for row in logs
	)
	return fmt_money(total, currency=prices.currency)


def stops_on(start: datetime, end: datetime) -> Counter:
	return Counter(
		dict(
			frappe.db.sql(
				"""select kind, count(*) from `tabConsent Event`
				where kind in ('Opt Out', 'Wrong Number') and effective_at >= %s and effective_at < %s
					group by kind""",
				(start, end),
			)
		)
	)


def blocked_on(start: datetime, end: datetime) -> Counter:
	"""Count people by reason. A person with two reasons counts for each."""
	rows = frappe.db.sql(
		"""select reasons, count(*) from `tabDialer Recipient`
		where status = %s and decided_at >= %s and decided_at < %s group by reasons""",
		(states.BLOCKED, start, end),
	)
	blocked: Counter = Counter()
	for codes, count in rows:
		for code in (codes or "").split(", "):
			if code and code not in DEFERRING:
				blocked[code] += count
	return blocked


def to_do() -> list[tuple[str, str]]:
	counts = frappe.db.sql(
		"""select if(status = %(awaiting)s and purpose = %(emergency)s, purpose, status), count(*)
		from `tabDialer Campaign` where status in (%(awaiting)s, %(paused)s) group by 1""",
		{"awaiting": states.AWAITING, "paused": states.PAUSED, "emergency": EMERGENCY},
	)
	waiting = Counter(dict(counts))
	reviews = frappe.db.count("Dialer Review", {"status": "Open"})
	families = frappe.db.count("Dialer Conversation", {"status": "Waiting"})
	phoning = frappe.db.count("Dialer Manual Call", {"status": ("!=", work.DONE)})
	campaigns = get_url_to_list("Dialer Campaign")
	tasks = (
		(
			waiting[EMERGENCY],
			_("One emergency waits for approval"),
			_("{0} emergencies wait for approval"),
			campaigns,
		),
		(
			waiting[states.AWAITING],
			_("One campaign waits for approval"),
			_("{0} campaigns wait for approval"),
			campaigns,
		),
		(waiting[states.PAUSED], _("One campaign is paused"), _("{0} campaigns are paused"), campaigns),
		(
			families,
			_("One family waits for an answer"),
			_("{0} families wait for an answer"),
			get_url_to_list("Dialer Conversation"),
		),
		(
			phoning,
			_("One family has to be phoned"),
			_("{0} families have to be phoned"),
			get_url_to_list("Dialer Manual Call"),
		),
		(
			reviews,
			_("One message from a family to look at"),
			_("{0} messages from families to look at"),
			get_url_to_list("Dialer Review"),
		),
	)
	return [(counted(count, one, many), link) for count, one, many, link in tasks if count]
