"""The keypad dialog of a guardian who reports an absence by phone, as a state machine. Pure Python.

The guardian proves who they are, chooses a child, what happens and why, and confirms. No child is named
before the proof. The state is kept between two of the carrier's requests and counts turns, as that of
`ivr_state`.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from school_dialer.messages.spoken.ivr_state import LOCKED, RIGHT, STOP_KEY

PROVE, CHILD, WHAT, REASON, CONFIRM, OVER = STAGES = ("prove", "child", "what", "reason", "confirm", "over")
TODAY, TOMORROW, LATE = WHATS = (1, 2, 3)
REASONS = 4
"""How many reasons can be chosen by a key."""
YES_KEY, AGAIN_KEY = "1", "0"
MOST_TURNS, MOST_WRONG = 20, 3
MARK = "absence"
"""How the text of a state begins, so that it is not taken for another dialog's."""

ASK, AGAIN, NO_MATCH, OFFICE, REPORT, STOP, GOODBYE = (
	"ask",
	"again",
	"no match",
	"office",
	"report",
	"stop",
	"goodbye",
)


@dataclass(frozen=True, slots=True)
class State:
	"""`child`, `what` and `reason` are the chosen numbers, from 1; 0 until they are chosen."""

	stage: str = PROVE
	turn: int = 0
	wrong: int = 0
	child: int = 0
	what: int = 0
	reason: int = 0

	@property
	def text(self) -> str:
		return ":".join(
			map(str, (MARK, self.stage, self.turn, self.wrong, self.child, self.what, self.reason))
		)

	@classmethod
	def of(cls, text: str | None) -> "State | None":
		"""Parse `text`. Returns None if it is not the state of this dialog."""
		mark, _colon, rest = (text or "").partition(":")
		stage, *numbers = rest.split(":")
		if mark != MARK or stage not in STAGES or len(numbers) != 5 or not all(map(str.isdecimal, numbers)):
			return None
		return cls(stage, *map(int, numbers))


@dataclass(frozen=True, slots=True)
class Move:
	"""What the keys lead to: the next state, and what is said or done."""

	state: State
	action: str


def hear(state: State, digits: str, children: int, prove: Callable[[str], str]) -> Move:
	"""Return the move that these keys make. `prove` is called only with keys that may prove who calls."""
	following = replace(state, turn=state.turn + 1)
	over = replace(following, stage=OVER)
	if state.stage == OVER or following.turn >= MOST_TURNS:
		return Move(over, GOODBYE)
	if not digits:
		return Move(following, ASK)
	if state.stage == PROVE:
		return _prove(following, digits, children, prove)
	if digits[:1] == STOP_KEY:
		return Move(over, STOP)
	if state.stage == CONFIRM:
		if digits[:1] == AGAIN_KEY:
			return Move(_begin(replace(following, child=0, what=0, reason=0), children), ASK)
		return Move(over, REPORT) if digits[:1] == YES_KEY else Move(following, AGAIN)
	return _choose(following, digits[:1], children)


def _prove(state: State, digits: str, children: int, prove: Callable[[str], str]) -> Move:
	verdict = prove(digits)
	if verdict == RIGHT:
		return Move(_begin(state, children), ASK)
	state = replace(state, wrong=state.wrong + 1)
	if verdict == LOCKED or state.wrong >= MOST_WRONG:
		return Move(replace(state, stage=OVER), OFFICE)
	return Move(state, NO_MATCH)


def _begin(state: State, children: int) -> State:
	"""Return the first stage after the proof. An only child is not chosen."""
	return replace(state, stage=WHAT, child=1) if children == 1 else replace(state, stage=CHILD)


def _choose(state: State, key: str, children: int) -> Move:
	field, most, after = {
		CHILD: ("child", children, WHAT),
		WHAT: ("what", len(WHATS), REASON),
		REASON: ("reason", REASONS, CONFIRM),
	}[state.stage]
	chosen = int(key) if key.isascii() and key.isdecimal() else 0
	if not 0 < chosen <= most:
		return Move(state, AGAIN)
	return Move(replace(state, stage=after, **{field: chosen}), ASK)
