"""A number becomes a user's own only when they enter the code that was sent to it."""

import re
from datetime import timedelta

import frappe
import pytest

from school_dialer.base import clock
from school_dialer.calls.own_number import code, record
from school_dialer.calls.own_number import sample_call as trial
from school_dialer.consent import lock
from tests.integration import factories as make

pytestmark = pytest.mark.exhaustive

CODE = re.compile(r"\b\d{6}\b")


def sent_code(posted, number: str) -> str:
	return CODE.search(posted(number)[-1]["params"]["Body"]).group()


@pytest.mark.story
def test_the_code_of_a_text_verifies(carrier, posted, tester):
	user, number = tester(), make.unlisted_phone()
	state = code.send_code(user, number, "Text")
	assert state["sent_to"] and number not in str(state) and state["wait"] > 0
	assert code.verify(user, sent_code(posted, number))
	assert record.verified(user).phone == number
	assert code.state(user)["number"].endswith(number[-2:])


def test_the_code_of_a_call_verifies(carrier, posted, answering, tester):
	user, number = tester(), make.unlisted_phone()
	answering(number, "answers")
	code.send_code(user, number, "Voice")
	carrier.wait_until_idle()
	frappe.db.rollback()
	said = [
		sentence for line in carrier.log("twiml") if line["to"] == number for sentence in line["sentences"]
	]
	digits = re.search(r"(\d, ){5}\d", " ".join(said)).group().replace(", ", "")
	assert code.verify(user, digits)
	assert record.verified(user).phone == number


def test_the_code_is_kept_nowhere(carrier, posted, tester):
	user, number = tester(), make.unlisted_phone()
	code.send_code(user, number, "Text")
	found, row = sent_code(posted, number), frappe.get_all(record.DOCTYPE, {"user": user}, ["*"])[0]
	assert found not in [str(value) for value in row.values()]
	log = frappe.get_all("Dialer Call Log", {"phone": number}, ["content", "decision"])[0]
	assert found not in (log.content or "")


def asked(user: str, number: str | None = None) -> frappe._dict:
	return code.begin_code(user, number or make.unlisted_phone(), "Text", refused=False)


def wrong(right: str) -> str:
	return f"{(int(right) + 1) % 1_000_000:06d}"


@pytest.mark.parametrize("typed", ["", "1", "0000000", "abcdef", "１２３４５６", "' or 1=1 --", "12345\n"])
def test_other_words_are_no_code(tester, typed):
	user = tester()
	asked(user)
	assert not code.verify(user, typed)


@pytest.mark.story
def test_five_tries_and_no_more(tester):
	user = tester()
	row = asked(user)
	for _try in range(code.MOST_TRIES):
		assert not code.verify(user, wrong(code.code_of(row)))
	assert not code.verify(user, code.code_of(row)) and record.verified(user) is None


@pytest.mark.dates
def test_ten_minutes_and_no_longer(tester, pass_time):
	user = tester()
	row = asked(user)
	pass_time(minutes=10, seconds=1)
	assert not code.verify(user, code.code_of(row))


def test_a_code_is_for_its_user_and_used_once(tester):
	user, other = tester(), tester()
	row, theirs = asked(user), asked(other)
	assert not code.verify(other, code.code_of(row)) and not code.verify(user, code.code_of(theirs))
	assert code.verify(user, code.code_of(row)) and not code.verify(user, code.code_of(row))


def test_a_new_code_ends_the_old_one(tester):
	user, number = tester(), make.unlisted_phone()
	old, new = asked(user, number), asked(user, number)
	assert not code.verify(user, code.code_of(old)) and code.verify(user, code.code_of(new))


def test_another_number_takes_the_place_of_the_first(tester):
	user, second = tester(), make.unlisted_phone()
	make.own_number(user, make.unlisted_phone())
	row = asked(user, second)
	assert record.verified(user).phone != second
	assert code.verify(user, code.code_of(row)) and record.verified(user).phone == second


@pytest.mark.dates
def test_codes_are_few_by_user_and_number(carrier, posted, tester, pass_time):
	user = tester()
	with pytest.raises(code.TooManyCodes, match="Wait"):
		for _time in range(2):
			code.send_code(user, make.unlisted_phone(), "Text")
	for index in range(1, code.MOST_BY_USER):
		pass_time(seconds=61 * index)
		code.send_code(user, make.unlisted_phone(), "Text")
	pass_time(seconds=61 * code.MOST_BY_USER)
	with pytest.raises(code.TooManyCodes, match="today"):
		code.send_code(user, make.unlisted_phone(), "Text")
	number = make.unlisted_phone("312")
	answers = [code.send_code(tester(), number, "Text") for _user in range(code.MOST_BY_NUMBER + 1)]
	assert [bool(answer.get("refused")) for answer in answers] == [False] * code.MOST_BY_NUMBER + [True]
	assert len(posted(number)) == code.MOST_BY_NUMBER


def test_codes_to_a_number_are_counted_one_after_the_other(tester, monkeypatch):
	"""Check that a code is counted and written while no one else may write one for this number."""
	number, held = make.unlisted_phone("312"), []

	def begin(user, phone, channel, refused):
		held.append(is_held(number))
		raise code.TooManyCodes

	monkeypatch.setattr(code, "begin_code", begin)
	with pytest.raises(code.TooManyCodes):
		code.send_code(tester(), number, "Text")
	frappe.db.rollback()
	assert held == [True] and not is_held(number)


def is_held(number: str) -> bool:
	(name,) = lock.lock_names([number])
	return frappe.db.sql("select is_used_lock(%s)", name)[0][0] is not None


def test_the_number_goes_away_with_the_user(tester):
	gone, disabled = tester(), tester()
	for user in (gone, disabled):
		make.own_number(user, make.unlisted_phone())
	frappe.delete_doc("User", gone, force=True)
	doc = frappe.get_doc("User", disabled)
	doc.enabled = 0
	doc.save()
	for user in (gone, disabled):
		assert not frappe.db.count(record.DOCTYPE, {"user": user}) and record.verified(user) is None


@pytest.mark.parametrize("field", ["phone", "user", "digest", "verified_at"])
def test_a_row_that_was_edited_counts_for_nothing(tester, field):
	user, other = tester(), tester()
	make.own_number(user, make.unlisted_phone())
	row = record.latest_row(user, ["verified_at", "is", "set"])
	values = {
		"phone": make.unlisted_phone(),
		"user": other,
		"digest": "0" * 64,
		"verified_at": clock.db_now() - timedelta(days=1),
	}
	frappe.db.set_value(record.DOCTYPE, row.name, field, values[field])
	assert record.verified(other if field == "user" else user) is None


def test_no_form_makes_or_deletes_one(tester):
	user, number = tester(), make.unlisted_phone()
	with pytest.raises(frappe.PermissionError):
		frappe.get_doc(
			{"doctype": record.DOCTYPE, "user": user, "phone": number, "verified_at": clock.db_now()}
		).insert()
	row = asked(user, number)
	with pytest.raises(frappe.PermissionError):
		frappe.delete_doc(record.DOCTYPE, row.name)


def test_what_is_typed_into_the_user_record_is_no_number(tester):
	user = tester(mobile_no=make.unlisted_phone())
	with pytest.raises(trial.NotVerified, match="Verify your own telephone"):
		trial.place_sample(make.campaign(), user)
