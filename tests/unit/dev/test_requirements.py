"""The packages installed for tests are the same with Frappe and without, and fit what Frappe pins."""

import re
from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).parents[3]
LINE = re.compile(r'^\s*"?([A-Za-z0-9_-]+)([<>=~!][^;"\s]*)', re.M)


def ranges(text: str) -> dict[str, str]:
	return {name.lower().replace("_", "-"): spec for name, spec in LINE.findall(text)}


def extra() -> dict[str, str]:
	text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
	return ranges(re.search(r"^test = \[(.*?)^\]", text, re.M | re.S).group(1))


def test_the_extra_and_the_development_tools_agree():
	tools = ranges((ROOT / "dev" / "requirements.txt").read_text(encoding="utf-8"))
	shared = extra().keys() & tools.keys()
	assert {"pytest", "hypothesis", "ruff", "import-linter"} <= shared
	assert {name: extra()[name] for name in shared} == {name: tools[name] for name in shared}


@pytest.mark.parametrize(
	("package", "pinned"),
	[
		("redis", ("4.5.5", "6.2.0", "7.1.0")),
		("phonenumbers", ("8.13.13", "8.13.55", "9.0.21")),
		("twilio", ("8.5.0", "9.13.0")),
	],
)
def test_the_app_lets_stand_what_frappe_and_its_telephony_apps_pin(package, pinned):
	"""Frappe 15.55 and today's 15 and 16, according to their pyproject.toml.

	A bench refuses an app that requires another version.
	"""
	text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
	asked = ranges(re.search(r"^dependencies = \[(.*?)^\]", text, re.M | re.S).group(1))
	assert [version for version in pinned if version not in SpecifierSet(asked[package])] == []


def test_the_workflow_installs_the_extra_for_the_unit_tests():
	workflow = (ROOT / ".github" / "workflows" / "tests.yml").read_text(encoding="utf-8")
	job = workflow.partition("\n  unit:")[2].partition("\n  registry-site:")[0]
	assert "pip install -e '.[test]'" in job and "pytest tests/unit" in job
