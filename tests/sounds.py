"""Generated sounds: a tone as WAV, silence as MP3."""

import io
import math
import struct
import wave

FRAME = bytes.fromhex("fffb9000") + bytes(413)
"""One frame of MPEG-1 layer 3 at 128 kbit/s and 44.1 kHz, silent: 417 bytes, 1152 samples."""
FRAMES_A_SECOND = 44_100 / 1152


def wav(seconds: float = 1.0, rate: int = 8000) -> bytes:
	made = io.BytesIO()
	with wave.open(made, "wb") as file:
		file.setnchannels(1)
		file.setsampwidth(2)
		file.setframerate(rate)
		samples = (
			int(9000 * math.sin(index / rate * 440 * math.tau)) for index in range(int(seconds * rate))
		)
		file.writeframes(b"".join(struct.pack("<h", sample) for sample in samples))
	return made.getvalue()


def mp3(seconds: float = 1.0) -> bytes:
	return FRAME * math.ceil(seconds * FRAMES_A_SECOND)
