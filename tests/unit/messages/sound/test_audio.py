"""Uploads are read as they are, whatever their name: sound is kept, all else refused with a reason."""

import io
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mutagen.id3 import ID3, TIT2

from school_dialer.messages.linter import SPOKEN_SECONDS_MOST
from school_dialer.messages.sound import audio
from tests import sounds


@pytest.mark.parametrize(("content", "format"), [(sounds.wav(2), "WAV"), (sounds.mp3(2), "MP3")])
def test_sound_is_kept_with_its_length(content, format):
	kept = audio.check_sound(content)
	assert (kept.format, kept.content) == (format, content)
	assert kept.seconds == pytest.approx(2, abs=0.1)


def test_a_recording_may_take_as_long_as_words():
	assert audio.MOST_SECONDS == SPOKEN_SECONDS_MOST


def test_tags_and_what_stands_around_the_sound_are_not_kept():
	tagged = io.BytesIO(sounds.mp3(1))
	tags = ID3()
	tags.add(TIT2(encoding=3, text="Maria Lopez was absent"))
	tags.save(tagged)
	assert b"Maria" in tagged.getvalue()
	assert audio.check_sound(tagged.getvalue()).content == sounds.mp3(1)
	assert audio.check_sound(b"<script>alert(1)</script>" + sounds.mp3(1)).content == sounds.mp3(1)
	assert audio.check_sound(sounds.wav(1) + b"LIST Maria Lopez").content == sounds.wav(1)


@pytest.mark.parametrize(
	("content", "why"),
	[
		(b"", "empty"),
		(b"MZ\x90\x00" + bytes(4000), "neither an MP3 nor a WAV"),
		(b"<html>" + b"x" * 4000, "neither an MP3 nor a WAV"),
		(b"%PDF-1.7" + bytes(4000), "neither an MP3 nor a WAV"),
		(b"RIFF\x24\x00\x00\x00AVI LIST" + bytes(400), "no WAV file with PCM"),
		(sounds.wav(1)[:30], "no WAV file with PCM"),
		(sounds.wav(1).replace(b"\x01\x00\x01\x00", b"\x07\x00\x01\x00", 1), "no WAV file with PCM"),
		(sounds.wav(0.2), "shorter than half a second"),
		(sounds.mp3(0.2)[:400], "neither an MP3 nor a WAV"),
		(sounds.wav(181), "at most 180"),
		(sounds.mp3(190), "at most 180"),
		(bytes(audio.MOST_BYTES + 1), "larger than 10 MB"),
	],
	ids=str,
)
def test_what_is_no_sound_is_refused_with_a_reason(content, why):
	with pytest.raises(audio.NotPlayable, match=why):
		audio.check_sound(content)


def test_a_header_that_lies_about_its_length_counts_for_nothing():
	long = sounds.wav(1)
	lying = long[:40] + struct.pack("<I", 500_000_000) + long[44:]
	assert audio.check_sound(lying).seconds == pytest.approx(1, abs=0.01)


@given(
	st.binary(max_size=3000),
	st.sampled_from([b"", b"RIFF", b"ID3\x04\x00\x00", sounds.FRAME, sounds.wav(0.01)]),
)
def test_any_bytes_are_kept_or_refused(content, begins):
	try:
		kept = audio.check_sound(begins + content)
	except audio.NotPlayable as refusal:
		assert str(refusal)
	else:
		assert kept.format in audio.CONTENT_TYPES and kept.seconds >= audio.LEAST_SECONDS
