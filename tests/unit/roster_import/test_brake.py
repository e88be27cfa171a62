"""What is unusual stops an import; what happens every day does not."""

import pytest

from school_dialer.roster_import import brake
from school_dialer.roster_import.differences import CHANGED, REMOVED, Change
from school_dialer.roster_import.kinds import GUARDIANS, LINKS, MEMBERS, STUDENTS, pair
from school_dialer.roster_import.known import Known

TEN = 10.0


def known(kind: str, count: int, **said: str) -> list[Known]:
	return [Known(kind, str(number), f"doc-{number}", said=dict(said)) for number in range(count)]


def changes(kind: str, count: int, action: str = REMOVED, **more) -> list[Change]:
	return [Change(kind, str(number), action, **more) for number in range(count)]


@pytest.mark.parametrize("count, stops", [(20, False), (21, True)])
def test_more_than_the_share_stops(count, stops):
	found = brake.judge(changes(STUDENTS, count), known(STUDENTS, 200), TEN)
	assert bool(found) == stops
	if found:
		assert found.number == 21 and found.parts == ("21 of 200 students",)


def test_a_few_never_stop():
	assert brake.judge(changes(STUDENTS, 9), known(STUDENTS, 9), TEN) is None
	assert brake.judge(changes(STUDENTS, 10), known(STUDENTS, 10), TEN).number == 10


def test_new_and_returning_records_do_not_count():
	assert brake.judge(changes(STUDENTS, 50, "new"), known(STUDENTS, 50), TEN) is None
	assert brake.judge(changes(STUDENTS, 50, CHANGED, back=True), known(STUDENTS, 50), TEN) is None
	assert brake.judge(changes(STUDENTS, 50, replaced=True), known(STUDENTS, 50), TEN) is None


def test_numbers_count_when_they_change_or_go():
	records = known(GUARDIANS, 100, sms="digest")
	more = {"before": frozenset({"sms"})}
	changed = brake.judge(
		changes(GUARDIANS, 30, CHANGED, values={"sms": "+13125550142"}, **more), records, 40.0
	)
	assert changed is None
	found = brake.judge(changes(GUARDIANS, 30, CHANGED, values={"sms": ""}, **more), records, TEN)
	assert found.parts == ("30 of 100 guardians", "30 of 100 telephone numbers")
	first = brake.judge(changes(GUARDIANS, 30, CHANGED, values={"sms": "+13125550142"}), records, 29.0)
	assert first.parts == ("30 of 100 guardians",)


def test_relationships_and_members_count():
	ties = [Change(LINKS, pair("S", str(number)), REMOVED) for number in range(20)]
	assert brake.judge(ties, known(GUARDIANS, 100), TEN).parts == ("20 of 100 guardians",)
	assert brake.judge(changes(MEMBERS, 20), known(MEMBERS, 100), TEN).parts == (
		"20 of 100 members of groups",
	)
