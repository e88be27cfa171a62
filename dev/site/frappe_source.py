"""Frappe's own source, restored from the one copy that the Python package registries have.

Frappe is not on PyPI. The wheel criscostack 1.0.0 (MIT) is its develop branch of 2023-08-05 (15.0.0-dev,
commit 0cced74766) under another name; undoing that rename gives back the upstream files.
"""

import email.parser
import hashlib
import re
import shutil
import zipfile
from pathlib import Path

from dev.site.layout import OWN, Bench
from dev.site.steps import StepFailed, digest, run, step

WHEEL = "criscostack==1.0.0"
SHA256 = "dc58aaf29c59b7666edc953596e5b31f77d7286b2ed6b14c6a205b217c210349"

# Longest first where one contains another.
RENAMED = (
	("criscostack", "frappe"),
	("Criscostack", "Frappe"),
	("CRISCOSTACK", "FRAPPE"),
	("criscoerp", "erpnext"),
	("Criscoerp", "ERPNext"),
	("CRISCOERP", "ERPNEXT"),
	("Crisco", "Frappe"),
	("crisco", "frappe"),
)

# Pins of 2023 that exclude a newer Python or have no wheel for it: (from this Python on, use these versions).
LIFTED = {
	"RestrictedPython": ("3.12", ">=7.4,<8"),
	"hiredis": ("3.12", ">=2.3,<4"),
	"MarkupSafe": ("3.13", ">=2.1,<4"),
	"Pillow": ("3.12", ">=10.4,<12"),
	"pydantic": ("3.12", ">=2.8,<3"),
}

# No pydantic that has a wheel for Python 3.13 takes a class for a configuration. All take a dictionary.
MENDED = {
	"frappe/utils/typing_validations.py": (
		b"class FrappePydanticConfig:\n\tarbitrary_types_allowed = True\n",
		b'FrappePydanticConfig = {"arbitrary_types_allowed": True}\n',
	)
}

PYPROJECT = """[project]
name = "frappe"
description = "Frappe Framework 15.0.0-dev, restored"
requires-python = ">=3.10"
dynamic = ["version"]
dependencies = [
{dependencies}
]

[build-system]
requires = ["flit_core>=3.4,<4"]
build-backend = "flit_core.buildapi"
"""


def make(bench: Bench, environment: str) -> bool:
	"""Put Frappe's source under `apps/frappe`. Returns True when it was restored again."""
	target = bench.apps / "frappe"

	def restore() -> None:
		wheel = download(bench)
		keep = target / "node_modules"
		parked = OWN / "node_modules.parked"
		if keep.exists():
			keep.rename(parked)
		shutil.rmtree(target, ignore_errors=True)
		unpack(wheel, target)
		if parked.exists():
			parked.rename(keep)

	ready = (target / "frappe" / "__init__.py").exists()
	return step("frappe", "Frappe's source, restored", digest(SHA256, Path(__file__)), restore, ready=ready)


def download(bench: Bench) -> Path:
	folder = OWN / "downloads"
	for wheel in folder.glob("criscostack-*.whl"):
		if _sha256(wheel) == SHA256:
			return wheel
		wheel.unlink()
	command = [bench.python, "-m", "pip", "download", "--no-input", "--no-deps", "--dest", folder, WHEEL]
	run("frappe", command, failure=f"pip could not download {WHEEL}, the wheel that holds Frappe's source")
	for wheel in folder.glob("criscostack-*.whl"):
		if _sha256(wheel) == SHA256:
			return wheel
		wheel.unlink()
	raise StepFailed(
		f"the downloaded wheel {WHEEL} is not the known one (its SHA-256 differs); it was deleted"
	)


def unpack(wheel: Path, target: Path) -> None:
	requirements: list[str] = []
	with zipfile.ZipFile(wheel) as archive:
		for entry in archive.infolist():
			if entry.is_dir() or entry.filename.endswith(".DS_Store"):
				continue
			content = archive.read(entry)
			if ".dist-info/" in entry.filename:
				if entry.filename.endswith("/METADATA"):
					metadata = email.parser.Parser().parsestr(content.decode())
					requirements = metadata.get_all("Requires-Dist") or []
				continue
			file = target / original(entry.filename).replace("brik_helper", "bench_helper")
			file.parent.mkdir(parents=True, exist_ok=True)
			file.write_bytes(_mended(file.relative_to(target), _original_content(entry.filename, content)))
	dependencies = "\n".join(f"\t'{line}'," for pin in requirements for line in lift(pin))
	(target / "pyproject.toml").write_text(PYPROJECT.format(dependencies=dependencies))


def original(text: str) -> str:
	for theirs, ours in RENAMED:
		text = text.replace(theirs, ours)
	return text


def _original_content(name: str, content: bytes) -> bytes:
	try:
		text = content.decode()
	except UnicodeDecodeError:
		return content
	return original(text).encode() if "crisco" in text.lower() else content


def _mended(name: Path, content: bytes) -> bytes:
	if str(name) not in MENDED:
		return content
	old, new = MENDED[str(name)]
	if old not in content:
		raise StepFailed(f"Frappe's {name} is not as expected: the lines to mend are not there")
	return content.replace(old, new)


def lift(pin: str) -> list[str]:
	"""Return the requirement unchanged or, when a newer Python needs another, one line per case."""
	name = re.match(r"[A-Za-z0-9_.-]+", pin).group()
	if name not in LIFTED:
		return [pin]
	python, versions = LIFTED[name]
	return [f'{pin}; python_version < "{python}"', f'{name}{versions}; python_version >= "{python}"']


def _sha256(file: Path) -> str:
	return hashlib.sha256(file.read_bytes()).hexdigest()
