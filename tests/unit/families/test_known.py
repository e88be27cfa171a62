"""What is left out of what the judge finds, because a fault is known: that, and nothing else."""

from dataclasses import replace

import pytest

from tests.families import course as c
from tests.families import judge as j
from tests.families import known
from tests.families.course import Course, Script
from tests.families.judge import Finding
from tests.families.school import COURT_ORDER, EMERGENCY_ONLY, Child, Consent, Family, Field, Guardian, Link

ROSA, OMAR = Guardian(Field(("A",))), Guardian(Field(("B",)))
FAMILY = Family(
	(Child(), Child()),
	(ROSA, OMAR),
	(Link(0, 0), Link(0, 1), Link(1, 0), Link(1, 1)),
	(Consent("A"), Consent("B")),
)
EVENT = Script()
ONE = Script(reach=c.ONE_GUARDIAN)
FOR_ONE = replace(FAMILY, links=(Link(0, 0), Link(0, 1, permission=EMERGENCY_ONLY)))


def is_known(script: Script, family: Family, kind: str, child: int = 1, guardians=(0,)) -> bool:
	return known.is_known(Course(script, family), Finding(kind, child, "A", "", guardians))


@pytest.mark.parametrize("kind", j.KINDS)
@pytest.mark.parametrize("script", [EVENT, ONE])
def test_nothing_is_left_out_of_an_ordinary_family(script, kind):
	assert not is_known(script, FAMILY, kind)


@pytest.mark.parametrize("kind", j.KINDS)
@pytest.mark.parametrize("script", [EVENT, ONE])
def test_nothing_is_left_out_of_two_people_with_one_number(script, kind):
	assert not is_known(script, replace(FAMILY, guardians=(ROSA, ROSA)), kind)


def test_a_child_who_is_left_out_beside_a_sibling_is_not_shown():
	assert is_known(EVENT, FOR_ONE, j.ALERT)
	assert not is_known(EVENT, FOR_ONE, j.SILENT) and not is_known(EVENT, FOR_ONE, j.TOLD)


def test_a_child_whom_no_sibling_hides_is_to_be_shown():
	barred = replace(FAMILY, links=(Link(0, 0), Link(1, 1, permission=COURT_ORDER)))
	assert not is_known(EVENT, FOR_ONE, j.ALERT, child=0) and not is_known(EVENT, barred, j.ALERT)


def test_with_one_guardian_of_each_child_it_is_all_guardians_who_count():
	family = replace(FAMILY, links=FAMILY.links[:3])
	assert is_known(ONE, family, j.ALERT, child=0) and not is_known(EVENT, family, j.ALERT, child=0)
