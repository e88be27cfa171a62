"""Give each Dialer School the key by which opt-outs name it."""

import frappe

from school_dialer.schools import opting_out, registry


def execute() -> None:
	for name in frappe.get_all(registry.DOCTYPE, {opting_out.FIELD: ("is", "not set")}, pluck="name"):
		key = opting_out.fresh(name, opting_out.keys())
		frappe.db.set_value(registry.DOCTYPE, name, opting_out.FIELD, key, update_modified=False)
		opting_out.forget()
