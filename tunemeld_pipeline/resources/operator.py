"""The people who run this, as a Dagster resource.

It reaches them at the addresses in the settings. `watching/incidents.py` decides which messages they get and when, and
`watching/delivery.py` sends them.
"""

from collections.abc import Sequence

import dagster as dg

from tunemeld_pipeline.resources.settings import SettingsDependency
from tunemeld_pipeline.watching.delivery import deliver, names_of
from tunemeld_pipeline.watching.incidents import Message


class OperatorResource(dg.ConfigurableResource):
    """The people who get alarms; nobody, where ALARM_URLS is not set."""

    settings: SettingsDependency

    @property
    def can_be_told(self) -> bool:
        """Whether there is any address."""
        return bool(self.settings.alarm_addresses)

    def tell(self, message: Message, sent_to: Sequence[str] = ()) -> dict[str, str | None]:
        """Sends the message to every address but those in `sent_to`; per address's id, why it failed, or None."""
        return deliver(self.settings.alarm_addresses, message, sent_to)

    def name(self, address: str) -> str:
        """A name for an address that a log may show, by the address's id."""
        return names_of(self.settings.alarm_addresses).get(address, "an address that is no longer set")
