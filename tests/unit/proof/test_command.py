"""The command as an outsider runs it: without Frappe, without the app's other rooms, and offline."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

from dev.patience import PATIENCE
from tests.unit.proof import writer
from tests.unit.proof.spoiled import OTHER

ROOT = Path(__file__).parents[3]
ROOM = ROOT / "school_dialer" / "proof"
WITHOUT = """
import importlib.abc, runpy, socket, sys

class Refuse(importlib.abc.MetaPathFinder):
	def find_spec(self, name, path=None, target=None):
		if name.partition(".")[0] in REFUSED:
			raise ImportError(name)

sys.meta_path.insert(0, Refuse())
socket.socket.connect = None
runpy.run_module("school_dialer.proof", run_name="__main__", alter_sys=True)
"""


def run(*arguments: str, refused: tuple[str, ...] = ("frappe",)) -> subprocess.CompletedProcess:
	code = f"REFUSED = {refused!r}\n{WITHOUT}"
	command = [
		sys.executable,
		"-I",
		"-c",
		f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{code}",
		*arguments,
	]
	return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)


@pytest.fixture
def export(tmp_path, log) -> Path:
	path = tmp_path / "export.zip"
	path.write_bytes(writer.packed(log.export()))
	return path


def test_a_sound_export(export, log):
	done = run("verify", str(export), "--key", log.used[0])
	assert (done.returncode, done.stderr) == (0, "")
	assert done.stdout.startswith("Sound: ") and "the key that you gave" in done.stdout
	assert "about a number ending 42" in done.stdout


def test_without_a_key_it_says_what_to_compare(export, log):
	done = run("verify", str(export))
	assert done.returncode == 0 and "Compare that with the one the school published" in done.stdout
	assert all(key in done.stdout for key in log.used)


def test_a_spoiled_export_says_each_finding_on_a_line(export, log):
	members = log.export()
	members["leaves.jsonl"] = members["leaves.jsonl"].replace(b"I agree", b"I refuse")
	export.write_bytes(writer.packed(members))
	done = run("verify", str(export), "--key", writer.vkey_of(OTHER))
	assert done.returncode == 1 and done.stdout.startswith("Wrong: ")
	assert "- inclusion: leaves.jsonl line 1: The log does not hold this content" in done.stdout
	assert "- given-key: checkpoint: " in done.stdout


def test_json(export):
	done = run("verify", str(export), "--json")
	assert json.loads(done.stdout)["verdict"] == "sound" and json.loads(done.stdout)["findings"] == []
	export.write_bytes(b"x")
	done = run("verify", str(export), "--json")
	assert done.returncode == 2
	assert [one["code"] for one in json.loads(done.stdout)["findings"]] == ["unreadable"]


def test_without_cryptography_it_says_what_to_install(export):
	done = run("verify", str(export), refused=("frappe", "cryptography"))
	assert (done.returncode, done.stdout) == (2, "")
	assert "pip install cryptography" in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize(
	"arguments",
	[["--key", "none"], ["--key", "\udcff+00000000+AA=="], ["--tsa-ca", "/there/is/none"], ["--what"], []],
)
def test_what_is_given_wrongly(export, arguments):
	done = run("verify", *([str(export), *arguments] if arguments else []))
	assert done.returncode == 2 and done.stderr and "Traceback" not in done.stderr


def test_words_in_the_file_move_no_cursor(export, log):
	export.write_bytes(writer.packed(log.export(about="\x1b[2J\u202e")))
	done = run("verify", str(export))
	assert done.returncode == 0 and "\x1b" not in done.stdout and "\u202e" not in done.stdout


def test_the_room_imports_nothing_but_itself_the_standard_library_and_cryptography():
	imported = set()
	for path in ROOM.glob("*.py"):
		for node in ast.walk(ast.parse(path.read_text())):
			if isinstance(node, ast.Import):
				imported |= {alias.name for alias in node.names}
			elif isinstance(node, ast.ImportFrom):
				assert node.level == 0
				imported |= {f"{node.module}.{alias.name}" for alias in node.names}
	others = {name for name in imported if name.partition(".")[0] not in sys.stdlib_module_names}
	assert all(name.startswith(("school_dialer.proof.", "cryptography.")) for name in others)


def test_the_contract_forbids_the_room_every_other():
	"""Check that a new room or module is added to the contract in pyproject.toml."""
	tomllib = pytest.importorskip("tomllib", reason="Python 3.10 lacks it")
	contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
	(contract,) = [one for one in contracts if one.get("source_modules") == ["school_dialer.proof"]]
	app = ROOT / "school_dialer"
	rooms = {path.parent.name for path in app.glob("*/__init__.py")} | {
		path.stem for path in app.glob("*.py")
	}
	forbidden = {name.removeprefix("school_dialer.") for name in contract["forbidden_modules"]}
	assert (
		forbidden >= rooms - {"__init__", "proof", "moved", "public", "templates"} and "frappe" in forbidden
	)
