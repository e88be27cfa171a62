"""The way out, from recipients that are due to what became of each call and text.

`dispatch` claims recipients and sends requests, `pace` says how fast, and `attempts` keeps each attempt and
moves it forward as the carrier reports.
"""
