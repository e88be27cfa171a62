"""The app on the apps screen of Frappe 15, and its icon and sidebar on the desktop of Frappe 16."""

import json

import frappe
import pytest

from school_dialer.base import roles

GROUPS = ["Campaigns", "Rules", "Messages", "Consent", "Inbox", "Reports", "Setup"]


def of_app(folder: str) -> dict:
	path = frappe.get_app_path("school_dialer", folder, "school_dialer.json")
	with open(path, encoding="utf-8") as file:
		return json.load(file)


@pytest.mark.parametrize(
	("role", "may"),
	[
		*((role, True) for role in (*roles.STAFF, roles.SYSTEM_MANAGER)),
		("Report Manager", False),
		(roles.TEACHER, False),
	],
)
def test_who_has_work_in_it_sees_it(as_role, role, may):
	as_role(role)
	assert frappe.get_attr(screen()["has_permission"])() is may


@pytest.mark.parametrize(("role", "may"), [(roles.TEACHER, True), (roles.MANAGER, False)])
def test_teachers_have_a_page_of_their_own(as_role, role, may):
	as_role(role)
	page = screen(1)
	assert frappe.get_attr(page["has_permission"])() is may
	assert frappe.db.exists("Page", page["route"].rpartition("/")[2])


def screen(place: int = 0) -> dict:
	return frappe.get_hooks("add_to_apps_screen", app_name="school_dialer")[place]


def test_it_leads_to_the_workspace_and_has_a_logo():
	assert screen()["route"].strip("/").split("/")[1:] == ["school-dialer"]
	assert frappe.db.exists("Workspace", "School Dialer")
	logo = screen()["logo"].removeprefix("/assets/school_dialer/")
	with open(frappe.get_app_path("school_dialer", "public", logo), encoding="utf-8") as file:
		assert "<svg" in file.read()
	assert of_app("desktop_icon")["logo_url"] == screen()["logo"]


def test_the_sidebar_has_the_groups_in_order_and_leads_to_what_exists():
	items = of_app("workspace_sidebar")["items"]
	assert [item["label"] for item in items if item["type"] == "Section Break"] == GROUPS
	links = [item for item in items if item["type"] == "Link"]
	assert [item for item in links if not frappe.db.exists(item["link_type"], item["link_to"])] == []
	assert len({item["link_to"] for item in links}) == len(links)


def test_the_sidebar_leads_to_all_that_the_workspace_does():
	workspace = frappe.get_doc("Workspace", "School Dialer")
	shown = {item["link_to"] for item in of_app("workspace_sidebar")["items"] if item["type"] == "Link"}
	assert {link.link_to for link in workspace.links if link.type == "Link"} <= shown


def test_frappe_16_knows_them():
	if not frappe.db.exists("DocType", "Workspace Sidebar"):
		pytest.skip("Frappe 15 has no sidebars of its own")
	assert frappe.db.get_value("Workspace Sidebar", "School Dialer", "app") == "school_dialer"
	assert frappe.db.get_value("Desktop Icon", "School Dialer", "icon_type") == "App"
