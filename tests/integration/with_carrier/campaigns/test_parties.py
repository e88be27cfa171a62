"""A number that several people share: a call names all of their children, by each parent's rights."""

import json
from dataclasses import asdict
from datetime import timedelta

import frappe
import pytest

from dev.demo.people import MANAGER, Person, Refused
from dev.school import users
from school_dialer import gate
from school_dialer.audience.guardians import ONE_GUARDIAN
from school_dialer.base import clock
from school_dialer.campaigns import message_content, notifications
from school_dialer.campaigns.approval import check as approval
from school_dialer.campaigns.call_order import ContactPoint
from school_dialer.campaigns.parties import asking
from school_dialer.campaigns.planning import planner
from school_dialer.consent import ledger
from school_dialer.gate import planned
from school_dialer.outbound.attempts import claims, refusals, revocation
from school_dialer.patches import parties_of_recipients
from school_dialer.privacy import person
from tests.integration import emergencies
from tests.integration import factories as make
from tests.integration.with_carrier import corrections, rules
from tests.integration.with_carrier.households import SchoolClass, make_due, only
from tests.integration.with_carrier.parties import about, family, parties_of, permit, text_to
from tests.integration.with_carrier.running import dial, prepare, texts_to


@pytest.mark.story
def test_two_guardians_with_one_number_hear_about_both_children(carrier, posted, answering):
	number = make.phone()
	answering(number, "answers")
	school, doc = family("Ana", "Rosa", number=number)
	prepare(doc)
	dial(carrier)
	assert only(doc).status == "Reached" and len(posted(number)) == 1
	both = {school.student(0), school.student(1)}
	assert about(doc.name) == [both]
	assert parties_of(doc.name) == {
		(f"{school.tag}-Ana", school.student(0), number): "Informed",
		(f"{school.tag}-Rosa", school.student(1), number): "Informed",
	}
	told = frappe.get_all("Dialer Disclosure", {"campaign": doc.name}, ["student", "person"], order_by="name")
	assert {(row.student, row.person) for row in told} == {
		(school.student(0), f"{school.tag}-Ana"),
		(school.student(1), f"{school.tag}-Rosa"),
	}


def test_a_text_names_both_children_and_so_does_what_is_shown_before(carrier):
	number = make.phone()
	_school, doc = family("Ana", "Rosa", number=number, channel="Text")
	(shown,) = message_content.samples(doc, planner.preview(doc))
	assert "Child0" in shown["message"] and "Child1" in shown["message"]
	prepare(doc)
	dial(carrier)
	(words,) = texts_to(carrier, number)
	assert "Child0" in words and "Child1" in words


def test_a_child_is_not_named_whose_guardian_may_not_hear_of_it(carrier):
	number = make.phone()
	school, doc = family("Ana", "Rosa", number=number, channel="Text")
	prepare(doc)
	frappe.db.set_value(
		"Student Guardian", {"parent": school.student(0)}, "dialer_contact_permission", "Emergency Only"
	)
	frappe.db.commit()
	dial(carrier)
	(words,) = texts_to(carrier, number)
	assert "Child1" in words and "Child0" not in words
	states = parties_of(doc.name)
	assert states[f"{school.tag}-Ana", school.student(0), number] == "Withheld"
	assert only(doc).person_name == "Rosa" and only(doc).status == "Reached"


@pytest.mark.parametrize("urgent", [False, True])
def test_no_one_is_called_about_a_child_who_left_the_school_since_the_plan(
	carrier, posted, answering, urgent
):
	ana, rosa = make.phone(), make.phone()
	answering(ana, "answers")
	school = SchoolClass([{"Ana": [ana]}, {"Ana": [ana]}, {"Rosa": [rosa]}])
	if urgent:
		doc = emergencies.approved([], doc=school.campaign(purpose="Emergency", **emergencies.FIRE))
		planner.run(doc.name)
	else:
		doc = school.campaign()
		prepare(doc)
	for index in (1, 2):
		frappe.db.set_value("Student", school.student(index), "enabled", 0)
	frappe.db.commit()
	dial(carrier, emergency=urgent)
	assert about(doc.name) == [{school.student(0)}]
	assert (len(posted(ana)), len(posted(rosa))) == (1, 0)


@pytest.mark.story
@pytest.mark.parametrize("merged", [False, True])
@pytest.mark.parametrize("urgent", [False, True])
def test_a_number_that_left_the_record_since_the_plan_is_not_called(
	carrier, posted, answering, urgent, merged
):
	users.create()
	old, second, rosas, new = (make.phone() for _each in range(4))
	for number in (old, second, rosas, new):
		answering(number, "answers")
	school = SchoolClass([{"Ana": [old, second]}, {"Rosa": [rosas]}])
	if urgent:
		doc = emergencies.approved([], doc=school.campaign(purpose="Emergency", **emergencies.FIRE))
		planner.run(doc.name)
	else:
		doc = school.campaign()
		prepare(doc)
	for name, other in (("Ana", second), ("Rosa", None)):
		record = f"{school.tag}-{name}"
		if merged:
			kept = make.guardian(name, new, other).name
			frappe.rename_doc("Guardian", record, kept, merge=True, force=True)
		else:
			frappe.db.set_value("Guardian", record, "mobile_number", new)
	frappe.db.commit()
	dial(carrier, emergency=urgent)
	assert [len(posted(number)) for number in (old, second, rosas, new)] == [0, 1, 0, 0]
	states = {row.person_name: row.status for row in make.recipients(doc.name, "person_name", "status")}
	assert states == {"Ana": "Reached", "Rosa": "Blocked"}
	assert frappe.db.exists("Dialer Recipient", {"campaign": doc.name, "outcome": refusals.number_left()})
	news = {"document_name": doc.name, "subject": ("like", "Some people are not called%")}
	assert bool(frappe.db.exists("Notification Log", news)) == urgent, "an emergency does not wait"
	notifications.notify_pending(doc.name)
	assert frappe.db.count("Notification Log", {**news, "for_user": MANAGER}) == 1


@pytest.mark.parametrize("written", ["({0}) {1}-{2} ext. 5", "home {0}.{1}.{2} / 312-555-0142"])
def test_a_number_that_is_written_in_another_way_since_the_plan_is_called(carrier, posted, written):
	number = make.phone()
	school, doc = family("Ana", number=number)
	prepare(doc)
	text = written.format(number[2:5], number[5:8], number[8:])
	frappe.db.set_value("Guardian", f"{school.tag}-Ana", "mobile_number", text)
	frappe.db.commit()
	dial(carrier)
	assert len(posted(number)) == 1


def test_a_child_who_is_left_is_told_about_by_another_call(carrier, posted, answering):
	"""Check brothers of whom one guardian may hear about one only: a call about the other one follows."""
	mother, father = make.phone(), make.phone()
	answering(mother, "no answer")
	answering(father, "answers")
	school = SchoolClass([{"Ana": [mother], "Ben": [father]}] * 2)
	frappe.db.set_value(
		"Student Guardian",
		{"parent": school.student(1), "guardian": f"{school.tag}-Ben"},
		"dialer_contact_permission",
		"Emergency Only",
	)
	frappe.db.commit()
	doc = school.campaign(reach=ONE_GUARDIAN)
	prepare(doc)
	dial(carrier)
	row = only(doc)
	assert (row.status, row.person_name) == ("Retry", "Ana")
	assert json.loads(row.students) == [school.student(1)]
	states = parties_of(doc.name)
	assert states[f"{school.tag}-Ben", school.student(0), father] == "Informed"
	assert states[f"{school.tag}-Ana", school.student(1), mother] == "Waiting"


def test_whom_a_call_left_out_is_not_told_by_it(carrier, answering):
	"""Check a child whom both have on record, and of whom the one who is called may not hear."""
	number = make.phone()
	answering(number, "answers")
	school = SchoolClass([{"Ana": [number]}, {"Ana": [number], "Rosa": [number]}])
	doc = school.campaign()
	prepare(doc)
	permit(school, "Ana", 1, "Emergency Only")
	dial(carrier)
	assert about(doc.name) == [{school.student(0), school.student(1)}]
	states = parties_of(doc.name)
	assert states[f"{school.tag}-Ana", school.student(1), number] == "Withheld"
	assert states[f"{school.tag}-Rosa", school.student(1), number] == "Informed"


@pytest.fixture
def accented(carrier):
	"""Return a class of one child, whose record has an accent in its name."""
	school = rules.School()
	school.family("José")
	school.opens()
	yield school
	school.remove()


def test_a_correction_finds_a_child_whose_name_has_an_accent(accented, planned):
	name = accented.mark("José")
	_rule, campaign = planned(accented)
	frappe.db.sql("update `tabStudent Attendance` set docstatus = 2 where name = %s", name)
	revocation.reason_gone(campaign, f"{accented.tag}-José")
	frappe.db.commit()
	(row,) = make.recipients(campaign, "status", "outcome")
	assert (row.status, row.outcome) == ("Cancelled", "The absence was corrected.")
	assert set(parties_of(campaign).values()) == {"Withdrawn"}


@pytest.fixture
def neighbors(carrier):
	"""Return a class of two families with one number, each with a child."""
	school = rules.School()
	number = school.family("Ana")
	school.family("Ben")
	frappe.db.set_value("Guardian", f"{school.tag}-G1", "mobile_number", number)
	school.opens()
	yield school
	school.remove()


@pytest.mark.parametrize("status", ["Pending", "Not Reached"])
def test_a_corrected_absence_leaves_the_child_of_the_other_family(neighbors, planned, carrier, status):
	corrected, _other = neighbors.mark("Ana"), neighbors.mark("Ben")
	_rule, campaign = planned(neighbors)
	ana, ben = (f"{neighbors.tag}-{child}" for child in ("Ana", "Ben"))
	(row,) = make.recipients(campaign, "students")
	assert set(json.loads(row.students)) == {ana, ben}
	frappe.db.set_value("Dialer Recipient", {"campaign": campaign}, "status", status)
	frappe.db.sql("update `tabStudent Attendance` set docstatus = 2 where name = %s", corrected)
	revocation.reason_gone(campaign, ana)
	frappe.db.commit()
	assert {student: state for (_one, student, _phone), state in parties_of(campaign).items()} == {
		ana: "Withdrawn",
		ben: "Waiting",
	}
	dial(carrier)
	assert about(campaign) == ([{ben}] if status == "Pending" else [])


def test_a_correction_goes_to_both_families_at_one_number_in_one_call(carrier, posted, answering):
	number = make.phone()
	answering(number, "answers")
	school, doc = family("Ana", "Rosa", number=number)
	prepare(doc)
	dial(carrier)
	correction = corrections.correct(doc)
	corrections.carry_out(correction, carrier)
	assert only(correction).status == "Reached" and len(posted(number)) == 2
	assert about(correction.name) == [{school.student(0), school.student(1)}]
	assert parties_of(correction.name) == {
		(f"{school.tag}-Ana", school.student(0), number): "Informed",
		(f"{school.tag}-Rosa", school.student(1), number): "Informed",
	}


def test_planning_again_keeps_who_was_told(carrier, answering):
	number = make.phone()
	answering(number, "answers")
	school, doc = family("Ana", number=number)
	prepare(doc)
	dial(carrier)
	frappe.db.set_value(
		"Dialer Campaign", doc.name, {"status": "Preparing", "planned_at": None, "plan_cursor": None}
	)
	frappe.db.commit()
	planner.plan_all(doc.name)
	assert parties_of(doc.name) == {(f"{school.tag}-Ana", school.student(0), number): "Informed"}


def test_one_guardians_consent_is_not_revived_by_anothers(carrier):
	number = make.phone()
	school, doc = family("Ana", "Rosa", number=number, channel="Text", consented=False)
	for name, expires_at in (("Ana", clock.now() + timedelta(hours=1)), ("Rosa", None)):
		make.consent(number, person_doctype="Guardian", person=f"{school.tag}-{name}", expires_at=expires_at)
	frappe.db.commit()
	prepare(doc)
	over = (clock.now() - timedelta(hours=1)).isoformat()
	frappe.db.sql(
		"update `tabContact Consent` set provided_by = %s where phone = %s",
		(f"Guardian/{school.tag}-Ana\t{over}\nGuardian/{school.tag}-Rosa", number),
	)
	frappe.db.commit()
	dial(carrier)
	(words,) = texts_to(carrier, number)
	assert "Child1" in words and "Child0" not in words
	states = parties_of(doc.name)
	assert states[f"{school.tag}-Ana", school.student(0), number] == "Withheld"
	assert states[f"{school.tag}-Rosa", school.student(1), number] == "Informed"


@pytest.fixture
def old_column():
	"""Add the column that recipients had before they had parties. The update drops it."""
	sql = "alter table `tabDialer Recipient` {} column if {} exists `call_order`{}"
	frappe.db.sql_ddl(sql.format("add", "not", " longtext"))
	yield
	frappe.db.sql_ddl(sql.format("drop", "", ""))


def test_the_update_makes_parties_of_the_order_of_numbers(carrier, old_column, monkeypatch):
	mother, home, father = make.phone(), make.phone(), make.phone()
	school = SchoolClass([{"Ana": [mother, home]}, {"Ben": [father]}])
	doc = school.campaign()
	prepare(doc)
	before = parties_of(doc.name)
	assert len(before) == 3
	row = frappe.db.get_value("Dialer Recipient", {"campaign": doc.name, "phone": mother}, "name")
	order = [asdict(line) for line in make.lines(row)]
	frappe.db.sql(
		"update `tabDialer Recipient` set call_order = %s where name = %s", (json.dumps(order), row)
	)
	frappe.db.set_value("Dialer Recipient", {"campaign": doc.name, "phone": father}, "status", "Reached")
	frappe.db.delete("Dialer Party", {"campaign": doc.name})
	others = family("Eva", number=make.phone())[1], family("Uli", number=make.phone())[1]
	for one, students, lines in zip(
		others, ("no JSON", "{}"), ('[{"person": "Eva"}, "text"]', "no JSON"), strict=True
	):
		prepare(one)
		frappe.db.sql(
			"update `tabDialer Recipient` set students = %s, call_order = %s where campaign = %s",
			(students, lines, one.name),
		)
		frappe.db.delete("Dialer Party", {"campaign": one.name})
	frappe.db.commit()
	monkeypatch.setattr(parties_of_recipients, "CHUNK", 1)
	parties_of_recipients.execute()
	assert parties_of(doc.name) == {key: state for key, state in before.items() if key[2] != father}
	assert [list(parties_of(one.name).values()) for one in others] == [["Waiting"], ["Waiting"]]
	for one in others:
		frappe.db.set_value("Dialer Recipient", {"campaign": one.name}, "students", "[]")
	assert not frappe.db.sql("show columns from `tabDialer Recipient` like 'call_order'")
	parties_of_recipients.execute()


def test_who_stopped_is_not_told_and_the_other_is(carrier):
	shared, own = make.phone(), make.phone()
	school = SchoolClass([{"Ana": [shared]}, {"Rosa": [shared, own]}])
	doc = text_to(school)
	ledger.opt_out(own, evidence=make.evidence("Text"))
	frappe.db.commit()
	dial(carrier)
	assert about(doc.name) == [{school.student(0)}]
	assert parties_of(doc.name)[f"{school.tag}-Rosa", school.student(1), shared] == "Withheld"


def test_an_emergency_is_for_both_children(carrier, posted, answering):
	number = make.phone()
	answering(number, "answers")
	school = SchoolClass([{"Ana": [number]}, {"Rosa": [number]}], consented=False)
	doc = school.campaign(
		purpose="Emergency", template=make.template("Emergency"), max_attempts=3, **emergencies.FIRE
	)
	emergencies.approved([], doc=doc)
	planner.run(doc.name)
	dial(carrier, emergency=True)
	assert about(doc.name)[0] == {school.student(0), school.student(1)}
	assert set(parties_of(doc.name).values()) == {"Informed"} and only(doc).status == "Reached"


def test_a_second_try_is_for_both_children_too(carrier, posted, answering):
	number = make.phone()
	answering(number, "no answer")
	school, doc = family("Ana", "Rosa", number=number)
	prepare(doc)
	dial(carrier)
	assert only(doc).status == "Retry" and set(parties_of(doc.name).values()) == {"Waiting"}
	answering(number, "answers")
	make_due(only(doc))
	dial(carrier)
	assert about(doc.name) == [{school.student(0), school.student(1)}] * 2
	assert set(parties_of(doc.name).values()) == {"Informed"} and len(posted(number)) == 2


def test_one_mother_entered_twice_is_called_once_also_after_her_records_are_merged(carrier):
	number = make.phone()
	school, doc = family("Ana", "Rosa", number=number, channel="Text")
	prepare(doc)
	frappe.rename_doc("Guardian", f"{school.tag}-Rosa", f"{school.tag}-Ana", force=True, merge=True)
	frappe.rename_doc("Student", school.student(1), f"{school.tag}-José", force=True)
	frappe.db.commit()
	dial(carrier)
	(words,) = texts_to(carrier, number)
	assert "Child0" in words and "Child1" in words
	mother = f"{school.tag}-Ana"
	assert parties_of(doc.name) == {
		(mother, school.student(0), number): "Informed",
		(mother, f"{school.tag}-José", number): "Informed",
	}


def test_a_second_look_begins_with_everyone_at_the_number(carrier):
	"""Check the rows of a chunk that failed, which are tried one by one."""
	number = make.phone()
	school, doc = family("Ana", "Rosa", number=number)
	prepare(doc)
	permit(school, "Ana", 0, "Emergency Only")
	rows = claims.claim(doc.name, 5)
	(row,) = rows
	for _time in range(2):
		asking.begin_again(rows)
		assert claims.still_due(doc.name, rows) == rows
		assert [point.person_name for point in row.parties] == ["Ana", "Rosa"]
		answers = asking.ask(gate.CallContext.of(doc), rows, clock.now())
		assert answers[row.name].students == (school.student(1),)
		assert row.person_name == "Rosa" and len(row.refused) == 1
	claims.release(rows)
	frappe.db.commit()


CHANGES = {"student": "another", "person": "another", "phone": "+13125550198", "campaign": "another"}


@pytest.mark.parametrize("field", CHANGES)
def test_whose_party_was_changed_elsewhere_is_not_called(carrier, posted, field):
	number = make.phone()
	_school, doc = family("Ana", "Rosa", number=number)
	prepare(doc)
	name = frappe.get_all("Dialer Party", {"campaign": doc.name}, pluck="name", order_by="name")[0]
	frappe.db.set_value("Dialer Party", name, field, CHANGES[field], update_modified=False)
	frappe.db.commit()
	dial(carrier)
	assert not posted(number)
	assert frappe.db.get_value("Dialer Recipient", {"campaign": doc.name}, "reasons") == planned.NOT_PLANNED


def test_no_ones_own_report_names_the_child_of_another(carrier):
	number = make.phone()
	school, doc = family("Ana", "Rosa", number=number, channel="Text")
	prepare(doc)
	dial(carrier)
	kept = person.export(person.of_record("Guardian", f"{school.tag}-Ana"))["kept"]
	for doctype in ("Dialer Recipient", "Dialer Call Log"):
		assert json.loads(kept[doctype][0]["students"]) == [school.student(0)]
	other = person.export(person.of_record("Guardian", f"{school.tag}-Rosa"))["kept"]
	assert [row["student"] for row in other["Dialer Party"]] == [school.student(1)]


def test_a_campaign_that_was_changed_forgets_whom_it_was_to_tell(carrier):
	number = make.phone()
	school, doc = family("Ana", "Rosa", number=number)
	prepare(doc)
	approval.forget_plan(doc.name)
	frappe.db.commit()
	assert set(parties_of(doc.name).values()) == {"Withdrawn"}
	frappe.db.delete("Student Group Student", {"parent": school.group, "student": school.student(1)})
	values = {"status": "Preparing", "planned_at": None, "plan_cursor": None}
	frappe.db.set_value("Dialer Campaign", doc.name, values)
	frappe.db.commit()
	planner.run(doc.name)
	dial(carrier)
	assert about(doc.name) == [{school.student(0)}]


def test_who_was_refused_and_is_no_longer_meant_is_not_told_later(carrier):
	number = make.phone()
	school, doc = family("Ana", "Rosa", number=number, consented=False)
	prepare(doc)
	assert set(parties_of(doc.name).values()) == {"Withheld"}
	approval.forget_plan(doc.name)
	make.consent(number)
	frappe.db.delete("Student Group Student", {"parent": school.group, "student": school.student(1)})
	values = {"status": "Preparing", "planned_at": None, "plan_cursor": None}
	frappe.db.set_value("Dialer Campaign", doc.name, values)
	frappe.db.commit()
	planner.run(doc.name)
	dial(carrier)
	assert about(doc.name) == [{school.student(0)}]


def test_no_one_is_left_to_ask_about_for_a_student_whose_reason_is_gone():
	"""Check that a student who is called about themselves is not asked about with no student at all."""
	students = [ContactPoint("+13125550198", "Student", one, one, "en", (one,)) for one in ("Ana", "Ben")]
	clerk = ContactPoint("+13125550198", "Employee", "Eva", "Eva", "en")
	assert asking.spared([*students, clerk], {"Ana"}) == [students[1], clerk]


def test_no_role_reads_the_rows_themselves(carrier, web):
	users.create()
	number = make.phone()
	_school, doc = family("Ana", "Rosa", number=number)
	prepare(doc)
	asked = {"doctype": "Dialer Party", "parent": "Dialer Recipient", "fields": ["phone", "student"]}
	with pytest.raises(Refused):
		Person(web, MANAGER).ask("POST", "/api/method/frappe.client.get_list", asked)


def test_who_is_added_by_hand_has_parties_too(carrier):
	number = make.phone()
	school, doc = family("Ana", number=number, channel="Text")
	mother = {"person_doctype": "Guardian", "person": f"{school.tag}-Ana", "person_name": "Ana"}
	row = {"doctype": "Dialer Recipient", "campaign": doc.name, "phone": number, **mother}
	frappe.get_doc({**row, "students": json.dumps([school.student(0)])}).insert()
	assert parties_of(doc.name) == {(mother["person"], school.student(0), number): "Waiting"}
	prepare(doc)
	dial(carrier)
	assert len(texts_to(carrier, number)) == 1
	assert set(parties_of(doc.name).values()) == {"Informed"}


def test_words_that_lack_a_value_for_one_child_are_said_about_the_other(carrier, monkeypatch):
	number = make.phone()
	school, doc = family("Ana", "Rosa", number=number, channel="Text")
	prepare(doc)
	whole = message_content.for_rows

	def lacking(campaign, rows):
		bad = {row.name: "no value" for row in rows if school.student(1) in row.students}
		messages, missing = whole(campaign, [row for row in rows if row.name not in bad])
		return messages, {**missing, **bad}

	monkeypatch.setattr(message_content, "for_rows", lacking)
	dial(carrier)
	(words,) = texts_to(carrier, number)
	assert "Child0" in words and "Child1" not in words
	states = parties_of(doc.name)
	assert states[f"{school.tag}-Ana", school.student(0), number] == "Informed"
	assert states[f"{school.tag}-Rosa", school.student(1), number] == "Waiting"
	row = frappe.db.get_value("Dialer Recipient", {"campaign": doc.name}, ["status", "reasons"])
	assert row == ("Blocked", "MISSING_DATA")
