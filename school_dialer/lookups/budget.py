"""What look-ups may cost. Pure Python, no Frappe. Amounts are in the currency of Dialer Settings."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Budget:
	"""Limits and what was spent. `price` is that of one number. A limit of 0 allows nothing."""

	price: Decimal
	per_day: Decimal
	per_month: Decimal
	spent_today: Decimal = Decimal(0)
	spent_this_month: Decimal = Decimal(0)

	@property
	def left(self) -> Decimal:
		"""Return what may still be spent now, never below zero."""
		return max(Decimal(0), min(self.per_day - self.spent_today, self.per_month - self.spent_this_month))

	@property
	def numbers_left(self) -> int:
		"""Return for how many numbers that is enough. Without a price for none, as no limit would hold."""
		return int(self.left / self.price) if self.price > 0 else 0

	def cost(self, numbers: int) -> Decimal:
		return self.price * numbers


def amount(value: object) -> Decimal:
	"""Return a stored amount exactly as it is written: 0.008, not the nearest binary fraction."""
	return max(Decimal(0), Decimal(str(value or 0)))
