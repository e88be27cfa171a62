"""A number on another person's record cannot become a test number.

The refusal does not reveal whose it is.
"""

import frappe
import pytest

from school_dialer.base import clock
from school_dialer.calls.own_number import code, owner, record
from school_dialer.calls.own_number import sample_call as trial
from school_dialer.consent import ledger
from school_dialer.privacy import erasure, person
from tests.integration import factories as make


def written(number: str) -> list[str]:
	area, exchange, line = number[2:5], number[5:8], number[8:]
	return [
		number,
		f"({area}) {exchange}-{line}",
		f"{area}.{exchange}.{line}",
		f"1 {area} {exchange} {line}",
		f"{area}{exchange}{line}",
	]


def record_with(doctype: str, **values):
	doc = frappe.get_doc({"doctype": doctype, **values})
	doc.flags.ignore_mandatory = doc.flags.ignore_links = True
	return doc.insert(ignore_permissions=True)


def contact(number: str, **values):
	return record_with(
		"Contact", first_name="Rosa", phone_nos=[{"phone": number, "is_primary_mobile_no": 1}], **values
	)


def guardian(number: str, **values):
	return record_with("Guardian", guardian_name="Rosa", mobile_number=number, **values)


@pytest.mark.parametrize("form", range(5))
def test_a_familys_number_is_refused_however_it_is_written(carrier, posted, tester, form):
	number = make.unlisted_phone()
	guardian(written(number)[form])
	user = tester()
	answer = code.send_code(user, number, "Text")
	assert "can't be used for tests" in answer["refused"] and "Rosa" not in str(answer)
	assert not posted(number) and not code.verify(user, "000000")


MAKERS = {
	"Contact": contact,
	"Guardian": guardian,
	"Student": lambda number: record_with(
		"Student",
		first_name="S",
		student_mobile_number=number,
		student_email_id=f"{frappe.generate_hash(length=8)}@s.test",
	),
	"Lead": lambda number: record_with("Lead", lead_name="L", mobile_no=number),
	"Employee": lambda number: record_with("Employee", first_name="E", cell_number=number),
	"User": None,
}


@pytest.mark.parametrize("doctype", MAKERS)
def test_every_kind_of_record_counts(tester, doctype):
	if not frappe.db.exists("DocType", doctype):
		pytest.skip(f"this site has no {doctype}")
	number, user = make.unlisted_phone(), tester()
	assert not owner.is_anothers(user, number)
	if doctype == "User":
		tester(mobile_no=number)
	else:
		MAKERS[doctype](number)
	assert owner.is_anothers(user, number)


def test_ones_own_records_do_not_count(tester):
	number = make.unlisted_phone()
	user = tester(mobile_no=number)
	guardian(number, email_address=user.upper())
	contact(number, email_ids=[{"email_id": user, "is_primary": 1}])
	assert not owner.is_anothers(user, number)
	contact(number)
	assert owner.is_anothers(user, number)


def test_a_number_that_another_user_verified_is_theirs(tester):
	number, first, second = make.unlisted_phone(), tester(), tester()
	make.own_number(first, number)
	assert owner.is_anothers(second, number) and not owner.is_anothers(first, number)


def test_a_number_that_the_ledger_gives_to_a_person_is_theirs(tester):
	number = make.unlisted_phone()
	make.consent(number, person_doctype="Guardian", person="EDU-GRD-0")
	assert owner.is_anothers(tester(), number)


def test_a_verified_number_that_becomes_a_familys_is_called_no_more(carrier, posted, caller):
	guardian(caller.number)
	frappe.db.commit()
	assert record.verified(caller.name) is None
	with pytest.raises(trial.NotVerified):
		trial.place_sample(make.campaign(), caller.name)
	assert not posted(caller.number)


@pytest.mark.parametrize("scope", ["this purpose", "all non-emergency", "everything"])
@pytest.mark.parametrize("channel", ["Voice", "Text"])
def test_who_opted_out_gets_no_code_and_no_test(carrier, posted, caller, scope, channel):
	ledger.opt_out(
		caller.number, scope=scope, purpose="Event", channel=channel, evidence=make.evidence("Agent")
	)
	frappe.db.commit()
	for asked in ("Voice", "Text"):
		with pytest.raises(frappe.PermissionError, match="OPTED_OUT"):
			trial.place_sample(make.campaign(channel=asked), caller.name)
	assert not posted(caller.number)


def test_all_refusals_are_the_same(carrier, tester):
	known, refuser = make.unlisted_phone(), make.unlisted_phone()
	guardian(known)
	ledger.opt_out(refuser, evidence=make.evidence("Agent"))
	frappe.db.commit()
	first, second = (code.send_code(tester(), number, "Text") for number in (known, refuser))
	assert first == second and first["refused"]


def test_who_opted_in_again_gets_a_test(carrier, posted, caller):
	ledger.opt_out(caller.number, evidence=make.evidence("Text"))
	ledger.opt_in(caller.number, evidence=make.evidence("Text"))
	frappe.db.commit()
	trial.place_sample(make.campaign(channel="Text"), caller.name)
	assert len(posted(caller.number)) == 1


def test_an_erasure_takes_a_verified_number(tester):
	user = tester()
	subject = person.of_phone(make.own_number(user, make.unlisted_phone()))
	assert [row.user for row in person.rows_about(subject, record.DOCTYPE, "user")] == [user]
	said = erasure.erase(subject, really=True).removed
	assert [words for words in said if "test calls" in words]
	assert not record.verified(user)


def test_codes_that_were_not_used_are_deleted_each_day(tester):
	user = tester()
	code.begin_code(user, make.unlisted_phone(), "Text", refused=False)
	frappe.db.set_value(record.DOCTYPE, {"user": user}, "asked_at", clock.db_now() - 2 * record.KEPT)
	record.forget_old()
	assert not frappe.db.exists(record.DOCTYPE, {"user": user})
