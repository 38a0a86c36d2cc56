"""What is kept of something that is or was wrong.

`watching/` decides when an incident begins and is over, and `storage/incidents.py` keeps it.
"""

from tunemeld_pipeline.charts.documents import Model, Moment


class Incident(Model):
    """`incidents`: something that is or was wrong, from when it began until it was over, and which messages were sent about it.

    `subject` is what is affected besides the genre: a service's playlist, a source's counts, a budget, a check. `key` names the
    trouble; of the incidents with one key at most one is open. `reopened` counts how often it came back within an hour. `told_at`,
    `reminded_at` and `over_told_at` are when the message that it began, the last reminder and the message that it is over were sent;
    `told_to`, `tries`, `next_try_at` and `telling_since` (its first try) describe the message that is under way.
    """

    incident_id: str
    key: str
    kind: str
    genre: str | None = None
    subject: str = ""
    detail: str = ""
    run_id: str | None = None
    opened_at: Moment
    last_seen: Moment
    closed_at: Moment | None = None
    reopened: int = 0
    told_at: Moment | None = None
    reminded_at: Moment | None = None
    over_told_at: Moment | None = None
    told_to: list[str] = []
    tries: int = 0
    next_try_at: Moment | None = None
    telling_since: Moment | None = None
