"""Requests whose response or last callback was lost, and the search for them."""

from collections import Counter

import frappe

from school_dialer.outbound.attempts import reconciler
from school_dialer.outbound.dispatch import dispatcher
from tests.integration import factories as make
from tests.integration.with_carrier.running import prepare

LOST = {"lose_answer": 1.0, "drop_callback": 1.0}


UNHEARD = {"drop_callback": 1.0}


def campaign_to(numbers: list[str], carrier, faults: dict, channel: str = "Text", **values):
	"""Return a campaign after all of its requests were made under these faults."""
	doc = make.campaign(numbers, channel=channel, **values)
	prepare(doc)
	carrier.control("faults", faults)
	dispatcher.run()
	carrier.wait_until_idle()
	carrier.control("faults", {})
	frappe.db.rollback()
	return doc


def later(doc, **ago) -> None:
	"""Shift the campaign's calls and claims this far into the past."""
	moment = frappe.utils.add_to_date(make.clock.db_now(), **{unit: -count for unit, count in ago.items()})
	frappe.db.sql("update `tabDialer Call Log` set placed_at = %s where campaign = %s", (moment, doc.name))
	frappe.db.sql("update `tabDialer Recipient` set claimed_at = %s where campaign = %s", (moment, doc.name))
	frappe.db.commit()


def settle() -> None:
	reconciler.run()
	frappe.db.rollback()


def states_of(doc) -> Counter:
	return Counter(row.status for row in make.recipients(doc.name))


def end_all(account: str) -> None:
	"""End what is open of an account, which otherwise could not be changed or taken out. Commits."""
	frappe.db.sql(
		"""update `tabDialer Call Log` set ended_at = now()
		where ended_at is null and ifnull(carrier_account, '') in (%s, '')""",
		account,
	)
	frappe.db.commit()
