"""Takes a WAV file apart by hand and reassembles it with nothing but its sound. Pure Python.

The standard library believes what a header claims: a sample rate of four billion, 65,535 channels, a million
empty chunks. Here every value is checked before it is used, and the output is written from those values
alone.

RIFF and its chunks: https://www.mmsp.ece.mcgill.ca/Documents/AudioFormats/WAVE/WAVE.html
"""

import struct
from dataclasses import dataclass

PCM, EXTENSIBLE = 1, 0xFFFE
PCM_GUID = struct.pack("<H", PCM) + bytes.fromhex("000000001000800000aa00389b71")
MOST_CHUNKS = 100
"""Chunks before the sound. Recorders write about five."""
MOST_CHANNELS = 2
RATES = range(4_000, 192_001)
"""Samples per second, from half of a telephone's to a studio's."""
WIDTHS = (1, 2, 3, 4)
"""Bytes per sample."""
HEAD = struct.Struct("<4sI")
FORMAT = struct.Struct("<HHIIHH")


class NoSound(ValueError):
	"""This is not a WAV file with PCM sound."""


@dataclass(frozen=True, slots=True)
class Pcm:
	channels: int
	rate: int
	width: int
	frames: bytes

	@property
	def seconds(self) -> float:
		return len(self.frames) / self.width / self.channels / self.rate

	def written(self) -> bytes:
		"""Return a WAV file that has only the format and data chunks."""
		block = self.channels * self.width
		shape = FORMAT.pack(PCM, self.channels, self.rate, self.rate * block, block, 8 * self.width)
		sound = HEAD.pack(b"data", len(self.frames)) + self.frames + b"\0" * (len(self.frames) % 2)
		body = b"WAVE" + HEAD.pack(b"fmt ", len(shape)) + shape + sound
		return HEAD.pack(b"RIFF", len(body)) + body


def read_pcm(content: bytes) -> Pcm:
	"""Return the sound in these bytes, as far as they go. Raises `NoSound`.

	A length that a header claims beyond the actual bytes is ignored.
	"""
	if len(content) < 12 or content[:4] != b"RIFF" or content[8:12] != b"WAVE":
		raise NoSound
	shape, at = None, 12
	for _chunk in range(MOST_CHUNKS):
		if at + HEAD.size > len(content):
			raise NoSound
		name, length = HEAD.unpack_from(content, at)
		at += HEAD.size
		if name == b"fmt ":
			shape = _shape(content[at : at + min(length, 64)])
		elif name == b"data":
			return _sound(shape, content[at : at + length])
		at += length + length % 2
	raise NoSound


def _shape(chunk: bytes) -> tuple[int, int, int]:
	"""Return channels, samples per second, and bytes per sample."""
	if len(chunk) < FORMAT.size:
		raise NoSound
	kind, channels, rate, _bytes, _block, bits = FORMAT.unpack_from(chunk)
	if kind == EXTENSIBLE and chunk[24:40] == PCM_GUID:
		kind = PCM
	width = (bits + 7) // 8
	if kind != PCM or not 1 <= channels <= MOST_CHANNELS or rate not in RATES or width not in WIDTHS:
		raise NoSound
	return channels, rate, width


def _sound(shape: tuple[int, int, int] | None, frames: bytes) -> Pcm:
	if shape is None:
		raise NoSound
	channels, rate, width = shape
	whole = len(frames) - len(frames) % (channels * width)
	return Pcm(channels, rate, width, frames[:whole])
