"""The demo school is the same for the same seed, and as awkward as a real roster."""

import hashlib
import os
import random
import re
import subprocess
import sys
from collections import Counter
from datetime import date, datetime, time, timedelta, timezone
from pathlib import Path

import pytest

from dev.apps import make_doctypes
from dev.school import consents, names, oddities, record_rows, records, roster, rows
from dev.school.model import ALL, COURT_ORDER, EMERGENCY_ONLY, Roster, SchoolYear
from dev.school.numbers import FOREIGN, TOGETHER, NumberBook
from school_dialer.base.bounds import phone_field
from school_dialer.base.phone import InvalidNumber, parse
from school_dialer.consent import events

TODAY = date(2025, 11, 24)
FICTIONAL = re.compile(r"\+1\d{3}55501\d\d")
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def school() -> Roster:
	return roster.build(today=TODAY)


@pytest.fixture(scope="module")
def ledger(school: Roster) -> list[events.Event]:
	return consents.events(school)


def fingerprint(seed: int = roster.SEED) -> str:
	built = roster.build(seed, TODAY)
	parts = (built.students, built.guardians, built.employees, built.groups, built.enrollments)
	whole = repr((parts, consents.events(built), records.attendance(built, TODAY), records.fees(built)))
	return hashlib.sha256(whole.encode()).hexdigest()


def test_the_seed_decides_everything_in_every_process() -> None:
	code = f"import runpy; print(runpy.run_path({__file__!r})['fingerprint']())"
	others = [
		subprocess.run(
			[sys.executable, "-c", code],
			env={**os.environ, "PYTHONHASHSEED": salt, "PYTHONPATH": str(ROOT)},
			capture_output=True,
			text=True,
			check=True,
		).stdout.strip()
		for salt in ("1", "2")
	]
	assert {fingerprint(), *others} == {fingerprint()}
	assert fingerprint(21) != fingerprint()


@pytest.mark.parametrize("seed", [1, 7, 99])
def test_other_seeds_and_days_build_a_school_too(seed: int) -> None:
	for day in (date(2024, 8, 1), date(2026, 2, 28), date(2028, 7, 31)):
		built = roster.build(seed, day)
		assert len(built.students) == roster.STUDENTS
		latest = datetime.combine(day, time(), timezone.utc)
		assert all(event.at < latest for event in consents.events(built))


def test_counts(school: Roster) -> None:
	assert len(school.students) == 600
	assert 850 <= len(school.guardians) <= 950
	assert len(school.employees) == 60
	assert len({employee.instructor for employee in school.employees if employee.instructor}) == 38
	assert sum(guardian.employee is not None for guardian in school.guardians) == 12


def test_names_are_unique_and_every_reference_holds(school: Roster) -> None:
	for records_of in (
		school.students,
		school.guardians,
		school.employees,
		school.groups,
		school.enrollments,
	):
		assert len({record.name for record in records_of}) == len(records_of)
	for emails in ([s.email for s in school.students], [g.email for g in school.guardians]):
		assert len(set(emails)) == len(emails)
	for student in school.students:
		assert student.links
		assert [link.order for link in student.links] == list(range(1, len(student.links) + 1))
		assert len({link.guardian for link in student.links}) == len(student.links)
		assert all(school.guardian(link.guardian) for link in student.links)
		for sibling in student.siblings:
			assert student.name in school.student(sibling).siblings
	linked = {link.guardian for student in school.students for link in student.links}
	assert linked == {guardian.name for guardian in school.guardians}


def test_families_are_of_all_kinds(school: Roster) -> None:
	guardians_of = Counter(len(student.links) for student in school.students)
	assert set(guardians_of) == {1, 2, 3}
	children_of = Counter(link.guardian for student in school.students for link in student.links)
	assert max(children_of.values()) >= 3
	households = {}
	for student in school.students:
		for link in student.links:
			households.setdefault(link.guardian, set()).add(student.street)
	assert any(len(streets) > 1 for streets in households.values()), "a parent of two households"


def test_exactly_one_guardian_is_barred_by_court_order(school: Roster) -> None:
	barred = {link.guardian for s in school.students for link in s.links if link.permission == COURT_ORDER}
	assert len(barred) == 1
	(name,) = barred
	own = [link for s in school.students for link in s.links if link.guardian == name]
	assert len(own) >= 2
	assert all(link.permission == COURT_ORDER and not link.records for link in own)
	(number,) = school.guardian(name).numbers()
	sharing = [g.name for g in school.guardians if number in g.numbers()]
	assert len(sharing) == 2, "the other parent's second number is still a line shared with him"


def test_permissions(school: Roster) -> None:
	permissions = Counter(link.permission for student in school.students for link in student.links)
	assert permissions[EMERGENCY_ONLY] >= 4
	assert permissions[ALL] > 1000
	assert any(not link.records for s in school.students for link in s.links if link.permission == ALL)


def numbers(school: Roster):
	for guardian in school.guardians:
		yield from (guardian.mobile, guardian.alternate)
	yield from (employee.cell for employee in school.employees)
	yield from (student.mobile for student in school.students)


def test_numbers_are_fictional_and_mean_what_the_dialer_reads(school: Roster) -> None:
	foreign = {e164 for _, e164 in FOREIGN}
	for number in numbers(school):
		try:
			read = parse(number.raw).e164
		except InvalidNumber:
			read = None
		assert read == number.e164, number
		assert all(one in foreign or FICTIONAL.fullmatch(one) for one in number.meant)


def test_the_app_reads_in_each_field_the_numbers_that_are_meant(school: Roster) -> None:
	"""Check the reader of fields, which finds several numbers, against what the checks of the demo know."""
	for number in numbers(school):
		assert phone_field.read(number.raw, "US").numbers == number.meant, number


def test_a_field_may_hold_two_numbers_of_one_guardian(school: Roster) -> None:
	"""Check that both count as that guardian's, in the order in which they are written."""
	found = [guardian for guardian in school.guardians if guardian.mobile.several]
	assert len(found) == len(TOGETHER)
	for guardian in found:
		assert guardian.numbers() == list(guardian.mobile.several)
		assert len(guardian.numbers()) == 2 and not guardian.alternate.raw


def test_numbers_are_as_bad_as_in_a_real_roster(school: Roster) -> None:
	mobiles = [guardian.mobile for guardian in school.guardians]
	assert sum(not n.raw for n in mobiles) == oddities.COUNTS["missing"]
	hopeless = oddities.COUNTS["malformed"] + oddities.COUNTS["extension"]
	assert sum(bool(n.raw) and not n.meant for n in mobiles) == hopeless
	assert sum(n.e164 in {e164 for _, e164 in FOREIGN} for n in mobiles) == oddities.COUNTS["foreign"]
	assert (
		sum(bool(n.e164) and n.e164[2:5] in {"800", "888", "877", "866", "855", "844"} for n in mobiles) == 6
	)
	assert sum("ext." in n.raw for n in mobiles) == oddities.COUNTS["extension"]
	owners = Counter(phone for guardian in school.guardians for phone in guardian.numbers())
	assert sum(count > 1 for count in owners.values()) > 40


def test_every_zone_of_the_states_is_there(school: Roster) -> None:
	states = Counter(guardian.place.state for guardian in school.guardians if guardian.place)
	assert {"AZ", "IN", "HI", "AK", "CA", "CO", "NY", "FL", "TN", "KY", "ID", "ND"} <= states.keys()
	assert states["IL"] > len(school.guardians) / 2
	assert any(guardian.place is None for guardian in school.guardians)


def test_languages(school: Roster) -> None:
	spoken = Counter(guardian.language for guardian in school.guardians)
	assert spoken.keys() == {"en", "es", "zh", "ar", "vi", ""}
	native = {name for pool in names.NATIVE.values() for name in pool}
	assert any(guardian.guardian_name in native for guardian in school.guardians)


def test_classes(school: Roster) -> None:
	here = [student for student in school.students if not student.left_on]
	homerooms = [group for group in school.groups if group.based_on == "Batch"]
	assert len(homerooms) == 26
	assert Counter(name for group in homerooms for name in group.students) == {s.name: 1 for s in here}
	current = [e for e in school.enrollments if e.year == school.year and e.docstatus == 1]
	assert Counter(e.student for e in current) == {s.name: 1 for s in here}
	assert {e.docstatus for e in school.enrollments} == {0, 1, 2}
	assert any(e.year == school.year.before for e in school.enrollments)


def test_some_students_are_of_age(school: Roster) -> None:
	of_age = [s for s in school.students if s.date_of_birth <= TODAY.replace(year=TODAY.year - 18)]
	assert 0 < len(of_age) < 40


def test_attendance_of_a_day(school: Roster) -> None:
	marks = records.attendance(school, TODAY)
	counted = Counter(mark.student for mark in marks if mark.docstatus < 2)
	assert counted == {student.name: 1 for student in school.students if not student.left_on}
	assert {mark.docstatus for mark in marks} == {0, 1, 2}
	assert 20 <= sum(mark.status == "Absent" and mark.docstatus == 1 for mark in marks) <= 40


@pytest.mark.parametrize("day", [date(2026, 8, 1), date(2026, 8, 12), date(2026, 11, 27)])
def test_nothing_of_the_school_is_of_a_day_to_come(day: date) -> None:
	built = roster.build(today=day)
	joined = [one.joining_date for one in built.students] + [one.date_of_joining for one in built.employees]
	enrolled = [row.date for row in built.enrollments]
	assert max(joined + enrolled) <= day
	assert record_rows.exam_day(built) <= max(day, built.year.first_day)


def test_the_batch_of_an_enrolment_is_that_of_the_homeroom(school: Roster) -> None:
	"""Education derives the members of a group from it."""
	rows_of = {row["name"]: row for row in rows.enrollments(school)}
	this_year = [e for e in school.enrollments if e.year == school.year and e.docstatus == 1]
	batches = {g["name"]: (g["program"], g["batch"]) for g in rows.groups(school) if g["batch"]}
	for enrolment in this_year:
		row = rows_of[enrolment.name]
		assert (row["program"], row["student_batch_name"]) == batches[school.homeroom(enrolment.student).name]


def test_school_days_are_ordinary_days() -> None:
	assert records.school_days(date(2026, 11, 27), 2) == [date(2026, 11, 24), date(2026, 11, 25)]


def test_school_days_are_weekdays() -> None:
	days = records.school_days(date(2025, 11, 23))
	assert days[-1] == date(2025, 11, 21)
	assert len(days) == 10
	assert all(day.weekday() < 5 for day in days)


def test_school_year_turns_in_august() -> None:
	assert SchoolYear.of(date(2026, 7, 31)).name == "2025-2026"
	assert SchoolYear.of(date(2026, 8, 1)).name == "2026-2027"


def test_about_four_in_five_numbers_have_a_consent(school: Roster, ledger: list[events.Event]) -> None:
	known = {owner.phone for owner in consents.owners(school)}
	granted = {event.phone for event in ledger if event.kind == events.GRANT}
	assert granted <= known
	assert 0.75 <= len(granted) / len(known) <= 0.85


def test_consents_are_of_all_kinds(ledger: list[events.Event]) -> None:
	grants = [event for event in ledger if event.kind == events.GRANT]
	assert {event.basis for event in grants} == {"number provided", "express oral", "express written"}
	assert {event.channel for event in grants} == {"Any", "Voice"}
	assert {event.purpose for event in grants} == {"All", "Fundraising"}
	assert sum(event.expires_at is not None for event in grants) > 20
	opt_outs = [event for event in ledger if event.kind == events.OPT_OUT]
	assert {event.scope for event in opt_outs} == {"this purpose", "all non-emergency", "everything"}
	assert {event.channel for event in opt_outs} == {"Any", "Text"}


def test_the_ledger_takes_every_event_as_it_is(ledger: list[events.Event]) -> None:
	now = datetime.combine(TODAY, time(12), timezone.utc)
	for event in ledger:
		checked = events.checked(event, now)
		assert (checked.scope, checked.purpose, checked.at) == (event.scope, event.purpose, event.at)
	assert [event.at for event in ledger] == sorted(event.at for event in ledger)
	assert ledger[-1].at < now - timedelta(days=1)


def test_the_barred_guardian_has_consent_so_that_only_the_order_stands_between(
	school: Roster, ledger: list[events.Event]
) -> None:
	(name,) = {link.guardian for s in school.students for link in s.links if link.permission == COURT_ORDER}
	kinds = {event.kind for event in ledger if event.phone in school.guardian(name).numbers()}
	assert events.GRANT in kinds
	assert events.OPT_OUT not in kinds


def test_a_number_is_handed_out_once() -> None:
	book = NumberBook(random.Random(1))
	taken = {book.take(("602",)).e164 for _ in range(100)}
	assert len(taken) == 100
	with pytest.raises(ValueError, match="no fictional number is left in 602"):
		book.take(("602",))


def test_stand_ins_on_disk_are_those_of_their_tables() -> None:
	assert make_doctypes.main(["--check"]) == 0
