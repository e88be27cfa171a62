"""Safe mode: the site places no call and sends no text, except for emergencies that a person has allowed.

It is on while a row of Dialer Restore has `safe` set. Only a person ends it (`recovery.ending`).
"""

import json
import secrets
import time
from dataclasses import dataclass

import frappe
from frappe import _

from school_dialer.base import clock, roles
from school_dialer.base.database.rows import insert, stamp
from school_dialer.base.refusal import throw
from school_dialer.compliance.vocabulary import EMERGENCY
from school_dialer.continuity import decision, hosts, marks
from school_dialer.continuity.decision import Seen
from school_dialer.schools import staff

DOCTYPE = "Dialer Restore"
KEPT_SECONDS = 1.0
SAFE = "Safe Mode"


class SafeMode(frappe.ValidationError):
	"""The site stands in Safe mode, so nothing leaves it. The message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Standing:
	"""The Safe mode in force: its Dialer Restore, its cause, and whether emergencies may leave."""

	name: str
	cause: str
	emergencies: bool


def current() -> Standing | None:
	"""Return the Safe mode in force, or None. One query."""
	restore = frappe.qb.DocType(DOCTYPE)
	rows = (
		frappe.qb.from_(restore)
		.select(restore.name, restore.cause, restore.emergencies_allowed)
		.where(restore.safe == 1)
		.limit(1)
		.run()
	)
	return Standing(rows[0][0], rows[0][1], bool(rows[0][2])) if rows else None


def stops(purpose: str | None = None) -> Standing | None:
	"""Return the Safe mode that stops calls and texts of this purpose, or None."""
	mode = current()
	return None if mode and mode.emergencies and purpose == EMERGENCY else mode


def refuse(purpose: str | None = None) -> None:
	"""Raise `SafeMode` if it stops calls and texts of this purpose. Asks the database once a second."""
	kept = getattr(frappe.local, "dialer_safe_mode", None)
	if kept is None or time.monotonic() - kept[0] > KEPT_SECONDS:
		kept = frappe.local.dialer_safe_mode = (time.monotonic(), current())
	mode = kept[1]
	if mode and not (mode.emergencies and purpose == EMERGENCY):
		throw(sentence(mode.cause), SafeMode)


def sentence(cause: str) -> str:
	"""Return what happened and what to do, in one or two sentences."""
	happened = {
		decision.RESTORED: _("The site's database was restored from an older state."),
		decision.COPY: _("The site was copied or moved, or all marks outside of its database are lost."),
		decision.CLOCK_BACK: _("The server's clock went back."),
		decision.UNPROVEN: _("This host has not shown yet that the carrier reaches this site."),
	}
	what = happened.get(cause, happened[decision.RESTORED])
	if cause == decision.UNPROVEN:
		check = _(
			"Until then only emergencies are called and texted. Check the Public URL in Dialer Settings. "
			"Where a server cannot reach its own address, end Safe mode in Dialer Restore."
		)
		return f"{what} {check}"
	return what + " " + _("Safe mode: nothing is called or texted. Open Dialer Restore and press Reconcile.")


def enter(cause: str, seen: Seen) -> str:
	"""Begin Safe mode, and alarm the Dialer Managers. Returns the name of its Dialer Restore. Commits.

	On a host that only could not be proven, emergencies leave from the beginning. Idempotent: while Safe mode
	is on, its name is returned.
	"""
	frappe.db.rollback()
	marks.from_database(for_update=True)
	if mode := current():
		frappe.db.commit()
		return mode.name
	name = f"RESTORE-{marks.machine_now():%Y%m%d}-{secrets.token_hex(3)}"
	insert(
		DOCTYPE,
		[
			{
				"name": name,
				**stamp(),
				"state": SAFE,
				"safe": 1,
				"cause": cause,
				"emergencies_allowed": int(cause == decision.UNPROVEN),
				"noticed_at": clock.db_now(),
				"known_until": clock.to_db(known_until(seen)),
				"facts": json.dumps(facts_of(seen)),
			}
		],
	)
	frappe.local.dialer_safe_mode = None
	staff.alarm(roles.MANAGER, sentence(cause), DOCTYPE, name)
	frappe.db.commit()
	return name


def known_until(seen: Seen):
	"""Return when the database's own record ends (aware): its mark, or its newest call."""
	if seen.database:
		return min(seen.database.site_at, clock.now())
	newest = frappe.db.sql("select max(placed_at) from `tabDialer Call Log` where direction = 'Outbound'")
	return clock.from_db(newest[0][0])


def facts_of(seen: Seen) -> dict:
	"""Return the marks as they were found, without the site's identity."""
	by_place = {"database": seen.database, "file": seen.file, "redis": seen.redis}
	return {
		"now": seen.now.isoformat(),
		"host": hosts.this(),
		"same_place": bool(seen.database and seen.database.place == seen.place),
	} | {
		where: {"generation": mark.generation, "at": mark.at.isoformat()} if mark else None
		for where, mark in by_place.items()
	}
