"""The ledger from the command line: `bench --site SITE dialer rebuild-consent` and `verify-ledger`."""

from pathlib import Path

import click

from school_dialer.base.phone import mask
from school_dialer.consent.integrity import anchors, rebuild, verify
from school_dialer.proof_log import check, note
from school_dialer.terminal.command_line import DONE, NO, as_json, command, show

SHOWN = 50


@click.command("verify-ledger")
@as_json
@click.option(
	"--signature", multiple=True, help="Signature of an anchor kept elsewhere, which has to be there."
)
@click.option(
	"--checkpoint",
	multiple=True,
	type=click.Path(path_type=Path, exists=True, dir_okay=False),
	help="File with a checkpoint of the proof log kept elsewhere, which has to fit.",
)
@command
def verify_ledger(as_json: bool, signature: tuple[str, ...], checkpoint: tuple[Path, ...]) -> int:
	"""Find every consent event that was edited, deleted, inserted or re-ordered.

	Also checks the anchors, and the proof log with the decisions and disclosures that it covers. Exits 1 when
	anything is wrong.
	"""
	report = verify.verify_ledger()
	log = check.examine([read(path) for path in checkpoint])
	signatures = {anchor.signature for anchor in anchors.load()}
	lost = [each for each in signature if each not in signatures]
	show(_as_json(report, lost, log), _as_lines(report, lost, log), as_json)
	return DONE if report.sound and log.sound and not lost else NO


def read(path: Path) -> str:
	"""Return what a file holds, as far as a checkpoint may be long."""
	with path.open("rb") as source:
		return source.read(note.LONGEST + 1).decode("utf-8", "replace")


@click.command("rebuild-consent")
@click.option("--check", is_flag=True, help="Only compare; change nothing.")
@as_json
@command
def rebuild_consent(check: bool, as_json: bool) -> int:
	"""Rebuild Contact Consent from the events where it differs, and show the first differences.

	With --check exits 1 when it does.
	"""
	report = rebuild.Differences.among(rebuild.differences()) if check else rebuild.rebuild()
	first = [str(each) for each in report.first]
	done = "differ" if check else "differed and were put right"
	lines = [*first, f"{report.count} rows of Contact Consent {done}."]
	changed = report.count > 0 and not check
	show({"rows": report.count, "changed": changed, "differences": first}, lines, as_json)
	return NO if check and report.count else DONE


def _as_json(report, lost: list[str], log: check.Report) -> dict:
	return {
		"sound": report.sound and log.sound and not lost,
		"events": report.events,
		"phones": report.phones,
		"anchors": report.anchors,
		"seconds": round(report.seconds, 3),
		"problems": [
			{"kind": p.kind, "phone": mask(p.phone), "seq": p.seq, "event": p.event, "detail": p.detail}
			for p in report.problems
		],
		"findings": [{"anchor": f.anchor, "detail": f.detail} for f in report.findings],
		"suspects": [mask(phone) for phone in report.suspects],
		"lost_signatures": lost,
		"log": {
			"leaves": log.leaves,
			"checkpoints": log.checkpoints,
			"breaks": list(log.breaks),
			"findings": [{"where": f.where, "detail": f.detail} for f in log.findings],
		},
	}


def _as_lines(report, lost: list[str], log: check.Report) -> list[str]:
	lines = [
		f"{report.events} events of {report.phones} numbers, {report.anchors} anchors, {report.seconds:.1f} s"
	]
	for p in report.problems[:SHOWN]:
		lines.append(f"{p.kind}: event {p.seq} of {mask(p.phone)} {p.event}. {p.detail}")
	lines += [f"anchor {f.anchor}: {f.detail}" for f in report.findings[:SHOWN]]
	if report.suspects:
		lines.append("Among these numbers: " + ", ".join(mask(phone) for phone in report.suspects[:SHOWN]))
	lines += [f"no anchor has the signature {each}" for each in lost]
	lines.append(f"{log.leaves} entries of the proof log, {log.checkpoints} checkpoints")
	lines += log.breaks
	lines += [f"{f.where}: {f.detail}" for f in log.findings[:SHOWN]]
	count = len(report.problems) + len(report.findings) + len(lost) + len(log.findings)
	lines.append("Nothing was changed." if not count else f"{count} problems.")
	return lines
