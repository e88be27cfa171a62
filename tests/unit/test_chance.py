"""The choices of a test depend on the seed and its name, and not on what ran before it."""

from tests import chance


def drawn(test: str, seed: str, monkeypatch) -> list[int]:
	monkeypatch.setattr(chance, "SEED", seed)
	chance.begin(test)
	return [chance.chance.randrange(10**9) for _ in range(3)]


def test_a_seed_repeats_the_choices_of_a_test(monkeypatch):
	first = drawn("a", "1", monkeypatch)
	assert drawn("b", "1", monkeypatch) != first
	assert drawn("a", "2", monkeypatch) != first
	assert drawn("a", "1", monkeypatch) == first


def test_each_test_begins_its_own(request):
	found = chance.chance.getstate()
	chance.begin(request.node.nodeid)
	assert chance.chance.getstate() == found
