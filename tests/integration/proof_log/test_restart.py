"""After a restore the log goes on under another name: declared to everyone, and never as clean continuity."""

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import frappe
import pytest

from school_dialer.base.database.rows import insert, stamp
from school_dialer.consent.integrity import outside
from school_dialer.continuity import decision, safe_mode
from school_dialer.privacy import pseudonym
from school_dialer.proof.findings import SOUND, WITH_BREAK, Report
from school_dialer.proof.note import Key
from school_dialer.proof.verify import Trust, verify
from school_dialer.proof_log import (
	check,
	checkpoints,
	export,
	hourly,
	keys,
	leaves,
	log,
	note,
	published,
	restart,
	rotation,
	store,
)
from school_dialer.recovery import ending, reconcile, report
from tests.integration.proof_log import records

pytestmark = pytest.mark.usefixtures("log")
RESTORE = "RESTORE-test"


@pytest.fixture
def signed(phone) -> Callable[[], checkpoints.Stored]:
	"""Return a function that logs one more decision about the number, signs, and marks it outside."""

	def sign() -> checkpoints.Stored:
		log.append(leaves.DECISION, [records.decided(phone)])
		stored = checkpoints.make()
		outside.write(outside.CHECKPOINT, outside.stored(outside.CHECKPOINT))
		return stored

	return sign


@pytest.fixture
def restored(signed) -> tuple[checkpoints.Stored, checkpoints.Stored]:
	"""Sign twice, restore the state between, and return what is known and what was lost."""
	signed()
	known = signed()
	frappe.db.savepoint("backup")
	lost = signed()
	frappe.db.rollback(save_point="backup")
	assert (checkpoints.newest(), lost.seq) == (known, known.seq + 1)
	return known, lost


@pytest.fixture
def exported(phone, tmp_path) -> Callable[[], Path]:
	def write() -> Path:
		out = io.BytesIO()
		export.write(out, export.of_number(phone, pseudonym.forms([phone])))
		path = tmp_path / "export.zip"
		path.write_bytes(out.getvalue())
		return path

	return write


def by_outsiders(path: Path, key: str = "") -> Report:
	return verify(path, Trust(Key.of(key)) if key else Trust())


def test_a_log_that_was_not_set_back_goes_on(signed):
	signed()
	assert not restart.is_due() and not restart.begin_if_due(RESTORE)
	assert restart.breaks() == [] and signed().seq == 2
	assert check.examine().findings == check.examine().breaks == ()


def test_a_log_that_was_set_back_says_so(restored, signed):
	known, lost = restored
	assert restart.begin_if_due(RESTORE)
	outside._accept()
	(broken,) = restart.breaks()
	assert (broken.before, broken.seq, broken.size) == (known.checkpoint.origin, known.seq, known.size)
	body = json.loads(store.leaves_about(leaves.RESTART)[0].body)
	assert body["root"] == known.checkpoint.root.hex()
	assert body["lost"] == {"seq": lost.seq, "digest": lost.checkpoint.digest.hex()}
	again = signed()
	origin = again.checkpoint.origin
	assert restart.AGAIN.search(origin) and origin.startswith(f"{known.checkpoint.origin}/")
	assert again.seq == lost.seq and again.checkpoint.previous == known.checkpoint.digest
	# Both names signed it, and it announces the key under the new one.
	assert note.is_signed(again.note, known.public_key) and note.is_signed(again.note, again.public_key)
	assert again.checkpoint.announced == again.public_key != known.public_key
	assert published.document("keys") == f"{known.public_key}\n{again.public_key}\n"
	checked = check.examine([known.note])
	assert checked.findings == () and checked.breaks == (broken.sentence,)
	assert broken.at in broken.sentence
	# What was lost is neither denied nor called another log.
	(finding,) = check.examine([lost.note]).findings
	assert finding.detail == f"What it covers was lost in the restore of {broken.at}."
	assert not signed().checkpoint.announced


def test_outsiders_accept_it_as_a_break(restored, signed, exported):
	known, _lost = restored
	restart.begin_if_due(RESTORE)
	again = signed()
	signed()
	path = exported()
	for key in ("", known.public_key, again.public_key):
		found = by_outsiders(path, key)
		assert (found.findings, found.verdict) == ([], WITH_BREAK), key
		assert len(found.breaks) == 1 and f"checkpoint {known.seq} of" in found.breaks[0]
	# The same file without the entry is no clean log, even with the right count of lines.
	with zipfile.ZipFile(path) as archive:
		members = {name: archive.read(name) for name in archive.namelist()}
	lines = [one for one in members["leaves.jsonl"].splitlines(True) if b'\\"restart\\"' not in one]
	manifest = json.loads(members["manifest.json"]) | {"leaves": len(lines)}
	members |= {"leaves.jsonl": b"".join(lines), "manifest.json": json.dumps(manifest).encode()}
	with zipfile.ZipFile(path, "w") as archive:
		for name, content in members.items():
			archive.writestr(name, content)
	assert {one.code for one in by_outsiders(path).findings} == {"restart", "origin"}


def test_without_a_restart_it_would_be_a_fork(restored, signed):
	"""What outsiders hold contradicts a log that goes on under its name."""
	_known, lost = restored
	signed()
	findings = [each.detail for each in check.examine([lost.note]).findings]
	assert "The log is not what was signed: leaves were changed or removed since." in findings


def test_without_any_mark_it_cannot_be_excluded(signed, exported):
	signed()
	assert not restart.is_due()
	outside.forget()
	assert restart.is_due() and restart.begin_if_due(RESTORE)
	assert json.loads(store.leaves_about(leaves.RESTART)[0].body)["lost"] is None
	signed()
	assert by_outsiders(exported()).verdict == WITH_BREAK


def test_a_log_without_a_checkpoint_may_have_lost_its_first(phone, signed, exported):
	log.append(leaves.DECISION, [records.decided(phone)])
	frappe.db.savepoint("backup")
	lost = signed()
	frappe.db.rollback(save_point="backup")
	assert restart.begin_if_due(RESTORE) and restart.breaks()[0].seq == 0
	again = signed()
	assert again.checkpoint.origin != lost.checkpoint.origin and check.examine().findings == ()
	assert by_outsiders(exported()).verdict == WITH_BREAK


def test_a_database_without_a_log_begins_one_of_another_name(signed, exported):
	frappe.db.savepoint("backup")
	lost = signed()
	frappe.db.rollback(save_point="backup")
	assert not restart.begin_if_due(RESTORE)
	assert signed().checkpoint.origin != lost.checkpoint.origin
	assert by_outsiders(exported()).verdict == SOUND


def test_it_may_happen_again(restored, signed, exported):
	restart.begin_if_due(RESTORE)
	outside._accept()
	second = signed()
	frappe.db.savepoint("backup")
	signed()
	frappe.db.rollback(save_point="backup")
	head = store.current()
	assert restart.begin_if_due(f"{RESTORE}-2") and store.current().origin != head.origin
	outside._accept()
	third = signed()
	assert [one.before for one in restart.breaks()] == [restored[0].checkpoint.origin, head.origin]
	assert check.examine([second.note, restored[0].note]).findings == ()
	for key in ("", restored[0].public_key, third.public_key):
		found = by_outsiders(exported(), key)
		assert (found.findings, len(found.breaks)) == ([], 2)


def test_a_key_that_was_lost_too_stays_unannounced(restored, signed, exported):
	known, _lost = restored
	rotation.renew(lost=True)
	restart.begin_if_due(RESTORE)
	outside._accept()
	signed()
	details = [each.detail for each in check.examine().findings]
	assert details == ["It is signed by a key that no earlier checkpoint announces."]
	assert {one.code for one in by_outsiders(exported()).findings} == {"unannounced-key"}
	assert "given-key" in {one.code for one in by_outsiders(exported(), known.public_key).findings}


def test_the_key_can_be_changed_before_the_first_checkpoint_since(restored, exported, signed, monkeypatch):
	known, _lost = restored
	monkeypatch.setattr(frappe.db, "commit", lambda: None)
	restart.begin_if_due(RESTORE)
	outside._accept()
	public_key = rotation.renew()
	assert public_key.startswith(store.current().origin)
	assert signed().public_key == public_key and check.examine().findings == ()
	assert by_outsiders(exported(), known.public_key).verdict == WITH_BREAK


def stands_safe(state: str = reconcile.RECONCILED) -> str:
	values = {
		"state": state,
		"safe": 1,
		"cause": decision.RESTORED,
		"noticed_at": frappe.utils.now_datetime(),
	}
	insert(safe_mode.DOCTYPE, [{"name": RESTORE, **stamp(), **values}])
	return RESTORE


def test_ending_safe_mode_begins_it_again(restored, signed):
	known, _lost = restored
	name, said = stands_safe(), "proof log that were signed in that time may be lost"
	assert any(said in line for line in report.unknown(frappe.get_doc(safe_mode.DOCTYPE, name)))
	ending.end(name)
	(leaf,) = store.leaves_about(leaves.RESTART)
	assert leaf.reference == RESTORE and store.current().origin != known.checkpoint.origin


def test_nothing_is_signed_in_safe_mode(restored, monkeypatch):
	monkeypatch.setattr(frappe.db, "commit", lambda: None)
	known, _lost = restored
	stands_safe()
	hourly.hourly()
	with pytest.raises(frappe.ValidationError, match="Safe mode"):
		rotation.renew()
	assert checkpoints.newest() == known and keys.path().exists()


@pytest.mark.parametrize("body", ["", "x", "[]", "{}", '{"before": 1}'])
def test_a_damaged_entry_is_a_finding(restored, signed, body):
	restart.begin_if_due(RESTORE)
	outside._accept()
	signed()
	frappe.db.sql("update `tabDialer Proof Leaf` set body = %s where kind = %s", (body, leaves.RESTART))
	assert any("(restart RESTORE-test)" in each.where for each in check.examine().findings)
