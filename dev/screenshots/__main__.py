"""python -m dev.screenshots [NAME...]: write docs/images/*.png, all or the named ones.

Runs a morning of the demo school first, after some weeks if the page of a week is wanted, then an emergency
and a consent drive, and makes a district of it for the pictures that need one.
Pictures are 1400 pixels wide; names that end in -phone are taken at 390. Every person in a picture is
made up.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from types import ModuleType

import frappe
from playwright.sync_api import Browser

from dev.demo.__main__ import SEED
from dev.demo.stage import Stage, set_up
from dev.school import foundation
from dev.screenshots import camera, district, emergencies, evidence, scene, shots, weeks
from dev.screenshots.browser import chromium
from dev.site.steps import finish


def main(names: list[str]) -> int:
	def wanted(part: ModuleType) -> set[str]:
		return set(names or part.NAMES) & set(part.NAMES)

	of_parts = {*district.NAMES, *emergencies.NAMES, *evidence.NAMES}
	with set_up(SEED) as stage, chromium() as browser:
		foundation.one_school()
		frappe.db.commit()
		if not names or set(names) - of_parts:
			of_one_school(browser, stage, names)
		if wanted(evidence):
			with evidence.laid(stage) as found:
				take(browser, stage, found, names)
		if wanted(emergencies):
			with emergencies.laid(stage) as found:
				take(browser, stage, found, names)
		if wanted(district):
			with district.laid(stage) as found:
				take(browser, stage, found, names)
	return 0


def of_one_school(browser: Browser, stage: Stage, names: list[str]) -> None:
	if not names or set(names) & set(weeks.NAMES):
		weeks.lay(stage)
	seen = scene.build(stage)
	try:
		take(browser, stage, shots.all_of(seen), names)
	finally:
		seen.tidy()


def take(browser: Browser, stage: Stage, found: Iterable[camera.Shot], names: list[str]) -> None:
	for shot in found:
		if not names or shot.name in names:
			print(camera.take(browser, stage.url, shot), flush=True)


if __name__ == "__main__":
	finish(lambda: main(sys.argv[1:]))
