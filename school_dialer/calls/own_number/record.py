"""Which number a user has verified, and the codes that are pending.

Dialer Own Number has one row per requested code.
"""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

import frappe

from school_dialer.base import clock
from school_dialer.base.jobs import job
from school_dialer.base.phone import mask
from school_dialer.calls.own_number import owner
from school_dialer.consent import keys
from school_dialer.settings import carrier_settings

DOCTYPE = "Dialer Own Number"
DAY = timedelta(days=1)
KEPT = timedelta(days=7)
"""Unused codes are deleted after this time."""
READ = ("name", "user", "phone", "asked_at", "expires_at", "tries", "refused", "verified_at", "digest")


@dataclass(frozen=True, slots=True)
class OwnNumber:
	"""`phone` is E.164; `verified_at` is an aware UTC datetime."""

	user: str
	phone: str
	verified_at: datetime

	@property
	def masked(self) -> str:
		return mask(self.phone)


def verified(user: str) -> OwnNumber | None:
	"""Return the number this user has verified, or None.

	Returns None as well if the user is disabled or the number is on another person's record by now.
	"""
	row = latest_row(user, ["verified_at", "is", "set"])
	if not row or row.digest != digest(row) or not frappe.db.get_value("User", user, "enabled"):
		return None
	if owner.is_anothers(user, row.phone):
		return None
	return OwnNumber(user, row.phone, clock.from_db(row.verified_at))


def latest_row(user: str, *more: list, for_update: bool = False) -> frappe._dict | None:
	"""Return the user's latest row that has not ended and meets these further conditions.

	Each condition is a list of [field, "is", "set" or "not set"].
	"""
	row = frappe.qb.DocType(DOCTYPE)
	query = frappe.qb.from_(row).select(*(row[field] for field in READ))
	query = query.where((row.user == user) & row.ended_at.isnull())
	for field, _operator, value in more:
		query = query.where(row[field].isnotnull() if value == "set" else row[field].isnull())
	query = (
		query.orderby(row.asked_at, order=frappe.qb.desc).orderby(row.creation, order=frappe.qb.desc).limit(1)
	)
	rows = (query.for_update() if for_update else query).run(as_dict=True)
	return rows[0] if rows else None


def digest(row) -> str:
	"""Return a keyed digest that this site verified this number for this user.

	A row that was edited in the database no longer matches its digest and is ignored. So is one that was
	verified with the pretend carrier, once there is another carrier: the code reached no phone.
	"""
	text = "\0".join((row["name"], row["user"], row["phone"], str(row["verified_at"] or "")))
	return hmac.new(keys.derive(f"own number{pretended()}"), text.encode(), sha256).hexdigest()


def pretended() -> str:
	"""Return what tells the keys of the pretend carrier's codes from those of a real one."""
	return " (pretend)" if carrier_settings.pretends() else ""


def end_others(user: str, but: str = "") -> None:
	"""End all of the user's rows except `but`."""
	row = frappe.qb.DocType(DOCTYPE)
	query = frappe.qb.update(row).set(row.ended_at, clock.db_now())
	query.where((row.user == user) & row.ended_at.isnull() & (row.name != but)).run()


@job
def daily() -> None:
	"""Scheduled job: delete unused codes and ended numbers."""
	forget_old()
	frappe.db.commit()


def forget_old() -> None:
	row = frappe.qb.DocType(DOCTYPE)
	old = clock.to_db(clock.now() - KEPT)
	frappe.qb.from_(row).delete().where(
		(row.asked_at < old) & (row.verified_at.isnull() | row.ended_at.isnotnull())
	).run()


def forget_user(doc, method: str | None = None) -> None:
	"""Delete a user's numbers when the user is deleted or disabled. Hook for User on_trash and on_update."""
	if method == "on_trash" or not doc.enabled:
		frappe.db.delete(DOCTYPE, {"user": doc.name})


def after_rename(doc, method: str | None, old: str, new: str, merge: bool = False) -> None:
	"""Let the numbers of a user who has another name stay verified. Hook for User after_rename.

	Frappe has written the new name in the rows. A user whose record became one with another's verifies it
	once more.
	"""
	rows = frappe.get_all(DOCTYPE, {"user": new}, list(READ), order_by="name") if not merge else ()
	for row in rows:
		if row.digest == digest({**row, "user": old}):
			frappe.db.set_value(DOCTYPE, row.name, "digest", digest(row), update_modified=False)
