"""Chains of consent events for tests."""

from school_dialer.consent import chain
from school_dialer.consent.chain import HASH

PHONE = "+13125550142"
KEY = chain.Key(b"k" * 32)


def event(seq: int, phone: str = PHONE, **details) -> tuple:
	values = dict.fromkeys(chain.FIELDS, "")
	values |= {
		"name": f"event{seq}",
		"phone": phone,
		"seq": seq,
		"kind": "Grant",
		"at_utc": f"2026-01-{seq:02}",
	}
	values |= details
	return tuple(values[field] for field in chain.FIELDS)


def make(length: int, phone: str = PHONE, key: chain.Key | None = KEY) -> tuple[list[tuple], tuple[int, str]]:
	rows, prev = [], chain.GENESIS
	for seq in range(1, length + 1):
		rows.append(chain.seal(event(seq, phone), prev, key))
		prev = rows[-1][HASH]
	return rows, (length, prev)
