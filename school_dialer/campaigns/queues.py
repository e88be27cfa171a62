"""The background jobs that move a campaign on, enqueued after the commit."""

import frappe
from frappe.utils import cint

from school_dialer.base.jobs import EMERGENCY_QUEUE, PLAN_QUEUE


def enqueue_plan(name: str, emergency: bool = False) -> None:
	"""Enqueue the planner. An extra job is harmless: it exits at once."""
	frappe.enqueue(
		"school_dialer.campaigns.planning.planner.run",
		queue=EMERGENCY_QUEUE if emergency else PLAN_QUEUE,
		at_front=emergency,
		enqueue_after_commit=True,
		campaign=name,
	)


def enqueue_fallback(name: str) -> None:
	"""Enqueue the follow-up texts and emails. An extra job is harmless: it exits at once."""
	frappe.enqueue(
		"school_dialer.followup.fallback.run", queue=EMERGENCY_QUEUE, enqueue_after_commit=True, campaign=name
	)


def enqueue_manual_calls(name: str) -> None:
	"""Enqueue the job that lists, for a person to phone, the families whom no call reached."""
	frappe.enqueue(
		"school_dialer.manual_calls.listing.fill_soon",
		queue=EMERGENCY_QUEUE,
		enqueue_after_commit=True,
		campaign=name,
	)


def enqueue_dispatch(emergency: bool = False, worker: int = 0) -> None:
	"""Enqueue a dispatcher. An emergency goes to the front of the queue.

	One dispatcher per lane (`emergency` and `worker`) serves all campaigns. An extra job exits at once.
	"""
	frappe.enqueue(
		"school_dialer.outbound.dispatch.dispatcher.run",
		queue=EMERGENCY_QUEUE if emergency else PLAN_QUEUE,
		at_front=emergency,
		enqueue_after_commit=True,
		emergency=emergency,
		worker=worker,
	)


def end_calls(name: str) -> None:
	"""Enqueue a job that ends the campaign's calls at the carrier: those that wait, ring, or are answered."""
	frappe.enqueue(
		"school_dialer.outbound.attempts.revocation.end_calls",
		queue=EMERGENCY_QUEUE,
		at_front=True,
		enqueue_after_commit=True,
		campaign=name,
	)


def enqueue_public_alert() -> None:
	"""Enqueue the job that publishes started emergencies, if the school publishes them.

	The scheduler's tick does the same, later.
	"""
	if cint(frappe.db.get_single_value("Dialer Settings", "publish_alerts")):
		frappe.enqueue(
			"school_dialer.public_alerts.outgoing.publishing.publish_soon",
			queue=EMERGENCY_QUEUE,
			enqueue_after_commit=True,
		)
