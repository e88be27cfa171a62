"""Families of one class for the tests of consent drives."""

from pathlib import Path

import frappe
from frappe.utils import get_files_path

from dev.school.bulk import Bulk
from school_dialer.consent_drive import actions, jobs, planning
from school_dialer.consent_form import requests
from tests.integration import factories as make


class Class:
	"""A Student Group with families. Names begin with a tag of their own."""

	def __init__(self, tag: str):
		self.tag, self.group = tag, f"{tag}-class"
		self.phones: dict[str, str] = {}
		self.bulk = Bulk()
		values = {"name": self.group, "student_group_name": self.group, "group_based_on": "Batch"}
		self.bulk.insert("Student Group", [values])

	def name(self, short: str) -> str:
		return f"{self.tag}-{short}"

	def adult(self, short: str, language: str = "en", address: str = "", number: bool = True) -> str:
		"""Add a guardian and return the number, "" without one."""
		phone = make.phone("312") if number else ""
		values = {"name": self.name(short), "guardian_name": short, "mobile_number": phone}
		values |= {"dialer_language": language, "dialer_state": "IL", "email_address": address}
		self.bulk.insert("Guardian", [values])
		self.phones[short] = phone
		return phone

	def child(self, short: str, *adults: str, born: str | None = None, **permissions: str) -> str:
		"""Add a student of the class. `permissions` are contact permissions by adult."""
		links = [
			{
				"guardian": self.name(one),
				"relation": "Mother",
				"dialer_contact_permission": permissions.get(one),
			}
			for one in adults
		]
		values = {"name": self.name(short), "first_name": short, "student_name": short, "enabled": 1}
		self.bulk.insert("Student", [{**values, "date_of_birth": born, "guardians": links}])
		member = {"student": values["name"], "active": 1, "idx": 1, "parentfield": "students"}
		self.bulk.write(
			"Student Group Student",
			[
				{
					**{"name": frappe.generate_hash(length=10), "parent": self.group},
					**{"parenttype": "Student Group", **member},
				}
			],
		)
		return values["name"]

	def family(self, short: str, **adult) -> str:
		"""Add an adult with one child and commit. Return the number."""
		phone = self.adult(short, **adult)
		self.child(f"child of {short}", short)
		frappe.db.commit()
		return phone

	def start(self, drive) -> str:
		"""Start a drive and run its job here, as a worker would. Return its name."""
		from school_dialer.consent_drive import preview

		actions.start(drive.name, preview.count(drive)["families"])
		frappe.db.commit()
		jobs.run(drive.name)
		return drive.name

	def families(self, drive: str) -> dict[str, frappe._dict]:
		fields = [
			"name",
			"person",
			"state",
			"last_wave",
			"last_way",
			"request",
			"letters",
			"students",
			"people",
		]
		rows = frappe.get_all(planning.FAMILY, {"drive": drive}, fields)
		return {row.person.removeprefix(f"{self.tag}-"): row for row in rows}

	def requests(self, drive: str) -> list[frappe._dict]:
		return frappe.get_all(
			requests.DOCTYPE, {"drive": drive}, ["name", "person", "way", "status"], order_by="creation"
		)

	def campaigns(self, drive: str) -> list[frappe._dict]:
		fields = ["name", "title", "purpose", "channel", "school", "status", "consent_wave", "template"]
		return frappe.get_all("Dialer Campaign", {"consent_drive": drive}, fields, order_by="name")

	def in_campaigns(self, drive: str) -> dict[str, str]:
		"""Return the purpose of the campaign of each family that is in one, by the adult's short name."""
		purposes = {one.name: one.purpose for one in self.campaigns(drive)}
		rows = frappe.get_all(planning.FAMILY, {"drive": drive}, ["person", "campaign"])
		return {
			row.person.removeprefix(f"{self.tag}-"): purposes[row.campaign] for row in rows if row.campaign
		}

	def close_campaigns(self, drives: list[str]) -> None:
		names = frappe.get_all("Dialer Campaign", {"consent_drive": ("in", drives or [""])}, pluck="name")
		if not names:
			return
		for statement in (
			"update `tabDialer Recipient` set status = 'Cancelled' where campaign in %(names)s "
			"and status not in ('Reached', 'Not Reached', 'Blocked')",
			"update `tabDialer Campaign` set status = 'Cancelled', pending_notification = null, "
			"consent_drive = null where name in %(names)s",
			# Reports of costs read the words of a campaign with calls, and those are deleted below.
			"delete from `tabDialer Call Log` where campaign in %(names)s",
		):
			frappe.db.sql(statement, {"names": names})
		made = frappe.get_all(
			"Dialer Message Template", {"name": ("like", "Consent request by %")}, pluck="name"
		)
		for name in made:
			frappe.db.delete("Dialer Message Translation", {"parent": name})
			frappe.db.delete("Dialer Message Template", {"name": name})
			frappe.clear_document_cache("Dialer Message Template", name)

	def close(self) -> None:
		"""Delete everything that was committed."""
		frappe.set_user("Administrator")
		frappe.db.rollback()
		drives = frappe.get_all("Dialer Consent Drive", {"title": self.tag}, pluck="name")
		letters = frappe.get_all("Dialer Consent Letters", {"drive": ("in", drives or [""])}, pluck="name")
		letters += frappe.get_all(
			"Dialer Consent Letters", {"title": ("like", "%child of%"), "wave": 0}, pluck="name"
		)
		attached = {
			"attached_to_doctype": "Dialer Consent Letters",
			"attached_to_name": ("in", letters or [""]),
		}
		for row in frappe.get_all("File", attached, ["name", "file_url"]):
			Path(get_files_path(Path(row.file_url).name, is_private=1)).unlink(missing_ok=True)
			frappe.db.delete("File", {"name": row.name})
		frappe.db.delete("Dialer Consent Letters", {"name": ("in", letters or [""])})
		for doctype, column in (
			(planning.FAMILY, "drive"),
			(requests.DOCTYPE, "drive"),
			("Dialer Consent Wave", "parent"),
			("Dialer Consent Drive", "name"),
		):
			frappe.db.delete(doctype, {column: ("in", drives or [""])})
		self.close_campaigns(drives)
		mails = frappe.get_all("Email Queue", {"reference_name": ("in", drives or [""])}, pluck="name")
		frappe.db.delete("Email Queue Recipient", {"parent": ("in", mails or [""])})
		frappe.db.delete("Email Queue", {"name": ("in", mails or [""])})
		frappe.db.delete("Email Unsubscribe", {"email": ("like", f"%{self.tag}%")})
		frappe.db.delete(requests.DOCTYPE, {"person": ("like", f"{self.tag}-%")})
		for doctype in ("Student", "Guardian", "Student Group"):
			frappe.db.delete(doctype, {"name": ("like", f"{self.tag}-%")})
		for doctype in ("Student Guardian", "Student Group Student"):
			frappe.db.delete(doctype, {"parent": ("like", f"{self.tag}-%")})
		frappe.db.commit()
