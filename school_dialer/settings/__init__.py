"""The school's settings as dialing needs them, and whether they are enough to call real people.

`carrier_settings` reads them, `live_checklist` lists what is missing before Live mode, `webhook_probe` tests
the public address, `registration` holds what carriers and the law want first, `school_numbers` knows which
numbers are the school's own, and `carrier_faults` says what a carrier's error code means.
"""
