"""How each source of lists stands: whether it is asked, and what is known of it, for alarms, health and commands.

It puts the settings and `source_states` together; `ladder.py` judges.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from tunemeld_pipeline.charts.source_states import SourceState
from tunemeld_pipeline.plugins.contract import Source
from tunemeld_pipeline.plugins.registry import installed, name_of
from tunemeld_pipeline.settings.choices import SOURCES_SUFFIX, Upstreams, variable_name
from tunemeld_pipeline.settings.configured import lacking, not_set, usable_sources
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.upstream.ladder import is_failing, rests_until


@dataclass(frozen=True, slots=True)
class SourceStanding:
    """A source of a service's lists.

    Attributes:
        service: the service's key.
        place: which one it is of those that are asked, from 1; None where it is not asked.
        why_not: why it is not asked; empty where it is.
        state: what its tries came to; None if it was never asked.
        rests_until: until when it is left alone; None if it is not.
        is_failing: whether its last try failed, or it rests.
    """

    service: str
    source: Source
    place: int | None
    why_not: str
    state: SourceState | None
    rests_until: datetime | None
    is_failing: bool

    @property
    def reason(self) -> str:
        """Why its last try was not good; empty where it was."""
        if self.state is None:
            return ""
        return (self.state.last_reason or "").removeprefix(f"{name_of(self.service)}: ")


def standings(
    settings: Settings, services: Iterable[str], states: Mapping[str, SourceState], at: datetime
) -> list[SourceStanding]:
    """The sources of these services, those that are asked first, in the order in which they are.

    Args:
        states: by source.
    """
    return [one for service in services for one in _of_service(settings, service, states, at)]


def _of_service(
    settings: Settings, service: str, states: Mapping[str, SourceState], at: datetime
) -> list[SourceStanding]:
    asked = usable_sources(settings, service)
    others = [source for source in installed(service).sources if source not in asked]
    return [
        SourceStanding(
            service,
            source,
            place,
            "" if place else _why_not(settings, service, source),
            state := states.get(source.name),
            rests_until(state, at),
            is_failing(state, at),
        )
        for place, source in [*enumerate(asked, start=1), *((None, source) for source in others)]
    ]


def _why_not(settings: Settings, service: str, source: Source) -> str:
    """Why a source is not asked, with what to do."""
    if missing := lacking(settings, source):
        return not_set(missing)
    slug = installed(service).service.slug
    variable = variable_name(f"{slug}{SOURCES_SUFFIX}")
    if getattr(settings, f"{slug}{SOURCES_SUFFIX}", ()):
        return f"{variable} does not name it"
    if settings.upstreams is not Upstreams.LIVE:
        return f"outside live the first source is asked alone; {variable} names others"
    terms = f" to its terms ({source.terms.address})" if source.terms else ""
    return f"it needs your consent{terms}: name it in {variable}"
