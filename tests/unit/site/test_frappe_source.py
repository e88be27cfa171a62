"""Frappe's source is restored as it was, but for what a newer Python's packages refuse."""

import zipfile
from pathlib import Path

import pytest

from dev.site import frappe_source
from dev.site.steps import StepFailed

OLD = "class FrappePydanticConfig:\n\tarbitrary_types_allowed = True\n"
FILE = "criscostack/utils/typing_validations.py"


def unpacked(folder: Path, content: str) -> str:
	wheel = folder / "frappe.whl"
	with zipfile.ZipFile(wheel, "w") as archive:
		archive.writestr(FILE, content)
		archive.writestr("criscostack/app.py", "import criscostack\n")
	frappe_source.unpack(wheel, folder / "frappe")
	assert (folder / "frappe" / "frappe" / "app.py").read_text() == "import frappe\n"
	return (folder / "frappe" / FILE.replace("criscostack", "frappe")).read_text()


def test_the_configuration_of_argument_checks_is_one_that_every_pydantic_takes(tmp_path):
	text = unpacked(
		tmp_path, f"import re\n\n\n{OLD}\n\nreturn PyTypeAdapter(type_, config=FrappePydanticConfig)\n"
	)
	found: dict = {}
	exec(text.partition("\n\n\n")[2].partition("\n\n")[0], found)
	assert found["FrappePydanticConfig"] == {"arbitrary_types_allowed": True}
	assert "config=FrappePydanticConfig" in text


def test_a_source_that_is_not_the_known_one_is_refused(tmp_path):
	with pytest.raises(StepFailed, match="is not as expected"):
		unpacked(tmp_path, "FrappePydanticConfig = None\n")
