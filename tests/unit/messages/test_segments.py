import pytest

from school_dialer.messages.segments import plain, segments


@pytest.mark.parametrize(
	"text, encoding, count, units",
	[
		("", "GSM-7", 1, 0),
		("a" * 160, "GSM-7", 1, 160),
		("a" * 161, "GSM-7", 2, 161),
		("a" * 306, "GSM-7", 2, 306),
		("a" * 307, "GSM-7", 3, 307),
		("€" * 80, "GSM-7", 1, 160),
		("é" * 160, "GSM-7", 1, 160),
		("a" * 152 + "€" + "a" * 152, "GSM-7", 3, 306),
		("á" * 70, "UCS-2", 1, 70),
		("á" * 71, "UCS-2", 2, 71),
		("学" * 134, "UCS-2", 2, 134),
		("😀" * 35, "UCS-2", 1, 70),
		("学" * 66 + "😀" + "学" * 66, "UCS-2", 3, 134),
	],
)
def test_segments(text, encoding, count, units):
	size = segments(text)
	assert (size.encoding, size.count, size.units) == (encoding, count, units)


def test_typographic_marks_are_made_plain_only_when_that_saves_the_encoding():
	assert plain("It’s “fine” – really…") == 'It\'s "fine" - really...'
	assert plain("学校’s") == "学校’s"
