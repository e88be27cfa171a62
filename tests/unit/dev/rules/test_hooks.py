"""The contents of `hooks.py`, read as text: Frappe is not needed."""

import ast
from collections import Counter

from dev.site.layout import ROOT

HOOKS = ROOT / "school_dialer" / "hooks.py"


def test_each_hook_is_set_once():
	"""Of two assignments the last one wins, and what the first one guarded is left open."""
	assigned = Counter(
		ast.unparse(target)
		for statement in ast.parse(HOOKS.read_text()).body
		if isinstance(statement, ast.Assign)
		for target in statement.targets
	)
	assert [name for name, times in assigned.items() if times > 1] == []
