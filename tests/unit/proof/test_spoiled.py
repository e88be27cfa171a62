"""Sound exports are sound, and each spoiled one is found to be spoiled in just that way."""

import pytest

from school_dialer.proof.findings import SENTENCES
from school_dialer.proof.note import Key
from school_dialer.proof.verify import Trust
from tests.unit.proof import restored, spoiled

CASES = [*spoiled.sound(), *spoiled.spoiled(), *restored.undeclared()]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_exactly_what_is_wrong_is_found(check, case):
	report = check(case.content, Trust(Key.of(case.key)) if case.key else Trust())
	assert sorted((one.code, one.where) for one in report.findings) == sorted(case.found)
	assert (report.verdict == "sound") == (not case.found)


@pytest.mark.parametrize("case", restored.declared(), ids=lambda case: case.name)
def test_a_declared_break_is_accepted_and_never_as_clean(check, case):
	report = check(case.content, Trust(Key.of(case.key)) if case.key else Trust())
	assert (report.findings, report.verdict) == ([], "sound-with-break")
	assert len(report.breaks) == 1 + case.name.endswith("twice")
	assert all("begun again after a restore on 2026-11-28T09:00:00Z" in one for one in report.breaks)
	assert ("number 9 was signed" in report.breaks[0]) == case.name.endswith("lost")


def test_every_finding_is_tried():
	tried = {code for case in CASES for code, _where in case.found}
	assert set(SENTENCES) - tried == {"timestamp-signature"}
