"""Moved to `school_dialer.jobs`, which all rooms use."""

from school_dialer.failure import report
from school_dialer.jobs import JobFailed, alone, forget_abandoned, job

__all__ = ("JobFailed", "alone", "forget_abandoned", "job", "report")
