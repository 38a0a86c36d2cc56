"""The settings object as a dependency of resources.

It has one type for Dagster and one for the type checker. Passing the whole object keeps its secrets out of Dagster's UI and event log,
which show a resource's own fields in clear.
"""

from typing import TYPE_CHECKING

import dagster as dg

from tunemeld_pipeline.settings.settings import Settings

if TYPE_CHECKING:
    # Dagster's own alias is a union with unresolved resources, which no method of a resource ever sees.
    SettingsDependency = Settings
else:
    SettingsDependency = dg.ResourceDependency[Settings]
