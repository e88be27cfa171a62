"""The model of who must hear shares no code with the app that it judges."""

import ast
import sys
from collections.abc import Iterator

import pytest

from dev.tracked import ROOT, tracked

MODEL = "tests.families"
ALLOWED = {*sys.stdlib_module_names, "hypothesis"}


def imported(tree: ast.Module) -> Iterator[str]:
	for node in ast.walk(tree):
		if isinstance(node, ast.Import):
			yield from (one.name for one in node.names)
		elif isinstance(node, ast.ImportFrom):
			yield node.module or "."


def foreign(text: str) -> list[str]:
	return [
		name
		for name in imported(ast.parse(text))
		if name.partition(".")[0] not in ALLOWED and not f"{name}.".startswith(f"{MODEL}.")
	]


@pytest.mark.parametrize("path", tracked("tests/families", pattern="*.py"))
def test_the_model_imports_itself_alone(path):
	assert foreign((ROOT / path).read_text()) == []


@pytest.mark.parametrize(
	"line",
	[
		"import school_dialer",
		"from school_dialer.base.phone import parse",
		"def late():\n\timport frappe",
		"from . import school",
		"from tests.integration import factories",
		"from tests.families_of_others import x",
	],
)
def test_another_import_is_found(line):
	assert foreign(line)
	assert not foreign("import ast\nfrom hypothesis import given\nfrom tests.families.school import Child")
