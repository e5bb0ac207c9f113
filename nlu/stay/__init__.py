"""Dates and party of a hotel stay in Spanish, as guests say them.

`parse_stay` and `parse_party` are pure functions of the text and of what the conversation knows.
A message is cut into words (`tokens`), which a cascade of small grammars (`grammar`) joins to
days, periods and durations (`expressions`), ranges and roles (`stays`); `points` and `calendar`
turn them into dates. The conventions, in Spanish, stand with the phrases: tests/nlu/stay/cases.
"""

from nlu.stay.mentions import PartyMention, Span, StayContext, StayMention
from nlu.stay.party import parse_party
from nlu.stay.stays import parse_stay

__all__ = ["PartyMention", "Span", "StayContext", "StayMention", "parse_party", "parse_stay"]
