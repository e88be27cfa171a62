"""Draft campaigns of a drive's waves, which staff start like any other, and their results.

A wave makes one for each purpose whose consent it uses and, in a district, for each school. Nothing is sent
before someone starts it, and each person is decided about twice by the gate, as in every campaign.
"""

from collections import defaultdict
from collections.abc import Sequence

import frappe
from frappe import _

from school_dialer.base import states
from school_dialer.base.database.rows import update_each
from school_dialer.base.without_permission import write_drive_record
from school_dialer.campaigns import actions, transitions
from school_dialer.consent_drive import planning, scope, stopping
from school_dialer.consent_drive.by_phone import audience, message, who
from school_dialer.consent_drive.planning import FAMILY
from school_dialer.consent_form import requests

CAMPAIGN = "Dialer Campaign"
LONGEST_TITLE = 140
MOST = 300
"""Rows of the table on the form."""
GONE = (states.CANCELLED, states.FAILED)
GOT = (states.REACHED, states.DIALING, states.UNKNOWN)
"""Statuses of recipients who got the message, or may have."""


def ask(drive, wave, families: Sequence[frappe._dict]) -> None:
	"""Put those of these families who may be asked in the wave's way into drafts. The caller commits.

	The others stay as they are. A campaign that was started meanwhile gets no one more: there is another.
	"""
	phones = {adult.person: adult.phones for adult in stopping.guardians({row.person for row in families})}
	asked = [audience.asked_at(row, phones.get(row.person, ()), row.name) for row in families]
	may = who.purposes_of(asked, who.CHANNELS[wave.way], scope.scope_of(drive).purpose)
	groups: dict[tuple[str, str], list[frappe._dict]] = defaultdict(list)
	for row in families:
		if row.name in may:
			groups[may[row.name], row.school or ""].append(row)
	for (purpose, school), rows in sorted(groups.items()):
		assign(drive, wave, rows, draft(drive, wave, purpose, school))


def draft(drive, wave, purpose: str, school: str) -> str:
	"""Return the wave's draft for this purpose and school, its row locked until the commit."""
	channel = who.CHANNELS[wave.way]
	drafts = frappe.db.sql(
		"""select name from `tabDialer Campaign` where consent_drive = %s and consent_wave = %s
		and purpose = %s and channel = %s and ifnull(school, '') = %s and status = 'Draft'
		order by name limit 1 for update""",
		(drive.name, wave.idx, purpose, channel, school),
	)
	if drafts:
		return drafts[0][0]
	about = _("{0}, wave {1}: {2}").format(drive.title, wave.idx, _(wave.way))
	title = " · ".join(filter(None, (about, _(purpose), school)))
	values = {
		"title": title[:LONGEST_TITLE],
		"purpose": purpose,
		"channel": channel,
		"school": school or None,
		"audience_source": audience.DriveFamilies.label,
		"reach": "Everyone",
		"template": message.template_for(wave.way, purpose),
	}
	name = write_drive_record({"doctype": CAMPAIGN, **values}).name
	reason = _(
		"A consent drive made this draft for people who agreed to be contacted like this about {0}. "
		"Nothing is sent before you start it."
	).format(_(purpose))
	made = {"consent_drive": drive.name, "consent_wave": wave.idx, "status_message": reason}
	frappe.db.set_value(CAMPAIGN, name, made, update_modified=False)
	return name


def assign(drive, wave, rows: Sequence[frappe._dict], campaign: str) -> None:
	"""Put families into a campaign. For a text, each gets a request of its own, whose address it names."""
	marks = {row.name: {"last_wave": wave.idx, "campaign": campaign} for row in rows}
	if wave.way == who.BY_TEXT:
		made = requests.create([planning.request_of(row, drive.name, requests.TEXT) for row in rows])
		for row, request in zip(rows, made, strict=True):
			marks[row.name]["request"] = request
	update_each(FAMILY, marks)


def sync(drive: str) -> None:
	"""Read who was reached by the drive's campaigns, and free families of campaigns that ended without it."""
	frappe.db.sql(
		"""update `tabDialer Consent Family` family
		join `tabDialer Campaign` campaign on campaign.name = family.campaign
		join `tabDialer Recipient` recipient on recipient.campaign = family.campaign
			and recipient.person = family.person and recipient.person_doctype = family.person_doctype
		left join `tabDialer Call Log` log on log.name = recipient.last_call_log
		set family.state = if(family.state = 'Waiting', 'Asked', family.state),
			family.last_way = if(campaign.channel = 'Text', 'Text', 'Call'),
			family.last_asked_at = ifnull(log.placed_at, recipient.modified)
		where family.drive = %s and recipient.status = %s""",
		(drive, states.REACHED),
	)
	free(drive)


def free(drive: str) -> None:
	"""Let families be asked again whose campaign was canceled or deleted before it reached them.

	The addresses in texts that were never sent open nothing from now on.
	"""
	rows = frappe.db.sql(
		"""select family.name, family.last_wave, family.request, request.way
		from `tabDialer Consent Family` family
		left join `tabDialer Campaign` campaign on campaign.name = family.campaign
		left join `tabDialer Consent Request` request on request.name = family.request
			and request.status = 'Waiting'
		where family.drive = %s and family.campaign > ''
			and (campaign.name is null or campaign.status in %s)
			and not exists (select 1 from `tabDialer Recipient` recipient
				where recipient.campaign = family.campaign and recipient.person = family.person
				and recipient.status in %s)""",
		(drive, GONE, GOT),
		as_dict=True,
	)
	marks = {row.name: {"campaign": None, "last_wave": max(row.last_wave - 1, 0)} for row in rows}
	update_each(FAMILY, marks)
	unsent = {row.name: row.request for row in rows if row.way == requests.TEXT}
	update_each(FAMILY, {family: {"request": None} for family in unsent})
	requests.withdraw(list(unsent.values()))


def stop(drive: str) -> None:
	"""Cancel the drive's campaigns that have not ended, with what still waits in them."""
	for name in of_drive(drive, ("not in", states.ENDED)):
		actions.cancel(name)


def pause(drive: str) -> None:
	"""Pause the drive's campaigns that are under way. Someone has to resume each."""
	for name in of_drive(drive, ("in", states.CALLING)):
		reason = _("Paused, because its consent drive was paused.")
		transitions.try_move(name, states.PAUSED, states.CALLING, status_message=reason)


def of_drive(drive: str, status: tuple) -> list[str]:
	filters = {"consent_drive": drive, "status": status}
	return frappe.get_all(CAMPAIGN, filters, pluck="name", order_by="name")


def shown(drive: str) -> list[dict]:
	"""Return the drive's campaigns that the user may see, with `families` and how many were `reached`."""
	fields = ["name", "title", "consent_wave", "channel", "purpose", "school", "status", "started_at"]
	rows = frappe.get_list(
		CAMPAIGN, {"consent_drive": drive}, fields, order_by="consent_wave, name", limit=MOST
	)
	names = tuple(row.name for row in rows) or ("",)
	waiting = dict(
		frappe.db.sql(
			"""select campaign, count(*) from `tabDialer Consent Family`
			where campaign in %s group by campaign""",
			(names,),
		)
	)
	planned = {
		campaign: (people, reached)
		for campaign, people, reached in frappe.db.sql(
			"""select campaign, count(*), sum(status = %s) from `tabDialer Recipient`
			where campaign in %s group by campaign""",
			(states.REACHED, names),
		)
	}
	for row in rows:
		people, reached = planned.get(row.name, (0, 0))
		row.update(families=people or waiting.get(row.name, 0), reached=int(reached))
	return rows
