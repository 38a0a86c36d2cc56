"""A run's observation time, as a Dagster resource.

It reads the time from the run's tags or start, and notes the run's database. The rules about observation times are in
`charts/observation.py`.
"""

from datetime import UTC, datetime

import dagster as dg
from pydantic import PrivateAttr

from tunemeld_pipeline.charts.documents import Upstream
from tunemeld_pipeline.charts.observation import parse_as_of, refuse_impossible
from tunemeld_pipeline.resources.settings import SettingsDependency
from tunemeld_pipeline.run_tags import AS_OF_TAG, CATCH_UP_TAG, LATER, LOOK_UPS_TAG, note_database
from tunemeld_pipeline.settings.settings import Settings


def observation_time(context: dg.InitResourceContext, settings: Settings) -> datetime:
    """When the run of this context observes the world: its tag `tunemeld/as_of`, else its start.

    The same for every step of a run and every retry of a step.

    Raises:
        ObservationTimeError: the tag cannot be read, or the upstreams cannot answer for that time.
    """
    started = _start(context)
    tag = context.run.tags.get(AS_OF_TAG) if context.run else None
    if not tag:
        return started
    as_of = parse_as_of(tag, started)
    refuse_impossible(as_of, settings.upstreams.value, started)
    return as_of


def _start(context: dg.InitResourceContext) -> datetime:
    record = context.instance.get_run_record_by_id(context.run.run_id) if context.run and context.instance else None
    if record is None:
        return datetime.now(UTC)
    return datetime.fromtimestamp(record.start_time, UTC) if record.start_time else record.create_timestamp


class ObservationResource(dg.ConfigurableResource):
    """When this run observes the world, and which world it is."""

    settings: SettingsDependency
    _as_of: datetime = PrivateAttr()
    _run_id: str = PrivateAttr()
    _defers_look_ups: bool = PrivateAttr()
    _catches_up: bool = PrivateAttr()

    def setup_for_execution(self, context: dg.InitResourceContext) -> None:
        """Reads the time once, when the run opens its resources."""
        # BSON keeps milliseconds: a finer time would differ from itself once read back.
        time = observation_time(context, self.settings)
        self._as_of = time.replace(microsecond=time.microsecond // 1000 * 1000)
        self._run_id = context.run.run_id if context.run else ""
        self._defers_look_ups = context.run is not None and context.run.tags.get(LOOK_UPS_TAG) == LATER
        self._catches_up = context.run is not None and CATCH_UP_TAG in context.run.tags
        if context.run and context.instance:
            note_database(context.instance, context.run, self.settings.database_name)

    @property
    def as_of(self) -> datetime:
        """The observation time, aware and in UTC, to the millisecond."""
        return self._as_of

    @property
    def run_id(self) -> str:
        """The run's id, which every document that it writes carries."""
        return self._run_id

    @property
    def defers_look_ups(self) -> bool:
        """Whether ISRCs that the lists lack are left to the next run."""
        return self._defers_look_ups

    @property
    def catches_up(self) -> bool:
        """Whether lists that were read earlier on this day are not read again."""
        return self._catches_up

    @property
    def upstream(self) -> Upstream:
        """Which world is observed: live, sandbox or replay."""
        return self.settings.upstreams.value
