"""Approvers on call are asked through an account that is well, as the emergency itself would go."""

import frappe
import pytest

from school_dialer.base.database import rows
from school_dialer.continuity import decision, safe_mode
from school_dialer.emergency_kit.second_person import asks, ladder, on_call
from school_dialer.outbound.pace import account_breaker, account_health
from school_dialer.settings import carrier_accounts
from tests.integration.with_carrier.accounts.second import PROJECT
from tests.integration.with_carrier.emergency_kit.duty import PIN, outcomes, put_on_call
from tests.integration.with_carrier.running import texts_to


@pytest.fixture
def asked(kit, duty, carrier, second):
	"""Return a function that asks the second approver in one way. It returns their phone and the start."""

	def ask(way: str) -> tuple[str, str]:
		phone = put_on_call(kit.second, way, pin=PIN)
		start = kit.start(kit.item())
		ladder.run(start)
		carrier.wait_until_idle()
		second.wait_until_idle()
		return phone, start

	ask.by = kit.second
	return ask


def account_of(start: str) -> str:
	(ask,) = asks.of_start(start)
	return frappe.db.get_value("Dialer Call Log", ask.call_log, "carrier_account")


def test_through_the_first_account_while_it_is_well(carrier, second, asked):
	phone, start = asked(on_call.TEXT)
	assert outcomes(start) == [(asked.by, asks.ASKED)]
	assert len(texts_to(carrier, phone)) == 1 and not texts_to(second, phone)


@pytest.mark.parametrize("way", [on_call.TEXT, on_call.CALL])
def test_an_account_that_is_not_well_asks_no_one(carrier, second, asked, way):
	watch = account_health.Watch()
	for _one in range(account_breaker.IN_A_ROW):
		watch.record(carrier_accounts.first().id, account_breaker.UNREACHABLE)
	_phone, start = asked(way)
	assert account_of(start) == PROJECT
	assert asks.NOT_SENT not in dict(outcomes(start)).values()


def test_an_account_that_fails_now_gives_way_at_once(second, asked, first_is_dead):
	first_is_dead()
	phone, start = asked(on_call.TEXT)
	first_is_dead(False)
	assert outcomes(start) == [(asked.by, asks.ASKED)] and len(texts_to(second, phone)) == 1
	assert account_health.Watch().health(carrier_accounts.first().id).latest == (False,)


def test_in_safe_mode_they_are_asked_where_emergencies_may_leave(asked):
	values = {"state": safe_mode.SAFE, "safe": 1, "cause": decision.UNPROVEN, "emergencies_allowed": 1}
	name = f"RESTORE-{frappe.generate_hash(length=8)}"
	rows.insert(safe_mode.DOCTYPE, [{"name": name, **rows.stamp(), **values}])
	frappe.db.commit()
	try:
		_phone, start = asked(on_call.TEXT)
		assert outcomes(start) == [(asked.by, asks.ASKED)]
	finally:
		frappe.db.delete(safe_mode.DOCTYPE, {"name": name})
		frappe.db.commit()
		frappe.local.dialer_safe_mode = None
