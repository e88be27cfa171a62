"""Anchors: what was signed still holds, and later changes are detected."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from school_dialer.consent import chain
from school_dialer.consent.integrity import signed_anchor
from tests.effort import examples
from tests.unit.consent.chains import KEY, event

KEYS = signed_anchor.Keys(b"head key", b"signature key")


def ledger(spec: dict[str, int]) -> list[list[tuple]]:
	"""Return one chain per phone with this many events; event n is dated January n, 2026."""
	chains = []
	for phone, length in spec.items():
		rows, prev = [], chain.GENESIS
		for seq in range(1, length + 1):
			rows.append(chain.seal(event(seq, phone), prev, KEY))
			prev = rows[-1][chain.HASH]
		chains.append(rows)
	return chains


def sums(chains, cutoffs) -> list[signed_anchor.Sums]:
	tally = signed_anchor.Tally(cutoffs, KEYS.head)
	for rows in chains:
		if rows:
			tally.add(rows)
	return tally.sums()


def signed(chains, cutoffs) -> list[signed_anchor.Anchor]:
	anchors, previous = [], chain.GENESIS
	for seq, (cutoff, now) in enumerate(zip(cutoffs, sums(chains, cutoffs), strict=True), start=1):
		anchor = signed_anchor.Anchor(seq, cutoff, now.events, now.phones, 0, now.digests, previous, KEYS.id)
		anchors.append(signed_anchor.sign(anchor, KEYS))
		previous = anchors[-1].signature
	return anchors


CUTOFFS = ["2026-01-02", "2026-01-05", "2026-01-20"]
CHAINS = {"+13125550101": 3, "+13125550102": 9, "+13125550103": 1}


def test_many_cut_offs_at_once_equal_each_alone():
	chains = ledger(CHAINS)
	assert sums(chains, CUTOFFS) == [sums(chains, [cutoff])[0] for cutoff in CUTOFFS]
	assert [(each.events, each.phones) for each in sums(chains, CUTOFFS)] == [(5, 3), (9, 3), (13, 3)]


def test_an_untouched_ledger_agrees_with_its_anchors_even_after_new_events():
	anchors = signed(ledger(CHAINS), CUTOFFS[:2])
	grown = ledger(CHAINS | {"+13125550102": 25, "+13125550109": 2})
	late = [rows if rows[0][chain.PHONE] != "+13125550109" else [] for rows in grown]
	assert list(signed_anchor.compare(anchors, sums(late, CUTOFFS[:2]), KEYS)) == []


def test_a_chain_recomputed_disagrees_from_the_first_anchor_that_saw_it():
	anchors = signed(ledger(CHAINS), CUTOFFS)
	chains = ledger(CHAINS)
	forged, prev = [], chain.GENESIS
	for row in chains[1]:
		values = tuple(
			"Opt In" if field == "Grant" and row[chain.SEQ] >= 4 else field
			for field in row[: chain.PREV_HASH]
		)
		forged.append(chain.seal(values, prev, KEY))
		prev = forged[-1][chain.HASH]
	chains[1] = forged
	assert chain.examine(forged, (9, prev), KEY) == []
	found = list(signed_anchor.compare(anchors, sums(chains, CUTOFFS), KEYS))
	assert [finding.anchor for finding in found] == [2, 3]
	assert found[0].buckets == (signed_anchor.bucket_of("+13125550102"),)


def test_a_number_wiped_out_with_its_head_is_seen():
	anchors = signed(ledger(CHAINS), CUTOFFS)
	found = list(signed_anchor.compare(anchors, sums(ledger(CHAINS)[1:], CUTOFFS), KEYS))
	assert [finding.anchor for finding in found] == [1, 2, 3]


def test_anchors_themselves_cannot_be_changed_dropped_or_forged():
	chains = ledger(CHAINS)
	anchors, now = signed(chains, CUTOFFS), sums(chains, CUTOFFS)

	def findings(*changed):
		return [finding.detail for finding in signed_anchor.compare(changed, now[: len(changed)], KEYS)]

	assert findings(*anchors) == []
	assert findings(replace(anchors[0], events=4), *anchors[1:]) == ["Its signature is not its own."]
	assert findings(anchors[0], anchors[2]) == ["Anchor 2 is missing."]
	other = signed_anchor.Keys(b"x", b"y")
	forged = signed_anchor.sign(replace(anchors[1], key_id=other.id), other)
	assert findings(anchors[0], forged)[0].startswith("It was signed with another key")
	cut = signed_anchor.sign(replace(anchors[1], prev_signature=chain.GENESIS), KEYS)
	assert "It does not follow the anchor before." in findings(anchors[0], cut, anchors[2])


@settings(max_examples=examples(100), deadline=None)
def repeated(values: list[int]) -> tuple[int, ...]:
	"""Return all buckets, filled with these values in turn."""
	return tuple(values[place % len(values)] for place in range(signed_anchor.BUCKETS))


@given(st.lists(st.integers(0, signed_anchor.MODULUS - 1), min_size=1, max_size=40).map(repeated))
def test_digests_survive_packing(buckets):
	assert signed_anchor.unpack(signed_anchor.Sums(1, 1, buckets).digests) == buckets
