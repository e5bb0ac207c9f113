"""How long things may rest before they are ended, and who waits how long."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Times:
    """All are multiples of one, so that they keep their order whatever it is."""

    pause: timedelta = timedelta(minutes=1)
    """Between two sweeps of recovery. A change that nobody has moved, or an answer that nobody
    has told, for so long is left over."""

    @property
    def still_arriving(self) -> timedelta:
        """So long after sending, the PMS may still be at work on it: not there is not yet not
        done."""
        return 2 * self.pause

    @property
    def patience(self) -> timedelta:
        """So long a guest waits for the PMS to tell; then a person takes over."""
        return 30 * self.pause

    @property
    def late_for(self) -> timedelta:
        """So long a create that was given up as not done is looked for, in case it arrives."""
        return 60 * self.pause
