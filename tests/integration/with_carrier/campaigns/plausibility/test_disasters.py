"""Known disasters are replayed: each is refused, or a person is asked. The list is kept in .bench."""

import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.integration.with_carrier.campaigns.plausibility.disasters import CASES, ELSEWHERE, NOT_PREVENTED

pytestmark = pytest.mark.dates

ROOT = Path(__file__).parents[5]


@pytest.fixture(scope="module")
def stopped() -> Iterator[dict[str, list[str]]]:
	"""Collect what stopped each case, and write .bench/disasters.json once all were replayed."""
	found: dict[str, list[str]] = {}
	yield found
	if found.keys() == CASES.keys():
		rows = [{"case": case, "replayed": True, "stopped_by": by} for case, by in found.items()]
		rows += [
			{"case": case, "replayed": False, "stopped_by": [by], "test": test}
			for case, (by, test) in ELSEWHERE.items()
		]
		rows += [
			{"case": case, "replayed": False, "stopped_by": [], "note": note}
			for case, note in NOT_PREVENTED.items()
		]
		rows.sort(key=lambda row: (int("".join(filter(str.isdigit, row["case"].split()[0]))), row["case"]))
		text = json.dumps(rows, indent="\t", ensure_ascii=False)
		(ROOT / ".bench" / "disasters.json").write_text(text + "\n", encoding="utf-8")


@pytest.mark.parametrize("case", CASES)
def test_it_is_stopped(case, stopped, families, to_class, set_clock, staff):
	replay, expected = CASES[case]
	by = replay(SimpleNamespace(families=families, to_class=to_class, set_clock=set_clock))
	stopped[case] = by
	assert by == expected


@pytest.mark.each_case
@pytest.mark.parametrize("case", ELSEWHERE)
def test_its_own_test_exists(case):
	assert (ROOT / ELSEWHERE[case][1]).is_file()


def test_every_known_case_has_an_answer():
	numbers = {int(case.split()[0].rstrip("b")) for case in (*CASES, *ELSEWHERE, *NOT_PREVENTED)}
	assert numbers == set(range(1, max(numbers) + 1))
