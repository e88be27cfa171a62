"""Carriers of other apps that were written for the release before 1.0.0 still serve, with a warning."""

import pytest

from school_dialer.carriers import base


class OfBefore:
	def look(self, channel: str, sid: str) -> str:
		return f"{channel} {sid}"

	def placed_to(self, *asked) -> list:
		return list(asked)


def test_a_carrier_with_the_old_methods_has_the_new_ones():
	with pytest.warns(DeprecationWarning, match="fetch_status"):
		carrier = base.with_current_methods(OfBefore())
	assert carrier.fetch_status("Voice", "CA1") == "Voice CA1" and carrier.list_recent(1, 2) == [1, 2]


@pytest.mark.parametrize(
	("old", "new"),
	[
		("AnswerLost", base.ResponseUnknown),
		("TooFast", base.RateLimited),
		("Unreachable", base.ConnectionFailed),
	],
)
def test_errors_have_their_old_names(old, new):
	with pytest.warns(DeprecationWarning, match=old):
		assert getattr(base, old) is new


def test_a_name_that_never_was_is_none():
	with pytest.raises(AttributeError):
		base.Nothing  # noqa: B018
