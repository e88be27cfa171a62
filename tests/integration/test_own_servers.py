"""The servers that the project's bench starts leave those of other benches alone."""

from pathlib import Path

import frappe
import pytest

from dev.site.layout import OWN, current


def test_temporary_tables_are_in_the_folder_of_the_bench():
	"""A starting MariaDB deletes the temporary tables in its folder, and another server's crash follows."""
	if not current().owned:
		pytest.skip("the database belongs to another user's bench")
	assert Path(frappe.db.sql("select @@tmpdir")[0][0]).is_relative_to(OWN)
