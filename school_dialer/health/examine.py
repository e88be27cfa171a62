"""Run all checks in order. A check that raises becomes a finding itself and does not stop the others."""

from collections.abc import Callable, Iterable
from datetime import datetime, timezone

import frappe
from frappe import _

from school_dialer.health import (
	accounts,
	background,
	desk_rules,
	movement,
	outside,
	proof,
	public_alerts,
	rosters,
	safe_mode,
	site,
	waiting,
)
from school_dialer.health.finding import FAIL, Finding, worst

Check = Callable[[], Finding]

INSIDE: dict[str, Check] = {
	"safe_mode": safe_mode.standing,
	"settings": site.readiness,
	"scheduler": background.scheduler,
	"workers": background.workers,
	"due": movement.calls_due,
	"callbacks": waiting.carrier_reports,
	"notices": waiting.notices,
	"late_texts": waiting.late_texts,
	"queue_redis": background.queue_redis,
	"job_ids": background.job_ids,
	"failed_jobs": background.failed_jobs,
	"disk": site.disk,
	"database": site.database,
	"anchors": site.anchors,
	"proof": proof.checkpoint,
	"policies": site.policies,
	"court_orders": site.court_orders,
	"desk_rules": desk_rules.writers,
	"area_codes": site.area_codes,
	"pdf": site.pdf_files,
	"incoming": site.incoming_addresses,
	"declined": movement.declined_calls,
	"rosters": rosters.nightly_import,
	"alert_feeds": public_alerts.feeds,
	"accounts": accounts.carrier_accounts,
}
"""Checks that query only this bench and take a moment."""
OUTSIDE: dict[str, Check] = {"carrier": outside.carrier, "certificate": outside.certificate}
"""Checks that wait for other systems, up to several seconds each."""
ALL = INSIDE | OUTSIDE


def examine(checks: dict[str, Check]) -> list[Finding]:
	return [make_finding(name, check) for name, check in checks.items()]


def make_finding(name: str, check: Check) -> Finding:
	try:
		return check()
	except Exception as error:
		frappe.clear_messages()
		text = _("This could not be checked ({0}). Is the bench running?").format(type(error).__name__)
		return Finding(name, FAIL, text)


def as_dict(findings: Iterable[Finding]) -> dict:
	"""Return findings as a dict.

	``state``: the worst state. ``at``: UTC, ISO 8601. ``checks``: name, state, text and figures of each.
	"""
	listed = list(findings)
	return {
		"state": worst(listed),
		"at": datetime.now(timezone.utc).isoformat(timespec="seconds"),
		"checks": [
			{"name": item.name, "state": item.state, "text": item.text, "figures": dict(item.figures)}
			for item in listed
		],
	}
