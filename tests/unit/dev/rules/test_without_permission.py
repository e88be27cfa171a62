"""Only one file bypasses Frappe's permissions."""

import ast

from dev.site.layout import ROOT
from dev.tracked import tracked

THE_FILE = "school_dialer/base/without_permission.py"


def test_only_one_file_ignores_permissions():
	found = {
		str(path)
		for pattern in ("*.py", "*.js", "*.html")
		for path in tracked("school_dialer", pattern=pattern)
		if "ignore_permissions" in (ROOT / path).read_text(encoding="utf-8")
	}
	assert found == {THE_FILE}


def test_every_way_past_them_has_its_reason():
	tree = ast.parse((ROOT / THE_FILE).read_text(encoding="utf-8"))
	methods = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
	assert methods and all(len(ast.get_docstring(each).split("\n\n")) == 2 for each in methods)
