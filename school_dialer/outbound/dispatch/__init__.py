"""From recipients that are due to requests at the carrier, at its pace.

`dispatcher` is the job with its threads, and `successor` what follows if it fails. `lane_scheduler` chooses
the next campaign of each sending number (`sending_line`, `routes`) and claims a chunk; `chunk_sender` sends
it, as far as `chunk_decision` permits, and `campaign_failures` says what follows from failures.
`carrier_request` is one request with its permit, `carrier_responses` records what the carrier answered.
"""
