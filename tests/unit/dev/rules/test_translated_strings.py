"""Strings for people are where every version of Python's tokenizer shows them.

Before Python 3.12, an f-string hides what is inside.
"""

import ast
import re

from dev.site.layout import ROOT
from dev.tracked import tracked

PERHAPS = re.compile(r"""\bf["'].*\b_\(""", re.IGNORECASE | re.DOTALL)
"""What only some files contain, so that the others need not be parsed."""


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
	texts = {str(path): (ROOT / path).read_text() for path in tracked("school_dialer", pattern="*.py")}
	found = {path: hidden_in(ast.parse(text)) for path, text in texts.items() if PERHAPS.search(text)}
	assert {path: lines for path, lines in found.items() if lines} == {}
