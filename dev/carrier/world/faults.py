"""Deliberate, repeatable faults: the same seed breaks the same requests and callbacks."""

from __future__ import annotations

from collections import Counter, defaultdict

from dev.carrier.world.chance import draw

# Probabilities. The first three stop a request before it is processed, the next two lose the answer to a
# request that was carried out, and the next two affect single callbacks, and two more the documents of
# calls: the request of an action is lost, or any is sent twice. The three site faults apply to each
# request to the site: it is down, answers 500, or does not answer in time. The last three make fields of an
# answer null, leave them out, or add undescribed ones.
CHANCES = (
	"http_429",
	"http_500",
	"lose_request",
	"lose_answer",
	"http_500_after",
	"drop_callback",
	"double_callback",
	"lose_action",
	"double_document",
	"site_down",
	"site_500",
	"site_slow",
	"nulls",
	"missing",
	"surprises",
)
SECONDS = ("slow", "delay_callback", "delay_document")
SWITCHES = ("reorder",)
REORDER_WITHIN_SECONDS = 0.3


class Faults:
	"""Faults by name: a probability in [0, 1], real seconds, or on and off. All start at zero or off."""

	def __init__(self, seed: int):
		self.seed = seed
		self.counts: Counter[str] = Counter()
		self._asked: defaultdict[tuple[object, ...], int] = defaultdict(int)
		self.replace({})

	def replace(self, values: dict) -> None:
		"""Set exactly these faults and end all others. Raises ValueError and changes nothing if one is
		invalid.
		"""
		for name, value in values.items():
			if name in CHANCES:
				fits = _is_number(value) and 0 <= value <= 1
			elif name in SECONDS:
				fits = _is_number(value) and value >= 0
			elif name in SWITCHES:
				fits = isinstance(value, bool)
			else:
				raise ValueError(
					f"unknown fault {name!r}; there are {', '.join(CHANCES + SECONDS + SWITCHES)}"
				)
			if not fits:
				raise ValueError(f"{name} cannot be {value!r}")
		self.values = {
			**dict.fromkeys(CHANCES, 0.0),
			**dict.fromkeys(SECONDS, 0.0),
			**dict.fromkeys(SWITCHES, False),
			**values,
		}

	def strikes(self, name: str, *where: object) -> bool:
		"""Return whether fault ``name`` strikes here; each question about one place has its own answer."""
		chance = self.values[name]
		if not chance:
			return False
		self._asked[name, where] += 1
		struck = draw(self.seed, "fault", name, *where, self._asked[name, where]) < chance
		self.counts[name] += struck
		return struck

	def hold_back(self, *where: object) -> float:
		"""Return the real seconds by which a callback is late."""
		seconds = self.values["delay_callback"]
		if self.values["reorder"]:
			seconds += draw(self.seed, "reorder", *where) * REORDER_WITHIN_SECONDS
		return seconds


def _is_number(value: object) -> bool:
	return isinstance(value, (int, float)) and not isinstance(value, bool)
