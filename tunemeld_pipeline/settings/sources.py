"""Where the values of settings come from: overrides, process variables and one `.env`, the strongest first.

No other code reads the environment or `.env`.
"""

import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any, Self

from dotenv.parser import parse_stream
from pydantic import ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import PydanticBaseSettingsSource

from tunemeld_pipeline.errors import SettingsError
from tunemeld_pipeline.private_files import open_to_others, remedy
from tunemeld_pipeline.redaction import protect
from tunemeld_pipeline.settings import cron
from tunemeld_pipeline.settings.choices import ENV_FILE_VARIABLE, Component, Environment, variable_name
from tunemeld_pipeline.settings.fields import Origin, Provenance
from tunemeld_pipeline.settings.formats import lower_case, refusal
from tunemeld_pipeline.settings.places import project_root, working_folder
from tunemeld_pipeline.settings.rules import CREDENTIALS, SettingProblem, raise_if_any
from tunemeld_pipeline.settings.settings import SETTING_NAMES, RulesBroken, Settings
from tunemeld_pipeline.suggestions import did_you_mean, nearest
from tunemeld_pipeline.text_files import read_small_text

MOST_NAMES = 1_000
"""How many names of a `.env` are compared with the settings' names; finding the nearest takes a millisecond for each."""


class Variables(PydanticBaseSettingsSource):
    """Settings by the names of their variables, taken literally; an empty value counts as not set.

    pydantic-settings' own sources would take `home` from HOME, resolve `${…}` within a password, and read `.env` in testing.
    """

    def __init__(self, variables: Mapping[str, str]) -> None:
        super().__init__(Settings)
        self.variables = variables

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:  # noqa: ARG002 pydantic-settings' own
        """The text of one setting, or None. `formats.py` decodes it."""
        return self.variables.get(variable_name(field_name), "").strip() or None, field_name, False

    def __call__(self) -> dict[str, Any]:
        """Field name → text of the settings that are set."""
        found = {name: self.get_field_value(Settings.model_fields[name], name)[0] for name in SETTING_NAMES}
        return {name: value for name, value in found.items() if value is not None}


class ProcessVariables(Variables):
    """The environment of this process."""

    def __init__(self) -> None:
        super().__init__(os.environ)


class EnvFile(Variables):
    """One `.env`; an empty one if there is no path.

    Attributes:
        path: the file, if any.
        complaints: a sentence on each line that is not `NAME=value`.
    """

    def __init__(
        self, path: Path | None = None, variables: Mapping[str, str] | None = None, complaints: Sequence[str] = ()
    ) -> None:
        super().__init__(variables or {})
        self.path = path
        self.complaints = tuple(complaints)

    @classmethod
    def find(cls, named: Path | None) -> Self:
        """The named file, else the one that TUNEMELD_ENV_FILE names, else the one in the working directory or the checkout.

        Raises:
            SettingsError: the named file is missing, or the file cannot be read.
        """
        if named is None and os.environ.get(ENV_FILE_VARIABLE):
            named = Path(os.environ[ENV_FILE_VARIABLE])
        path = _find_env_file(named)
        return cls(path, *_read_env_file(path)) if path else cls()

    def warnings(self, used: Mapping[str, Any]) -> list[str]:
        """What a person should know about the file; `used` are the settings taken from it."""
        found = list(self.complaints)
        if self.path is not None and used.keys() & set(CREDENTIALS) and open_to_others(self.path):
            found.append(f"{self.path}: holds secrets, and others on this machine can read it; {remedy(self.path)}")
        return found + _unknown_names(self.variables, self.path)


def load_settings(
    env_file: Path | None = None,
    environment: str | None = None,
    overrides: Mapping[str, Any] | None = None,
    needed_by: Collection[Component] = (),
) -> Settings:
    """The settings from overrides, process variables, one `.env` and the environment's defaults, the strongest first.

    Args:
        env_file: the only `.env` to read; by default the one that TUNEMELD_ENV_FILE names, else the one in the working directory,
            else the one in the checkout.
        environment: beats TUNEMELD_ENV.
        overrides: field name → value, for one command; None means that it was not given.
        needed_by: the parts that are about to start; what they lack is reported with everything else.

    Raises:
        SettingsError: lists every problem, each with its variable's name and what to do; never a value of a secret.
    """
    settings, problems = examine_settings(env_file, environment, overrides)
    reported = {problem.field_name for problem in problems}
    for part in needed_by:
        problems += [problem for problem in settings.missing_for(part) if problem.field_name not in reported]
    protect(settings)
    raise_if_any(problems)
    return settings


def examine_settings(
    env_file: Path | None = None, environment: str | None = None, overrides: Mapping[str, Any] | None = None
) -> tuple[Settings, list[SettingProblem]]:
    """The same for settings with problems: the settings without the values that cannot be used, and what is wrong with those."""
    given = {name: value for name, value in (overrides or {}).items() if value is not None}
    if environment is not None:
        given["environment"] = environment
    process, file, unreadable = ProcessVariables(), EnvFile(), []
    by_variable = process()
    stated = {**by_variable, **given}.get("environment")
    if lower_case(stated) != Environment.TESTING:
        try:
            file = EnvFile.find(env_file)
        except SettingsError as error:
            unreadable = [SettingProblem("env_file", str(error))]
    in_file = file()

    chosen = stated or in_file.get("environment", Environment.DEVELOPMENT)
    unknown = problem_of_environment(chosen)
    if unknown:
        chosen = Environment.DEVELOPMENT
    if lower_case(chosen) == Environment.TESTING and file.path:
        # The file itself chose testing, which reads no `.env`: nothing else in it counts.
        file, in_file = EnvFile(file.path), {"environment": chosen}

    origins: dict[str, Origin] = {}
    for layer, origin in ((in_file, Origin.ENVIRONMENT_FILE), (by_variable, Origin.VARIABLE), (given, Origin.OPTION)):
        origins |= dict.fromkeys(layer, origin)
    if unknown:
        del origins["environment"]
    provenance = Provenance(file.path, origins, tuple(file.warnings(in_file)))
    values = {**in_file, **by_variable, **given, "environment": chosen, "provenance": provenance}

    settings, problems = _build(values)
    doubtful = [f"{variable_name('daily_refresh_cron')}: {doubt}" for doubt in cron.doubts(settings.daily_refresh_cron)]
    if doubtful:
        warnings = (*settings.provenance.warnings, *doubtful)
        settings = settings.model_copy(update={"provenance": replace(settings.provenance, warnings=warnings)})
    # If the environment is unknown, the rules of another one would only mislead.
    return settings, unreadable + ([unknown] if unknown else problems)


def examine_values(values: Mapping[str, Any]) -> tuple[Settings, list[SettingProblem]]:
    """The settings from these values alone, by field name; if some are malformed, the settings without them, and the problems.

    An unknown environment counts as development, and is a problem too.
    """
    unknown = problem_of_environment(values.get("environment", Environment.DEVELOPMENT))
    if unknown is None:
        return _build(dict(values))
    settings, problems = _build({**values, "environment": Environment.DEVELOPMENT})
    return settings, [unknown, *problems]


def problem_of_environment(name: Any) -> SettingProblem | None:
    """What is wrong with the name of an environment; None if there is one of that name."""
    if lower_case(name) in list(Environment):
        return None
    return SettingProblem(
        "environment", f"must be one of: {', '.join(Environment)}{did_you_mean(str(name), Environment)}"
    )


def _build(values: dict[str, Any]) -> tuple[Settings, list[SettingProblem]]:
    """The settings; if values are malformed, the settings without them, so that the rules are checked too, and all problems."""
    try:
        return Settings(**values), []
    except ValidationError as error:
        problems: dict[str, SettingProblem] = {}
        for item in error.errors(include_url=False, include_input=False):
            cause = item.get("ctx", {}).get("error")
            if isinstance(cause, RulesBroken):
                return cause.settings, cause.problems
            name = str(item["loc"][0])
            problems.setdefault(
                name,
                SettingProblem(
                    name,
                    str(cause) if cause else refusal(item["type"], item.get("ctx", {}), values.get(name), item["msg"]),
                ),
            )
    kept = {name: value for name, value in values.items() if name not in problems}
    provenance = kept.get("provenance", Provenance())
    origins = {name: origin for name, origin in provenance.origins.items() if name not in problems}
    settings, rules = _build({**kept, "provenance": replace(provenance, origins=origins)})
    return settings, [*problems.values(), *(rule for rule in rules if rule.field_name not in problems)]


def _find_env_file(env_file: Path | None) -> Path | None:
    if env_file is not None:
        if not env_file.is_file():
            raise SettingsError(
                f"{env_file}: there is no such environment file; copy .env.example, or leave out --env-file"
            )
        return env_file.absolute()
    folders = filter(None, [working_folder(), project_root()])
    return next((folder / ".env" for folder in folders if os.path.isfile(folder / ".env")), None)  # noqa: PTH113


def _read_env_file(path: Path) -> tuple[dict[str, str], list[str]]:
    """The names and values in a `.env`, taken literally (no `${…}`), and a sentence on each line that has neither."""
    variables: dict[str, str] = {}
    complaints = []
    try:
        text = read_small_text(path).removeprefix("\ufeff")
    except OSError as error:
        raise SettingsError(
            f"{path}: cannot be read ({error.strerror}); check what it is, and its permissions"
        ) from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path}: is not UTF-8 text; save it as UTF-8") from error
    for binding in parse_stream(StringIO(text, newline=None)):
        if binding.key is not None and binding.value is not None:
            variables[binding.key] = binding.value
        elif binding.key is not None or binding.error:
            # Such a line may be part of a secret: report where it is, not what it says.
            complaints.append(f"{path}, line {binding.original.line}: not NAME=value; the line is left out")
    return variables, complaints


def _unknown_names(variables: Mapping[str, str], path: Path | None) -> list[str]:
    known = [variable_name(name) for name in SETTING_NAMES]
    sentences = []
    for name in list(variables)[:MOST_NAMES]:
        if name not in known:
            meant = nearest(name, known)
            hint = f"did you mean {meant}?" if meant else "no setting has a name like it"
            sentences.append(f"{path}: unknown name {name}; {hint}")
    return sentences
