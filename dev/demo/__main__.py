"""python -m dev.demo: an attendance day and the demo school's other campaigns, checked afterwards.

They go through real workers to the simulated carrier. Prints a table and writes .bench/demo.json. Exits 1
when an invariant is broken.
"""

from __future__ import annotations

import json
import signal
import sys
import time
import warnings
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

import frappe

from dev.demo import attendance, checks, consent_drive, district, inbox, morning, table
from dev.demo.people import APPROVER, MANAGER, Person, wait_for
from dev.demo.stage import Stage, set_up
from dev.school import foundation
from dev.school.load import CannotLoad
from dev.site.layout import OWN
from dev.site.steps import finish
from school_dialer.base import clock
from school_dialer.campaigns.due import due_campaigns
from school_dialer.campaigns.queues import enqueue_dispatch
from school_dialer.compliance.vocabulary import DEFERRING
from school_dialer.outbound.attempts import reconciler
from school_dialer.settings import carrier_settings

SEED = 20261124
OPEN_STATES = ("Pending", "Retry", "Dialing", "Unknown")
TICK_SECONDS = 20
UNREPORTED = timedelta(seconds=60)


@dataclass(frozen=True)
class Story:
	title: str
	purpose: str
	channel: str
	template: str
	audience: dict
	more: dict


def in_both_languages(english: str, spanish: str) -> dict:
	"""Return a campaign's details in the school's language and in Spanish."""
	return {"details": english, "details_translations": [{"language": "es", "details": spanish}]}


STORIES = (
	Story(
		"Spring concert",
		"Event",
		"Voice",
		"Event reminder",
		{"audience_source": "All guardians"},
		in_both_languages(
			"The spring concert is on Thursday at six in the evening, in the main hall.",
			"El concierto de primavera es el jueves a las seis de la tarde, en el auditorio.",
		),
	),
	Story(
		"Attendance notice",
		"Attendance",
		"Text",
		"Attendance notice",
		{"audience_source": "Guardians of a Program", "audience_name": "Grade 3"},
		{},
	),
	Story(
		"School closed today",
		"Emergency",
		"Voice",
		"Emergency closure",
		{"audience_source": "All guardians"},
		{
			"emergency_type": "Weather closure",
			"emergency_reason": "Ice on the roads",
			**in_both_languages(
				"Because of ice on the roads all schools are closed today. School buses do not run.",
				"Por hielo en las calles, hoy no hay clases en ninguna escuela. No hay autobuses escolares.",
			),
		},
	),
	Story(
		"Who comes to the chess evening?",
		"Event",
		"Voice",
		"Event poll",
		{"audience_source": "Guardians of a Student Group", "audience_name": "Chess Club"},
		in_both_languages(
			"The chess club plays on Friday at six in the evening, and parents are welcome.",
			"El club de ajedrez juega el viernes a las seis de la tarde. Los padres son bienvenidos.",
		),
	),
)


def main() -> int:
	# What other packages deprecate is not for who looks at the table.
	warnings.filterwarnings("ignore", module=r"(?!(dev|school_dialer)\b)")
	signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
	clock, seconds = time.monotonic(), {}
	with set_up(SEED) as stage:
		foundation.one_school()
		frappe.db.commit()
		seconds["set up"] = lap(clock)
		manager, approver = Person(stage.url, MANAGER), Person(stage.url, APPROVER)
		begin = time.monotonic()
		absences, attended = attendance.run(stage, settle)
		seconds["Attendance day"] = lap(begin)
		begin = time.monotonic()
		campaign, loop = morning.run(stage, settle, set(attended["students"]))
		seconds["Second morning"] = lap(begin)
		names = [absences, campaign]
		for story in STORIES:
			begin = time.monotonic()
			names.append(run(story, manager, approver))
			seconds[story.title] = lap(begin)
		begin = time.monotonic()
		more, by_school = district.run(stage, settle)
		names += more
		seconds["District of three schools"] = lap(begin)
		begin = time.monotonic()
		asked = consent_drive.run(stage)
		seconds["Consent drive"] = lap(begin)
		inbox.write(stage)
		wait_for("The confirmation of every opt-out", all_confirmed, unconfirmed)
		stage.carrier.wait_until_idle()
		report = report_of(stage, names, seconds | {"total": lap(clock)})
		report |= {"attendance": attended, "absence_loop": loop, "inbox": inbox.report_of(stage)}
		report |= {"district": by_school, "consent_drive": asked}
		for part in ("attendance", "absence_loop", "inbox", "district", "consent_drive"):
			report["violations"] += report[part]["violations"]
	(OWN / "demo.json").write_text(json.dumps(report, indent=1))
	print(table.render(report))
	return 1 if report["violations"] else 0


def run(story: Story, manager: Person, approver: Person) -> str:
	"""Run one campaign as staff do, until every recipient is settled or deferred, and return its name."""
	name = manager.create(
		"Dialer Campaign",
		{
			"title": story.title,
			"purpose": story.purpose,
			"channel": story.channel,
			"template": story.template,
			**story.audience,
			**story.more,
		},
	)
	if manager.press("start", name) == "Awaiting Approval":
		approver.press("approve", name)

	settle(story.title, name, manager)
	return name


def settle(title: str, name: str, manager: Person) -> None:
	"""Wait until every recipient of the campaign is settled or deferred.

	Exits if the campaign fails or is paused.
	"""

	seen: list[dict] = []
	kept_going = time.monotonic()

	def settled() -> bool:
		nonlocal kept_going
		progress = manager.progress(name)
		seen[:] = [progress["counts"]]
		if progress["status"] in ("Failed", "Paused"):
			raise SystemExit(f"{title}: {progress['status']}. {progress['status_message']}")
		waiting = sum(progress["counts"].get(state, 0) for state in OPEN_STATES)
		if waiting and time.monotonic() > kept_going + TICK_SECONDS:
			keep_going(name)
			kept_going = time.monotonic()
		return progress["status"] in ("Running", "Completed") and progress["total"] > 0 and not waiting

	wait_for(f"The end of {title}", settled, lambda: list(seen))


def keep_going(campaign: str) -> None:
	"""Do what the scheduler does later: dial who is due again, and ask about texts that are not reported."""
	frappe.db.rollback()
	if due_campaigns():
		enqueue_dispatch()
	logs = frappe.db.sql(
		"""select name, recipient, campaign, channel, placed_at, carrier, carrier_account, carrier_sid
		from `tabDialer Call Log` where campaign = %s and channel = 'Text' and status = 'sent'
		and placed_at < %s""",
		(campaign, clock.to_db(clock.now() - UNREPORTED)),
		as_dict=True,
	)
	carriers = carrier_settings.Carriers()
	for log in logs:
		if carrier := carriers.known(log.carrier_account):
			reconciler.ask_about(carrier, log)
	frappe.db.commit()


def all_confirmed() -> bool:
	return not unconfirmed()


def unconfirmed() -> int:
	frappe.db.rollback()
	return frappe.db.count("Dialer Notice", {"status": ("in", ("Waiting", "Sending"))})


def report_of(stage: Stage, names: list[str], seconds: dict[str, float]) -> dict:
	frappe.db.commit()
	carrier_log = stage.carrier.log()
	asked = checks.requests_of(carrier_log)
	report = {
		"frappe": frappe.__version__,
		"campaigns": [campaign_report(name) for name in names],
		"carrier": {
			"calls": sum(entry["kind"] == "call" for entry in asked),
			"messages": sum(entry["kind"] == "message" for entry in asked),
		},
		"violations": [*checks.violations(names, carrier_log), *stage.carrier.control("stats")["violations"]],
		"seconds": seconds,
	}
	report["carrier"]["confirmations"] = len(checks.answers_of(asked))
	placed = sum(campaign["placed"] for campaign in report["campaigns"]) + report["carrier"]["confirmations"]
	if placed != len(asked):
		report["violations"].append(
			f"{placed} calls and texts are logged as placed, the carrier received {len(asked)}."
		)
	return report


def campaign_report(name: str) -> dict:
	campaign = frappe.get_doc("Dialer Campaign", name)
	rows = frappe.get_all(
		"Dialer Recipient",
		{"campaign": name},
		["name", "status", "verdict", "reasons", "not_before"],
		order_by="name",
	)
	logs = frappe.get_all(
		"Dialer Call Log", {"campaign": name, "status": ("!=", "refused")}, pluck="recipient", order_by=None
	)
	called = set(filter(None, logs))
	states = Counter(row.status for row in rows)
	blocked = Counter(
		code
		for row in rows
		if row.status == "Blocked" and row.name not in called
		for code in row.reasons.split(", ")
		if code not in DEFERRING
	)
	deferred = sorted(row.not_before for row in rows if row.status == "Deferred")
	return {
		"name": campaign.title,
		"purpose": campaign.purpose,
		"channel": campaign.channel,
		"recipients": len(rows),
		"allowed": checks.were_permitted(rows, called),
		"called": len(called),
		"placed": len(logs),
		"reached": states["Reached"],
		"not_reached": states["Not Reached"],
		"deferred": states["Deferred"],
		"deferred_until": str(deferred[0]) if deferred else None,
		"blocked": dict(blocked),
		"not_called": sum(row.status == "Blocked" and row.name not in called for row in rows),
		"answers": answers_to(name),
	}


def answers_to(name: str) -> dict[str, int]:
	"""Return the counts of a poll's answers, in the order of their keys."""
	labels = frappe.get_all("Dialer Answer", {"campaign": name}, pluck="label", order_by="answer")
	return dict(Counter(labels))


def lap(begin: float) -> float:
	return round(time.monotonic() - begin, 1)


if __name__ == "__main__":
	try:
		finish(main)
	except CannotLoad as lack:
		sys.exit(f"The demonstration cannot run on this site. {lack}")
