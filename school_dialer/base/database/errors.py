"""Errors of the database's client library, which Frappe passes on: PyMySQL's, and on Frappe 16 MySQLdb's."""

from contextlib import suppress
from importlib import import_module

LIBRARIES = ("pymysql", "MySQLdb")


def of_libraries(*names: str) -> tuple[type[Exception], ...]:
	"""Return the classes with these names, such as "OperationalError", of each library that is installed."""
	classes = []
	for library in LIBRARIES:
		with suppress(ImportError):
			classes += [getattr(import_module(library), name) for name in names]
	return tuple(classes)


OperationalErrors = of_libraries("OperationalError")
"""Raised when the database does not answer, among other things."""

ConnectionErrors = of_libraries("OperationalError", "InterfaceError")
"""Raised, among other things, when the connection to the database is lost."""
