"""Take back what a campaign said: one button, to everyone who heard it or may have.

`making` stops the campaign that was wrong and starts its correction, `words` prepares what it says, and
`late` adds people of whom the carrier reports only later that they heard it. Who they are is read by
`audience.corrected`.
"""
