"""Records that the proof log covers, as the gate and the dispatcher leave them. Rolled back with the test."""

import json
import os
from datetime import timedelta

import frappe

from school_dialer import gate
from school_dialer.base import clock
from school_dialer.base.database.rows import insert, stamp
from school_dialer.base.phone import mask

EARLIER = timedelta(hours=3)


def decided(number: str, campaign: str | None = None) -> str:
	"""Write a call log with the gate's decision on a call three hours ago, and return its name."""
	record = {
		"at": "2026-10-27T15:00:00Z",
		"facts": {"consents": [{"basis": "number provided"}]},
		"reasons": [],
		"request": {"phone": {"e164": number}, "person": {}},
		"verdict": "ALLOW",
	}
	text, name = json.dumps(record), frappe.generate_hash(length=16)
	values = {
		"name": name,
		**stamp(),
		"direction": "Outbound",
		"channel": "Voice",
		"purpose": "Event",
		"campaign": campaign,
		"phone": number,
		"phone_masked": mask(number),
		"person_name": "Ana Müller",
		"status": "completed",
		"status_rank": 90,
		"placed_at": clock.db_now() - EARLIER,
		"verdict": "ALLOW",
		"policy": "us-states",
		"policy_version": "2026.2",
		"decision": text,
		"seal": gate.sign_record(text),
		"students": "[]",
	}
	insert("Dialer Call Log", [values])
	return name


def disclosed(log: str) -> str:
	"""Write what that call disclosed, and return its name."""
	values = {
		"name": f"{log}-0",
		**stamp(),
		"student": "EDU-STU-2026-00001",
		"disclosed_at": clock.db_now() - EARLIER,
		"way": "Spoken",
		"fields_disclosed": '["student_first_name"]',
		"call_log": log,
		"purpose": "Event",
	}
	insert("Dialer Disclosure", [values])
	return values["name"]


def attached(content: str):
	"""Return a new private File. `remove` it, since a rollback does not take it off the disk."""
	name = f"form-{frappe.generate_hash(length=12)}.txt"
	values = {"doctype": "File", "file_name": name, "content": content, "is_private": 1}
	return frappe.get_doc(values).insert()


def remove(file) -> None:
	os.unlink(file.get_full_path())
	frappe.db.delete("File", {"name": file.name})
