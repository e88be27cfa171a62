"""Sound files with false headers: read by their bytes or refused.

They are never unpacked, looped over or trusted.
"""

import io
import struct
import tracemalloc
import wave
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from school_dialer.messages.sound import audio, wav
from tests import sounds

SECOND = sounds.wav(1)


def crafted(channels=1, rate=8_000, bits=16, kind=1, frames=None, extra=b"") -> bytes:
	"""Return a WAV file with these values in its header."""
	frames = bytes(16_000) if frames is None else frames
	shape = struct.pack("<HHIIHH", kind, channels, rate, 0, 0, bits)
	body = b"WAVE" + extra + b"fmt " + struct.pack("<I", 16) + shape
	body += b"data" + struct.pack("<I", len(frames)) + frames
	return b"RIFF" + struct.pack("<I", len(body)) + body


@pytest.mark.parametrize(
	"content",
	[
		crafted(rate=0),
		crafted(rate=0xFFFFFFFF),
		crafted(rate=0xFFFFFFFF, channels=2),
		crafted(rate=1),
		crafted(channels=0),
		crafted(channels=0xFFFF, bits=0xFFFF),
		crafted(channels=255),
		crafted(bits=0),
		crafted(bits=0xFFFF),
		crafted(kind=0),
		crafted(kind=0xFFFE),
		crafted(kind=0xFFFF),
		b"RIFF",
		b"RIFF\xff\xff\xff\xffWAVE",
		b"RIFF\xff\xff\xff\xffWAVEfmt \xff\xff\xff\xff",
		b"RIFF\0\0\0\0WAVEdata\xff\xff\xff\xff" + bytes(100),
		SECOND[:12] + SECOND[36:],
	],
)
def test_a_header_with_impossible_figures_is_refused(content):
	with pytest.raises(audio.NotPlayable):
		audio.check_sound(content)


def test_a_million_empty_chunks_are_not_looped_over():
	chunks = b"JUNK\0\0\0\0" * 1_000_000
	with pytest.raises(audio.NotPlayable):
		audio.check_sound(crafted(extra=chunks))
	assert audio.check_sound(crafted(extra=b"JUNK\0\0\0\0" * 20)).seconds == pytest.approx(1)


@pytest.mark.parametrize("claimed", [0, 1, 0x7FFFFFFF, 0xFFFFFFFF])
def test_the_bytes_count_and_not_the_length_that_is_claimed(claimed):
	lying = SECOND[:40] + struct.pack("<I", claimed) + SECOND[44:]
	if claimed < 2:
		with pytest.raises(audio.NotPlayable, match="shorter"):
			audio.check_sound(lying)
	else:
		assert audio.check_sound(lying).seconds == pytest.approx(1)


@pytest.mark.parametrize(("width", "channels"), [(1, 1), (2, 1), (2, 2), (3, 2), (4, 1)])
def test_what_is_written_is_what_the_standard_library_reads(width, channels):
	frames = bytes(range(256)) * 3 * width * channels
	made = io.BytesIO()
	with wave.open(made, "wb") as file:
		file.setparams((channels, width, 8_000, 0, "NONE", ""))
		file.writeframes(frames)
	written = wav.read_pcm(made.getvalue()).written()
	assert written == made.getvalue()
	with wave.open(io.BytesIO(written)) as file:
		assert file.readframes(file.getnframes()) == frames


def tag(body: bytes) -> bytes:
	size = bytes(len(body) >> shift & 0x7F for shift in (21, 14, 7, 0))
	return b"ID3\x03\0\0" + size + body


def bomb(unpacked: int) -> bytes:
	"""Return a tag with one compressed text frame."""
	packed = struct.pack(">I", unpacked) + zlib.compress(bytes(unpacked), 9)
	return tag(b"TIT2" + struct.pack(">I", len(packed)) + b"\0\x80" + packed)


def test_a_packed_tag_is_never_unpacked():
	content = bomb(50_000_000) + bomb(50_000_000) + sounds.mp3(1)
	tracemalloc.start()
	try:
		kept = audio.check_sound(content)
		_now, peak = tracemalloc.get_traced_memory()
	finally:
		tracemalloc.stop()
	assert kept.content == sounds.mp3(1) and peak < 10_000_000


def test_tags_without_end_are_refused():
	with pytest.raises(audio.NotPlayable):
		audio.check_sound(tag(b"") * 500_000 + sounds.mp3(1))


def test_a_count_of_frames_does_not_make_a_long_file_short():
	"""The Xing header states how many frames there are."""
	frame = bytearray(sounds.FRAME)
	frame[36:48] = b"Xing" + struct.pack(">II", 1, 100)
	long = bytes(frame) + sounds.mp3(1) * 170
	with pytest.raises(audio.NotPlayable):
		audio.check_sound(long)


@given(st.binary(max_size=200), st.sampled_from([b"ID3", b"RIFF", SECOND[:12], SECOND[:36], SECOND[:44]]))
def test_any_header_is_read_or_refused(content, begins):
	try:
		kept = audio.check_sound(begins + content + bytes(8_000))
	except audio.NotPlayable as refusal:
		assert str(refusal)
	else:
		assert audio.LEAST_SECONDS <= kept.seconds <= audio.MOST_SECONDS
