"""No user can try all numbers or all people: each user's look-ups are counted over all methods."""

import frappe
import pytest

from school_dialer.consent.choices import rate_limits
from school_dialer.desk import consent, decisions, numbers, templates
from school_dialer.help_desk import actions
from tests.integration import factories as make

pytestmark = pytest.mark.usefixtures("same_window")

FEW = 3


@pytest.fixture
def few(as_role, monkeypatch):
	"""Become an agent with a low limit of look-ups and none used yet."""
	make.consent(make.phone())
	monkeypatch.setattr(rate_limits, "LOOK_UPS_A_MINUTE", FEW)
	as_role("Dialer Agent")


def ask_number() -> None:
	consent.look_up(make.phone())


def ask_record() -> None:
	row = frappe.get_all("Contact Consent", pluck="name", limit=1, order_by="name")[0]
	numbers.on_this_record("Contact Consent", row)


@pytest.mark.parametrize("ask", [ask_number, ask_record])
def test_a_user_looks_up_so_many_a_minute(few, ask):
	for _time in range(FEW):
		ask()
	with pytest.raises(frappe.TooManyRequestsError, match="in a minute"):
		ask()


def test_all_methods_share_one_count(few):
	ask_number()
	ask_record()
	ask_number()
	with pytest.raises(frappe.TooManyRequestsError):
		ask_record()


def test_a_day_has_an_end_too(few, monkeypatch):
	monkeypatch.setattr(rate_limits, "LOOK_UPS_A_MINUTE", 1000)
	monkeypatch.setattr(rate_limits, "LOOK_UPS_A_DAY", FEW)
	for _time in range(FEW):
		ask_number()
	with pytest.raises(frappe.TooManyRequestsError, match="in a day"):
		ask_number()


def test_another_user_has_a_count_of_their_own(few, as_role):
	for _time in range(FEW):
		ask_number()
	as_role("Dialer Manager")
	ask_number()


def test_an_opt_out_is_recorded_all_the_same(few):
	for _time in range(FEW):
		ask_number()
	assert consent.record_opt_out(phone=make.phone())["event"]


@pytest.mark.parametrize(
	("module", "name", "ask"),
	[
		(numbers, "QUESTIONS_A_DAY", lambda: numbers.may_call(make.phone())),
		(numbers, "QUESTIONS_A_DAY", lambda: numbers.story(make.phone())),
	],
	ids=["may_call", "story"],
)
def test_questions_have_a_day_too(as_role, monkeypatch, module, name, ask):
	as_role("Dialer Agent")
	monkeypatch.setattr(module, name, FEW)
	for _time in range(FEW):
		ask()
	with pytest.raises(frappe.TooManyRequestsError, match="in a day"):
		ask()


def test_people_are_counted_as_numbers_are(monkeypatch):
	monkeypatch.setattr(rate_limits, "LOOK_UPS_A_MINUTE", 0)
	monkeypatch.setattr(templates, "PREVIEWS_A_MINUTE", 0)
	monkeypatch.setattr(decisions, "EXPLAINED_A_MINUTE", 0)
	guardian = frappe.get_all("Guardian", pluck="name", limit=1, order_by="name")[0]
	with pytest.raises(frappe.TooManyRequestsError):
		actions.prefill("Guardian", guardian)
	with pytest.raises(frappe.TooManyRequestsError):
		templates.preview({"translations": []}, person_doctype="Guardian", person=guardian)
	with pytest.raises(frappe.TooManyRequestsError):
		templates.anybody("Guardian")
	with pytest.raises(frappe.TooManyRequestsError):
		decisions.explain("Dialer Recipient", "any")
