"""python -m dev.screenshots [NAME...]: write docs/images/*.png, all or the named ones.

Runs a morning of the demo school first. Pictures are 1400 pixels wide; names that end in -phone are taken at
390. Every person in a picture is made up.
"""

from __future__ import annotations

import sys

from dev.demo.__main__ import SEED
from dev.demo.stage import set_up
from dev.screenshots import camera, scene, shots
from dev.screenshots.browser import chromium


def main(names: list[str]) -> int:
	with set_up(SEED) as stage, chromium() as browser:
		seen = scene.build(stage)
		try:
			for shot in shots.all_of(seen):
				if not names or shot.name in names:
					print(camera.take(browser, seen.url, shot), flush=True)
		finally:
			seen.tidy()
	return 0


if __name__ == "__main__":
	sys.exit(main(sys.argv[1:]))
