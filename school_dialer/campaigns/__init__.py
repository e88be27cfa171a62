"""What a campaign is to call, and everything up to the first dial.

`actions` is what staff do with a campaign; `transitions` changes its status, `approval` holds it to what was
approved. `planning` turns an audience into recipients, and `parties` say who is informed about whom. `due`
lists what waits to be called, `call_order` and `retries` say who is called next. `message_content` makes what
is said or sent, `estimate` what it takes, `notifications` informs staff.
"""
