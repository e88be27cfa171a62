"""Consent Anchor as stored: load and add anchors, and derive their keys."""

import frappe

from school_dialer.base import clock
from school_dialer.base.database.rows import insert, stamp
from school_dialer.consent import keys as site_keys
from school_dialer.consent.integrity import outside, signed_anchor
from school_dialer.consent.store import new_name

COLUMNS = (
	"seq",
	"cutoff_utc",
	"events",
	"phones",
	"problems",
	"digests",
	"prev_signature",
	"key_id",
	"signature",
)


def keys() -> signed_anchor.Keys:
	return signed_anchor.Keys(site_keys.derive("anchor heads"), site_keys.derive("anchor signature"))


def load() -> list[signed_anchor.Anchor]:
	query = "select `" + "`, `".join(COLUMNS) + "` from `tabConsent Anchor` order by seq"
	return [signed_anchor.Anchor(*row) for row in frappe.db.sql(query)]


def add_anchor(anchor: signed_anchor.Anchor) -> None:
	"""Store an anchor. The caller commits."""
	now = clock.db_now()
	values = {column: getattr(anchor, column) for column in COLUMNS}
	values |= {"name": new_name(), "anchored_at": now, **stamp(now)}
	insert("Consent Anchor", [values])
	outside.remember(outside.ANCHOR, anchor.seq, anchor.signature)
