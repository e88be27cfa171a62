import pytest

from tests.unit.messages.spoken.twiml_schema import check

GOOD = (
	'<Response><Gather action="/k" numDigits="1">'
	'<Say voice="Polly.Joanna" language="en-US">Hi</Say></Gather><Hangup /></Response>'
)


def test_what_the_library_makes_passes():
	check(GOOD)


@pytest.mark.parametrize(
	"old, new",
	[
		("Hangup", "Shout"),
		("numDigits", "numKeys"),
		("<Say ", "<Hangup "),
		("Response", "Answer"),
		('action="/k"', 'action="/k" onload="x"'),
		("<Hangup />", "<Hangup>words</Hangup>"),
	],
)
def test_anything_else_does_not(old, new):
	closing = "Hangup" if new == "<Hangup " else None
	bad = GOOD.replace(old, new)
	if closing:
		bad = bad.replace("Hi</Say>", "Hi</Hangup>").replace('voice="Polly.Joanna" language="en-US"', "")
	with pytest.raises((AssertionError, TypeError)):
		check(bad)
