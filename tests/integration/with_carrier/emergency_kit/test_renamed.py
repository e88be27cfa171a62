"""An item stays ready for an emergency when a record that it names gets another name."""

import frappe
import pytest

from school_dialer.emergency_kit import item_seal, starting
from tests.integration import districts
from tests.integration import factories as make
from tests.integration.with_carrier.emergency_kit.kit import ITEM, SAID, Kit


def rename(doctype: str, old: str, merge_into: str = "") -> None:
	frappe.rename_doc(doctype, old, merge_into or f"{old} B", force=True, merge=bool(merge_into))
	frappe.db.commit()


def is_ready(item: str) -> bool:
	return item_seal.is_approved(frappe.get_doc(ITEM, item))


@pytest.mark.parametrize("field", ["audience_name", "template"])
def test_an_item_is_started_though_what_it_names_has_another_name(kit: Kit, field):
	item = kit.item()
	doctype = "Student Group" if field == "audience_name" else "Dialer Message Template"
	rename(doctype, frappe.db.get_value(ITEM, item, field))
	kit.group = frappe.db.get_value(ITEM, item, "audience_name")
	assert kit.campaign(kit.start(item)).audience_name == kit.group


def test_an_item_of_a_school_stays_ready_when_the_school_has_another_name(kit: Kit):
	with districts.district("There", "Here", committed=True) as (there, _here):
		item = kit.item(approved=False, school=there)
		doc = frappe.get_doc("Dialer School", there)
		doc.append("approvers", {"user": kit.approver})
		doc.save()
		frappe.db.commit()
		kit.approve(item)
		assert is_ready(item)
		rename("Dialer School", there)
		try:
			assert is_ready(item)
		finally:
			frappe.rename_doc("Dialer School", f"{there} B", there, force=True)
			frappe.db.commit()


def test_what_was_changed_before_is_not_approved_by_a_new_name(kit: Kit):
	item = kit.item()
	other = make.template("Emergency", said=SAID)
	frappe.db.set_value(ITEM, item, "template", other)
	rename("Student Group", kit.group)
	assert not is_ready(item)
	with pytest.raises(frappe.ValidationError, match="not approved"):
		starting.startable(item, kit.approver)


def test_a_group_that_becomes_one_with_another_is_approved_again(kit: Kit):
	item, other = kit.item(), Kit()
	rename("Student Group", kit.group, merge_into=other.group)
	assert not is_ready(item)
