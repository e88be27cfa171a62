"""No figure about fewer students than the rule allows follows from what a list of groups shows."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as some

from school_dialer.reporting.reach.hiding import LEAST, hidden

SIZES = some.dictionaries(some.text("abcdefgh", min_size=1, max_size=2), some.integers(1, 40), max_size=7)


@given(SIZES)
def test_no_union_of_what_is_shown_leaves_a_few(sizes):
	small = hidden(sizes)
	shown = [size for key, size in sizes.items() if key not in small]
	together = sum(sizes[key] for key in small)
	parts = [*shown, *([together] if small else [])]
	if sum(sizes.values()) < LEAST:
		assert small == set(sizes), "a list whose total is not shown has nothing to show"
		return
	for count in range(1, len(parts) + 1):
		for some_parts in combinations(parts, count):
			assert sum(some_parts) >= LEAST
			assert sum(parts) - sum(some_parts) == 0 or sum(parts) - sum(some_parts) >= LEAST


@given(SIZES)
def test_no_more_is_hidden_than_the_rule_needs(sizes):
	small = hidden(sizes)
	if not small:
		assert all(size >= LEAST for size in sizes.values())
		return
	largest = max(sizes[key] for key in small)
	if largest >= LEAST:
		assert sum(sizes[key] for key in small) - largest < LEAST


def test_the_next_smallest_is_hidden_with_a_single_small_group():
	assert hidden({"en": 60, "es": 40, "so": 3}) == {"so", "es"}
	assert hidden({"en": 60, "so": 3, "vi": 7}) == {"so", "vi"}
	assert hidden({"en": 60, "es": 10}) == set()
	assert hidden({"en": 60, "es": 0}) == set()
	assert hidden({}) == set()
