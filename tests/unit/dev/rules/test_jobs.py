"""Every method that is scheduled or enqueued is one of this app's jobs, whatever its folder.

Frappe logs a failed job with the values of its local variables, which here are families' numbers.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from dev.site.layout import ROOT
from dev.tracked import tracked

APP = "school_dialer."
HOOKS = ROOT / "school_dialer" / "hooks.py"
ENQUEUERS = ("enqueue", "enqueue_doc", "queue_action")


def trees() -> Iterator[tuple[Path, ast.Module]]:
	for file in tracked("school_dialer", pattern="*.py"):
		if b"enqueue" in (text := (ROOT / file).read_bytes()) or b"queue_action" in text:
			yield file, ast.parse(text)


def calls(tree: ast.Module) -> Iterator[ast.Call]:
	"""Yield calls of `frappe.enqueue` and of functions with that name."""
	for node in ast.walk(tree):
		if isinstance(node, ast.Call):
			name = getattr(node.func, "attr", getattr(node.func, "id", ""))
			if name in ENQUEUERS:
				yield node


def target(call: ast.Call) -> ast.expr | None:
	named = [each.value for each in call.keywords if each.arg == "method"]
	return call.args[0] if call.args else named[0] if named else None


def texts(node: ast.expr | None) -> list[str]:
	return [each.value for each in ast.walk(node) if isinstance(each, ast.Constant)] if node else []


def enqueued() -> Iterator[str]:
	"""Yield the paths of enqueued methods.

	A path built from a module and a name passed to a function of the same file counts once per such name.
	"""
	for file, tree in trees():
		targets = [target(call) for call in calls(tree)]
		short = [
			text for node in targets for text in texts(node) if isinstance(text, str) and "." not in text
		]
		for node in targets:
			if isinstance(node, ast.JoinedStr):
				(module, *_rest) = texts(node)
				yield from (module + name for name in short)
			elif isinstance(node, ast.Constant):
				if "." in node.value:
					yield node.value
			else:
				assert node is None or isinstance(node, ast.Name), f"{file}: name the method of a job in full"


def scheduled() -> Iterator[str]:
	"""Yield the paths of scheduled methods, read from the text of the hooks: importing them needs Frappe."""
	(events,) = (
		node.value
		for node in ast.parse(HOOKS.read_text(encoding="utf-8")).body
		if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "scheduler_events"
	)
	for kind, methods in ast.literal_eval(events).items():
		for each in methods.values() if kind == "cron" else [methods]:
			yield from each


def beside() -> list[str]:
	"""Return the paths of the jobs of each minute, of which the tick enqueues some by these names."""
	text = (ROOT / "school_dialer" / "base" / "jobs.py").read_text(encoding="utf-8")
	return re.findall(r'^[A-Z]+ = "(school_dialer\.[\w.]+)"$', text, re.MULTILINE)


def is_job(path: str) -> bool:
	"""Return whether the method is one of this app's jobs.

	Read from its source, because most modules need Frappe to be imported.
	"""
	module, _dot, name = path.rpartition(".")
	file = ROOT / (module.replace(".", "/") + ".py")
	tree = ast.parse(file.read_text(encoding="utf-8"))
	imported = {
		alias.name
		for node in tree.body
		if isinstance(node, ast.ImportFrom) and node.module == "school_dialer.base.jobs"
		for alias in node.names
	}
	(method,) = (node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == name)
	outer = method.decorator_list[:1]
	called = [each.func if isinstance(each, ast.Call) else each for each in outer]
	return "job" in imported and [getattr(each, "id", "") for each in called] == ["job"]


def test_every_job_is_one_of_the_house():
	methods = {*scheduled(), *enqueued(), *beside()}
	assert len(beside()) == 4
	assert len(methods) > 20 and all(path.startswith(APP) for path in methods), methods
	assert [path for path in sorted(methods) if not is_job(path)] == []
