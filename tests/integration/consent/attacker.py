"""An attacker with the database and the site's key, and maybe with the signing key and the files too.

Each attack leaves nothing behind that this attacker could still put right.
"""

import json
from dataclasses import dataclass, replace
from datetime import datetime, timezone

import frappe

from school_dialer import gate
from school_dialer.consent import chain, ledger
from school_dialer.consent import keys as site_keys
from school_dialer.consent.integrity import anchors, outside, signed_anchor, stream, verify
from school_dialer.proof_log import check, checkpoints, keys, leaves, log, note, restart, store, tree
from tests.integration import factories as make
from tests.integration.proof_log import records


@dataclass
class World:
	"""A number with evidence that is logged and signed twice. `held` is what the witness has."""

	phone: str
	call: str
	shown: str
	file: object
	held: str = ""


def build(phone: str) -> World:
	make.consent(phone)
	file = records.attached("I agree.")
	ledger.verify(phone, evidence=make.evidence(attachment=file.file_url))
	call = records.decided(phone)
	world = World(phone, call, records.disclosed(call), file)
	sign_ledger()
	log.append(leaves.CONSENT, [row[chain.NAME] for row in stream.events_of([phone])])
	log.append(leaves.DECISION, [call])
	checkpoints.make()
	sign_ledger()
	log.append(leaves.DISCLOSURE, [world.shown])
	world.held = checkpoints.make().note
	mark_newest()
	return world


def sign_ledger() -> None:
	"""Add an anchor without the checks of the nightly job, which would read the whole ledger again."""
	keys_, before = anchors.keys(), anchors.load()
	tally = signed_anchor.Tally([(cutoff := now_utc())], keys_.head)
	for _phone, rows in chain.by_phone(stream.events()):
		tally.add(rows)
	(sums,) = tally.sums()
	previous = before[-1].signature if before else chain.GENESIS
	anchor = signed_anchor.Anchor(
		len(before) + 1, cutoff, sums.events, sums.phones, 0, sums.digests, previous, keys_.id
	)
	anchors.add_anchor(signed_anchor.sign(anchor, keys_))


def now_utc() -> str:
	return f"{datetime.now(timezone.utc):%Y-%m-%dT%H:%M:%S.%fZ}"


def mark_newest() -> None:
	"""Write the marks outside as the commit would, or as someone with the files and the site's key can."""
	for kind in (outside.ANCHOR, outside.CHECKPOINT):
		newest = outside.stored(kind)
		outside.write(kind, newest) if newest else outside.forget()


def is_found(world: World) -> str:
	"""Return how the table in the documentation names what is found now."""
	ledger_report, report = verify.verify_ledger(), check.examine()
	if ledger_report.findings or report.findings or own(ledger_report, world):
		return "found by verify-ledger"
	return "found by a checkpoint kept elsewhere" if check.examine([world.held]).findings else "not found"


def own(report: verify.Report, world: World) -> list:
	return [each for each in report.problems if each.phone == world.phone]


# What only an attacker with the signing key and the host's files can do after an attack.


def cover_up(world: World) -> None:
	"""Sign all checkpoints again over the log as it is now, and write the marks."""
	signer, head = keys.signer(first=False), store.current()
	previous, signed = note.NOTHING, dict(frappe.db.sql("select seq, signature from `tabConsent Anchor`"))
	for stored in list(checkpoints.read_all()):
		size = min(stored.size, head.frontier.size)
		nodes = store.read_nodes(tree.complete_in((0, size)))
		seq = min(int(stored.checkpoint.anchor.partition(" ")[0] or 0), max(signed, default=0))
		again = replace(
			stored.checkpoint,
			size=size,
			root=tree.root(size, nodes.__getitem__),
			previous=previous,
			anchor=f"{seq} {signed[seq]}" if seq else "",
		)
		previous = again.digest
		text = note.add_signature(
			again.text, again.origin, signer.public_key, signer.sign(again.text.encode())
		)
		frappe.db.sql(
			"update `tabDialer Proof Checkpoint` set size = %s, root = %s, digest = %s, note = %s "
			"where seq = %s",
			(size, again.root.hex(), again.digest.hex(), text, stored.seq),
		)
	mark_newest()


# The attacks.


def rewrite_history(world: World) -> None:
	previous, kind = chain.GENESIS, chain.FIELDS.index("wording")
	for row in stream.events_of([world.phone]):
		values = list(row[: chain.PREV_HASH])
		values[kind] = "Call me about everything."
		sealed = chain.seal(values, previous, site_keys.of_chain())
		previous = sealed[chain.HASH]
		frappe.db.sql(
			"update `tabConsent Event` set wording = %s, prev_hash = %s, hash = %s where name = %s",
			(values[kind], sealed[chain.PREV_HASH], previous, row[chain.NAME]),
		)
	frappe.db.sql("update `tabConsent Head` set hash = %s where phone = %s", (previous, world.phone))
	sign_anchors_again()
	log_again()


def sign_anchors_again() -> None:
	old, keys_ = anchors.load(), anchors.keys()
	tally = signed_anchor.Tally([each.cutoff_utc for each in old], keys_.head)
	for _phone, rows in chain.by_phone(stream.events()):
		tally.add(rows)
	previous = chain.GENESIS
	for anchor, sums in zip(old, tally.sums(), strict=True):
		values = replace(
			anchor, events=sums.events, phones=sums.phones, digests=sums.digests, prev_signature=previous
		)
		again = signed_anchor.sign(values, keys_)
		previous = again.signature
		frappe.db.sql(
			"""update `tabConsent Anchor` set events = %s, phones = %s, digests = %s, prev_signature = %s,
			signature = %s where seq = %s""",
			(again.events, again.phones, again.digests, again.prev_signature, again.signature, again.seq),
		)


def log_again() -> None:
	"""Make all leaves that are there again from their records, and the whole tree."""
	kept = store.page(0, 1000)
	head = store.lock_head()
	for doctype in (store.LEAF, store.NODE):
		frappe.db.delete(doctype)
	head.frontier = tree.Frontier()
	again, nodes = [], []
	files = check.sources.attachments_of([leaf.reference for leaf in kept if leaf.attachment] or [""])
	for leaf in kept:
		leaf = replace(leaf, attachment=files.get(leaf.reference, leaf.attachment))
		data = check.data_of(leaf.kind, [leaf])[leaf.seq] if leaf.salt else None
		digest = tree.leaf_hash(data.encode()) if data else bytes.fromhex(leaf.hash)
		again.append(replace(leaf, hash=digest.hex()))
		nodes += head.frontier.append(digest)
	store.add(again, nodes)
	store.save(head)


def change_decision(world: World) -> None:
	record = json.loads(frappe.db.get_value("Dialer Call Log", world.call, "decision"))
	record["facts"]["consents"] = [{"basis": "express written"}]
	text = json.dumps(record)
	values = {"decision": text, "seal": gate.sign_record(text)}
	frappe.db.set_value("Dialer Call Log", world.call, values, update_modified=False)
	log_again()


def change_disclosure(world: World) -> None:
	frappe.db.sql("update `tabDialer Disclosure` set fields_disclosed = '[]' where name = %s", world.shown)
	log_again()


def delete_disclosure(world: World) -> None:
	frappe.db.delete("Dialer Disclosure", {"name": world.shown})
	frappe.db.delete(store.LEAF, {"reference": world.shown})
	log_again()


def exchange_file(world: World) -> None:
	with open(world.file.get_full_path(), "w") as file:
		file.write("I agree to everything.")
	log_again()


def delete_anchor(world: World) -> None:
	frappe.db.delete("Consent Anchor", {"seq": anchors.load()[-1].seq})


def delete_checkpoint(world: World) -> None:
	frappe.db.delete(store.CHECKPOINT, {"seq": checkpoints.newest().seq})


def begin_another_log(world: World) -> None:
	kept = store.page(0, 1000)
	for doctype in (store.LOG, store.LEAF, store.NODE, store.CHECKPOINT):
		frappe.db.delete(doctype)
	for leaf in kept:
		log.append(leaf.kind, [leaf.reference])


def set_back(world: World) -> None:
	"""Take the newest evidence and its checkpoint away, and call it a restore."""
	delete_checkpoint(world)
	delete_disclosure(world)
	assert restart.begin_if_due("RESTORE-none")


def sign_the_other_log(world: World) -> None:
	checkpoints.make()
	mark_newest()


def erase_without_order(world: World) -> None:
	frappe.db.sql("update `tabDialer Call Log` set phone = 'hash:0' where name = %s", world.call)
	log.erased(leaves.DECISION, [world.call], log.RETENTION)


def change_before_checkpoint(world: World) -> None:
	ledger.verify(world.phone, evidence=make.evidence())
	row = list(stream.events_of([world.phone])[-1])
	row[chain.FIELDS.index("wording")] = "Call me about everything."
	digest = chain.hash_of(row[: chain.HASH], site_keys.of_chain())
	frappe.db.sql(
		"update `tabConsent Event` set wording = %s, hash = %s where name = %s",
		("Call me about everything.", digest, row[chain.NAME]),
	)
	frappe.db.sql("update `tabConsent Head` set hash = %s where phone = %s", (digest, world.phone))


def enter_false_consent(world: World) -> None:
	make.consent(world.phone, purpose="Fees")


ATTACKS = {
	"Rewrites the history of a number, with all hashes, anchors, and entries": rewrite_history,
	"Changes the decision on a call, sealed again, with its entry": change_decision,
	"Changes what was disclosed, with its entry": change_disclosure,
	"Deletes a disclosure, and its entry from the end of the log": delete_disclosure,
	"Exchanges the content of an attached file": exchange_file,
	"Deletes the newest anchor": delete_anchor,
	"Deletes the newest checkpoint": delete_checkpoint,
	"Deletes the whole log and begins another": begin_another_log,
	"Sets the log back, and declares a restore": set_back,
	"Masks a decision and logs an erasure that no one ordered": erase_without_order,
	"Changes a consent event before its first checkpoint": change_before_checkpoint,
	"Enters a consent that was never given": enter_false_consent,
}
"""By their names in docs/school/proof-log.md. The one that stops the hourly job needs no change of data."""
NEED_FILES = (exchange_file,)
COVERED_UP = {begin_another_log: sign_the_other_log, set_back: sign_the_other_log}
"""How an attacker with everything covers an attack up, if not by `cover_up`."""
