"""From recipients that are due to requests at the carrier, at its pace.

`dispatcher` is the job: it claims a chunk, asks the gate, and posts each request at its slot.
`carrier_request` is one request with its permit, `carrier_responses` records what the carrier answered, and
`sending_line` is a sending number that a dispatcher serves.
"""
