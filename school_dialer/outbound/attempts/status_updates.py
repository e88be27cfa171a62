"""Status callbacks and other reports of the carrier, applied once and forward only.

Every report is one conditional UPDATE of its call log. A status of lower or equal rank changes nothing, so
five copies in any order leave the same row. `settling` sets the recipients of ended calls.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from operator import itemgetter

import frappe

from school_dialer.base import clock, states
from school_dialer.base.database.transactions import changed
from school_dialer.carriers.base import Placed
from school_dialer.carriers.faults import Fault
from school_dialer.outbound.attempts import canceling
from school_dialer.outbound.attempts.heard import HUMAN
from school_dialer.outbound.attempts.settling import settle_recipients
from school_dialer.settings import carrier_faults, privacy_features
from school_dialer.settings.carrier_faults import FAILING
from school_dialer.settings.registration import attestation


@dataclass(frozen=True, slots=True)
class StatusUpdate:
	"""One report on a call log. Empty values are unknown, not cleared.

	`duration` is in seconds; `at` is aware, and None means now. `answer` says that it is the carrier's answer
	to our own request to cancel the call. `account` is the carrier account whose key signed the report; a log
	that another account made does not change. `sip_code` is how the telephone network ended a call.
	"""

	status: str
	sid: str | None = None
	answered_by: str | None = None
	duration: int | None = None
	error_code: str | None = None
	error_message: str | None = None
	price: str | None = None
	at: datetime | None = None
	attestation: str | None = None
	answer: bool = False
	account: str | None = None
	sip_code: str | None = None

	@classmethod
	def of(cls, placed: Placed) -> "StatusUpdate":
		"""Return the report that callbacks would have made from the carrier's own record."""
		return cls(
			placed.status,
			sid=placed.sid,
			answered_by=placed.answered_by,
			duration=placed.duration,
			error_code=placed.error_code or None,
		)


def apply(log_name: str, status_update: StatusUpdate) -> bool:
	"""Apply one report. Return True if the log changed.

	An unknown log or status is not an error: the carrier gets "received" anyway. Does not commit.
	"""
	return bool(apply_all([(log_name, status_update)]))


def apply_all(reports: Iterable[tuple[str, StatusUpdate]]) -> set[str]:
	"""Apply reports, and settle the recipients of ended calls. Return the names of changed logs.

	Every process takes logs in the order of their names, so two do not wait for each other. Does not commit
	(`commit`).
	"""
	moved = set()
	ended, lacking = [], {}
	reports = sorted(reports, key=itemgetter(0))
	awaited = canceling.among(log for log, status_update in reports if reports_cancel(status_update))
	carriers = carriers_of(
		[
			log
			for log, status_update in reports
			if status_update.error_code and status_update.status in FAILING
		]
	)
	for log_name, status_update in reports:
		status_update, fault = explain_fault(status_update, carriers.get(log_name))
		if status_update.attestation:
			attestation.note_level(log_name, status_update.attestation)
		if log_name in awaited and reports_cancel(status_update):
			continue
		if status_update.status not in states.RANK or not move_log(log_name, status_update):
			continue
		moved.add(log_name)
		if states.is_final(status_update.status):
			ended.append(log_name)
			if fault and fault.lacks:
				lacking[log_name] = fault.lacks
		else:
			mark_dialing(log_name)
	if lacking:
		privacy_features.found_lacking(lacking)
	if ended:
		settle_recipients(ended)
	return moved


def reports_cancel(status_update: StatusUpdate) -> bool:
	return status_update.status == canceling.CANCELED and not status_update.answer


def carriers_of(logs: list[str]) -> dict[str, str]:
	"""Return the carrier by which each of these calls was made."""
	if not logs:
		return {}
	return dict(
		frappe.db.sql("select name, carrier from `tabDialer Call Log` where name in %s", (tuple(logs),))
	)


def explain_fault(
	status_update: StatusUpdate, carrier: str | None = None
) -> tuple[StatusUpdate, Fault | None]:
	"""Add the reason for a failure in plain words, as this carrier means it. Return (report, fault)."""
	fault = (
		carrier_faults.fault_of(status_update.error_code, carrier)
		if status_update.status in FAILING
		else None
	)
	if fault is carrier_faults.UNKNOWN_CODE:
		frappe.logger("school_dialer").warning(
			"a carrier's error code is not in the table: %s",
			status_update.error_code[:6] if status_update.error_code.isdecimal() else "no number",
		)
	if fault and not status_update.error_message:
		status_update = replace(
			status_update, error_message=carrier_faults.explained(status_update.error_code, fault)[:140]
		)
	return status_update, fault


def mark_dialing(log_name: str) -> None:
	"""Set a recipient from Unknown to Dialing: a call whose response was lost is in progress after all."""
	frappe.db.sql(
		"update `tabDialer Recipient` set status = %s where last_call_log = %s and status = %s",
		(states.DIALING, log_name, states.UNKNOWN),
	)


def move_log(log_name: str, status_update: StatusUpdate) -> bool:
	"""Write a report on its log unless it comes too late. Return True if the log changed.

	Who was found to be a person stays one: the carrier goes on to call a phone that screened the call a
	machine.
	"""
	at = clock.to_db(status_update.at or clock.now())
	frappe.db.sql(
		"""update `tabDialer Call Log` set
			status = %(status)s,
			status_rank = %(rank)s,
			carrier_sid = coalesce(%(sid)s, carrier_sid),
			answered_by = if(answered_by = %(human)s, answered_by, coalesce(%(answered_by)s, answered_by)),
			duration = coalesce(%(duration)s, duration),
			error_code = coalesce(%(error_code)s, error_code),
			error_message = coalesce(%(error_message)s, error_message),
			sip_code = coalesce(%(sip_code)s, sip_code),
			price = coalesce(%(price)s, price),
			answered_at = coalesce(%(answered_at)s, answered_at),
			ended_at = coalesce(%(ended_at)s, ended_at)
		where name = %(log)s and status_rank < %(rank)s
		and (%(account)s is null or ifnull(carrier_account, '') in ('', %(account)s))""",
		{
			"log": log_name,
			"account": status_update.account,
			"rank": states.rank(status_update.status),
			"status": status_update.status,
			"sid": status_update.sid or None,
			"answered_by": status_update.answered_by or None,
			"human": HUMAN,
			"duration": status_update.duration,
			"error_code": status_update.error_code or None,
			"error_message": status_update.error_message or None,
			"price": status_update.price or None,
			"sip_code": status_update.sip_code or None,
			"answered_at": at if status_update.status == "in-progress" else None,
			"ended_at": at if states.is_final(status_update.status) else None,
		},
	)
	return changed() > 0
