"""The shares of a run that two sites play."""

from dev import families


def test_the_figures_of_all_sites_are_added():
	shares = [(0, "", {"courses": 3, "children": 5, "wrong_words": 1}), (1, "", {"courses": 2}), (1, "", {})]
	figures = families.added(shares)
	assert (figures["courses"], figures["children"], figures["wrong_words"]) == (5, 5, 1)
	assert figures["must_not_told"] == 0


def test_a_share_is_whole_and_has_a_seed_of_its_own(monkeypatch):
	seen = []
	monkeypatch.setattr(families, "played_on", lambda *given: seen.append(given))
	families.played(families.ROOT, ["one", "two"], 7, 3, LEFT="1")
	shares = sorted((bench, courses, seed, more) for bench, _root, courses, seed, more in seen)
	assert shares == [("one", 4, 3, {"LEFT": "1"}), ("two", 4, 3 + families.APART, {"LEFT": "1"})]
