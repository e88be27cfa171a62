"""A quick run tries a few cases of a test, but leaves no rule of style out."""

from types import SimpleNamespace

import pytest

from dev.site.layout import ROOT
from tests.effort import FEW_CASES

CASES = 9


def items(file: str) -> list[SimpleNamespace]:
	"""Return what pytest collects of a file with one test of several cases."""
	return [
		SimpleNamespace(
			path=ROOT / file, nodeid=f"{file}::test_it[{case}]", get_closest_marker=lambda _name: None
		)
		for case in range(CASES)
	]


@pytest.mark.parametrize(
	("file", "tried"),
	[
		("tests/unit/dev/test_days.py", CASES),
		("tests/unit/dev/rules/test_layout.py", CASES),
		("tests/unit/site/test_ports.py", FEW_CASES),
		("tests/security/test_attacks.py", 0),
	],
)
def test_cases_of_a_quick_run(pytestconfig, file, tried):
	conftest = pytestconfig.pluginmanager.get_plugin(str(ROOT / "tests" / "conftest.py"))
	assert len(conftest.in_a_quick_run(items(file))) == tried
