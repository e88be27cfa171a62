"""A recording that is old and was not played lately: a machine cannot hear that its news is over."""

from collections.abc import Iterator
from datetime import timedelta

import frappe

from school_dialer.campaigns.plausibility.facts import Facts, limited_query
from school_dialer.campaigns.plausibility.finding import RECORDING, Finding
from school_dialer.messages.model import VOICE, VOICEMAIL

OLD = timedelta(days=30)


def look(facts: Facts) -> Iterator[Finding]:
	if facts.campaign.channel == "Text":
		return
	names = {
		recording.name
		for words in facts.template.translations
		for variant in (VOICE, VOICEMAIL)
		if (recording := words.recording(variant))
	}
	if not names:
		return
	long_ago = facts.starts - OLD
	recorded = [
		row.creation
		for row in frappe.get_all("Dialer Recording", {"name": ("in", sorted(names))}, ["creation"])
		if row.creation < long_ago
	]
	if not recorded:
		return
	last = last_played(facts, names)
	if last is None:
		yield Finding(RECORDING, (min(recorded).date(),))
	elif last.started_at < long_ago:
		((people,),) = limited_query(
			"select count(*) from `tabDialer Recipient` where campaign = %(name)s", {"name": last.name}
		)
		yield Finding(RECORDING, (min(recorded).date(), last.started_at.date(), people))


def last_played(facts: Facts, names: set[str]) -> frappe._dict | None:
	"""Return name and start of the latest campaign that played one of these recordings."""
	templates = frappe.get_all(
		"Dialer Message Translation",
		or_filters={
			"voice_recording": ("in", sorted(names)),
			"voicemail_recording": ("in", sorted(names)),
		},
		pluck="parent",
		distinct=True,
		order_by="parent",
	)
	campaigns = frappe.get_all(
		"Dialer Campaign",
		{
			"template": ("in", templates),
			"name": ("!=", facts.campaign.name),
			"planned_at": ("is", "set"),
			"started_at": ("is", "set"),
		},
		["name", "started_at"],
		order_by="started_at desc",
		limit=1,
	)
	return campaigns[0] if campaigns else None
