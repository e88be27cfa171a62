"""What happens while a person is on the line, or writes back.

`live_call` answers the carrier when a person picks up or presses a key, `inbound` when they call or text, and
`received` reads their texts. `pins` opens protected messages, `survey_answers` keeps answers, `playback`
serves recordings, and `recording_retention` deletes spoken ones. `phone_recording` lets staff record a
message by phone, `sample_call` sends a sample to a user's own verified number (`own_number`), and
`live_check` checks the school's own carrier account.
"""
