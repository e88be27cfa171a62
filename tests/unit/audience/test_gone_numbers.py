"""A number that the office marked as gone is not called. What stops or bars it still counts."""

from types import SimpleNamespace

import pytest

from school_dialer.audience import numbers, on_record
from school_dialer.gate import same_person
from school_dialer.help_desk import staff_mail

OLD, NEW = "+13125550199", "+13125550123"
MOTHER = ("Guardian", "Ana")


@pytest.fixture(autouse=True)
def in_the_united_states(monkeypatch):
	monkeypatch.setattr(numbers.registry, "country", lambda: "US")


def recorded() -> same_person.Recorded:
	"""Return a mother's numbers as read from her record, of which one is marked as old."""
	field = on_record.NumberOnRecord(*MOTHER, "mobile_number", "312-555-0199 old / 312-555-0123 cell")
	return {MOTHER: list(on_record._parsed([field]))}


def check(phone: str) -> SimpleNamespace:
	return SimpleNamespace(
		key=phone, phone=phone, person_doctype="Guardian", person="Ana", planned=True, read=None, stops=()
	)


def test_a_number_that_is_gone_is_still_the_person_s():
	(found,) = recorded().values()
	assert [(known.phone, known.gone) for known in found] == [(OLD, True), (NEW, False)]
	assert same_person.places(recorded()) == {MOTHER: {OLD: 0, NEW: 1}}


def test_a_number_that_is_gone_has_left_the_record_for_calls(monkeypatch):
	monkeypatch.setattr(same_person.whose_number, "not_on", set)
	assert same_person.keys_of_removed_numbers([check(OLD), check(NEW)], recorded()) == {OLD}


@pytest.mark.parametrize("words", ["{} is a wrong number, please stop", "Old number {}: do not call"])
def test_staff_may_ask_to_stop_a_number_that_they_call_wrong(monkeypatch, words):
	monkeypatch.setattr(staff_mail, "guardians_named", lambda _words: [])
	monkeypatch.setattr(staff_mail.on_record, "numbers_of", lambda _doctype, _names: [])
	monkeypatch.setattr(staff_mail, "_", str)
	assert set(staff_mail.numbers_named(words.format("312-555-0199"), [])) == {OLD}
