"""A campaign's list of names and numbers is for those who may see numbers, in every way Frappe has of giving a file away."""

import csv
import io
import json
import secrets

import frappe
import pytest


def test_the_list_of_names_and_numbers_is_for_those_who_may_see_them(scene):
	url = scene.campaign.audience_file
	name = frappe.db.get_value("File", {"file_url": url})
	for ask in (
		lambda: scene.agent.get(url.lstrip("/")),
		lambda: scene.agent.get("api/method/download_file", file_url=url),
		lambda: scene.agent.get("api/method/frappe.handler.download_file", file_url=url),
		lambda: scene.agent.get("api/method/frappe.core.doctype.file.file.download_file", file_url=url),
		lambda: scene.agent.get(f"api/resource/File/{name}"),
		lambda: scene.agent.call("frappe.client.get", doctype="File", name=name),
		lambda: scene.agent.call("frappe.client.get", doctype="File", filters={"file_url": url}),
		lambda: scene.agent.call(
			"frappe.client.get_value", doctype="File", fieldname="file_name", filters=name
		),
		lambda: scene.agent.call("frappe.desk.form.load.getdoc", doctype="File", name=name),
		lambda: scene.agent.call("frappe.core.api.file.unzip_file", name=name),
		lambda: scene.agent.session.post(
			f"{scene.agent.url}/api/method/run_doc_method",
			data={"dt": "File", "dn": name, "method": "get_content"},
			timeout=60,
		),
	):
		answer = ask()
		assert scene.number not in answer.text and "Person 0" not in answer.text
		assert answer.status_code in (403, 404) or "Not Permitted" in answer.text, answer.text
	for method in ("frappe.client.get_list", "frappe.desk.reportview.get"):
		answer = scene.agent.call(method, doctype="File", fields=["*"], filters=[["file_url", "=", url]])
		assert scene.number not in answer.text and "Person 0" not in answer.text
	answer = scene.officer.get(url.lstrip("/"))
	rows = list(csv.reader(io.StringIO(answer.text)))
	assert answer.status_code == 200 and rows[1][1] == scene.number


@pytest.mark.parametrize("by", ["name", "file_url"])
def test_an_agent_attaches_the_list_to_nothing(scene, by):
	"""Neither to a mail, which sends it, nor to a record of their own, from which it could be fetched."""
	file = frappe.db.get_value(
		"File", {"file_url": scene.campaign.audience_file}, ["name", "file_url"], as_dict=True
	)
	note = {"doctype": "Note", "title": secrets.token_hex(4), "public": 0}
	own = scene.agent.call("frappe.client.insert", doc=note).json().get("message", {}).get("name")
	for ask in (
		lambda: scene.agent.call(
			"frappe.core.doctype.communication.email.make",
			doctype="Note",
			name=own or "",
			content="See here",
			recipients="me@elsewhere.example",
			attachments=json.dumps([file[by]]),
			send_email="1",
		),
		lambda: scene.agent.call(
			"frappe.client.insert",
			doc={
				"doctype": "File",
				"file_url": file.file_url,
				"attached_to_doctype": "Note",
				"attached_to_name": own,
				"is_private": 1,
			},
		),
		lambda: scene.agent.call(
			"frappe.core.doctype.data_import.data_import.get_preview_from_template",
			data_import="x",
			import_file=file.file_url,
		),
	):
		answer = ask()
		assert answer.status_code == 403, answer.text[:300]
		assert scene.number not in answer.text
	frappe.db.rollback()
	assert frappe.db.count("File", {"file_url": file.file_url}) == 1
