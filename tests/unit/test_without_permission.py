"""Only one file bypasses Frappe's permissions."""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[2] / "school_dialer"


def test_only_one_file_ignores_permissions():
	found = {
		str(file.relative_to(ROOT))
		for pattern in ("*.py", "*.js", "*.html")
		for file in ROOT.rglob(pattern)
		if "ignore_permissions" in file.read_text(encoding="utf-8")
	}
	assert found == {"without_permission.py"}


def test_every_way_past_them_has_its_reason():
	tree = ast.parse((ROOT / "without_permission.py").read_text(encoding="utf-8"))
	methods = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
	assert methods and all(len(ast.get_docstring(each).split("\n\n")) == 2 for each in methods)
