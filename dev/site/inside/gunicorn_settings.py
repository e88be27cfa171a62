"""Gunicorn's settings for the development site and the containers, whichever gunicorn the bench has.

Gunicorn compares file times, which are real, with the clock, which tests set: no day of a test is ten years
away. Frappe's fork of gunicorn takes no time-out at all, 0, for one that has passed. It waits for a request
half as long as the time-out, and no system waits for more than a few weeks.
"""

timeout = 10 * 365 * 24 * 60 * 60
LONGEST_WAIT = 60 * 60


def post_worker_init(worker) -> None:
	"""Let a worker wait no longer than the system can. Gunicorn calls this before it serves."""
	worker.timeout = min(worker.timeout, LONGEST_WAIT)
