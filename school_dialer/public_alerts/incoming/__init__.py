"""From other people's alerts to drafts.

Nothing here imports what plans, starts, schedules, or dials a campaign: pyproject.toml forbids it, through
other modules too.
"""
