"""The settings of the installed services and sources of counts, from what their folders declare, as fields beside our own.

A folder declares its keys; the weight of a service's lists, the order of its sources, and the rates, budgets and addresses of its hosts
follow from the rest. Two folders may declare the same setting alike. One that takes a name of ours, or gives another's another meaning, is
left out.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, create_model

from tunemeld_pipeline.plugins import registry
from tunemeld_pipeline.plugins.contract import Bucket, Host, Setting, SettingKind
from tunemeld_pipeline.plugins.registry import Folder, Installed
from tunemeld_pipeline.settings.choices import SOURCES_SUFFIX, variable_name
from tunemeld_pipeline.settings.fields import Fields
from tunemeld_pipeline.settings.formats import AbsolutePath, BaseUrl, RequestsPerSecond, Units, Weight, words

Declared = dict[str, tuple[Any, Any]]
"""By field name, its type and what pydantic is to know of it."""


def _setting(setting: Setting) -> tuple[Any, Any]:
    kind: Any = {SettingKind.TEXT: str, SettingKind.SECRET: SecretStr, SettingKind.FILE: AbsolutePath}[setting.kind]
    if setting.default:
        return kind, Field(setting.default, description=setting.description)
    return kind | None, Field(None, description=setting.description)


def _weight(folder: Installed) -> tuple[Any, Any]:
    meaning = f"The weight of {folder.service.name}'s list in the consensus, relative to the others."
    return Weight, Field(folder.service.weight, description=meaning)


def _sources(folder: Installed) -> tuple[Any, Any]:
    names = [source.short_name for source in folder.sources]
    pages = [source.short_name for source in folder.sources if source.terms and source.terms.consent]
    consent = f" Naming {' or '.join(pages)} is your consent to its terms." if pages else ""
    meaning = (
        f"The sources of {folder.service.name}'s lists that are used, in the order in which they are tried, of {', '.join(names)}. Unset:"
        f" those whose keys are set, then those that need none.{consent}"
    )
    return Annotated[tuple[str, ...], BeforeValidator(words), AfterValidator(_some_of(names))], Field(
        (), description=meaning
    )


def _some_of(names: list[str]) -> Callable[[tuple[str, ...]], tuple[str, ...]]:
    def judged(chosen: tuple[str, ...]) -> tuple[str, ...]:
        if unknown := [one for one in chosen if one not in names]:
            raise ValueError(f"there is no source {unknown[0]}; there are {', '.join(names)}")
        return chosen

    return judged


def _rate(host: Host, folder: Folder) -> tuple[Any, Any]:
    meaning = f"Requests per second to {folder.named.name}; only live upstreams are held to it."
    return RequestsPerSecond, Field(host.per_second, description=meaning)


def _address(host: Host) -> tuple[Any, Any]:
    return BaseUrl, Field(host.address, description=host.description or f"The address of {host.key}.")


def _budget(bucket: Bucket) -> tuple[Any, Any]:
    return Units, Field(bucket.units, description=bucket.description)


GROUPS: dict[str, Callable[[Folder], Declared]] = {
    "Keys of the services": lambda folder: {one.field: _setting(one) for one in folder.settings},
    "The services' lists": lambda folder: (
        {f"{folder.service.slug}_weight": _weight(folder), f"{folder.service.slug}{SOURCES_SUFFIX}": _sources(folder)}
        if isinstance(folder, Installed)
        else {}
    ),
    "Limits per upstream": lambda folder: {
        **{host.rate_field: _rate(host, folder) for access in folder.accesses for host in access.hosts},
        **{one.field: _budget(one) for access in folder.accesses for one in access.budgets},
    },
    "Addresses of the upstreams": lambda folder: {
        host.address_field: _address(host) for access in folder.accesses for host in access.hosts
    },
}
"""The headings under which people find what the folders declare, and what each has there."""


def declared_fields(*, packaged_alone: bool = False) -> dict[str, Declared]:
    """All that is declared, by heading; a folder whose names are taken is left out from now on."""
    found: dict[str, Declared] = {heading: {} for heading in GROUPS}
    taken: Declared = {}
    for folder in registry.folders():
        if packaged_alone and not folder.module.startswith(registry.PACKAGED):
            continue
        own = {heading: declare(folder) for heading, declare in GROUPS.items()}
        if why := _refused([(name, one) for fields in own.values() for name, one in fields.items()], taken):
            registry.leave_out(folder, why)
            continue
        for heading, fields in own.items():
            found[heading] |= {name: one for name, one in fields.items() if name not in taken}
            taken |= fields
    return found


def _refused(own: list[tuple[str, tuple[Any, Any]]], taken: Declared) -> str | None:
    """Why a folder may not declare what it does; None where it may."""
    seen: Declared = {}
    for name, (kind, field) in own:
        before = taken.get(name) or seen.get(name)
        if name in Fields.model_fields:
            return f"its setting {variable_name(name)} is one of TuneMeld's own; rename it"
        if before and (before[0] != kind or before[1].default != field.default):
            return f"its setting {variable_name(name)} has another meaning already; rename it"
        seen[name] = (kind, field)
    return None


_FIELDS = {name: one for fields in declared_fields().values() for name, one in fields.items()}
_SETTINGS = {one.name: one for folder in registry.folders() for one in folder.settings}

if TYPE_CHECKING:
    AllFields = Fields
else:
    AllFields = create_model("AllFields", __base__=Fields, **_FIELDS)

DECLARED_CREDENTIALS = tuple(
    one.field for one in _SETTINGS.values() if one.kind is not SettingKind.FILE and not one.default
)
"""What opens something, and may not be a placeholder."""

TOGETHER = tuple(dict.fromkeys(one.together for one in _SETTINGS.values() if one.together))
"""The names of settings that are set all or none."""


def setting(name: str) -> Setting:
    """A declared setting by the name of its variable."""
    return _SETTINGS[name]
