"""All alarms: what the operator reads about each, what still works, and what to do (docs/alarms.md says the same at length)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class AlarmKind(StrEnum):
    """All alarms."""

    RUN_FAILED = "run_failed"
    DEGRADED = "degraded"
    CHECK_FAILED = "check_failed"
    STALE_DATA = "stale_data"
    QUOTA_LOW = "quota_low"
    MATCHED_SHARE_LOW = "matched_share_low"
    COVERAGE_LOW = "coverage_low"
    SOURCE_SWITCHED = "source_switched"
    SERVICE_ON_LAST_SOURCE = "service_on_last_source"
    SOURCE_CHANGED = "source_changed"
    SLOW_RUN = "slow_run"
    UNREADABLE_DOCUMENT = "unreadable_document"
    BACKUP_MISSING = "backup_missing"
    DATABASE_UNREADABLE = "database_unreadable"
    DAEMON_SILENT = "daemon_silent"
    PART_HUNG = "part_hung"


@dataclass(frozen=True, slots=True)
class Alarm:
    """What a message says about an alarm; `{genre}` and `{subject}` are filled in. `grave` if nothing new reaches visitors."""

    title: str
    still_works: str
    to_do: str
    grave: bool = False


ALARMS: Mapping[AlarmKind, Alarm] = {
    AlarmKind.RUN_FAILED: Alarm(
        "the last run failed",
        "Visitors see the last good chart; histories and the other genres are untouched.",
        "Open the run and read its first error; once that is fixed: tunemeld etl run full --genre {genre}",
        grave=True,
    ),
    AlarmKind.DEGRADED: Alarm(
        "{subject} could not be read",
        "The chart is new all the same: a playlist that could not be fetched is stood in for by its last good one, and counts that"
        " could not be read keep their last values.",
        "Look at the reason: a refused key has to be replaced in the settings; an outage or a used-up plan needs nothing but the next"
        " run.",
    ),
    AlarmKind.CHECK_FAILED: Alarm(
        "the check {subject} failed",
        "The chart is published and visitors see it, but something in it is inconsistent.",
        "Open the run, tab Checks. If the chart is wrong, take it back: tunemeld etl rollback --genre {genre}",
    ),
    AlarmKind.STALE_DATA: Alarm(
        "nothing new has been published for too long",
        "Visitors see the last good chart, with its date.",
        "See whether the schedule is on, the daemon runs and no run waits in the queue (the UI's Automation and Runs); then:"
        " tunemeld etl run full --genre {genre}",
        grave=True,
    ),
    AlarmKind.QUOTA_LOW: Alarm(
        "the quota {subject} is nearly gone",
        "No run fails because of it: what matters most is read first, and the rest waits for the next quota day.",
        "A new installation fills up within some days by itself. Later it means that more is asked than the plan allows: get a larger"
        " one and raise the budget in the settings.",
    ),
    AlarmKind.MATCHED_SHARE_LOW: Alarm(
        "far fewer of {subject}'s tracks than usual are on another service's list",
        "The chart is published, but may lack tracks that are on several lists.",
        "See what stands alone and why: tunemeld match report --genre {genre}. If the chart is wrong:"
        " tunemeld etl rollback --genre {genre}",
    ),
    AlarmKind.COVERAGE_LOW: Alarm(
        "less than half of the chart was counted on {subject}",
        "The ranks do not depend on counts; tracks that were counted before keep their last count.",
        "Open the run: look-ups that were deferred wait for the next quota day; where none were, the service has changed and its"
        " counts have to be looked at.",
    ),
    AlarmKind.SOURCE_SWITCHED: Alarm(
        "the list of {subject} comes from another source than usual",
        "Everything: the list is new, and rows that this source cannot show stay from the last read that showed them, for two weeks.",
        "See what is wrong with the first source: tunemeld etl sources. A refused key has to be replaced; where its answers have changed,"
        " its reader has to be fixed. Once it is mended: tunemeld etl sources --probe",
    ),
    AlarmKind.SERVICE_ON_LAST_SOURCE: Alarm(
        "{subject} has no other source left that works",
        "Everything, as long as that source answers; after it the last good list stays, and gets old.",
        "Mend another one before that: tunemeld etl sources says what each lacks; tunemeld etl sources --probe asks all of them once.",
    ),
    AlarmKind.SOURCE_CHANGED: Alarm(
        "the answers of {subject} are not as they were",
        "Everything that is made of other sources; a list that cannot be read any more is stood in for by its last good one.",
        "Look at the list on the service. Where its format has changed, its reader has to be fixed: the answer is in the folder drift of"
        " TUNEMELD_HOME, for tunemeld service record --from. A new title alone needs nothing.",
    ),
    AlarmKind.SLOW_RUN: Alarm(
        "a run takes more than three times its usual time",
        "Visitors see the last chart until the run is done.",
        "Open the run: its timeline shows which step waits. One that hangs can be terminated there; the next run repairs all.",
    ),
    AlarmKind.UNREADABLE_DOCUMENT: Alarm(
        "documents in {subject} cannot be read",
        "Everything that is made of other documents: other genres, tracks and days. Workers that run keep the pages that they have.",
        "See what they harm: tunemeld db check. The next run writes most of them anew and keeps the originals in quarantine; for the"
        " others: tunemeld db check --repair, or restore a backup.",
    ),
    AlarmKind.BACKUP_MISSING: Alarm(
        "there is no good backup of today",
        "Everything; earlier backups in BACKUP_DIR stay, also the oldest, until a newer one has proved good.",
        "Look at the reason, and make one now: tunemeld db backup. Without a reason, see whether the daemon runs and the schedule"
        " backup_schedule is on (the UI's Automation).",
    ),
    AlarmKind.DATABASE_UNREADABLE: Alarm(
        "the database cannot be read",
        "The API goes on answering with what it has rendered, marked stale. No run can publish.",
        "Ask it: tunemeld db test-connection. Start MongoDB, or check MONGODB_URL; the next run then repairs all.",
        grave=True,
    ),
    AlarmKind.DAEMON_SILENT: Alarm(
        "Dagster's daemon gives no sign of life",
        "Visitors see the last charts; a run that is under way goes on. Nothing new is started.",
        "See how it is: tunemeld system health. tunemeld start restarts a daemon that hangs; one under a unit of its own:"
        " systemctl restart. A refresh that was missed meanwhile is started then, or by hand: tunemeld etl run full",
        grave=True,
    ),
    AlarmKind.PART_HUNG: Alarm(
        "the part {subject} hung and was killed; it is started again",
        "The other parts go on; a run that this interrupted is run again.",
        "Nothing, if it happens once. If it comes back, read what came before it: tunemeld etl logs --level warning, and the"
        " supervisor's own output",
    ),
}
