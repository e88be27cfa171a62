"""No user, not even Administrator, can change or delete a consent event in any way that Frappe offers."""

import json

import frappe
import pytest
import requests
from frappe.model.delete_doc import delete_doc
from frappe.utils.password import remove_encrypted_password, set_encrypted_password

from dev.patience import PATIENCE
from school_dialer.base.database.rows import insert as insert_rows
from school_dialer.base.database.rows import stamp
from school_dialer.base.written_by_code import AppendOnly
from school_dialer.consent.integrity import triggers
from tests.integration import factories as make

RECORDS = ("Consent Event", "Contact Consent", "Consent Head")
REFUSED = (AppendOnly, frappe.PermissionError, frappe.ValidationError)


@pytest.fixture
def records(phone) -> dict[str, str]:
	make.consent(phone)
	return {doctype: frappe.db.get_value(doctype, {"phone": phone}) for doctype in RECORDS}


def everything(phone: str) -> list:
	return [frappe.get_all(doctype, {"phone": phone}, ["*"], order_by="name") for doctype in RECORDS]


def set_and_save(doctype, name):
	doc = frappe.get_doc(doctype, name)
	doc.seq = 9
	doc.save(ignore_permissions=True)


def flagged_save(doctype, name):
	doc = frappe.get_doc(doctype, name)
	doc.flags.update(ignore_permissions=True, ignore_validate=True, ignore_mandatory=True)
	doc.save()


def insert(doctype, name):
	frappe.get_doc({"doctype": doctype, "phone": "+13125550199"}).insert(ignore_permissions=True)


def insert_as_import(doctype, name):
	frappe.flags.in_import = True
	try:
		doc = frappe.get_doc({"doctype": doctype, "phone": "+13125550199"})
		doc.flags.update(
			ignore_permissions=True, ignore_validate=True, ignore_mandatory=True, ignore_links=True
		)
		doc.insert(set_name="forged")
	finally:
		frappe.flags.in_import = False


def copy_in(doctype, name):
	frappe.copy_doc(frappe.get_doc(doctype, name)).insert()


WAYS = {
	"save": set_and_save,
	"save with every flag": flagged_save,
	"insert": insert,
	"data import": insert_as_import,
	"duplicate": copy_in,
	"db_set": lambda doctype, name: frappe.get_doc(doctype, name).db_set("owner", "x"),
	"db_insert": lambda doctype, name: frappe.get_doc({"doctype": doctype, "name": "forged"}).db_insert(),
	"db_update": lambda doctype, name: frappe.get_doc(doctype, name).db_update(),
	"client.set_value": lambda doctype, name: frappe.client_methods.set_value(doctype, name, "seq", 9),
	"client.delete": lambda doctype, name: frappe.client_methods.delete(doctype, name),
	"client.bulk_update": lambda doctype, name: bulk_update(doctype, name),
	"delete": lambda doctype, name: frappe.get_doc(doctype, name).delete(ignore_permissions=True, force=True),
	"delete_doc": lambda doctype, name: delete_doc(doctype, name, force=True, ignore_permissions=True),
	"rename": lambda doctype, name: frappe.rename_doc(doctype, name, "renamed", force=True),
	"merge": lambda doctype, name: frappe.rename_doc(doctype, name, name, force=True, merge=True),
}


def bulk_update(doctype, name):
	answer = frappe.client_methods.bulk_update(json.dumps([{"doctype": doctype, "docname": name, "seq": 9}]))
	assert len(answer["failed_docs"]) == 1
	raise AppendOnly


@pytest.fixture(autouse=True)
def client_methods(monkeypatch):
	import frappe.client

	monkeypatch.setattr(frappe, "client_methods", frappe.client, raising=False)


@pytest.mark.parametrize("doctype", RECORDS)
@pytest.mark.parametrize("way", WAYS)
def test_no_document_method_writes(records, phone, doctype, way):
	before = everything(phone)
	with pytest.raises(REFUSED):
		WAYS[way](doctype, records[doctype])
	assert everything(phone) == before
	assert not frappe.db.exists(doctype, "forged")


@pytest.mark.parametrize(
	"statement",
	[
		"update `tabConsent Event` set kind = 'Opt In' where phone = %s",
		"update `tabConsent Event` set wording = upper(wording) where phone = %s",
		"update `tabConsent Event` set seq = 7 where phone = %s",
		"update `tabConsent Event` set hash = '' where phone = %s",
		"delete from `tabConsent Event` where phone = %s",
		(
			"replace into `tabConsent Event` (name, phone, seq) "
			"select name, phone, seq from `tabConsent Event` where phone = %s"
		),
	],
)
def test_the_database_refuses_too(records, phone, statement):
	assert triggers.present()
	with pytest.raises(frappe.db.OperationalError, match="append-only"):
		frappe.db.sql(statement, phone)


def test_set_value_and_db_delete_meet_the_database(records, phone):
	for write in (
		lambda: frappe.db.set_value("Consent Event", records["Consent Event"], "kind", "Opt In"),
		lambda: frappe.db.delete("Consent Event", {"phone": phone}),
	):
		with pytest.raises(frappe.db.OperationalError, match="append-only"):
			write()


def test_tags_and_comments_remain_possible(records):
	event = frappe.get_doc("Consent Event", records["Consent Event"])
	event.add_tag("checked")
	event.add_comment("Comment", "Seen.")


def test_no_role_may_create_write_or_delete():
	for doctype in (*RECORDS, "Consent Anchor"):
		for permission in frappe.get_meta(doctype).permissions:
			assert not any(
				permission.get(right)
				for right in ("create", "write", "delete", "submit", "cancel", "amend", "import")
			)


@pytest.fixture
def administrator() -> dict[str, str]:
	"""Yield request headers for Administrator, who has every permission, for the duration of the test."""
	before = frappe.db.get_value("User", "Administrator", "api_key")
	if before:
		pytest.fail("Administrator has an API key of its own on this site")
	key, secret = frappe.generate_hash(length=15), frappe.generate_hash(length=15)
	frappe.db.set_value("User", "Administrator", "api_key", key, update_modified=False)
	set_encrypted_password("User", "Administrator", secret, "api_secret")
	frappe.db.commit()
	yield {"Authorization": f"token {key}:{secret}"}
	frappe.db.rollback()
	frappe.db.set_value("User", "Administrator", "api_key", None, update_modified=False)
	remove_encrypted_password("User", "Administrator", "api_secret")
	frappe.db.commit()


def test_rest_as_administrator_is_refused(served, administrator, committed_phones):
	(number, forged) = committed_phones(2)
	make.consent(number)
	frappe.db.commit()
	name = frappe.db.get_value("Consent Event", {"phone": number})

	def ask(method: str, path: str, body: dict | None = None) -> int:
		answer = requests.request(
			method, f"{served}/api/{path}", json=body, headers=administrator, timeout=PATIENCE
		)
		return answer.status_code

	assert ask("GET", f"resource/Consent Event/{name}") == 200
	for doctype in ("Consent Event", "Contact Consent", "Consent Head"):
		row = frappe.db.get_value(doctype, {"phone": number})
		assert ask("POST", f"resource/{doctype}", {"phone": forged, "seq": 1, "kind": "Grant"}) == 417
		assert ask("PUT", f"resource/{doctype}/{row}", {"seq": 9, "status": "Granted"}) == 417
		assert ask("DELETE", f"resource/{doctype}/{row}") == 417
	delete = {"doctype": "Consent Event", "items": json.dumps([name])}
	ask("POST", "method/frappe.desk.reportview.delete_items", delete)
	rename = {"doctype": "Consent Event", "old_name": name, "new_name": "renamed"}
	assert ask("POST", "method/frappe.rename_doc", rename) != 200
	frappe.db.rollback()
	assert frappe.get_all(
		"Consent Event", {"phone": ("in", (number, forged))}, pluck="name", order_by="name"
	) == [name]


LOG = {
	"Dialer Proof Leaf": {"seq": 2_000_000_000, "reference": "test", "hash": "0", "salt": "0"},
	"Dialer Proof Node": {"hash": "0"},
	"Dialer Proof Checkpoint": {"seq": 2_000_000_000, "note": "0"},
}


@pytest.mark.parametrize("doctype", LOG)
def test_the_proof_log_is_append_only_too(doctype):
	insert_rows(doctype, [{"name": "test", **stamp(), **LOG[doctype]}])
	for field in LOG[doctype].keys() - {"salt"}:
		with pytest.raises(frappe.db.OperationalError, match="append-only"):
			frappe.db.sql("update `tab" + doctype + "` set `" + field + "` = '1' where name = 'test'")
	with pytest.raises(frappe.db.OperationalError, match="append-only"):
		frappe.db.delete(doctype, {"name": "test"})
	with pytest.raises(frappe.PermissionError):
		frappe.get_doc(doctype, "test").save(ignore_permissions=True)
	with pytest.raises(frappe.PermissionError):
		frappe.get_doc({"doctype": doctype}).insert(ignore_permissions=True)
	if "salt" in LOG[doctype]:
		# An erasure deletes it.
		frappe.db.sql("update `tabDialer Proof Leaf` set salt = null where name = 'test'")
