"""Time stamps of a test authority made with openssl."""

import pytest

from school_dialer.proof import timestamps
from school_dialer.proof.strict import Malformed
from school_dialer.proof.verify import Trust
from tests.unit.proof import writer


@pytest.fixture
def stamped(log, authority) -> writer.Log:
	log.stamps[4] = authority.stamp(log.checkpoints[3][1])
	return log


def found(report) -> list[tuple[str, str]]:
	return [(one.code, one.where) for one in report.findings]


def test_a_stamp_is_of_its_checkpoint_and_its_authority(check, stamped, authority):
	report = check(stamped.export(), Trust(authority=authority.certificate))
	assert report.verdict == "sound" and not any("Not checked" in note for note in report.notes)
	assert any(note.startswith("1 time stamps, from 20") for note in report.notes)


def test_without_the_authority_it_says_what_is_not_checked(check, stamped, monkeypatch, authority):
	report = check(stamped.export())
	assert report.verdict == "sound"
	assert "Not checked: who signed the time stamps, because no file --tsa-ca was given." in report.notes
	monkeypatch.setattr(timestamps, "openssl", lambda: None)
	report = check(stamped.export(), Trust(authority=authority.certificate))
	assert "Not checked: who signed the time stamps, because openssl is not installed." in report.notes
	monkeypatch.undo()
	monkeypatch.setattr(timestamps, "SECONDS_IN_ALL", -1)
	report = check(stamped.export(), Trust(authority=authority.certificate))
	assert report.verdict == "sound" and "there was no time left at timestamps/4.tsr" in report.notes[-1]


def test_a_stamp_of_another_checkpoint(check, stamped):
	stamped.stamps = {3: stamped.stamps[4], 9: stamped.stamps[4]}
	assert sorted(found(check(stamped.export()))) == [
		("timestamp", "timestamps/3.tsr"),
		("timestamp", "timestamps/9.tsr"),
	]


def test_a_stamp_over_another_digest(check, log, authority):
	log.stamps[4] = authority.stamp(log.checkpoints[3][1], "sha512")
	assert found(check(log.export())) == [("timestamp", "timestamps/4.tsr")]


def test_a_stamp_of_another_authority(check, stamped, tmp_path_factory):
	other = writer.Authority(tmp_path_factory.mktemp("other"))
	report = check(stamped.export(), Trust(authority=other.certificate))
	assert found(report) == [("timestamp-signature", "timestamps/4.tsr")]


@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.98])
def test_a_changed_stamp(check, stamped, authority, share):
	content = bytearray(stamped.stamps[4])
	content[int(len(content) * share)] ^= 0x55
	stamped.stamps[4] = bytes(content)
	assert found(check(stamped.export(), Trust(authority=authority.certificate)))


def test_a_stamp_that_was_cut_is_none(stamped):
	for length in range(0, len(stamped.stamps[4]), 7):
		with pytest.raises(Malformed):
			timestamps.read(stamped.stamps[4][:length])
