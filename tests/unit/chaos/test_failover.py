"""The counts of a failover: calls by both carriers together, and who was left out or called too often."""

from dev.chaos.checks import calls_to, wronged

ANN, BOB, CAL = "+13125552001", "+13125552002", "+13125552003"


def call(to: str, sid: str, status: int = 201) -> dict:
	return {"kind": "call", "to": to, "sid": sid, "status": status}


def canceled(sid: str, rang_at: str | None = None) -> dict:
	return {"kind": "outcome", "sid": sid, "status": "canceled", "rang_at": rang_at}


def test_calls_of_both_carriers_count_and_those_that_never_rang_do_not():
	first = [call(ANN, "1"), call(BOB, "2"), canceled("2"), call(CAL, "3", 400), call("+1", "4")]
	second = [call(BOB, "2"), call(CAL, "5"), canceled("5", "12:00")]
	assert calls_to([first, second], [ANN, BOB, CAL]) == {ANN: 1, BOB: 1, CAL: 1}


def test_who_was_not_called_is_lost():
	assert wronged({ANN: 1}, [ANN, BOB], []) == (1, 0)


def test_a_second_call_is_a_duplicate_unless_it_was_on_purpose():
	assert wronged({ANN: 2, BOB: 1}, [ANN, BOB], []) == (0, 1)
	assert wronged({ANN: 2, BOB: 1}, [ANN, BOB], [ANN]) == (0, 0)
	assert wronged({ANN: 3, BOB: 1}, [ANN, BOB], [ANN]) == (0, 1)
