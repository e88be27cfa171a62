"""The printed evidence about one campaign.

It shows why the campaign called, who authorized it, under which rules, who was not called, and what went
wrong. It is computed from the records at the time of printing; nothing is stored.
"""

import json
from collections import Counter
from datetime import datetime

import frappe
from frappe import _

from school_dialer.audience.base import sources
from school_dialer.base import clock, states
from school_dialer.base.refusal import throw
from school_dialer.campaigns import resending
from school_dialer.campaigns.corrections import making
from school_dialer.compliance.vocabulary import ALL_NON_EMERGENCY, EMERGENCY, EVERYTHING
from school_dialer.consent.replies import opt_out_timing, overdue
from school_dialer.messages import campaign_details, preview, store
from school_dialer.messages.details import DETAILS
from school_dialer.messages.language import display_name
from school_dialer.messages.model import Subject, Template
from school_dialer.reporting import call_audit, campaigns, reasons, receipt


def report_of(campaign) -> dict:
	"""Return the values for the print format Campaign Compliance Report.

	Raises PermissionError for a user who may not export call logs.
	"""
	if not frappe.has_permission("Dialer Call Log", "export"):
		throw(
			_("This report holds the evidence of every call. It is for those who may export the call log."),
			frappe.PermissionError,
		)
	calls, opt_outs = call_audit.audit_of(campaign.name), opt_outs_of(campaign)
	counts = campaigns.by_status([campaign.name])[campaign.name]
	blocked = campaigns.blocked([campaign.name])[campaign.name]
	used = policies_of(campaign.name, calls)
	return {
		**receipt.printed(),
		"utc": receipt.utc,
		"staff": staff_member,
		"corrected": making.links_of(campaign),
		"resent": resending.links_of(campaign),
		"counts": counts,
		"people": counts.total(),
		"calls": calls,
		"hours": sorted((hour, count) for hour, count in calls.hours.items() if hour != call_audit.NO_HOUR),
		"no_hour": calls.hours[call_audit.NO_HOUR],
		"policies": used,
		"reasons": reasons_of(blocked, used),
		"audience": audience_of(campaign),
		"language_name": lambda code: display_name(code, frappe.local.lang or "en") or code,
		"template": template_of(campaign),
		"outcomes": outcomes_of(campaign.name),
		"opt_outs": opt_outs,
		"exceptions": list(exceptions(campaign, calls, counts, blocked, opt_outs)),
	}


def staff_member(user: str | None) -> str:
	"""Return a user's full name and address, or "" for no one."""
	name = frappe.utils.get_fullname(user) if user else ""
	return f"{name} ({user})" if name != (user or "") else name


def audience_of(campaign) -> str:
	"""Return whom the campaign is for, in the words of its form."""
	label = campaign.audience_source
	source = sources().get(label)
	named = (source.shown() if source else _(label), campaign.audience_name, campaign.audience_file)
	return ": ".join(filter(None, named))


def policies_of(campaign: str, calls: call_audit.CallAudit) -> list[frappe._dict]:
	"""Return the policies under which people were called or blocked, with their sources."""
	decisions = Counter(calls.policies)
	rows = frappe.db.sql(
		"""select json_value(decision, '$.policy'), json_value(decision, '$.version'), count(*)
		from `tabDialer Recipient` where campaign = %s and status = %s and decision is not null group by 1,
			2""",
		(campaign, states.BLOCKED),
	)
	for policy, version, count in rows:
		decisions[policy or "", version or ""] += count
	policies = []
	for (policy, version), count in sorted(decisions.items()):
		record = frappe.db.get_value(
			"Dialer Policy",
			{"policy_name": policy, "version": version},
			["name", "jurisdiction", "effective_from", "citation", "rules"],
			as_dict=True,
		)
		entry = record or frappe._dict(name=f"{policy} {version}", rules="{}")
		entry.update({"decisions": count, "citations": json.loads(entry.pop("rules")).get("citations", {})})
		policies.append(entry)
	return policies


def reasons_of(blocked: Counter, policies: list[frappe._dict]) -> list[frappe._dict]:
	"""Return every reason with how many people it applied to. A person may have several."""
	people: Counter = Counter()
	for text, count in blocked.items():
		people.update(dict.fromkeys(reasons.blocking(text) or [""], count))
	citations = {code: text for policy in policies for code, text in policy.citations.items()}
	return [
		frappe._dict(code=code, title=reasons.title(code), people=count, citation=citations.get(code, ""))
		for code, count in people.most_common()
	]


def template_of(campaign) -> frappe._dict:
	"""Return the versions of the message that were sent, and samples of it if it has not changed since."""
	versions = [
		version
		for (version,) in frappe.db.sql(
			"""select distinct template_version from `tabDialer Call Log`
			where campaign = %s and template_version is not null order by 1""",
			campaign.name,
		)
	]
	doc = frappe.get_doc("Dialer Message Template", campaign.template)
	unchanged = versions == [doc.version]
	return frappe._dict(
		name=doc.name,
		versions=versions,
		sensitivity=doc.sensitivity,
		samples=samples_of(campaign, store.from_doc(doc)) if unchanged else [],
	)


def samples_of(campaign, template: Template) -> list[frappe._dict]:
	"""Return what was heard or read in each language of the message, and what was left on voicemail.

	The details are the campaign's. People and records are the catalog's examples: the report names no one.
	"""
	details = campaign_details.details_of(campaign)
	values = {**preview.example_values(), DETAILS: details if details.all() else None}
	samples = []
	for language in [words.language for words in template.translations]:
		name = str(values.get("recipient_name") or "")
		subject = Subject(
			"", "", "", name, language=language, channel=campaign.channel, school=campaign.get("school") or ""
		)
		outgoing = store.outgoing(template, subject, values)
		if campaign.channel == "Text":
			spoken, voicemail = preview.read_out(outgoing), {}
		else:
			spoken, voicemail = preview.heard(outgoing), preview.left_on_voicemail(outgoing)
		samples.append(frappe._dict(language=language, said=in_words(spoken), voicemail=in_words(voicemail)))
	return samples


def in_words(rendered: dict) -> str:
	"""Return a rendered message as text, or why it could not be said."""
	spoken = [*rendered.get("sentences", ()), *rendered.get("after_confirmation", ())]
	return rendered.get("error") or rendered.get("body") or " ".join(spoken)


def outcomes_of(campaign: str) -> list[tuple[str, str, str, int]]:
	"""Return (carrier status, who answered, result, count)."""
	return frappe.db.sql(
		"""select status, ifnull(answered_by, ''), ifnull(result, ''), count(*) from `tabDialer Call Log`
		where campaign = %s group by 1, 2, 3 order by 4 desc, 1, 2, 3""",
		campaign,
	)


def span_of(campaign) -> tuple[datetime, datetime] | None:
	"""Return (start, end), naive, in the site time zone; None before the campaign has started.

	The end is now while the campaign is running.
	"""
	if not campaign.started_at:
		return None
	start, end = map(frappe.utils.get_datetime, (campaign.started_at, campaign.ended_at or clock.db_now()))
	return start, end


def opt_outs_of(campaign) -> list[opt_out_timing.OptOutTiming]:
	"""Return opt-outs of the campaign's numbers that took effect while it ran, the first one first."""
	span = span_of(campaign)
	if span is None:
		return []
	stops = {stop.event: stop for stop in opt_out_timing.stops(*span)}
	ours = frappe.db.sql(
		"""select distinct event.name from `tabConsent Event` event
		join `tabDialer Recipient` recipient on recipient.phone = event.phone
		where event.kind in %s and event.effective_at >= %s and event.effective_at < %s
			and recipient.campaign = %s""",
		(opt_out_timing.STOPS, *span, campaign.name),
	)
	return sorted((stops[name] for (name,) in ours if name in stops), key=lambda stop: stop.effective_at)


def called_after_opt_out(campaign) -> list[str]:
	"""Return call logs placed after an opt-out of that number that covered this campaign.

	An opt-out that was lifted before the call does not count.
	"""
	span = span_of(campaign)
	if span is None:
		return []
	scopes = (EVERYTHING,) if campaign.purpose == EMERGENCY else (EVERYTHING, ALL_NON_EMERGENCY)
	rows = frappe.db.sql(
		"""select distinct log.name from `tabConsent Event` event
		join `tabDialer Call Log` log on log.phone = event.phone and log.placed_at > event.effective_at
		where event.kind in %(stops)s and event.effective_at >= %(start)s and event.effective_at < %(end)s
		and log.campaign = %(campaign)s and log.status != %(refused)s and event.channel in ('Any',
			%(channel)s)
		and (event.scope in %(scopes)s or (event.scope = 'this purpose' and event.purpose = %(purpose)s)
			or (event.scope = 'this school' and event.school = log.school and %(purpose)s != 'Emergency'))
		and not exists (select 1 from `tabConsent Event` later where later.phone = event.phone
			and later.seq > event.seq and later.kind in ('Opt In', 'Rescope', 'Grant') and later.effective_at
			<= log.placed_at)""",
		{
			"stops": opt_out_timing.STOPS,
			"start": span[0],
			"end": span[1],
			"campaign": campaign.name,
			"refused": states.REFUSED,
			"channel": campaign.channel,
			"scopes": scopes,
			"purpose": campaign.purpose,
		},
	)
	return [name for (name,) in rows]


def exceptions(campaign, calls: call_audit.CallAudit, counts: Counter, blocked: Counter, opt_outs: list):
	"""Yield (what was checked, how many were found, the logs). Checks that found nothing are included."""
	limit = overdue.allowed().total_seconds() / 60
	late = [stop.event for stop in opt_outs if stop.minutes_to_effect > limit]
	after = called_after_opt_out(campaign)
	held_back = sum(count for text, count in blocked.items() if reasons.HELD_BACK in text)
	yield _("Calls whose sealed decision is missing or was changed"), len(calls.unsealed), calls.unsealed
	yield (
		_("Calls whose decision, recomputed, is not the recorded permission"),
		len(calls.not_allowed),
		calls.not_allowed,
	)
	yield (
		_("Calls outside the permitted hours where the person lives"),
		len(calls.outside_hours),
		calls.outside_hours,
	)
	yield _("Requests to a number that began after its opt-out was in force"), len(after), after
	yield _("Opt-outs recorded later than the school allows"), len(late), late
	yield _("Requests whose outcome the carrier never reported"), counts[states.UNKNOWN], []
	yield _("People held back since their record lacked what the message says"), held_back, []
	yield _("People not called because the campaign was cancelled"), counts["Cancelled"], []
