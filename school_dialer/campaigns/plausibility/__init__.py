"""Questions to a person before a campaign starts, where its words, people, or time look like a mistake.

Each check reads what is planned and compares it with the calendar, with earlier campaigns, and with records.
A check refuses nothing: it asks with one sentence and a number, and a person confirms it. Who confirmed what
is kept on the campaign. Some questions need a second person. No check may hold up an emergency.
"""
