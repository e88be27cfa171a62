"""`make audit`: run bandit, zizmor and pip-audit.

Exits 1 when a tool finds something that has not been reviewed or cannot be installed, 2 when a tool does not
run.
"""

import json
import sys

from dev.audit import baseline, tools
from dev.site.layout import ROOT
from dev.site.steps import finish

CODE = ("school_dialer",)
"""What a school installs.

`dev/` starts programs and makes random students, which is all that bandit finds there.
"""
WORKFLOWS = ".github/workflows"
UNREACHABLE = ("ConnectionError", "Failed to resolve", "Max retries", "ServiceError", "Connection refused")
FINDINGS = range(10, 15)
"""Zizmor's exit codes for findings, by severity. Any other code except 0 means that it failed."""


class ToolFailed(Exception):
	"""The tool made no report."""


def main() -> int:
	tools.ready()
	wrong = []
	for check in (code, workflows, dependencies):
		try:
			wrong += check()
		except ToolFailed as error:
			print(error, file=sys.stderr)
			return 2
	for words in wrong:
		print(words, file=sys.stderr)
	return 1 if wrong else 0


def code() -> list[str]:
	"""Return what bandit finds that differs from the baseline."""
	done = tools.run("bandit", "--quiet", "--recursive", "--format", "json", *CODE)
	try:
		report = json.loads(done.stdout)
	except json.JSONDecodeError:
		raise ToolFailed(f"bandit: {done.stderr.strip()}") from None
	if report["errors"]:
		raise ToolFailed(f"bandit could not read: {report['errors']}")
	known = baseline.read()
	findings = baseline.found(report)
	print(f"bandit: {len(findings)} findings, {sum(times for times, _why in known.values())} in the baseline")
	return baseline.compare(findings, known)


def workflows() -> list[str]:
	"""Return what zizmor finds in the workflows, offline, from their text alone."""
	done = tools.run(
		"zizmor", "--offline", "--no-progress", "--format", "plain", "--persona", "regular", WORKFLOWS
	)
	if done.returncode and done.returncode not in FINDINGS:
		raise ToolFailed(f"zizmor: {done.stderr.strip() or done.stdout.strip()}")
	print(f"zizmor: {'findings' if done.returncode else 'no findings'}")
	return [done.stdout] if done.returncode else []


def dependencies() -> list[str]:
	"""Return advisories about the app's requirements.

	Where no advisory service can be reached, that is printed and is not a failure.
	"""
	done = tools.run("pip-audit", "--progress-spinner", "off", "--format", "json", str(ROOT))
	if done.stdout.strip():
		listed = json.loads(done.stdout)["dependencies"]
		left = [one["name"] for one in listed if one.get("skip_reason")]
		print(f"pip-audit: {len(listed) - len(left)} packages looked at")
		if left:
			print(
				"pip-audit: NOT CHECKED, the index here has no advisories about "
				f"{len(left)}: {', '.join(left)}"
			)
		return [
			f"{one['name']} {one['version']}: {', '.join(found['id'] for found in one['vulns'])}"
			for one in listed
			if one.get("vulns")
		]
	if any(word in done.stderr for word in UNREACHABLE):
		print("pip-audit: NOT CHECKED, no advisory service can be reached from here")
		return []
	raise ToolFailed(f"pip-audit: {done.stderr.strip()[-2000:]}")


if __name__ == "__main__":
	finish(main)
