"""An export holds what the format says, and proves it without this site."""

import inspect
import io
import json
import zipfile
from pathlib import Path
from types import SimpleNamespace

import frappe
import pytest

from school_dialer.consent import chain, ledger
from school_dialer.consent.integrity import stream
from school_dialer.desk.district import proof
from school_dialer.privacy import pseudonym, scrub
from school_dialer.proof_log import checkpoints, export, leaves, log, note, rotation
from school_dialer.terminal.proof import proof_export, proof_key
from tests.integration import factories as make
from tests.integration.proof_log import records
from tests.unit.proof_log import verifying

pytestmark = pytest.mark.usefixtures("log")


def written(evidence: export.Evidence) -> SimpleNamespace:
	out = io.BytesIO()
	export.write(out, evidence)
	return opened(out.getvalue())


def opened(content: bytes) -> SimpleNamespace:
	archive = zipfile.ZipFile(io.BytesIO(content))
	assert all(member.compress_type == zipfile.ZIP_STORED for member in archive.infolist())
	lines = {name: archive.read(f"{name}.jsonl").decode().splitlines() for name in ("leaves", "checkpoints")}
	return SimpleNamespace(
		names=sorted(archive.namelist()),
		read=archive.read,
		manifest=json.loads(archive.read("manifest.json")),
		checkpoint=archive.read("checkpoint").decode(),
		leaves=[json.loads(line) for line in lines["leaves"]],
		earlier=[json.loads(line) for line in lines["checkpoints"]],
	)


def check(found: SimpleNamespace) -> list[dict]:
	"""Check all proofs with the RFC's algorithms, and return the leaves' data."""
	keys = found.manifest["keys"]
	assert any(note.is_signed(found.checkpoint, key) for key in keys)
	newest = note.parse_checkpoint(note.split_signatures(found.checkpoint)[0])
	for line in found.leaves:
		hashed = verifying.leaf(line["data"].encode()) if line["data"] else bytes.fromhex(line["hash"])
		path = [bytes.fromhex(each) for each in line["proof"]]
		assert verifying.includes(line["index"], newest.size, hashed, path, newest.root)
	for line in found.earlier:
		assert any(note.is_signed(line["checkpoint"], key) for key in keys)
		old = note.parse_checkpoint(note.split_signatures(line["checkpoint"])[0])
		path = [bytes.fromhex(each) for each in line["proof"]]
		if old.size:
			assert verifying.is_consistent(old.size, newest.size, old.root, newest.root, path)
	return [json.loads(line["data"]) for line in found.leaves if line["data"]]


def about(phone: str) -> export.Evidence:
	return export.of_number(phone, pseudonym.forms([phone]))


@pytest.fixture
def number(phone) -> SimpleNamespace:
	"""A number with two consent events, one with an attachment, and two calls, one of them masked since."""
	make.consent(phone)
	file = records.attached("I agree.")
	ledger.verify(phone, evidence=make.evidence(attachment=file.file_url))
	calls = [records.decided(phone), records.decided(phone)]
	shown = records.disclosed(calls[0])
	checkpoints.make()
	log.append(leaves.DECISION, [records.decided(make.phone())])
	log.append(leaves.CONSENT, [row[chain.NAME] for row in stream.events_of([phone])])
	checkpoints.make()
	log.append(leaves.DECISION, calls)
	log.append(leaves.DISCLOSURE, [shown])
	row = frappe.db.get_value(
		"Dialer Call Log", calls[1], scrub.COLUMNS["Dialer Call Log"].split(", "), as_dict=True
	)
	scrub.scrub_rows("Dialer Call Log", [row], unlink=True)
	yield SimpleNamespace(phone=phone, calls=calls, shown=shown)
	records.remove(file)


def test_a_number(number):
	checkpoints.make()
	found = written(about(number.phone))
	data = check(found)
	assert found.manifest["about"] == f"a number ending {number.phone[-2:]}"
	assert found.manifest["format"] == "school_dialer proof 1"
	assert found.manifest["leaves"] == len(found.leaves) == 6
	assert [each["kind"] for each in data] == ["consent", "consent", "decision", "disclosure", "erasure"]
	assert [each["body"]["seq"] for each in data[:2]] == [1, 2]
	assert data[1]["body"]["prev_hash"] == data[0]["body"]["hash"]
	(gone,) = (line for line in found.leaves if line["data"] is None)
	assert len(gone["hash"]) == 64 and data[-1]["body"]["id"] == number.calls[1]
	digest = data[1]["body"]["attachment_sha256"]
	assert found.read(f"attachments/{digest}") == b"I agree."
	assert found.names == [
		f"attachments/{digest}",
		"checkpoint",
		"checkpoints.jsonl",
		"leaves.jsonl",
		"manifest.json",
	]
	assert [
		note.parse_checkpoint(note.split_signatures(each["checkpoint"])[0]).seq for each in found.earlier
	] == [1, 2]


def test_what_is_younger_than_the_newest_checkpoint_waits(number):
	assert len(written(about(number.phone)).leaves) == 2
	with pytest.raises(export.NothingSigned):
		written(about(make.phone()))


def test_a_campaign(phone):
	campaign = make.campaign([phone]).name
	calls = [records.decided(phone, campaign), records.decided(make.phone(), campaign)]
	log.append(leaves.DECISION, [*calls, records.decided(phone)])
	checkpoints.make()
	data = check(written(export.of_campaign(campaign)))
	assert {each["id"] for each in data} == set(calls)


def test_an_evidence_that_was_changed_is_shown_as_its_hash_alone(number):
	checkpoints.make()
	frappe.db.sql("update `tabDialer Disclosure` set way = 'Text' where name = %s", number.shown)
	found = written(about(number.phone))
	assert [line["data"] is None for line in found.leaves].count(True) == 2
	check(found)


def test_a_new_key_is_announced_by_the_old_one(number, monkeypatch):
	monkeypatch.setattr(frappe.db, "commit", lambda: None)
	old = checkpoints.make().public_key
	new = rotation.renew()
	last = checkpoints.make()
	found = written(about(number.phone))
	assert found.manifest["keys"] == [old, new] == checkpoints.public_keys()
	assert last.public_key == new and note.is_signed(last.note, new)
	announcing = note.parse_checkpoint(note.split_signatures(found.earlier[-1]["checkpoint"])[0])
	assert announcing.announced == new and note.is_signed(found.earlier[-1]["checkpoint"], old)
	check(found)
	with pytest.raises(frappe.ValidationError, match="no public key of this log"):
		rotation.announce(note.vkey("another", b"k" * 32))


def test_the_officer_downloads_it(number, as_role):
	checkpoints.make()
	as_role("Dialer Manager")
	with pytest.raises(frappe.PermissionError):
		proof.export(phone=number.phone)
	frappe.set_user("Administrator")
	frappe.db.set_value("Dialer Disclosure", number.shown, "student", None, update_modified=False)
	as_role("Dialer Compliance Officer")
	proof.export(phone=number.phone)
	assert frappe.response["filename"] == "export.zip"
	assert len(opened(frappe.response["filecontent"]).leaves) == 6
	for asked in ({}, {"phone": number.phone, "campaign": "x"}):
		with pytest.raises(frappe.ValidationError, match="Enter a number"):
			proof.export(**asked)
	with pytest.raises(frappe.ValidationError, match="Nothing about this is signed"):
		proof.export(phone=make.phone())
	with pytest.raises(frappe.DoesNotExistError):
		proof.export(campaign="none")


def test_the_commands_refuse_what_they_cannot_do(bench):
	assert bench("proof-export").returncode == 2
	assert bench("proof-export", "--phone", "x", "--campaign", "y").returncode == 2
	assert bench("proof-key", "--lost").returncode == 2


def test_the_commands_on_the_test_s_own_data(number, tmp_path, capsys, monkeypatch):
	"""What the commands do, in this connection, since the log is empty in it alone."""
	monkeypatch.setattr(frappe.db, "commit", lambda: None)
	export_method, key_method = (inspect.unwrap(each.callback) for each in (proof_export, proof_key))
	last = checkpoints.make()
	assert export_method(phone=number.phone, campaign=None, to=tmp_path, as_json=True) == 0
	said = json.loads(capsys.readouterr().out)
	assert said["leaves"] == 6 and Path(said["file"]).stat().st_mode & 0o777 == 0o600
	check(opened(Path(said["file"]).read_bytes()))
	assert export_method(phone=make.phone(), campaign=None, to=tmp_path, as_json=True) == 1
	assert len(list(tmp_path.glob("proof-*.zip"))) == 1
	capsys.readouterr()
	assert key_method(announced=None, new=False, lost=False, as_json=True) == 0
	assert json.loads(capsys.readouterr().out) == {
		"keys": [last.public_key],
		"checkpoint": last.note,
		"next": "",
	}
	assert key_method(announced=None, new=True, lost=False, as_json=False) == 0
	assert "Next: school_dialer/" in capsys.readouterr().out
	assert key_method(announced=None, new=True, lost=True, as_json=False) == 0
