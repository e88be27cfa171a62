"""The layout stays calm: few files in a folder, functions that fit a screen, and tests that stand alone."""

import ast
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from dev.site.layout import ROOT
from dev.tracked import tracked

FOLDERS = ("school_dialer", "dev", "tests", "benchmarks", "docs")
MANY_FILES, TOO_MANY_FILES, MOST_LINES = 18, 24, 48
BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")
"""Where syntax trees keep statements inside others."""


@dataclass(frozen=True, slots=True)
class Module:
	"""What the rules ask about a file. The syntax trees of all files at once would take seconds."""

	path: Path
	has_docstring: bool
	lengths: dict[str, int]
	"""Lines of its longest function of each name."""
	imports_from: list[str]

	@classmethod
	def read(cls, path: Path) -> "Module":
		tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
		lengths: dict[str, int] = {}
		imports = []
		for node in statements(tree):
			if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
				lines = node.end_lineno - node.lineno + 1
				lengths[node.name] = max(lines, lengths.get(node.name, 0))
			elif isinstance(node, ast.ImportFrom):
				imports.append(node.module or "")
		return cls(path, bool(ast.get_docstring(tree)), lengths, imports)


def statements(tree: ast.AST) -> Iterator[ast.AST]:
	"""Yield all statements, however deep. They are few among the nodes of a tree."""
	for block in BLOCKS:
		for node in getattr(tree, block, ()):
			yield node
			yield from statements(node)


@cache
def modules() -> list[Module]:
	return [Module.read(path) for path in tracked(*FOLDERS, pattern="*.py")]


def test_no_folder_has_more_files_than_one_can_look_over():
	counts = Counter(path.parent.as_posix() for path in tracked(*FOLDERS))
	many = {folder: count for folder, count in counts.items() if count >= MANY_FILES}
	if many:
		listed = ", ".join(f"{folder} ({count})" for folder, count in sorted(many.items()))
		warnings.warn(f"{MANY_FILES} files or more, {TOO_MANY_FILES} are refused: {listed}", stacklevel=1)
	assert {folder: count for folder, count in many.items() if count >= TOO_MANY_FILES} == {}


def test_every_function_fits_a_screen():
	long = {
		f"{module.path}:{name}": lines
		for module in modules()
		for name, lines in module.lengths.items()
		if lines > MOST_LINES
	}
	assert long == {}


def test_functions_in_any_block_are_measured():
	text = "try:\n\tif x:\n\t\tpass\n\telse:\n\t\tclass A:\n\t\t\tdef f(): pass\nexcept E:\n\tdef g(): pass\n"
	text += "finally:\n\tmatch x:\n\t\tcase 1:\n\t\t\tasync def h(): pass\n"
	names = [getattr(node, "name", None) for node in statements(ast.parse(text))]
	assert {"f", "g", "h"} <= set(names)


def test_no_test_imports_another_test_file():
	found = [
		f"{module.path} imports {name}"
		for module in modules()
		if module.path.parts[0] == "tests"
		for name in module.imports_from
		if name.rpartition(".")[2].startswith("test_")
	]
	assert found == []


def test_every_room_says_what_it_is_for():
	silent = [
		str(module.path)
		for module in modules()
		if module.path.match("school_dialer/*/__init__.py")
		if module.path.parts[1] not in ("school_dialer", "patches", "templates") and not module.has_docstring
	]
	assert silent == []
