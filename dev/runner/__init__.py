"""Run the tests so that a green run is not luck.

`python3 -m dev.runner` gives each part of the tests a fresh copy of a site that no one has used (`lanes.py`)
on the day that `DIALER_TODAY` names (`today.py`), with one seed. Failed tests get a second look
(`second_look.py`), and every run is recorded (`record.py`). Only the standard library is used here, because
this code runs before anything is installed.
"""
