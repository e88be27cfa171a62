"""What a drive would do, counted before anything is made, and who is left out."""

from datetime import timedelta

import frappe
import pytest

from school_dialer.base import clock
from school_dialer.consent import ledger
from school_dialer.consent_drive import covered, preview, scope, students
from school_dialer.consent_form import requests
from tests.integration import factories as make


def count(drive) -> dict:
	return preview.count(drive)


def test_siblings_and_half_siblings_are_one_family(school_class, drive):
	school_class.adult("Ana")
	school_class.adult("Bo")
	school_class.adult("Cleo")
	school_class.child("Ada", "Ana", "Bo", born="2015-01-01")
	school_class.child("Ben", "Ana", "Bo", born="2017-01-01")
	school_class.child("Cal", "Ana", "Cleo", born="2019-01-01")
	school_class.family("Dora")
	found = count(drive())
	assert (found["families"], found["students"], found["letters"], found["emails"]) == (2, 4, 2, 0)


def test_who_is_left_out_and_why(school_class, drive):
	make.consent(school_class.family("agreed"))
	ledger.opt_out(school_class.family("stopped"), evidence=make.evidence("Text"))
	school_class.family("silent", number=False)
	school_class.adult("barred")
	school_class.child("child of barred", "barred", barred="None by Court Order")
	school_class.family("declined")
	(request,) = requests.create([requests.NewRequest([("Guardian", school_class.name("declined"))])])
	frappe.db.set_value(requests.DOCTYPE, request, "status", requests.DECLINED)
	school_class.family("open")
	frappe.db.commit()
	found = count(drive())
	assert found["families"] == 1
	assert found["left_out"] == {"consented": 1, "refused": 2, "no_number": 1, "no_one": 1}
	assert found["coverage"] == [1, 6]


def test_the_other_adult_is_asked_where_one_refused(school_class, drive):
	ledger.opt_out(school_class.adult("refused"), evidence=make.evidence("Text"))
	school_class.adult("other")
	school_class.child("Ada", "refused", "other")
	frappe.db.commit()
	drive_name = school_class.start(drive())
	(family,) = school_class.families(drive_name).values()
	assert family.person == school_class.name("other")
	assert school_class.name("refused") not in family.people


def test_an_opt_out_of_another_purpose_is_no_refusal_of_this_one(school_class, drive):
	phone = school_class.family("Ana")
	ledger.opt_out(phone, scope="this purpose", purpose="Fees", evidence=make.evidence("Preference Page"))
	frappe.db.commit()
	assert count(drive())["families"] == 1
	assert count(drive(purpose="Fees"))["families"] == 0


def test_lapsed_and_lapsing_consents(school_class, drive):
	now = clock.now()
	make.consent(school_class.family("lapsed"), expires_at=now - timedelta(days=1))
	make.consent(school_class.family("lapsing"), expires_at=now + timedelta(days=20))
	make.consent(school_class.family("lasting"), expires_at=now + timedelta(days=90))
	frappe.db.commit()
	day = (now + timedelta(days=30)).date()
	assert count(drive())["families"] == 1
	assert count(drive(lapsing_before=day))["families"] == 2
	assert count(drive(lapsing_before=day, ask_lapsed=0))["families"] == 1
	assert count(drive(ask_lapsed=0))["families"] == 0


def test_one_purpose_may_be_missing(school_class, drive):
	make.consent(school_class.family("Ana"), purpose="General")
	frappe.db.commit()
	assert count(drive())["families"] == 0
	assert count(drive(purpose="Fundraising"))["families"] == 1


def test_by_language(school_class, drive):
	school_class.family("Ana", language="es")
	school_class.family("Bo", language="vi")
	school_class.family("Cleo", language="sw")
	found = count(drive())
	assert found["languages"] == {"es": 1, "vi": 1, "sw": 1} and found["in_english"] == 1
	assert count(drive(family_language="es"))["families"] == 1


def test_addresses_are_counted_and_unsubscribed_ones_are_none(school_class, drive):
	for short in ("Ana", "Bo", "Cleo"):
		school_class.family(short, address=f"{short}.{school_class.tag}@example.com")
	school_class.family("Dora")
	frappe.get_doc(
		{
			"doctype": "Email Unsubscribe",
			"email": f"bo.{school_class.tag}@example.com",
			"global_unsubscribe": 1,
		}
	).insert()
	found = count(drive((0, "E-mail")))
	assert (found["emails"], found["letters"], found["without_address"]) == (2, 2, 2)


def test_a_mailbox_shared_with_a_barred_guardian_gets_no_mail(school_class, drive):
	address = f"home.{school_class.tag}@example.com"
	school_class.adult("Ana", address=address)
	school_class.adult("barred", address=address)
	school_class.child("Ada", "Ana", "barred", barred="None by Court Order")
	frappe.db.commit()
	found = count(drive((0, "E-mail")))
	assert (found["families"], found["emails"], found["letters"]) == (1, 0, 1)


def test_the_gate_says_that_no_one_may_be_texted_to_be_asked(school_class, drive):
	school_class.family("Ana")
	found = count(drive())["phones"]
	assert found["Text"]["may"] == found["Voice"]["may"] == 0
	assert "NO_CONSENT" in found["Text"]["reasons"]


def test_coverage_in_sets_is_that_of_each_student_alone(school_class, drive):
	"""A brute-force count asks the ledger for each number by itself."""
	for place in range(6):
		school_class.adult(f"a{place}", language="es" if place % 2 else "en")
		school_class.adult(f"b{place}")
		school_class.child(f"c{place}", f"a{place}", f"b{place}")
	make.consent(school_class.phones["a0"])
	make.consent(school_class.phones["b1"])
	make.consent(school_class.phones["a2"], purpose="Fees")
	make.consent(school_class.phones["a3"])
	ledger.opt_out(school_class.phones["a3"], evidence=make.evidence("Text"))
	frappe.db.commit()
	expected = 0
	for place in range(6):
		agreed = []
		for side in "ab":
			facts = ledger.read([school_class.phones[f"{side}{place}"]], "Voice").popitem()[1]
			agreed.append(
				not facts.opt_outs and any(one.purpose in ("All", "General") for one in facts.consents)
			)
		expected += any(agreed)
	found = covered.count(students.read_students(drive()))
	assert found["total"] == [expected, 6] == [2, 6]
	assert found["group"] == {school_class.group: [2, 6]}
	assert sum(one[1] for one in found["language"].values()) == 6


def test_the_number_of_queries_does_not_depend_on_the_families(school_class, drive, queries):
	school_class.family("first")
	draft = drive()
	few = queries(lambda: list(students.read_students(draft)))
	for place in range(20):
		school_class.family(f"more {place}")
	assert queries(lambda: list(students.read_students(draft))) <= few


def test_nothing_is_asked_of_a_site_without_the_audience(school_class, drive):
	with pytest.raises(frappe.ValidationError, match="students and guardians"):
		scope.source_of({"audience_source": "All contacts"})
