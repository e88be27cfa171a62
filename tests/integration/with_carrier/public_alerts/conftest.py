from collections.abc import Iterator

import frappe
import pytest

from school_dialer.base import clock
from school_dialer.public_alerts.outgoing import publishing
from tests.integration.with_carrier.public_alerts.published import OURS, SETTINGS, set_all


@pytest.fixture(autouse=True)
def publishing_is_on(school) -> Iterator[None]:
	"""Turn it on from now on, without the checks of other settings, and delete what was published."""
	values = {"publish_alerts": 1, "alerts_since": clock.db_now(), "alert_sender": "school.example"}
	values |= {"alert_area": "Riverside", "alert_geocodes": "SAME=006065"}
	stored = frappe.db.get_singles_dict(SETTINGS)
	before = {name: stored.get(name) for name in values}
	set_all(values)
	yield
	frappe.db.rollback()
	set_all(before)
	for name in OURS:
		frappe.db.delete(publishing.DOCTYPE, {"campaign": name})
	OURS.clear()
	frappe.db.commit()
