"""What carriers and the law want of a school before it calls and texts: registered senders, a toll-free way out of voicemail, an
upgraded account; and what the carrier reports of each."""
