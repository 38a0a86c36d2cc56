"""Every error that TuneMeld raises on purpose, in one small tree.

Each class is named after what happened and knows whether trying again can help; each message says what happened and what to do
next, and none carries a secret. `assets/steps.py` turns errors into `dg.Failure`, and `cli/main.py` turns them into exit codes.

    TuneMeldError
    ├── ConfigurationError            settings, the catalogue, overrides or an observation time that cannot be used
    │   ├── SettingsError
    │   ├── CatalogError
    │   ├── PluginError
    │   ├── OverridesError
    │   └── ObservationTimeError
    ├── UpstreamError                 one of the services; knows its name and whether trying again can help
    │   ├── UpstreamUnavailable       connection, time-out, 408, 429 for a rate, 5xx, a cut or half answer (transient)
    │   │   └── NoAnswer              no whole answer came at all
    │   ├── CredentialsRefused        401, 403, an invalid key
    │   ├── QuotaExhausted            the plan's or our own budget is used up until it resets
    │   ├── NotFound                  404
    │   │   └── SourceGone            what is gone is not one list, but the way in which lists are read
    │   ├── MalformedResponse         an answer without the expected structure, with any status
    │   ├── SourceResting             a source that failed is not asked for a while
    │   └── NoSourceAnswered          none of several sources gave a service's list
    ├── StoreError
    │   ├── DatabaseUnavailable       MongoDB cannot be reached (transient)
    │   ├── NothingStored             a document that a step needs is not there yet
    │   ├── UnreadableDocument        a stored document that does not have its shape
    │   │   └── NewerDocument         a newer release wrote it
    │   ├── NewerLayout               a newer release prepared the collections
    │   └── BackupError               a backup cannot be written or must not be restored
    ├── DumpError                     a dump for the public cannot be made
    ├── LocalServerError              the local `mongod` or sandbox service cannot be found or started
    ├── PortTaken                     another program listens on a port that we need
    ├── BundleExists                  a file is already there where a debug bundle was to be written
    ├── ServerNotAnswering            no TuneMeld API answers at an address
    ├── RunStopped                    somebody asked the run to end
    ├── LeaseLost                     a run was ended because nothing was heard of its process, which writes nothing more
    ├── SharedIdentity                one id would mean two recordings, so the last good document stays
    └── NothingToPublish              a step has no good data, so the last good document stays
"""

from collections.abc import Mapping

SAMPLE_CHARACTERS = 300
THIS_HELP = "{command} --help"


class TuneMeldError(Exception):
    """The root. `transient` says whether the same call may succeed later although nobody changes anything.

    Args:
        next_command: the command to run next, where the code that raises it knows a better one than its class. The message names none.

    Attributes:
        next_command: the command to run next; `{command}` in it is the one that failed.
        names_next: whether this very error names it, and not only its class.
    """

    transient = False
    next_command = "tunemeld system health"

    def __init__(self, *args: object, next_command: str | None = None) -> None:
        super().__init__(*args)
        self.names_next = next_command is not None
        self.next_command = next_command or self.next_command


class ConfigurationError(TuneMeldError):
    """Something that a person has to change before a run makes sense."""

    next_command = THIS_HELP


class SettingsError(ConfigurationError):
    """The environment's values cannot be used; the message lists every problem, each with its variable's name."""

    next_command = "tunemeld config validate"


class CatalogError(ConfigurationError):
    """The catalogue of genres and playlists is missing, unreadable or contradicts itself."""

    next_command = "tunemeld config show"


class PluginError(ConfigurationError):
    """A service that is named is not installed, or its package cannot be used."""

    next_command = "tunemeld config show"


class OverridesError(ConfigurationError):
    """The operator's matching overrides cannot be used; the message lists every problem, each with its entry."""

    next_command = "tunemeld config show"


class ObservationTimeError(ConfigurationError):
    """A run was requested for a time that its upstreams have no data for."""


class UpstreamError(TuneMeldError):
    """A call to one of the services did not give data.

    Args:
        service: the service's name as people know it, for example "Spotify".
        message: what happened.
        remedy: what to do about it, where that is more than what its class says.

    Attributes:
        remedy: what to do.
        explained: what happened and what to do, each once.
    """

    remedy = "the next run tries again"
    next_command = "tunemeld system health --deep"

    def __init__(
        self, service: str, message: str, *, remedy: str | None = None, next_command: str | None = None
    ) -> None:
        super().__init__(f"{service}: {message}" + (f"; {remedy}" if remedy else ""), next_command=next_command)
        self.service = service
        self.explained = str(self) if remedy else f"{self}; {self.remedy}"
        self.remedy = remedy or self.remedy


class UpstreamUnavailable(UpstreamError):
    """No usable answer came: connection, time-out, 408, 429 for a rate, 5xx, a cut or half answer.

    `retry_after` is the number of seconds that the service asked us to wait, if it did.
    """

    transient = True

    def __init__(
        self, service: str, message: str, *, remedy: str | None = None, retry_after: float | None = None
    ) -> None:
        super().__init__(service, message, remedy=remedy)
        self.retry_after = retry_after


class NoAnswer(UpstreamUnavailable):
    """The service could not be reached, hung, or cut its answer off."""


class CredentialsRefused(UpstreamError):
    """The service rejected the key, or the key's account may not use this service."""

    remedy = "check the key in the settings and its account"


class QuotaExhausted(UpstreamError):
    """The plan's quota or our own daily budget is used up until it resets."""

    remedy = "the rest waits for the next quota day; there is nothing to do"
    next_command = "tunemeld etl status"

    @classmethod
    def of_the_day(cls, service: str, limit: int, bucket: str) -> "QuotaExhausted":
        """Our own daily budget is spent."""
        return cls(
            service,
            f"the daily budget of {limit} ({_setting_of(bucket)}) is used up",
            remedy="the rest waits for the next quota day",
        )

    @classmethod
    def kept_for_others(cls, service: str, limit: int, bucket: str, left: int) -> "QuotaExhausted":
        """What is left of our own budget is kept for something that comes first."""
        return cls(
            service,
            f"what is left of the daily budget ({left} of {limit}, {_setting_of(bucket)}) is kept for what matters more: counts before"
            " look-ups, and a share for each genre",
            remedy="the rest waits for the next quota day",
        )

    @classmethod
    def uncounted(cls, service: str, document: str) -> "QuotaExhausted":
        """The day's record does not say how much is used, so nothing is spent."""
        return cls(
            service,
            f"the document {document} does not say how many units are used, so the day counts as used up",
            remedy="a repair of the documents begins it at 0 units, else the rest waits for the next quota day",
            next_command="tunemeld db check --repair",
        )

    @classmethod
    def reported_before(cls, service: str) -> "QuotaExhausted":
        """An earlier answer of this quota day said that nothing is left, so nobody asks again."""
        return cls(
            service,
            "an earlier answer today said that the quota is used up",
            remedy="the rest waits for the next quota day",
        )

    @classmethod
    def of_the_plan(cls, service: str, limit: int | None = None, until: str = "") -> "QuotaExhausted":
        """The plan behind a RapidAPI key is spent; `limit` and `until` where the gateway has said them."""
        if limit is None:
            return cls(
                service, "the RapidAPI plan's quota is used up", remedy="wait until it resets or take a larger plan"
            )
        return cls(
            service,
            f"the RapidAPI plan's quota of {limit} requests is used up until {until}",
            remedy="wait, or take a larger plan",
        )

    @classmethod
    def of_the_upstream(cls, service: str, quota: str, resets: str) -> "QuotaExhausted":
        """An upstream says that its quota is spent."""
        return cls(service, f"the {quota} is used up", remedy=f"it resets {resets}")


def _setting_of(bucket: str) -> str:
    return f"{bucket.upper()}_DAILY_BUDGET"


class NotFound(UpstreamError):
    """The service has nothing at that address."""

    remedy = "check the address in the catalogue"


class SourceGone(NotFound):
    """The gateway does not have the interface any more by which we read, whatever we ask for."""

    remedy = "see at the gateway what became of it, or take another source"


class MalformedResponse(UpstreamError):
    """An answer arrived without the structure that it should have, with any status.

    `sample` is its beginning, if known: for the log, not for the message. `body` is as much of it as may be kept: JSON, without what is
    the caller's own; neither is ever shown.
    """

    def __init__(
        self, service: str, message: str, *, remedy: str | None = None, sample: str = "", body: str | None = None
    ) -> None:
        super().__init__(service, message, remedy=remedy)
        self.sample = sample[:SAMPLE_CHARACTERS]
        self.body = body


class SourceResting(UpstreamError):
    """A source of lists failed several times in a row, or refused us, and is not asked for a while."""

    remedy = "once it is mended, run etl sources --probe"
    next_command = "tunemeld etl sources --probe"


class NoSourceAnswered(UpstreamError):
    """Each source of a service's list was asked, or rests, and none gave it.

    Args:
        service: the service's name as people know it.
        errors: what each source came to, in the order in which they were asked.
    """

    next_command = "tunemeld etl sources"

    def __init__(self, service: str, errors: Mapping[str, UpstreamError]) -> None:
        said = [f"{source}: {str(error).removeprefix(f'{service}: ')}" for source, error in errors.items()]
        super().__init__(service, f"no source gave its list: {'; '.join(said)}")
        self.transient = any(error.transient for error in errors.values())


class StoreError(TuneMeldError):
    """Reading or writing the collections failed."""

    next_command = "tunemeld db test-connection"


class DatabaseUnavailable(StoreError):
    """MongoDB cannot be reached."""

    transient = True
    next_command = "tunemeld db status"
    next_elsewhere = "tunemeld db test-connection"
    """Where MONGODB_URL names the server: the local one has nothing to do with it."""


class NothingStored(StoreError):
    """A document that a step needs has not been written yet."""

    next_command = "tunemeld etl run full"


class UnreadableDocument(StoreError):
    """A stored document does not have its shape. It alone is left out.

    Attributes:
        collection: where it is.
        document_id: its `_id`, as text.
        key: what people know it by, such as `dance Spotify`.
        field: the first part that does not fit, such as `tracks.3.rank`; empty for the document as a whole.
        why: what is wrong with that part.
    """

    next_command = "tunemeld db check"

    def __init__(self, message: str, *, collection: str, document_id: str, key: str, field: str, why: str) -> None:
        super().__init__(message)
        self.collection = collection
        self.document_id = document_id
        self.key = key
        self.field = field
        self.why = why

    @property
    def name(self) -> str:
        """The document's collection and key, in words."""
        return f"{self.collection} {self.key}"


class NewerDocument(UnreadableDocument):
    """A newer release wrote the document, and this one does not overwrite it."""


class NewerLayout(StoreError):
    """A newer release prepared the collections; its documents may not fit this release's shapes."""

    next_command = "tunemeld db init"


class BackupError(StoreError):
    """A backup cannot be written, or is damaged, unfinished or foreign; the collections are unchanged."""

    next_command = THIS_HELP


class DumpError(TuneMeldError):
    """A dump cannot be made; the one of before stays."""

    next_command = "tunemeld db dump --dry-run"


class LocalServerError(TuneMeldError):
    """The local `mongod` or the sandbox service cannot be found, started or stopped."""

    next_command = "tunemeld db status"


class PortTaken(TuneMeldError):
    """Another program listens on a port that one of ours needs; the message names the program."""

    next_command = THIS_HELP


class BundleExists(TuneMeldError):
    """A file already exists where a debug bundle was to be written; the file is unchanged."""

    next_command = THIS_HELP


class ServerNotAnswering(TuneMeldError):
    """Nothing at this address answers like TuneMeld's API."""

    next_command = "tunemeld api start"


class RunStopped(TuneMeldError):
    """Somebody asked the run to end, for example with Ctrl-C."""


class LeaseLost(TuneMeldError):
    """A run's process was stopped or cut off for so long that the run was ended, or run by another process; it writes nothing more."""

    next_command = "tunemeld etl status"


class SharedIdentity(TuneMeldError):
    """One id would mean two recordings, and the plays of one would enter the history of the other; nothing was written."""


class NothingToPublish(TuneMeldError):
    """A step has no good data; what was published before stays."""

    next_command = "tunemeld etl status"

    def __init__(self, message: str, *, transient: bool = False, next_command: str | None = None) -> None:
        super().__init__(message, next_command=next_command)
        self.transient = transient


def degrading(error: UpstreamError | None, upstream: str) -> UpstreamError | None:
    """The error, if it makes a run degraded; otherwise None.

    A quota that has run out is no failure: the rest waits for the next quota day. Nor is data that a replay never recorded.
    """
    if isinstance(error, QuotaExhausted) or (upstream == "replay" and isinstance(error, NotFound)):
        return None
    return error
