"""Strings for people are where every version of Python's tokenizer shows them.

Before Python 3.12, an f-string hides what is inside.
"""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[3] / "school_dialer"


def hidden_in(tree: ast.AST) -> list[int]:
	return [
		call.lineno
		for text in ast.walk(tree)
		if isinstance(text, ast.JoinedStr)
		for call in ast.walk(text)
		if isinstance(call, ast.Call)
		and getattr(call.func, "id", "") == "_"
		and isinstance(call.args[0], ast.Constant)
	]


def test_the_search_sees_one():
	assert hidden_in(ast.parse("x = f\"<p>{_('Yes')}</p>\"")) == [1] and not hidden_in(ast.parse('_("Yes")'))


def test_none_is_hidden_in_an_f_string():
	found = {
		str(file.relative_to(ROOT)): hidden_in(ast.parse(file.read_text())) for file in ROOT.rglob("*.py")
	}
	assert {file: lines for file, lines in found.items() if lines} == {}
