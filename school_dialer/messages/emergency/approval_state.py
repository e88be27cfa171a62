"""The keypad dialog of an approver who is called about an emergency, as a state machine. Pure Python.

The PIN comes first: before it nothing is said about the emergency. The state is kept between two of the
carrier's requests and counts turns, so that a request which is repeated or comes late gets the current words
again.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from school_dialer.messages.spoken.ivr_state import LOCKED as PIN_IS_LOCKED
from school_dialer.messages.spoken.ivr_state import RIGHT

PROVE, DECIDE, OVER = STAGES = ("prove", "decide", "over")
APPROVE_KEY, REJECT_KEY = "1", "2"
MOST_TURNS, MOST_WRONG = 12, 3
MARK = "approval"
"""How the text of a state begins, so that it is not taken for another dialog's."""

ASK, AGAIN, WRONG, LOCKED, APPROVE, REJECT, GOODBYE = (
	"ask",
	"again",
	"wrong",
	"locked",
	"approve",
	"reject",
	"goodbye",
)


@dataclass(frozen=True, slots=True)
class State:
	stage: str = PROVE
	turn: int = 0
	wrong: int = 0

	@property
	def text(self) -> str:
		return f"{MARK}:{self.stage}:{self.turn}:{self.wrong}"

	@classmethod
	def of(cls, text: str | None) -> "State":
		"""Parse `text`. What is not a state of this dialog is one that is over, and "" its beginning."""
		if not text:
			return cls()
		mark, _colon, rest = text.partition(":")
		stage, *numbers = rest.split(":")
		if mark != MARK or stage not in STAGES or len(numbers) != 2 or not all(map(str.isdecimal, numbers)):
			return cls(OVER)
		return cls(stage, *map(int, numbers))


@dataclass(frozen=True, slots=True)
class Move:
	"""What the keys lead to: the next state, and what is said or done."""

	state: State
	action: str


def hear(state: State, digits: str, prove: Callable[[str], str]) -> Move:
	"""Return the move that these keys make. `prove` is called only with keys that may be the PIN."""
	following = replace(state, turn=state.turn + 1)
	over = replace(following, stage=OVER)
	if state.stage == OVER or following.turn >= MOST_TURNS:
		return Move(over, GOODBYE)
	if not digits:
		return Move(following, ASK)
	if state.stage == PROVE:
		return _prove(following, prove(digits))
	action = {APPROVE_KEY: APPROVE, REJECT_KEY: REJECT}.get(digits)
	return Move(over, action) if action else Move(following, AGAIN)


def _prove(state: State, verdict: str) -> Move:
	if verdict == RIGHT:
		return Move(replace(state, stage=DECIDE), ASK)
	state = replace(state, wrong=state.wrong + 1)
	if verdict == PIN_IS_LOCKED or state.wrong >= MOST_WRONG:
		return Move(replace(state, stage=OVER), LOCKED)
	return Move(state, WRONG)


def repeated(state: State) -> Move:
	"""Return what is said again to a request that is not about this turn."""
	return Move(state, GOODBYE if state.stage == OVER else ASK)
