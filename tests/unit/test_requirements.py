"""What is installed for tests is the same with Frappe and without, and fits what Frappe pins."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
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


def test_the_workflow_installs_the_extra_for_the_unit_tests():
	(workflow,) = (ROOT / ".github" / "workflows").glob("*.yml")
	job = (
		workflow.read_text(encoding="utf-8").partition("lint-and-unit:")[2].partition("\n  registry-site:")[0]
	)
	assert "pip install -e '.[test]'" in job and "pytest tests/unit" in job
