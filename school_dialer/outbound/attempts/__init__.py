"""What became of each attempt: one call log, moved forward by whatever reports arrive, in any order.

`claims` takes recipients, `refusals` writes who of them is not called, and `call_logs` who is. `uncounted`
takes back attempts that do not count. `status_updates` applies what the carrier reports, `callback_queue`
many at once; `results` says what an ended attempt came to, `settling` what becomes of its recipient, and
`after_commit` does what follows. `reconciler` asks the carrier about attempts without an
end, and `matching` finds which of its calls was ours. `carrier_queue` takes back what waits at the carrier
when calling hours end, `revocation` what a change of consent stops. `heard` says whether a person heard the
message, and `disclosures` records which students it disclosed.
"""
