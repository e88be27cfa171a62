"""Records become leaves once, in sets, and each has a proof that the RFC's own algorithm takes."""

import json
from datetime import timedelta

import frappe
import pytest

from school_dialer.consent import chain, ledger
from school_dialer.consent.integrity import stream
from school_dialer.privacy import pseudonym, scrub
from school_dialer.proof_log import (
	check,
	checkpoints,
	hourly,
	leaves,
	log,
	note,
	published,
	sources,
	store,
	tree,
)
from tests.integration import factories as make
from tests.integration.proof_log import records
from tests.unit.proof_log import verifying

pytestmark = pytest.mark.usefixtures("log")


def events(phone: str) -> list[str]:
	return [row[chain.NAME] for row in stream.events_of([phone])]


def proven(kind: str, reference: str) -> dict:
	"""Return the leaf's data, after its proof was checked against the signed checkpoint."""
	found = log.inclusion(kind, reference)
	assert note.is_signed(found.checkpoint, checkpoints.newest().public_key)
	signed = note.parse_checkpoint(note.split_signatures(found.checkpoint)[0])
	assert (found.size, found.root) == (signed.size, signed.root.hex())
	(leaf,) = store.leaves_of(kind, [reference])
	data = check.data_of(kind, [leaf])[leaf.seq].encode()
	proof = [bytes.fromhex(each) for each in found.proof]
	assert verifying.includes(found.index, found.size, verifying.leaf(data), proof, signed.root)
	return json.loads(data)


def test_all_kinds_are_proven(phone):
	make.consent(phone)
	call = records.decided(phone)
	shown = records.disclosed(call)
	assert log.append(leaves.CONSENT, events(phone)) == 1
	assert log.append(leaves.DECISION, [call]) == log.append(leaves.DISCLOSURE, [shown]) == 1
	assert log.inclusion(leaves.DECISION, call) is None
	checkpoints.make()
	consent = proven(leaves.CONSENT, events(phone)[0])
	assert consent["body"]["phone"] == phone and list(consent["body"])[: len(chain.FIELDS)] == list(
		chain.FIELDS
	)
	decision = proven(leaves.DECISION, call)
	assert decision["body"]["number"] == phone and decision["body"]["basis"] == ["number provided"]
	assert json.loads(decision["body"]["record"])["verdict"] == decision["body"]["decision"] == "ALLOW"
	assert proven(leaves.DISCLOSURE, shown)["body"]["call_log"] == call
	assert check.examine().findings == ()


def test_a_record_has_one_leaf(phone):
	call = records.decided(phone)
	assert log.append(leaves.DECISION, [call]) == 1
	assert log.append(leaves.DECISION, [call, "none"]) == 0
	assert store.current().frontier.size == 1


def test_what_is_appended_is_read_under_the_lock(phone, monkeypatch):
	steps = []

	def noted(name: tuple, method):
		monkeypatch.setattr(*name, lambda *given: steps.append(name[1]) or method(*given))

	noted((store, "lock_head"), store.lock_head)
	noted((sources, "bodies"), sources.bodies)
	call = records.decided(phone)
	log.erased(leaves.DECISION, [call], log.REQUEST)
	assert steps == ["lock_head"]
	log.append(leaves.DECISION, [call])
	assert steps == ["lock_head", "lock_head", "bodies"]


def test_a_set_takes_as_many_statements_as_one(phone, queries):
	store.lock_head()
	one = queries(lambda: log.append(leaves.DECISION, [records.decided(phone)]))
	many = [records.decided(phone) for _ in range(100)]
	# The inner nodes come with one more.
	assert queries(lambda: log.append(leaves.DECISION, many)) <= one


def test_a_proof_takes_few_statements_whatever_the_size(phone, queries):
	calls = [records.decided(phone) for _ in range(70)]
	log.append(leaves.DECISION, calls)
	checkpoints.make()
	assert queries(lambda: log.inclusion(leaves.DECISION, calls[3])) <= 4


def test_growth_is_proven(phone):
	sizes, roots = [], []
	for count in (1, 2, 5, 4):
		log.append(leaves.DECISION, [records.decided(phone) for _ in range(count)])
		stored = checkpoints.make()
		sizes.append(stored.size)
		roots.append(stored.checkpoint.root)
	for place, proof in enumerate(log.growth(sizes, sizes[-1])):
		path = [bytes.fromhex(each) for each in proof]
		assert verifying.is_consistent(sizes[place], sizes[-1], roots[place], roots[-1], path)
	assert check.examine().findings == ()


def test_what_is_masked_lawfully_is_explained(phone):
	call, other = records.decided(phone), records.decided(phone)
	log.append(leaves.DECISION, [call])
	for name in (call, other):
		scrub.scrub_rows("Dialer Call Log", [row_of(name)], unlink=True, why=log.REQUEST)
	log.append(leaves.DECISION, [other])
	checkpoints.make()
	(masked,), (erasure,) = store.leaves_of(leaves.DECISION, [call]), store.erasures_of([call])
	assert masked.salt == "" and erasure.reference == f"decision-{call}"
	assert json.loads(erasure.body) | {"at_utc": ""} == leaves.of_erasure("decision", call, "", "request")
	assert check.examine().findings == ()
	# What was masked before it was logged is covered as it is.
	assert proven(leaves.DECISION, other)["body"]["number"] == pseudonym.pseudonym_of(phone)
	scrub.scrub_rows("Dialer Call Log", [row_of(call)], unlink=True)
	assert len(store.erasures_of([call])) == 1


def row_of(call: str):
	columns = scrub.COLUMNS["Dialer Call Log"].split(", ")
	return frappe.db.get_value("Dialer Call Log", call, columns, as_dict=True)


def test_an_attachment_is_covered_by_its_content(phone):
	make.consent(phone)
	file = records.attached(f"signed {phone}")
	ledger.verify(phone, evidence=make.evidence(attachment=file.file_url))
	log.append(leaves.CONSENT, events(phone))
	checkpoints.make()
	digest = proven(leaves.CONSENT, events(phone)[1])["body"]["attachment_sha256"]
	assert digest == verifying.sha256(f"signed {phone}".encode()).hexdigest()
	assert proven(leaves.CONSENT, events(phone)[0])["body"]["attachment_sha256"] is None
	assert check.examine().findings == ()
	records.remove(file)
	assert [each.detail for each in check.examine().findings] == [check.NOT_THE_FILE]


def test_the_hour_appends_what_is_settled(phone, monkeypatch):
	monkeypatch.setattr(frappe.db, "commit", lambda: None)
	monkeypatch.setattr(hourly, "SETTLING", timedelta(hours=1))
	make.consent(phone)
	call = records.decided(phone)
	shown = records.disclosed(call)
	hourly.hourly()
	assert proven(leaves.DECISION, call) and proven(leaves.DISCLOSURE, shown)
	assert log.inclusion(leaves.CONSENT, events(phone)[0]) is None
	hourly.append_settled(timedelta(seconds=-5))
	# The day's first run looked through everything, and the others look at what is recent.
	ledger.verify(phone, evidence=make.evidence())
	later = records.decided(phone)
	later_shown = records.disclosed(later)
	assert hourly.append_settled(timedelta(seconds=-5)) == 3
	hourly.sign_and_show()
	assert proven(leaves.DECISION, later) and proven(leaves.DISCLOSURE, later_shown)
	assert [proven(leaves.CONSENT, name)["body"]["seq"] for name in events(phone)] == [1, 2]
	assert checkpoints.newest().seq == 2


def test_what_anyone_may_read(phone):
	assert published.document("keys") is published.document("checkpoint") is None
	log.append(leaves.DECISION, [records.decided(phone)])
	first, second = checkpoints.make(), checkpoints.make()
	assert published.document("keys") == first.public_key + "\n"
	assert published.document("checkpoint") == second.note
	assert published.document("checkpoints/1") == first.note
	for path in ("", "checkpoints", "checkpoints/3", "checkpoints/x", "checkpoints/" + "9" * 40, "../keys"):
		assert published.document(path) is None
	assert second.checkpoint.previous == first.checkpoint.digest and second.size == 1
	assert tree.EMPTY != second.checkpoint.root
