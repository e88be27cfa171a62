"""Addresses that users, other apps, the carrier and web servers rely on.

Those in `public_addresses.txt` still lead where they did.
"""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from dev.patience import PATIENCE
from dev.tracked import tracked
from school_dialer import moved

ROOT = Path(__file__).parents[2]
ADDRESSES = [
	line.split(" ", 1) for line in (ROOT / "tests/unit/public_addresses.txt").read_text().splitlines()
]


def file_of(module: str) -> Path:
	path = ROOT.joinpath(*module.split("."))
	return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def functions(tree: ast.Module) -> Iterator[tuple[str, list[str]]]:
	for node in tree.body:
		if isinstance(node, ast.FunctionDef):
			yield node.name, [ast.unparse(each) for each in node.decorator_list]


def defined_in(module: str) -> set[str]:
	names = set()
	for node in ast.parse(file_of(module).read_text()).body:
		if isinstance(node, ast.FunctionDef | ast.ClassDef):
			names.add(node.name)
		elif isinstance(node, ast.ImportFrom):
			names |= {each.asname or each.name for each in node.names}
		elif isinstance(node, ast.Assign):
			names |= {
				each.id for target in node.targets for each in ast.walk(target) if isinstance(each, ast.Name)
			}
			if "__getattr__" in names and isinstance(node.value, ast.Call):
				# Old names that the module answers with a warning.
				names |= {each.value for each in ast.walk(node.value) if isinstance(each, ast.Constant)}
	return names


def methods() -> set[str]:
	"""Return what a web request may call."""
	return {
		".".join((*file.with_suffix("").parts, name))
		for file in tracked("school_dialer", pattern="*.py")
		for name, decorators in functions(ast.parse((ROOT / file).read_text()))
		if any(each.startswith("frappe.whitelist") for each in decorators)
	}


def commands() -> set[str]:
	"""Return the `bench dialer NAME` commands, with the options of each."""
	found = set()
	for file in tracked("school_dialer", pattern="*.py"):
		for name, decorators in functions(ast.parse((ROOT / file).read_text())):
			if any(each.startswith("click.command") for each in decorators):
				command = re.sub("_command$", "", name).replace("_", "-")
				found.add(command)
				options = re.findall(r"click\.option\(([^)]*)", " ".join(decorators))
				found |= {
					f"{command} {option}" for each in options for option in re.findall(r"--[a-z-]+", each)
				}
	return found


def hooks() -> set[str]:
	"""Return the names of hooks that other apps may use."""
	tree = ast.parse((ROOT / "school_dialer/hooks.py").read_text())
	return {
		target.id
		for node in tree.body
		if isinstance(node, ast.Assign)
		for target in node.targets
		if isinstance(target, ast.Name) and target.id.startswith("dialer_")
	}


FOUND = {"method": methods, "command": commands, "hook": hooks}


@pytest.mark.parametrize("kind", FOUND)
def test_each_listed_address_is_there(kind):
	listed = {address for each, address in ADDRESSES if each == kind}
	assert listed and listed - FOUND[kind]() == set()


@pytest.mark.parametrize("kind", FOUND)
def test_each_address_is_listed(kind):
	assert FOUND[kind]() - {address for each, address in ADDRESSES if each == kind} == set()


@pytest.mark.parametrize("address", [address for kind, address in ADDRESSES if kind == "path"])
def test_a_dotted_path_leads_to_what_it_named(address):
	module, name = address.rsplit(".", 1)
	assert name in defined_in(moved.new_address(module) or module)


def test_an_old_module_is_the_module_of_today(monkeypatch):
	monkeypatch.delitem(sys.modules, "school_dialer.dialing.heard", raising=False)
	with pytest.warns(DeprecationWarning, match="is now school_dialer.outbound.attempts.heard"):
		from school_dialer.dialing import heard as old
	from school_dialer.outbound.attempts import heard

	assert old is heard and heard.__spec__.name == "school_dialer.outbound.attempts.heard"


def test_an_address_that_never_was_is_none():
	with pytest.raises(ModuleNotFoundError):
		__import__("school_dialer.dialing.nothing")


def test_an_old_module_runs_as_a_program():
	command = [sys.executable, "-m", "school_dialer.consent.opt_out"]
	done = subprocess.run(
		command, input="stop calling me\n", cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE
	)
	assert done.returncode == 0 and "opt" in done.stdout, done.stderr
