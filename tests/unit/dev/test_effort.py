"""A quick run tries a few cases of a test, and the rest a few of what that leaves out.

No run leaves a rule of style out, and none that attacks leaves out a case. A run of both tries what they try.
"""

import pytest

from dev.site.layout import ROOT
from tests.effort import ALL, BOTH, FEW_CASES, QUICK, REST

CASES = 9
QUICK_UNIT, ATTACKS = "tests/unit/site/test_ports.py", "tests/security/test_attacks.py"


class Case:
	"""A case of a test, as pytest collects it."""

	def __init__(self, file: str, case: int, marks: tuple[str, ...]):
		self.path, self.nodeid, self.marks = ROOT / file, f"{file}::test_it[{case}]", marks

	def get_closest_marker(self, name: str) -> bool:
		return name in self.marks


@pytest.mark.parametrize(
	("file", "marks", "quick", "rest"),
	[
		("tests/unit/dev/test_days.py", (), CASES, 0),
		("tests/unit/dev/rules/test_layout.py", (), CASES, 0),
		(QUICK_UNIT, (), FEW_CASES, 0),
		(QUICK_UNIT, ("exhaustive",), 0, FEW_CASES),
		(QUICK_UNIT, ("exhaustive", "story"), FEW_CASES, 0),
		(QUICK_UNIT, ("exhaustive", "each_case"), 0, CASES),
		(QUICK_UNIT, ("scaled",), FEW_CASES, FEW_CASES),
		(ATTACKS, (), 0, CASES),
		("tests/browser/test_screens.py", (), 0, FEW_CASES),
	],
)
def test_cases_of_each_run(pytestconfig, file, marks, quick, rest):
	conftest = pytestconfig.pluginmanager.get_plugin(str(ROOT / "tests" / "conftest.py"))
	items = [Case(file, case, marks) for case in range(CASES)]
	tried = {effort: conftest.chosen_for(effort, items) for effort in (QUICK, REST, BOTH, ALL)}
	assert [len(cases) for cases in tried.values()] == [quick, rest, max(quick, rest), CASES]
	assert set(tried[BOTH]) == {*tried[QUICK], *tried[REST]}
