"""One way to refuse."""

import ast

from dev.site.layout import ROOT
from dev.tracked import tracked


def test_a_dialog_is_never_titled_message():
	"""Frappe's own throw without a title shows "Message"."""
	own = {
		str(path)
		for path in tracked("school_dialer", pattern="*.py")
		if "frappe.throw(" in (ROOT / path).read_text()
	}
	assert own == {"school_dialer/base/refusal.py"}


def test_a_refusal_is_thrown_and_not_raised():
	"""Frappe's Desk shows what was thrown. An exception of Frappe's that is raised ends in silence there."""
	classes: dict[str, list[str]] = {}
	trees = {path: ast.parse((ROOT / path).read_text()) for path in tracked("school_dialer", pattern="*.py")}
	for tree in trees.values():
		for node in ast.walk(tree):
			if isinstance(node, ast.ClassDef):
				classes.setdefault(node.name, []).extend(map(ast.unparse, node.bases))
	raised = {
		f"{path}:{node.lineno}"
		for path, tree in trees.items()
		for node in ast.walk(tree)
		if isinstance(node, ast.Raise)
		and isinstance(node.exc, ast.Call)
		and is_of_frappe(ast.unparse(node.exc.func), classes)
	}
	assert raised == set()


def is_of_frappe(name: str, classes: dict[str, list[str]], seen: frozenset[str] = frozenset()) -> bool:
	"""Return whether an exception of this name is Frappe's, or derives from one of Frappe's."""
	last = name.rpartition(".")[2]
	if name.startswith("frappe.") or last in seen:
		return name.startswith("frappe.")
	return any(is_of_frappe(base, classes, seen | {last}) for base in classes.get(last, ()))


def test_derived_exceptions_are_found():
	classes = {"A": ["frappe.ValidationError"], "B": ["A"], "C": ["ValueError"], "D": ["D"]}
	names = ("A", "B", "C", "D", "module.B", "frappe.PermissionError")
	assert [is_of_frappe(one, classes) for one in names] == [True, True, False, False, True, True]
