"""Where a call goes next, and the ways in which it ends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


class Interrupted(Exception):
	"""The API ended the call, or redirected it, while it was ringing or in progress."""


class Over(Exception):
	"""The call has ended: the person hung up, or a verb or the time limit ended it."""

	def __init__(self, status: str = "completed"):
		self.status = status


class HungUp(Over):
	"""The person hung up before the words, or their own, were over."""


@dataclass(frozen=True)
class Step:
	"""The next document: at ``url``, or given inline as ``twiml``; ``is_action``: the action of a verb."""

	url: str = ""
	method: str = "POST"
	params: Mapping[str, str] = field(default_factory=dict)
	twiml: str = ""
	is_action: bool = False
