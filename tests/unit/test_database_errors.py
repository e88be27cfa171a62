"""The errors of the database's client libraries."""

import sys
from types import ModuleType

import pytest

from school_dialer.base.database import errors


@pytest.fixture
def libraries(monkeypatch) -> dict[str, ModuleType]:
	"""Install both libraries, each with an error of its own."""
	made = {name: ModuleType(name) for name in errors.LIBRARIES}
	for name, library in made.items():
		library.OperationalError = type("OperationalError", (Exception,), {})
		monkeypatch.setitem(sys.modules, name, library)
	return made


def test_those_of_each_library_that_is_installed(libraries):
	expected = tuple(library.OperationalError for library in libraries.values())
	assert errors.of_libraries("OperationalError") == expected


@pytest.mark.parametrize(("absent", "left"), [errors.LIBRARIES, errors.LIBRARIES[::-1]])
def test_a_library_that_is_not_installed_has_none(monkeypatch, libraries, absent, left):
	monkeypatch.setitem(sys.modules, absent, None)
	assert errors.of_libraries("OperationalError") == (libraries[left].OperationalError,)
