"""QloApps (1.6.1, and what is known of 1.7.0) behind the port `conserje.pms.Pms`."""

from conserje.pms.qloapps._adapter import QloApps
from conserje.pms.qloapps._webservice import new_session

__all__ = ["QloApps", "new_session"]
