"""The second implementation, which shares no code with the writer, checks what this site wrote."""

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from dev.patience import PATIENCE
from school_dialer.consent import chain, ledger
from school_dialer.consent.integrity import stream
from school_dialer.consent.receipts import receipt
from school_dialer.privacy import pseudonym
from school_dialer.proof_log import checkpoints, export, leaves, log
from tests.integration import factories as make
from tests.integration.proof_log import records

pytestmark = pytest.mark.usefixtures("log")

ROOT = Path(__file__).parents[3]
ALONE = (
	"import runpy, sys; sys.modules['frappe'] = None; sys.path.insert(0, {root!r}); "
	"runpy.run_module('school_dialer.proof', run_name='__main__', alter_sys=True)"
)


def verified(file: Path, *options: str) -> tuple[int, dict]:
	"""Run the outsiders' command on a file, where Frappe cannot be imported."""
	command = [sys.executable, "-I", "-c", ALONE.format(root=str(ROOT)), "verify", str(file), "--json"]
	done = subprocess.run([*command, *options], capture_output=True, text=True, timeout=PATIENCE, check=False)
	return done.returncode, json.loads(done.stdout)


@pytest.fixture
def exported(phone, tmp_path) -> Path:
	"""Write the proof of a number: events, an attachment, a decision, a disclosure, several checkpoints."""
	make.consent(phone)
	file = records.attached("I agree.")
	ledger.verify(phone, evidence=make.evidence(attachment=file.file_url))
	ledger.opt_out(
		phone, scope="everything", evidence=make.evidence("Keypad", wording="Pressed 8 <b>ü 家</b>")
	)
	call = records.decided(phone)
	checkpoints.make()
	log.append(leaves.DECISION, [records.decided(make.phone()) for _ in range(5)])
	log.append(leaves.CONSENT, [row[chain.NAME] for row in stream.events_of([phone])])
	checkpoints.make()
	log.append(leaves.DECISION, [call])
	log.append(leaves.DISCLOSURE, [records.disclosed(call)])
	checkpoints.make()
	out = io.BytesIO()
	export.write(out, export.of_number(phone, pseudonym.forms([phone])))
	place = tmp_path / "export.zip"
	place.write_bytes(out.getvalue())
	yield place
	records.remove(file)


def test_a_sound_export(exported):
	code, said = verified(exported)
	assert (code, said["verdict"], said["findings"]) == (0, "sound", [])


def test_with_the_key_that_the_site_publishes(exported):
	key = next(iter(json_of(exported)["keys"]))
	code, said = verified(exported, "--key", key)
	assert (code, said["verdict"]) == (0, "sound")


def json_of(place: Path) -> dict:
	with zipfile.ZipFile(place) as archive:
		return json.loads(archive.read("manifest.json"))


@pytest.mark.parametrize(
	("was", "now"),
	[
		(b"Pressed 8", b"Pressed 1"),
		(b"everything", b"everythinG"),
		(b"I agree.", b"I refuse"),
		(b"time 20", b"time 21"),
	],
)
def test_a_changed_export(exported, was, now):
	content = exported.read_bytes()
	assert was in content and len(was) == len(now)
	exported.write_bytes(content.replace(was, now))
	code, said = verified(exported)
	assert code in (1, 2) and said["verdict"] != "sound"


def test_a_receipt_shows_where_the_log_has_its_event(exported, phone):
	last = stream.events_of([phone])[-1][chain.NAME]
	found = receipt.read(receipt.code_of(last))
	place = log.inclusion(leaves.CONSENT, last)
	assert (found.logged.index, found.logged.size) == (place.index, place.size)
	assert found.logged.checkpoint == place.checkpoint and found.is_sealed
	ledger.opt_in(phone, evidence=make.evidence("Text", wording="START"))
	newest = stream.events_of([phone])[-1][chain.NAME]
	assert newest != last and receipt.read(receipt.code_of(newest)).logged is None
