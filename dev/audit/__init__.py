"""Security findings in the code, the workflows and the dependencies, compared with what was reviewed.

`baseline.json` lists each bandit finding that stays, with the reason. A new finding fails the audit, and so
does an entry that no longer matches a finding.
"""
