"""Which number a user has verified, and the codes on their way. One row of Dialer Own Number for each code that was asked for."""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

import frappe

from school_dialer import clock
from school_dialer.calls.own_number import owner
from school_dialer.consent.integrity import keys
from school_dialer.jobs import job
from school_dialer.phone import mask

DOCTYPE = "Dialer Own Number"
DAY = timedelta(days=1)
KEPT = timedelta(days=7)
"""Codes that were not used are deleted after so long."""
READ = ("name", "user", "phone", "asked_at", "expires_at", "tries", "refused", "verified_at", "digest")


@dataclass(frozen=True, slots=True)
class OwnNumber:
	"""``phone`` is E.164, ``verified_at`` an aware UTC datetime."""

	user: str
	phone: str
	verified_at: datetime

	@property
	def masked(self) -> str:
		return mask(self.phone)


def verified(user: str) -> OwnNumber | None:
	"""The number that this enabled user has verified, unless it stands on another person's record by now. None for none."""
	row = last(user, ["verified_at", "is", "set"])
	if not row or row.digest != digest(row) or not frappe.db.get_value("User", user, "enabled"):
		return None
	if owner.is_anothers(user, row.phone):
		return None
	return OwnNumber(user, row.phone, clock.from_db(row.verified_at))


def last(user: str, *more: list, for_update: bool = False) -> frappe._dict | None:
	"""The latest row of the user that is not over, with these further conditions."""
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
	"""That this site verified this number for this user, keyed: a row that was edited in the database counts for nothing."""
	text = "\0".join((row["name"], row["user"], row["phone"], str(row["verified_at"] or "")))
	return hmac.new(keys.derive("own number"), text.encode(), sha256).hexdigest()


def end_others(user: str, but: str = "") -> None:
	"""End all of the user's rows but this one."""
	row = frappe.qb.DocType(DOCTYPE)
	query = frappe.qb.update(row).set(row.ended_at, clock.db_now())
	query.where((row.user == user) & row.ended_at.isnull() & (row.name != but)).run()


@job
def daily() -> None:
	"""Job of the scheduler: delete codes that were not used, and numbers that ended."""
	forget_old()
	frappe.db.commit()


def forget_old() -> None:
	row = frappe.qb.DocType(DOCTYPE)
	old = clock.to_db(clock.now() - KEPT)
	frappe.qb.from_(row).delete().where(
		(row.asked_at < old) & (row.verified_at.isnull() | row.ended_at.isnotnull())
	).run()


def forget_user(doc, method: str | None = None) -> None:
	"""doc_events of User, on_trash and on_update: the number goes away with the user, and with their log-in."""
	if method == "on_trash" or not doc.enabled:
		frappe.db.delete(DOCTYPE, {"user": doc.name})
