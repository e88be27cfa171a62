"""`bench --site SITE dialer rebuild-consent` and `verify-ledger`: the consent ledger from the command line."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click
import frappe
from frappe.commands import get_site, pass_context

from school_dialer.consent import anchors, rebuild, verify
from school_dialer.phone import mask

SHOWN = 50


@click.command("verify-ledger")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option(
	"--signature", multiple=True, help="Signature of an anchor kept elsewhere, which has to be there."
)
@pass_context
def verify_ledger(context, as_json: bool, signature: tuple[str, ...]) -> None:
	"""Find every consent event that was edited, deleted, inserted or re-ordered. Exits 1 when there is one."""
	with _site(context):
		report = verify.verify_ledger()
		known = {anchor.signature for anchor in anchors.load()}
	lost = [each for each in signature if each not in known]
	click.echo(json.dumps(_as_json(report, lost)) if as_json else "\n".join(_as_lines(report, lost)))
	sys.exit(0 if report.sound and not lost else 1)


@click.command("rebuild-consent")
@click.option("--check", is_flag=True, help="Only compare; change nothing.")
@pass_context
def rebuild_consent(context, check: bool) -> None:
	"""Make Contact Consent anew from the events where it differs. With --check exits 1 when it does."""
	with _site(context):
		found = list(rebuild.differences()) if check else rebuild.rebuild()
	for difference in found[:SHOWN]:
		click.echo(str(difference))
	done = "differ" if check else "differed and were put right"
	click.echo(f"{len(found)} rows of Contact Consent {done}.")
	sys.exit(1 if check and found else 0)


@contextmanager
def _site(context) -> Iterator[None]:
	frappe.init(site=get_site(context))
	frappe.connect()
	try:
		yield
	finally:
		frappe.destroy()


def _as_json(report, lost: list[str]) -> dict:
	return {
		"sound": report.sound and not lost,
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
	}


def _as_lines(report, lost: list[str]) -> list[str]:
	lines = [
		f"{report.events} events of {report.phones} numbers, {report.anchors} anchors, {report.seconds:.1f} s"
	]
	for p in report.problems[:SHOWN]:
		lines.append(f"{p.kind}: event {p.seq} of {mask(p.phone)} {p.event}. {p.detail}")
	lines += [f"anchor {f.anchor}: {f.detail}" for f in report.findings[:SHOWN]]
	if report.suspects:
		lines.append("Among these numbers: " + ", ".join(mask(phone) for phone in report.suspects[:SHOWN]))
	lines += [f"no anchor has the signature {each}" for each in lost]
	count = len(report.problems) + len(report.findings) + len(lost)
	lines.append("Nothing was changed." if not count else f"{count} problems.")
	return lines
