"""Check whether the site stands in Safe mode, and whether it could notice the next restore."""

from frappe import _

from school_dialer.consent import journal
from school_dialer.continuity import decision, marks, safe_mode, watch
from school_dialer.health.finding import FAIL, OK, WARN, Finding

NAME = "safe_mode"


def standing() -> Finding:
	if entry := safe_mode.current():
		return Finding(NAME, FAIL, safe_mode.sentence(entry.cause), {"safe_mode": 1})
	cause = watch.finding()
	if cause == decision.UNPROVEN:
		watch.ask_in()
	if cause in (*decision.STOPPING, decision.UNPROVEN):
		return Finding(NAME, FAIL, safe_mode.sentence(cause), {"safe_mode": 1})
	figures = {"safe_mode": 0}
	if not journal.writable():
		text = _(
			"The journal of opt-outs cannot be written in {0}: a restore from a backup would forget opt-outs."
			" Give the site's user the right to write there."
		)
		return Finding(NAME, WARN, text.format(f"private/{journal.FOLDER}"), figures)
	if marks.from_file() is None:
		text = _(
			"The file that shows a restore from a backup is missing. The scheduler writes it within "
			"minutes; if not, the site's user may not write in {0}."
		)
		return Finding(NAME, WARN, text.format(f"private/{marks.FOLDER}"), figures)
	return Finding(
		NAME, OK, _("The site goes on from where it was. Opt-outs are written to the journal."), figures
	)
