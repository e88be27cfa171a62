"""What a family said stays recorded, whatever becomes of those who react to it."""

import frappe
import pytest

from school_dialer.consent import ledger
from school_dialer.consent.lock import number_lock
from school_dialer.followup import confirmations
from school_dialer.help_desk import registrar
from tests.integration import factories as make

HOOKS = ("dialer_consent_recorded", "dialer_consent_changed")
PLACE = "tests.integration.consent.test_failing_listeners"


def writes_and_fails(_about) -> None:
	note("half done")
	frappe.throw("broken on purpose")


def writes(_about) -> None:
	note("done")


def note(description: str) -> None:
	frappe.get_doc({"doctype": "ToDo", "description": f"listener: {description}"}).insert()


def noted() -> list[str]:
	found = {"description": ("like", "listener: %")}
	return frappe.get_all("ToDo", found, pluck="description", order_by="creation, name")


@pytest.fixture
def listening(monkeypatch):
	"""Return `listening(hook, *functions)`, which adds functions of this module around the app's.

	Frappe looks up no path outside of an installed app.
	"""
	attribute = frappe.get_attr
	monkeypatch.setattr(
		frappe,
		"get_attr",
		lambda path: globals()[path.rpartition(".")[2]] if path.startswith(f"{PLACE}.") else attribute(path),
	)

	def on(hook: str, *names: str) -> None:
		real = frappe.get_hooks

		def hooks(name=None, *args, **kwargs):
			found = real(name, *args, **kwargs)
			if name != hook:
				return found
			first, *last = [f"{PLACE}.{one}" for one in names]
			return [first, *found, *last]

		monkeypatch.setattr(frappe, "get_hooks", hooks)

	return on


@pytest.fixture
def stopped(listening):
	"""Return a function that records an opt-out while these functions listen, and returns the number."""

	def stop(hook: str, *names: str) -> str:
		listening(hook, *names)
		number = make.phone()
		ledger.opt_out(number, scope="everything", evidence=make.evidence("Keypad"))
		return number

	return stop


def is_out(number: str) -> bool:
	return bool(ledger.read([number], "Voice")[number].of(None, None).opt_outs)


@pytest.mark.parametrize("hook", HOOKS)
@pytest.mark.parametrize("first", ["writes_and_fails", "is_not_there"])
def test_an_opt_out_stands_although_a_listener_fails(stopped, hook, first):
	number = stopped(hook, first, "writes")
	assert is_out(number)
	assert noted() == ["listener: done"]
	assert frappe.db.count("Error Log", {"method": ("like", "School Dialer: a reaction to a%")})
	assert not any("broken on purpose" in str(one) for one in frappe.get_message_log())


@pytest.mark.parametrize("hook", HOOKS)
def test_the_confirmation_is_asked_for_although_another_listener_fails(stopped, hook):
	number = stopped(hook, "writes", "writes_and_fails")
	assert frappe.db.exists("Dialer Notice", {"phone": number})
	assert noted() == ["listener: done"]


def test_the_confirmation_is_asked_for_although_another_app_s_document_event_fails(monkeypatch):
	number, real = make.phone(), frappe.model.document.Document.run_method

	def run_method(doc, method, *args, **kwargs):
		if doc.doctype == "Consent Event" and method == "after_insert":
			raise RuntimeError("broken on purpose")
		return real(doc, method, *args, **kwargs)

	monkeypatch.setattr(frappe.model.document.Document, "run_method", run_method)
	ledger.opt_out(number, scope="everything", evidence=make.evidence("Keypad"))
	assert is_out(number) and frappe.db.exists("Dialer Notice", {"phone": number})


def test_many_events_stand_too(listening):
	listening("dialer_consent_changed", "writes_and_fails")
	numbers = [make.phone() for _ in range(3)]
	evidence = make.evidence("Keypad")
	ledger.record_many(
		[{"kind": "Opt Out", "phone": one, "scope": "everything", "evidence": evidence} for one in numbers]
	)
	assert all(map(is_out, numbers))


def test_a_deadlock_is_not_taken_for_a_failure_of_the_listener(stopped, monkeypatch):
	"""Check that a deadlock is raised: it has taken back the opt-out too, which must not seem recorded."""

	def deadlock(_about) -> None:
		raise frappe.QueryDeadlockError

	monkeypatch.setitem(globals(), "writes", deadlock)
	with pytest.raises(frappe.QueryDeadlockError):
		stopped("dialer_consent_changed", "writes")


def test_the_number_is_locked_until_the_end(stopped):
	number = stopped("dialer_consent_changed", "writes_and_fails")
	frappe.db.rollback()
	with number_lock([number], timeout=0):
		assert not is_out(number)


@pytest.mark.parametrize("listener", [confirmations.on_consent_event, registrar.on_consent_event])
def test_the_hooks_before_an_update_still_reach_the_listeners(listener):
	"""Check the call as a document event: hooks stay in the cache until the update is done."""
	listener(frappe._dict(kind="Grant"), "after_insert")
