"""The layout stays calm: few files in a folder, functions that fit a screen, and tests that stand alone."""

import ast
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[3]
FOLDERS = ("school_dialer", "dev", "tests", "benchmarks", "docs")
LEFT_OUT = {"__pycache__", "node_modules", "dist"}
MOST_FILES, MOST_LINES = 20, 48


def files(pattern: str = "*") -> Iterator[Path]:
	for folder in FOLDERS:
		for path in (ROOT / folder).rglob(pattern):
			if path.is_file() and not LEFT_OUT & set(path.relative_to(ROOT).parts):
				yield path.relative_to(ROOT)


@cache
def trees() -> list[tuple[Path, ast.Module]]:
	return [(path, ast.parse((ROOT / path).read_text(encoding="utf-8"))) for path in files("*.py")]


def test_no_folder_has_more_files_than_one_can_look_over():
	counts = Counter(path.parent.as_posix() for path in files())
	assert {folder: count for folder, count in counts.items() if count > MOST_FILES} == {}


def test_every_function_fits_a_screen():
	long = {
		f"{path}:{node.name}": node.end_lineno - node.lineno + 1
		for path, tree in trees()
		for node in ast.walk(tree)
		if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
		and node.end_lineno - node.lineno + 1 > MOST_LINES
	}
	assert long == {}


def test_no_test_imports_another_test_file():
	found = [
		f"{path} imports {node.module}"
		for path, tree in trees()
		if path.parts[0] == "tests"
		for node in ast.walk(tree)
		if isinstance(node, ast.ImportFrom) and (node.module or "").rpartition(".")[2].startswith("test_")
	]
	assert found == []


def test_every_room_says_what_it_is_for():
	silent = [
		str(path)
		for path, tree in trees()
		if path.parts[0] == "school_dialer" and path.name == "__init__.py" and len(path.parts) == 3
		if path.parts[1] not in ("school_dialer", "patches", "templates") and not ast.get_docstring(tree)
	]
	assert silent == []
