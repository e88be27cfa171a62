"""What letters and e-mails of a drive say, in the languages that the app ships. Others get English."""

import json
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
LANGUAGES = tuple(sorted(path.stem for path in HERE.glob("*.json")))
USUAL = "en"


@cache
def of(language: str) -> dict[str, str]:
	"""Return the words in a language by key, with "language" and "direction" (ltr or rtl)."""
	shipped = language if language in LANGUAGES else USUAL
	return {**json.loads((HERE / f"{shipped}.json").read_text(encoding="utf-8")), "language": shipped}
