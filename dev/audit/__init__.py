"""What security tools find in the code, the workflow and the dependencies, against what a person has looked at.

`baseline.json` names each finding of bandit that stays, with the reason. A new finding fails, and so does an entry that finds nothing.
"""
