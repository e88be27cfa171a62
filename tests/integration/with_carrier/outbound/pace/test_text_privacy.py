"""What the carrier stores about texts: words discarded, numbers obfuscated, where the account can."""

import frappe
import pytest

from school_dialer.base import states
from school_dialer.settings import carrier_settings, live_checklist
from tests.integration.with_carrier.lost import end_all
from tests.integration.with_carrier.outbound.pace.refusals import due_now, run, started, states_of

pytestmark = pytest.mark.exhaustive


@pytest.fixture
def private(school):
	"""Yield a function that sets Dialer Settings to ask for one privacy feature or both.

	Nothing is known yet about the account's support for them.
	"""

	def ask(discard: int = 1, obfuscate: int = 0) -> None:
		values = {
			"discard_text_content": discard,
			"obfuscate_text_numbers": obfuscate,
			"discard_refused_at": None,
			"obfuscate_refused_at": None,
		}
		for fieldname, value in values.items():
			frappe.db.set_single_value("Dialer Settings", fieldname, value)
		frappe.db.commit()
		frappe.clear_document_cache("Dialer Settings", "Dialer Settings")
		frappe.local.dialer_lacking = None

	yield ask
	frappe.db.rollback()
	ask()


def asked_for(carrier, numbers: list[str]) -> list[tuple[int, str, str]]:
	"""Return `(HTTP status, ContentRetention, AddressRetention)` of the texts to these numbers, in order."""
	return [
		(
			entry["status"],
			entry["params"].get("ContentRetention", ""),
			entry["params"].get("AddressRetention", ""),
		)
		for entry in carrier.log("message")
		if entry["to"] in numbers
	]


def test_as_it_comes_words_are_discarded_and_numbers_kept(carrier, scenario, people, private):
	scenario("redaction")
	private()
	numbers = people(1)
	doc = run(carrier, started(numbers))
	assert states_of(doc) == {("Reached", 1)}
	assert asked_for(carrier, numbers) == [(201, "discard", "")]


@pytest.mark.parametrize(("redaction", "obfuscate"), [("none", 0), ("none", 1), ("content", 1)])
def test_an_account_without_redaction_sends_all_the_same(
	carrier, account, people, private, redaction, obfuscate
):
	account(redaction=redaction)
	private(obfuscate=obfuscate)
	numbers = people(3)
	doc = run(carrier, started(numbers))
	assert doc.status == states.COMPLETED and states_of(doc) == {("Reached", 1)}
	sent = asked_for(carrier, numbers)
	assert len([one for one in sent if one[0] == 201]) == 3
	assert 1 <= len([one for one in sent if one[0] != 201]) <= 3
	frappe.clear_document_cache("Dialer Settings", "Dialer Settings")
	later = people(1)
	assert states_of(run(carrier, started(later))) == {("Reached", 1)}
	(only,) = [one for one in asked_for(carrier, later) if one[0] == 201]
	assert only[2] == "" and only[1] == ("discard" if redaction == "content" else "")
	lines = [line.title for line in live_checklist.checklist(frappe.get_doc("Dialer Settings")) if line.done]
	assert any("lacks Message Redaction" in title for title in lines)


def test_a_refusal_that_comes_later_is_sent_once_more_without(carrier, account, people, private, monkeypatch):
	account(redaction="none", redaction_refusal="later")
	private()
	numbers = people(4)
	doc = run(carrier, started(numbers))
	assert doc.status == states.RUNNING and states_of(doc) == {("Pending", 0)}
	frappe.local.dialer_lacking = None
	assert "discard" in carrier_settings.lacking()
	due_now(doc)
	doc = run(carrier, doc)
	assert doc.status == states.COMPLETED and states_of(doc) == {("Reached", 1)}
	assert sorted(asked_for(carrier, numbers)) == [(201, "", "")] * 4 + [(201, "discard", "")] * 4


def test_what_is_known_of_the_account_is_forgotten_with_the_account(school, private):
	private()
	carrier_settings.remember_lacking(["discard"])
	doc = frappe.get_doc("Dialer Settings")
	assert doc.discard_refused_at
	doc.save()
	assert doc.discard_refused_at
	end_all(doc.account_sid)
	doc.account_sid = "AC" + "b" * 32
	doc.save()
	assert not doc.discard_refused_at
	doc.discard_refused_at = "2026-01-01"
	doc.save()
	assert not doc.discard_refused_at


def test_the_patch_keeps_a_choice_and_sets_what_is_missing(school):
	from school_dialer.patches import text_privacy

	names = ("discard_text_content", "obfuscate_text_numbers")

	def saved() -> tuple:
		singles = frappe.db.get_singles_dict("Dialer Settings")
		return tuple(str(singles.get(name)) for name in names)

	frappe.db.delete("Singles", {"doctype": "Dialer Settings", "field": ("in", names)})
	text_privacy.execute()
	assert saved() == ("1", "0")
	frappe.db.set_single_value("Dialer Settings", {"discard_text_content": 0, "obfuscate_text_numbers": 1})
	text_privacy.execute()
	assert saved() == ("0", "1")
