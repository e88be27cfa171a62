"""A campaign's list of names and numbers is only for users who may see numbers.

That holds for every way in which Frappe serves a file.
"""

import csv
import io
import json
import re
import secrets
import zipfile

import frappe
import pytest
import requests
from frappe.core.doctype.file.utils import get_content_hash

from dev.patience import PATIENCE
from school_dialer.audience import list_file
from school_dialer.consent.archive import export
from school_dialer.desk import audience
from school_dialer.patches import audience_files
from tests.integration import factories as make

pytestmark = pytest.mark.exhaustive

AGENT, MANAGER = "Dialer Agent", "Dialer Manager"
REFUSAL = re.compile(r"<title>[^<]*\b(Not Permitted|Not Found)\s*</title>")


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
			timeout=PATIENCE,
		),
	):
		answer = ask()
		assert scene.number not in answer.text and "Person 0" not in answer.text
		assert gives_nothing(answer), answer.text
	for method in ("frappe.client.get_list", "frappe.desk.reportview.get"):
		answer = scene.agent.call(method, doctype="File", fields=["*"], filters=[["file_url", "=", url]])
		assert scene.number not in answer.text and "Person 0" not in answer.text
	answer = scene.officer.get(url.lstrip("/"))
	rows = list(csv.reader(io.StringIO(answer.text)))
	assert answer.status_code == 200 and rows[1][1] == scene.number


def gives_nothing(answer: requests.Response) -> bool:
	"""Return whether an answer is a refusal, or an empty message.

	Frappe serves its page about a refusal with the status 200, so that only its title tells it apart.
	"""
	if answer.ok and answer.headers["Content-Type"].startswith("text/html"):
		return bool(REFUSAL.search(answer.text))
	return not (answer.ok and answer.json()["message"])


@pytest.mark.parametrize("by", ["name", "file_url"])
def test_an_agent_attaches_the_list_to_nothing(scene, by):
	"""Check that an agent can attach the list neither to an e-mail, nor to a record of their own.

	An e-mail would send the file. From a record of their own they could download it.
	"""
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
		assert not answer.ok, answer.text[:300]
		assert scene.number not in answer.text and "Person 0" not in answer.text
	frappe.db.rollback()
	assert frappe.db.count("File", {"file_url": file.file_url}) == 1


def spellings(url: str) -> list[str]:
	"""Return spellings of the same address.

	MariaDB ignores case and accents, and the file system ignores dots.
	"""
	name = url.rpartition("/")[2]
	accented = name.replace("a", "\u00e4").replace("e", "\u00e9")
	return [
		url.upper(),
		f"/Private/files/{name}",
		f"/priv\u00e1te/files/{name}",
		f"/private/files/{accented}",
		f"/private/files/./{name}",
		f"/private/files/../files/{name}",
		f"/private/./files//{name}",
	]


def test_no_spelling_of_its_address_opens_it(scene):
	for url in spellings(scene.campaign.audience_file):
		for ask in (
			lambda url=url: scene.agent.get(url.lstrip("/")),
			lambda url=url: scene.agent.get("", cmd="download_file", file_url=url),
			lambda url=url: scene.agent.get("api/method/download_file", file_url=url),
			lambda url=url: scene.agent.call(
				"upload_file", file_url=url, is_private="1", file_name="mine.csv"
			),
			lambda url=url: scene.agent.call(
				"frappe.client.insert", doc={"doctype": "File", "file_url": url, "is_private": 1}
			),
		):
			answer = ask()
			assert scene.number not in answer.text and "Person 0" not in answer.text, url
	frappe.db.rollback()
	assert not frappe.db.exists("File", {"owner": scene.agent.user})


def test_a_zip_holds_no_list(scene):
	"""Check the ZIP download, which Frappe makes of any File without a permission check.

	The case of the name does not matter.
	"""
	name = list_file.files_at(scene.campaign.audience_file)[0].name
	for one in (name, name.upper(), name.swapcase()):
		answer = scene.agent.call("frappe.core.api.file.zip_files", files=json.dumps([one]))
		assert not zipped(answer.content)
	answer = scene.officer.call("frappe.core.api.file.zip_files", files=json.dumps([name]))
	assert scene.number in zipped(answer.content)[0].decode()


def test_no_one_opens_an_import_of_consents_by_its_id_or_address(scene):
	"""Check a file that is attached to nothing.

	An agent knows its id from Consent Event, and may learn its address.
	"""
	url = uploaded(None, owner=scene.officer.user, name=f"{secrets.token_hex(4)}.csv")
	name = list_file.files_at(url)[0].name
	frappe.db.commit()
	try:
		answer = scene.agent.call("frappe.core.api.file.zip_files", files=json.dumps([name]))
		assert not zipped(answer.content) and "Person 0" not in answer.text
		for again in [*spellings(url), url]:
			doc = {"doctype": "File", "file_url": again, "is_private": 1}
			assert not scene.agent.call("frappe.client.insert", doc=doc).ok, again
		answer = scene.agent.call(
			"frappe.core.doctype.communication.email.make",
			content="See here",
			subject="File",
			recipients="me@elsewhere.example",
			attachments=json.dumps([name]),
		)
		assert not answer.ok, answer.text[:300]
		answer = scene.officer.call("frappe.core.api.file.zip_files", files=json.dumps([name]))
		assert "Person 0" in zipped(answer.content)[0].decode()
		frappe.db.rollback()
		assert frappe.get_all("File", {"file_url": url}, pluck="owner") == [scene.officer.user]
	finally:
		frappe.delete_doc("File", name, force=True)
		frappe.db.commit()


def test_no_change_of_an_own_file_opens_or_moves_anothers(scene):
	"""Check a File that an agent made: one without an address, and one that is led to the file afterwards."""
	url = uploaded(None, owner=scene.officer.user, name=f"{secrets.token_hex(4)}.csv")
	theirs, file = list_file.files_at(url)[0].name, url.removeprefix(list_file.PRIVATE)
	frappe.db.commit()
	mine = []
	for values in (
		{"file_name": file},
		{"file_name": "mine.csv", "file_url": scene.agent.url + url, "content": "mine"},
		{"file_name": "mine.csv", "content": secrets.token_hex(4)},
	):
		made = scene.agent.call("frappe.client.insert", doc={"doctype": "File", "is_private": 1, **values})
		mine += [made.json()["message"]["name"]] if made.ok else []
	assert mine
	for values in (
		{},
		{"file_url": url, "content": "x"},
		{"file_url": scene.agent.url + url},
		{"file_url": "", "file_name": file},
		{"file_url": f"/files/./{file}", "is_private": 0},
		{"file_url": f"/files/./%{ord(file[0]):x}{file[1:]}", "is_private": 0},
	):
		for name in mine:
			scene.agent.call("frappe.client.set_value", doctype="File", name=name, fieldname=values)
			answer = scene.agent.call("frappe.core.api.file.zip_files", files=json.dumps([name]))
			assert not any(b"Person 0" in one for one in zipped(answer.content)), values
			assert "Person 0" not in scene.agent.get(url.lstrip("/")).text, values
	frappe.db.rollback()
	assert "Person 0" in frappe.get_doc("File", theirs).get_content()
	for name in (*mine, theirs):
		frappe.delete_doc("File", name, force=True)
	frappe.db.commit()


@pytest.mark.parametrize("up", ["..", "%2e%2e"])
def test_no_file_is_made_of_what_is_in_another_folder_of_the_site(scene, up):
	"""Check what an uninstall leaves there: the ledger with its numbers. The site's keys are there too."""
	path, _events, _numbers = export.write()
	for url in (f"/private/files/{up}/{path.parent.name}/{path.name}", f"/files/{up}/{up}/site_config.json"):
		values = {"doctype": "File", "is_private": int("private" in url), "file_url": url}
		made = scene.agent.call("frappe.client.insert", doc=values)
		assert not made.ok, url
	path.unlink()


def test_no_own_file_is_led_to_another_folder_of_the_site(scene):
	"""Check an address with the site's own host, which Frappe does not check when a File is changed."""
	mine = scene.agent.call(
		"frappe.client.insert", doc={"doctype": "File", "content": "a", "file_name": "a.txt"}
	)
	name = mine.json()["message"]["name"]
	for up in ("..", "%2e%2e", "%252e%252e"):
		values = {"file_url": f"{scene.agent.url}/files/{up}/{up}/site_config.json"}
		for _time in range(3):
			scene.agent.call("frappe.client.set_value", doctype="File", name=name, fieldname=values)
			values = {"folder": "Home/Attachments"}
		frappe.db.rollback()
		assert ".." not in frappe.db.get_value("File", name, "file_url").split("/"), up
	frappe.delete_doc("File", name, force=True)
	frappe.db.commit()


def test_no_upload_becomes_another_persons_file(scene):
	"""Check names that the database or the file system takes for the same, and content uploaded before."""
	url = uploaded(None, owner=scene.officer.user, name=f"A{secrets.token_hex(4)}.csv")
	theirs, file = list_file.files_at(url)[0].name, url.removeprefix(list_file.PRIVATE)
	frappe.db.commit()
	content, mine = secrets.token_hex(4), []
	for values in (
		{"file_name": file.lower()},
		{"file_name": file.replace("A", "\u00c4")},
		{"file_name": f".%2F{file}"},
		{"file_name": f"%{ord(file[0]):x}{file[1:]}"},
		{"file_name": "mine.csv"},
		{"file_name": "mine.csv", "file_url": url},
		{"file_name": "no.csv", "file_url": url, "content": "data:,", "decode": 1, "content_hash": "none"},
	):
		doc = {"doctype": "File", "is_private": 1, "content": content, **values}
		made = scene.agent.call("frappe.client.insert", doc=doc)
		mine += [made.json()["message"]["name"]] if made.ok else []
		assert "Person 0" not in scene.agent.get(url.lstrip("/")).text, values
	assert mine
	frappe.db.rollback()
	assert frappe.get_all("File", {"file_url": ("like", f"%/{file}")}, pluck="name") == [theirs]
	assert "Person 0" in frappe.get_doc("File", theirs).get_content()
	for name in (*mine, theirs):
		frappe.delete_doc("File", name, force=True)
	frappe.db.commit()


@pytest.mark.parametrize("private", [1, 0], ids=["private", "public"])
def test_no_deletion_of_an_own_file_deletes_anothers(scene, private):
	"""Check a digest that its user made up, and addresses of which Frappe deletes the last part on disk."""
	url = uploaded(None, owner=scene.officer.user, name=f"{secrets.token_hex(4)}.csv", private=private)
	theirs = frappe.get_doc("File", {"file_url": url})
	frappe.db.commit()
	file, content = url.rpartition("/")[2], theirs.get_content()
	elsewhere = f"https://elsewhere.example/{file}" if private else f"files/{file}"
	for values in (
		{"content": content, "content_hash": "none"},
		{"file_url": elsewhere, "content_hash": "none"},
		{"content": secrets.token_hex(4), "thumbnail_url": url},
		{"content": secrets.token_hex(4), "thumbnail_url": elsewhere},
	):
		doc = {"doctype": "File", "is_private": private, "file_name": "mine.csv", **values}
		made = scene.agent.call("frappe.client.insert", doc=doc)
		if made.ok:
			name = made.json()["message"]["name"]
			scene.agent.call("frappe.client.set_value", doctype="File", name=name, fieldname=values)
			assert scene.agent.call("frappe.client.delete", doctype="File", name=name).ok
		assert theirs.exists_on_disk(), values
	frappe.delete_doc("File", theirs.name, force=True)
	frappe.db.commit()
	assert not theirs.exists_on_disk()


def test_no_own_file_stands_for_what_another_person_uploads(scene):
	"""Check the digest by which Frappe finds that it has a content already."""
	content, mine = CONTENT + secrets.token_hex(4), []
	digest = {"content_hash": get_content_hash(content.encode())}
	for values in ({"content": "data:,", "decode": 1, **digest}, {"content": secrets.token_hex(4)}):
		doc = {"doctype": "File", "file_name": "mine.csv", "is_private": 1, **values}
		made = scene.agent.call("frappe.client.insert", doc=doc)
		mine += [made.json()["message"]["name"]] if made.ok else []
	assert mine
	for name in mine:
		scene.agent.call("frappe.client.set_value", doctype="File", name=name, fieldname=digest)
	frappe.db.rollback()
	theirs = frappe.get_doc({"doctype": "File", "file_name": "a.csv", "content": content, "is_private": 1})
	theirs.insert()
	assert frappe.get_doc("File", theirs.name).get_content() == content
	for name in (*mine, theirs.name):
		frappe.delete_doc("File", name, force=True)
	frappe.db.commit()


def zipped(content: bytes) -> list[bytes]:
	"""Return the files in a ZIP.

	There are none if the request was refused, or answered with an empty ZIP, as later releases do.
	"""
	if not content.startswith(b"PK"):
		return []
	with zipfile.ZipFile(io.BytesIO(content)) as found:
		return [found.read(name) for name in found.namelist()]


@pytest.mark.story
def test_an_agent_learns_neither_address_nor_name(scene):
	url, campaign = scene.campaign.audience_file, scene.campaign.name
	for answer in (
		scene.agent.get(f"api/resource/Dialer Campaign/{campaign}"),
		scene.agent.call("frappe.desk.form.load.getdoc", doctype="Dialer Campaign", name=campaign),
		scene.agent.call("frappe.client.get_list", doctype="Dialer Campaign", fields=["*"]),
		scene.agent.call(
			"frappe.core.api.file.get_attached_images", doctype=list_file.DOCTYPE, names=[campaign]
		),
		scene.agent.call("frappe.core.api.file.get_files_by_search_text", text=url),
		scene.agent.call("frappe.core.api.file.get_files_in_folder", folder="Home/Attachments"),
		scene.agent.call("frappe.client.get_list", doctype="File", fields=["*"], limit_page_length=0),
	):
		assert url.rpartition("/")[2] not in answer.text
	assert url in scene.officer.get(f"api/resource/Dialer Campaign/{campaign}").text


def uploaded(
	campaign: str | None, owner: str | None = None, name: str = "people.csv", private: int = 1
) -> str:
	values = {"attached_to_doctype": "Dialer Campaign", "attached_to_name": campaign} if campaign else {}
	file = {"doctype": "File", "file_name": name, "content": CONTENT + secrets.token_hex(4)}
	doc = frappe.get_doc({**file, **values, "is_private": private}).insert(ignore_permissions=True)
	if owner:
		doc.db_set("owner", owner)
	return doc.file_url


CONTENT = "name,phone\nPerson 0,+13125550142\nPerson 1,"


def test_the_list_of_a_campaign_is_a_copy_under_a_random_name(as_role):
	"""Check that the upload to the form is deleted, and that a file stored elsewhere stays."""
	as_role(MANAGER)
	for upload in ("new-dialer-campaign-1", None):
		url = uploaded(upload, name=f"{secrets.token_hex(4)}.csv")
		campaign = make.campaign(audience_file=url)
		(row,) = list_file.files_at(campaign.audience_file)
		assert (row.attached_to_doctype, row.attached_to_name) == (list_file.DOCTYPE, campaign.name)
		assert (
			url
			!= campaign.audience_file
			== frappe.db.get_value("Dialer Campaign", campaign.name, "audience_file")
		)
		assert "Person 0" in frappe.get_doc("File", list_file.file_of(campaign)).get_content()
		kept = list_file.files_at(url)
		assert [one.attached_to_doctype for one in kept] == ([] if upload else [None])
		before = campaign.audience_file
		campaign.save()
		assert campaign.audience_file == before


def test_an_upload_to_a_draft_is_out_of_reach_before_it_is_saved(scene):
	"""Check an attachment of a draft before it is saved.

	Frappe lets all who can read a document open its attachments, and calls no hook before it sends a file.
	"""
	url = uploaded(scene.campaign.name, name=f"{secrets.token_hex(4)}.csv")
	frappe.db.commit()
	(row,) = list_file.files_at(url)
	try:
		assert (row.attached_to_doctype, row.attached_to_name) == (list_file.DOCTYPE, scene.campaign.name)
		for answer in (
			scene.agent.get(url.lstrip("/")),
			scene.agent.get("api/method/download_file", file_url=url),
			scene.agent.call(
				"frappe.client.get_list", doctype="File", fields=["*"], filters={"name": row.name}
			),
		):
			assert "Person 0" not in answer.text and url not in answer.text.replace("\\", "")
		assert "Person 0" in scene.officer.get(url.lstrip("/")).text
	finally:
		frappe.delete_doc("File", row.name, force=True)
		frappe.db.commit()


def test_no_one_reads_another_persons_file_by_naming_it_as_an_audience(as_role):
	other = as_role("Employee")
	url = uploaded(None, owner=other)
	as_role(MANAGER)
	with pytest.raises(frappe.PermissionError):
		make.campaign(audience_file=url)
	with pytest.raises(frappe.PermissionError):
		audience.count("CSV file", audience_file=url)
	draft = make.campaign()
	frappe.db.set_value("Dialer Campaign", draft.name, "audience_file", url)
	with pytest.raises(frappe.PermissionError):
		list_file.file_of(frappe.get_doc("Dialer Campaign", draft.name))


def test_lists_of_earlier_versions_are_moved():
	"""Check the migration of a campaign whose file has its own name and is attached to it.

	Running it twice has the same result as running it once.
	"""
	campaign = make.campaign()
	url = uploaded(campaign.name)
	frappe.db.set_value("Dialer Campaign", campaign.name, "audience_file", url, update_modified=False)
	before = frappe.db.get_value("Dialer Campaign", campaign.name, "modified")
	for _time in range(2):
		audience_files.execute()
	moved, after = frappe.db.get_value("Dialer Campaign", campaign.name, ["audience_file", "modified"])
	(row,) = list_file.files_at(moved)
	assert moved != url and after == before and not list_file.files_at(url)
	assert (row.attached_to_doctype, row.attached_to_name) == (list_file.DOCTYPE, campaign.name)
	assert "Person 0" in frappe.get_doc("File", row.name).get_content()


def test_a_campaign_takes_its_list_with_it():
	campaign = make.campaign()
	url = campaign.audience_file
	frappe.delete_doc("Dialer Campaign", campaign.name)
	assert not list_file.files_at(url) and not frappe.db.exists(list_file.DOCTYPE, campaign.name)
