"""A person on the line reaches the school's office.

`transfer` connects them, or `line` says why not; `dialogue` leads the caller on, to the office or a message,
and `whisper` speaks to the one who picks up there. `leg` follows the call to the office, and `lost` asks the
carrier about one whose end it did not report. `messages` keeps what callers say.
"""
