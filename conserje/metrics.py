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
BOOKINGS = Counter(
    "conserje_bookings_total",
    "What guests were told of bookings, changes and cancellations",
    ["hotel", "kind", "outcome"],
)
HANDOVERS = Counter("conserje_handovers_total", "Conversations given to a person", ["hotel"])

PMS_CALL_SECONDS = Histogram(
    "conserje_pms_call_seconds",
    "One attempt at a hotel's PMS; outcome: answered, timeout or the error's type",
    ["hotel", "operation", "outcome"],
    buckets=(0.05, 0.1, 0.2, 0.4, 0.8, 1.5, 3, 6, 12, 30),
)
PMS_REFUSED = Counter(
    "conserje_pms_refused_total",
    "Calls that were not let through to the PMS, by the breaker or the bulkhead",
    ["hotel", "cause"],
)
PMS_CACHE = Counter(
    "conserje_pms_cache_total",
    "Questions answered from the cache, by the PMS, or with what is out of date (stale)",
    ["hotel", "question", "source"],
)
BREAKER_TRANSITIONS = Counter(
    "conserje_breaker_transitions_total",
    "States that the breaker before a hotel's PMS has entered",
    ["hotel", "pms", "to"],
)
HOTEL_LOCK_WAIT_SECONDS = Histogram(
    "conserje_hotel_lock_wait_seconds",
    "How long a change waited for the hotel's lock, when it got it",
    ["hotel"],
    buckets=(0.001, 0.005, 0.02, 0.1, 0.5, 1, 2, 5, 10, 20),
)
HOTEL_LOCK_FAILURES = Counter(
    "conserje_hotel_lock_failures_total",
    "Locks that were not free in time (timeout), or lapsed under their holder (lost)",
    ["hotel", "cause"],
)
