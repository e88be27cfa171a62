"""What a rule's run and its cases say, as it is stored (`stored_words`)."""

from school_dialer.base.wording import Wording as _

MISSED = _("Nothing was running at {0}, and it is too late now.")
WAITS = _("Waits for a person: {0} found.")
HEARD_AND_CALLED = _("{0} of their guardians already heard this today, and would be called again.")
HEARD_AND_LEFT_OUT = _("{0} guardians already heard this today, and are not called.")
HEARD = _("Heard already today, by the rule {0}.")
HELD_BACK = _("Held back while the rule {0} calls.")
MERGED = _("It is called about already: two records of one student were merged.")
SENTENCES = (MISSED, WAITS, HEARD_AND_CALLED, HEARD_AND_LEFT_OUT, HEARD, HELD_BACK, MERGED)
