"""Which command prints which shape, and its JSON Schema, as `reference.py` writes it to docs/json/."""

from types import GenericAlias
from typing import Any

from pydantic import ConfigDict, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

from tunemeld_pipeline.charts.withholding import Withholding
from tunemeld_pipeline.cli.shapes.charts import Changes, Chart, Track
from tunemeld_pipeline.cli.shapes.configuration import EnvironmentMigration, NamedSetting, SettingsCheck, SettingShown
from tunemeld_pipeline.cli.shapes.database import (
    Backup,
    CacheStatus,
    Collection,
    Connection,
    DocumentCheck,
    Index,
    LocalServers,
)
from tunemeld_pipeline.cli.shapes.health import ApiHealth, Incident, Parts, Status
from tunemeld_pipeline.cli.shapes.matching import Evaluation, ExplainedPair, GenreMatches
from tunemeld_pipeline.cli.shapes.refresh import (
    EtlStatus,
    LogLine,
    Plan,
    Rollback,
    Run,
    RunInFull,
    Runs,
    SourceStandings,
)
from tunemeld_pipeline.cli.shapes.services import Fault, Services, ServiceTests

PRINTED: dict[str, Any] = {
    "status": Status,
    "chart": Chart,
    "track": Track,
    "changes": Changes,
    "etl run": Runs | Plan,
    "etl status": EtlStatus,
    "etl sources": SourceStandings,
    "etl validate": Parts,
    "etl logs": LogLine,
    "etl rollback": Rollback,
    "runs": list[Run],
    "runs show": RunInFull,
    "api health": ApiHealth,
    "api logs": LogLine,
    "alarms list": list[Incident],
    "db status": LocalServers,
    "db test-connection": Connection,
    "db indexes": list[Index],
    "db stats": list[Collection],
    "db check": DocumentCheck,
    "db backup": Backup,
    "db withhold list": list[Withholding],
    "cache status": CacheStatus,
    "config show": dict[str, SettingShown],
    "config get": NamedSetting,
    "config validate": SettingsCheck,
    "config migrate-env": EnvironmentMigration,
    "system health": Parts,
    "system info": dict[str, str],
    "system logs": LogLine,
    "match explain": list[ExplainedPair],
    "match report": list[GenreMatches],
    "match evaluate": Evaluation,
    "service list": Services,
    "service test": ServiceTests,
    "sandbox faults": list[Fault],
}
"""Command → what it prints with `--json`; the commands that show logs print one such object a line."""


class _Untitled(GenerateJsonSchema):
    """Without a title for each member, which would only be its name again."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        del schema  # the signature is pydantic's own
        return False


def schema_of(command: str) -> dict[str, Any]:
    """The JSON Schema of what `tunemeld COMMAND --json` prints."""
    # As a list's member, since a type of its own takes no configuration from here.
    config = ConfigDict(use_attribute_docstrings=True, json_schema_serialization_defaults_required=True)
    listed: Any = GenericAlias(list, (PRINTED[command],))
    adapter: TypeAdapter[Any] = TypeAdapter(listed, config=config)
    whole = adapter.json_schema(mode="serialization", schema_generator=_Untitled)
    shared = {"$defs": whole["$defs"]} if "$defs" in whole else {}
    return {
        "$schema": GenerateJsonSchema.schema_dialect,
        "title": f"tunemeld {command} --json",
        **whole["items"],
        **shared,
    }
