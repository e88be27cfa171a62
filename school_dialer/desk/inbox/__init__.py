"""The methods of the inbox: what the forms of Dialer Conversation and Dialer Absence Report do."""
