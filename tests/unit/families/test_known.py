"""What is left out of what the judge finds, because a fault is known: that, and nothing else."""

import pytest

from tests.families import judge as j
from tests.families import known
from tests.families.course import Course, Script
from tests.families.judge import Finding
from tests.families.school import Child, Consent, Family, Field, Guardian, Link

FAMILY = Family((Child(),), (Guardian(Field(("A",))),), (Link(0, 0),), (Consent("A"),))


def is_known(kind: str) -> bool:
	return known.is_known(Course(Script(), FAMILY), Finding(kind, 0, "A", ""))


@pytest.mark.parametrize("kind", j.KINDS)
def test_nothing_is_left_out_while_no_fault_is_known(kind):
	assert not is_known(kind)


def test_what_a_known_fault_explains_is_left_out_and_nothing_else(monkeypatch):
	monkeypatch.setitem(known.KNOWN, "a fault", lambda course, finding: finding.kind == j.ALERT)
	monkeypatch.setattr(known, "JUDGED", False)
	assert [kind for kind in j.KINDS if is_known(kind)] == [j.ALERT]


def test_all_is_judged_on_demand(monkeypatch):
	monkeypatch.setitem(known.KNOWN, "a fault", lambda course, finding: True)
	monkeypatch.setattr(known, "JUDGED", True)
	assert not any(map(is_known, j.KINDS))
