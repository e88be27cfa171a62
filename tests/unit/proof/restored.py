"""Exports of a log that was begun again after a restore: as it has to be declared, and not so.

The Python verifier and the page in a browser are held against the same list.
"""

from collections.abc import Iterator

from tests.unit.proof import writer
from tests.unit.proof.spoiled import EARLIER, LEAVES, MANIFEST, TOP, Case, at, both, changed, order
from tests.unit.proof.writer import Log, packed, sample

LINES, KNOWN = 7, 5
"""Leaves of `sample`, and its checkpoints."""
OTHERS = tuple(("origin", at(EARLIER, number)) for number in range(1, KNOWN + 1))


def restored(**body) -> Log:
	"""Return `sample` that was begun again, with one leaf and two checkpoints since."""
	log = sample()
	log.begin_again(**body)
	log.leaf("decision", "d2", number=writer.PHONE)
	log.checkpoint()
	return log


def declared() -> Iterator[Case]:
	"""Yield what is sound with a break."""
	log = restored()
	yield Case("begun again", packed(log.export()), ())
	yield Case("begun again, by the first key", packed(log.export()), (), log.used[0])
	yield Case("begun again, by the key under the new name", packed(log.export()), (), log.used[-1])
	lost = {"seq": 9, "digest": "0" * 64}
	yield Case("begun again, with what is known to be lost", packed(restored(lost=lost).export()), ())
	log.begin_again()
	yield Case("begun again twice", packed(log.export()), ())


def undeclared() -> Iterator[Case]:
	"""Yield what is not: each has to be found, and never passes for a log that only grew."""
	members = restored().export()
	both(order(LEAVES, 1, 2, 3, 4, 5, 6, 7, 9), changed(MANIFEST, leaves=8))(members)
	yield Case("a break left out", packed(members), (("restart", MANIFEST), *OTHERS))
	log = restored()
	log.begin_again()
	members = log.export()
	both(order(LEAVES, 1, 2, 3, 4, 5, 6, 7, 9, 10), changed(MANIFEST, leaves=9))(members)
	yield Case("the first of two breaks left out", packed(members), (("restart", MANIFEST), *OTHERS))
	log = restored(origin="school_dialer/other")
	yield Case("a name that does not say so", packed(log.export()), (("restart", MANIFEST),))
	log = restored(before="school_dialer/other")
	yield Case("a break of another log", packed(log.export()), OTHERS)
	log = restored(root="0" * 64)
	yield Case("another root", packed(log.export()), (("restart", at(EARLIER, KNOWN)),))
	log = restored(seq=KNOWN - 1)
	yield Case(
		"a checkpoint after the last known one", packed(log.export()), (("restart", at(EARLIER, KNOWN)),)
	)
	yield from _wrongly_signed()
	for name, body in (("beyond the log", {"size": LINES + 1}), ("of nothing", {"root": ""})):
		found = (("leaf", at(LEAVES, LINES + 1)), ("restart", MANIFEST), *OTHERS)
		yield Case(f"a break {name}", packed(restored(**body).export()), found)
	found = (("leaf", at(LEAVES, LINES + 1)), ("restart", MANIFEST), *OTHERS)
	for name, lost in (("a text", "9"), ("a number", 9), ("nothing", {}), ("less", {"seq": -1})):
		yield Case(f"a break with {name} as lost", packed(restored(lost=lost).export()), found)


def _wrongly_signed() -> Iterator[Case]:
	log = restored()
	log.origin, log.former = writer.ORIGIN, writer.ORIGIN
	log.checkpoint()
	members = log.export()
	changed(MANIFEST, origin=writer.ORIGIN)(members)
	found = [("restart", MANIFEST), ("restart", TOP), ("origin", at(EARLIER, 6)), ("origin", at(EARLIER, 7))]
	yield Case("the earlier name again", packed(members), tuple(found))
	log = sample()
	log.origin = log.former = f"{writer.ORIGIN}/after-restore-20261128T000000Z"
	log.checkpoint()
	log.used.append(writer.vkey_of(log.privates[-1], log.origin))
	found = [("restart", MANIFEST), *OTHERS, ("unannounced-key", f"{MANIFEST} key 3")]
	yield Case("another name without a break", packed(log.export()), tuple(found))
	log = sample()
	log.begin_again(cosigned=False)
	found = [("unannounced-key", f"{MANIFEST} key 3")]
	yield Case("a break that the earlier key did not sign", packed(log.export()), tuple(found))
	yield Case(
		"a break that the earlier key did not sign, by that key",
		packed(log.export()),
		(*found, ("given-key", TOP)),
		log.used[0],
	)
