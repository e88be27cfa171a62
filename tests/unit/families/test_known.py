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
SHARED = replace(FAMILY, guardians=(ROSA, ROSA))
FOR_ONE = replace(FAMILY, links=(Link(0, 0), Link(0, 1, permission=EMERGENCY_ONLY)))


def is_known(script: Script, family: Family, kind: str, child: int = 1, guardians=(0,)) -> bool:
	return known.is_known(Course(script, family), Finding(kind, child, "A", "", guardians))


@pytest.mark.parametrize("kind", j.KINDS)
@pytest.mark.parametrize("script", [EVENT, ONE])
def test_nothing_is_left_out_of_an_ordinary_family(script, kind):
	assert not is_known(script, FAMILY, kind)


@pytest.mark.parametrize("kind", j.KINDS)
def test_of_two_people_with_one_number_who_was_silent_is_left_out(kind):
	assert is_known(EVENT, SHARED, kind) is (kind in (j.SILENT, j.ALERT))


def test_a_second_number_that_another_has_too_matters_if_the_first_may_not_be_enough():
	two = replace(FAMILY, guardians=(Guardian(Field(("A",)), Field(("B",))), OMAR))
	assert not is_known(EVENT, two, j.SILENT)
	assert is_known(EVENT, replace(two, listeners=(("A", ("no answer", "listens")),)), j.SILENT)


def test_who_is_barred_from_every_child_is_no_second_person():
	barred = tuple(replace(link, permission=COURT_ORDER) for link in FAMILY.links[2:])
	assert not is_known(EVENT, replace(SHARED, links=(*FAMILY.links[:2], *barred)), j.SILENT)


def test_a_child_behind_a_sibling_with_other_rights_is_not_seen():
	assert is_known(EVENT, FOR_ONE, j.ALERT) and not is_known(EVENT, FOR_ONE, j.ALERT, child=0)
	assert not is_known(EVENT, FOR_ONE, j.SILENT) and not is_known(EVENT, FOR_ONE, j.TOLD)


def test_where_one_guardian_is_enough_siblings_with_other_guardians_share_a_call():
	family = replace(FAMILY, links=FAMILY.links[:3])
	assert is_known(ONE, family, j.SILENT, child=0) and not is_known(EVENT, family, j.SILENT, child=0)
