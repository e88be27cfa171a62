"""Every opt-out with the minutes until it held and until the person was told, for a regulator or an internal audit."""

from datetime import timedelta

import frappe
from frappe import _
from frappe.utils import add_days, get_datetime, getdate

from school_dialer.consent import latency

DEFAULT_DAYS = 30


def execute(filters: dict | None = None) -> tuple[list, list, None, None, list]:
	filters = frappe._dict(filters or {})
	to_date = getdate(filters.to_date)
	from_date = getdate(filters.from_date or add_days(to_date, -DEFAULT_DAYS))
	if from_date > to_date:
		frappe.throw(_("The first day lies after the last."))
	rows = [
		as_row(stop)
		for stop in latency.stops(
			get_datetime(from_date), get_datetime(to_date) + timedelta(days=1), filters.source or None
		)
	]
	return columns(), rows, None, None, summary(rows)


def columns() -> list[dict]:
	return [
		column("event", _("Event"), "Link", 130, options="Consent Event"),
		column("number", _("Number"), "Data", 130),
		column("kind", _("Kind"), "Data", 110),
		column("source", _("How"), "Data", 120),
		column("scope", _("Extent"), "Data", 130),
		column("channel", _("Channel"), "Data", 80),
		column("purpose", _("Purpose"), "Data", 100),
		column("received_at", _("Received"), "Datetime", 160),
		column("effective_at", _("Effective"), "Datetime", 160),
		column("minutes_to_effect", _("Minutes until Effective"), "Float", 110, precision=2),
		column("confirmed_at", _("Confirmed"), "Datetime", 160),
		column("minutes_to_confirmation", _("Minutes until Confirmed"), "Float", 110, precision=2),
		column("confirmed_by", _("Confirmed By"), "Data", 110),
		column("text_status", _("Confirmation Text"), "Data", 110),
	]


def column(fieldname: str, label: str, fieldtype: str, width: int, **more: str | int) -> dict:
	return {"fieldname": fieldname, "label": label, "fieldtype": fieldtype, "width": width, **more}


def as_row(stop: latency.Stop) -> dict:
	return {
		"event": stop.event,
		"number": stop.phone_masked,
		"kind": _(stop.kind),
		"source": _(stop.source),
		"scope": _(stop.scope),
		"channel": _(stop.channel),
		"purpose": _(stop.purpose),
		"received_at": stop.received_at,
		"effective_at": stop.effective_at,
		"minutes_to_effect": stop.minutes_to_effect,
		"confirmed_at": stop.confirmed_at,
		"minutes_to_confirmation": stop.minutes_to_confirmation,
		"confirmed_by": _(stop.confirmed_by),
		"text_status": _(stop.text_status),
	}


def summary(rows: list[dict]) -> list[dict]:
	longest = max((row["minutes_to_effect"] for row in rows), default=0.0)
	waiting = sum(1 for row in rows if row["confirmed_at"] is None)
	return [
		{"label": _("Opt-outs"), "value": len(rows), "datatype": "Int", "indicator": "Blue"},
		{
			"label": _("Longest until effective (minutes)"),
			"value": longest,
			"datatype": "Float",
			"indicator": "Green" if longest <= 24 * 60 else "Red",
		},
		{
			"label": _("Without confirmation"),
			"value": waiting,
			"datatype": "Int",
			"indicator": "Orange" if waiting else "Green",
		},
	]
