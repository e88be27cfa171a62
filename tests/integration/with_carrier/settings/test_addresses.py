"""In Live mode no one person leads calls to another host, or calls in another's name."""

import frappe
import pytest

from school_dialer.base import clock, roles
from school_dialer.desk import settings as desk
from school_dialer.settings import addresses, live_checklist, webhook_probe
from tests.integration.with_carrier.lost import end_all

SETTINGS = "Dialer Settings"
IN_FORCE = {
	"public_url": "https://school.example",
	"fallback_url": "https://words.example/1",
	"caller_identity": "Riverside School",
}
ANOTHERS = {
	"public_url": "https://attacker.example",
	"fallback_url": "https://other.example/1",
	"caller_identity": "Oak School",
}


@pytest.fixture
def live(school, monkeypatch) -> None:
	monkeypatch.delitem(frappe.conf, clock.OFFSET_KEY, raising=False)
	# While calls are open, the mode does not change.
	end_all(frappe.db.get_single_value(SETTINGS, "account_sid"))
	write(mode="Live", **IN_FORCE, addresses_seal=None, addresses_asked=None)


@pytest.fixture
def probed(monkeypatch) -> list[str]:
	"""Return the addresses that were asked whether they lead here, which they do."""
	asked = []
	monkeypatch.setattr(webhook_probe, "check_webhooks", asked.append)
	return asked


def write(**values) -> None:
	"""Write settings past their form."""
	frappe.db.set_single_value(SETTINGS, values)
	frappe.clear_document_cache(SETTINGS, SETTINGS)


def save(**values) -> None:
	doc = frappe.get_doc(SETTINGS)
	doc.update(values)
	doc.save()


def in_force() -> dict:
	return {field: frappe.db.get_single_value(SETTINGS, field, cache=False) for field in addresses.GUARDED}


def test_what_one_person_changes_waits_for_another(live, as_role, probed):
	manager = as_role(roles.SYSTEM_MANAGER)
	as_role(roles.OFFICER)
	save(**ANOTHERS)
	assert in_force() == IN_FORCE
	asked = desk.addresses_asked()
	assert asked["own"] and {one["then"] for one in asked["changes"]} == set(ANOTHERS.values())
	with pytest.raises(addresses.Another):
		desk.approve_addresses(asked["key"])
	save(school_name="Another name")
	assert in_force() == IN_FORCE and desk.addresses_asked() == asked
	assert frappe.db.exists("Notification Log", {"for_user": manager, "document_type": SETTINGS})
	frappe.set_user(manager)
	assert not desk.addresses_asked()["own"]
	desk.approve_addresses(asked["key"])
	assert in_force() == ANOTHERS and probed == [ANOTHERS["public_url"]]
	assert desk.addresses_asked() is None
	assert not addresses.is_changed_elsewhere(frappe.get_doc(SETTINGS))


def test_a_public_url_that_leads_elsewhere_is_not_approved(live, as_role, monkeypatch):
	def elsewhere(_base: str) -> None:
		raise webhook_probe.NotReached

	monkeypatch.setattr(webhook_probe, "check_webhooks", elsewhere)
	as_role(roles.OFFICER)
	save(public_url=ANOTHERS["public_url"])
	as_role(roles.SYSTEM_MANAGER)
	with pytest.raises(webhook_probe.NotReached):
		desk.approve_addresses(desk.addresses_asked()["key"])
	assert in_force() == IN_FORCE


def test_what_was_changed_after_the_look_is_not_approved(live, as_role, probed):
	as_role(roles.OFFICER)
	save(caller_identity="Oak School")
	seen = desk.addresses_asked()["key"]
	save(caller_identity="Ash School")
	as_role(roles.SYSTEM_MANAGER)
	with pytest.raises(frappe.ValidationError, match="meanwhile"):
		desk.approve_addresses(seen)
	desk.reject_addresses(desk.addresses_asked()["key"])
	assert in_force() == IN_FORCE and desk.addresses_asked() is None


def test_no_plain_http_in_live_mode(live, as_role):
	as_role(roles.OFFICER)
	with pytest.raises(frappe.ValidationError, match="https"):
		save(public_url="http://school.example")


def test_no_one_gets_around_it_through_simulated_mode(live, as_role, monkeypatch):
	monkeypatch.setattr(live_checklist, "checklist", lambda _doc: [])
	manager = as_role(roles.SYSTEM_MANAGER)
	as_role(roles.OFFICER)
	save(school_name="Sealed with this")
	save(mode="Simulated", caller_identity="Oak School")
	for values in ({}, {"fallback_url": ""}):
		with pytest.raises(addresses.Another):
			save(mode="Live", **values)
	frappe.set_user(manager)
	save(mode="Live")
	assert in_force() == {**IN_FORCE, "caller_identity": "Oak School"}


def test_put_back_as_it_was_one_person_goes_live(live, as_role, monkeypatch):
	monkeypatch.setattr(live_checklist, "checklist", lambda _doc: [])
	as_role(roles.OFFICER)
	save(school_name="Sealed with this")
	save(mode="Simulated", caller_identity="Training")
	save(caller_identity=IN_FORCE["caller_identity"])
	save(mode="Live")
	assert in_force() == IN_FORCE


def test_who_is_alone_repairs_a_wrong_address_alone(live, as_role, monkeypatch):
	"""A second person who is not there would keep every call without words, for ever."""
	monkeypatch.setattr(live_checklist, "checklist", lambda _doc: [])
	alone = as_role(roles.SYSTEM_MANAGER)
	save(school_name="Sealed with this")
	monkeypatch.setattr(addresses.staff, "with_roles", lambda *_roles: {alone})
	save(public_url=ANOTHERS["public_url"])
	assert in_force() == {**IN_FORCE, "public_url": ANOTHERS["public_url"]}
	assert desk.addresses_asked() is None
	assert not addresses.is_changed_elsewhere(frappe.get_doc(SETTINGS))
	save(mode="Simulated", caller_identity="Oak School")
	save(mode="Live")
	assert in_force()["caller_identity"] == "Oak School"


def test_a_change_past_the_form_is_found(live, as_role):
	as_role(roles.OFFICER)
	save(school_name="Sealed with this")
	write(public_url=ANOTHERS["public_url"])
	assert addresses.is_changed_elsewhere(frappe.get_doc(SETTINGS))
	write(public_url=IN_FORCE["public_url"])
	assert not addresses.is_changed_elsewhere(frappe.get_doc(SETTINGS))


def test_no_one_writes_the_record_by_hand(live, as_role):
	as_role(roles.OFFICER)
	save(
		addresses_seal="{}",
		addresses_asked='{"values": {"public_url": "https://attacker.example"}, "by": {}}',
	)
	assert desk.addresses_asked() is None
	assert not addresses.is_changed_elsewhere(frappe.get_doc(SETTINGS))
