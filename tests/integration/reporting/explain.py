"""How MariaDB would run the queries of some work."""

import frappe

from benchmarks.queries import statements_of


def explained(work) -> list:
	"""Return the first EXPLAIN row of each select that `work` sends."""
	seen = [
		(query, values) for query, values, _ms in statements_of(work) if "select" in str(query)[:8].lower()
	]
	return [frappe.db.sql(f"explain {query}", values, as_dict=True)[0] for query, values in seen]


def steps(work) -> list:
	"""Return all EXPLAIN rows of the only select that `work` sends."""
	((query, values, _ms),) = [one for one in statements_of(work) if "select" in str(one[0])[:8].lower()]
	return frappe.db.sql(f"explain {query}", values, as_dict=True)
