"""Which groups are too small to show, so that no figure speaks of a few known children.

Pure: no Frappe here. The rule for a list of groups that share no student and whose total is shown:

1. A group of fewer than `LEAST` students is hidden.
2. What is hidden must not follow from the total less what is shown. So while the hidden groups together have
   fewer than `LEAST` students, the smallest group that is shown is hidden too.
3. The hidden groups are shown as one: their sum follows from the total anyway.
4. If the total itself has fewer than `LEAST` students, nothing is shown.

What is shown then are disjoint groups of at least `LEAST` students each; every figure that can be computed
from them is about a union of such groups. A person who may see two lists of the same students, such as by
program and by language, learns no more, because neither list splits a group of the other. A list inside of a
hidden group must not be shown.
"""

from collections.abc import Mapping

LEAST = 10
"""Students. The states' own rules for published figures about students ask for 5 to 20; many use 10."""


def hidden(sizes: Mapping[str, int], least: int = LEAST) -> set[str]:
	"""Return the groups to hide. `sizes` has the number of students of each group."""
	smallest = sorted((size, key) for key, size in sizes.items() if size > 0)
	out: set[str] = set()
	together = 0
	for size, key in smallest:
		if size >= least and (not out or together >= least):
			break
		out.add(key)
		together += size
	return out
