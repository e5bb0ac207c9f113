"""What the operator watches. Every metric here is set by the code that it is about."""

from prometheus_client import Counter, Histogram

MESSAGES = Counter("conserje_messages_total", "Guest messages answered", ["hotel", "channel"])
FAILURES = Counter(
    "conserje_failures_total", "Turns in which the guest was told of a fault", ["hotel", "cause"]
)
TURN_SECONDS = Histogram(
    "conserje_turn_seconds",
    "From a guest's message to the answer",
    ["hotel", "channel"],
    buckets=(0.05, 0.1, 0.2, 0.4, 0.8, 1.5, 3, 6, 12, 30),
)
BOOKINGS = Counter("conserje_bookings_total", "Changes of bookings asked for", ["hotel", "outcome"])
HANDOVERS = Counter("conserje_handovers_total", "Conversations given to a person", ["hotel"])
