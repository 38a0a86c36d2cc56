"""The second stage: which rows are the same recording, and the consensus.

It reads, looks up, guards and writes, in that order. `charts/matching/` judges rows, `charts/ranking.py` gives the score,
`charts/movement.py` the chart's memory, and `charts/consensus.py` makes the documents.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

import dagster as dg

from tunemeld_pipeline.assets.known_isrcs import known_isrcs
from tunemeld_pipeline.assets.lists_before import lists_before, with_counting_rows
from tunemeld_pipeline.assets.own_isrcs import OwnIsrcs, own_isrcs
from tunemeld_pipeline.assets.partitions import catalog, genres
from tunemeld_pipeline.assets.raw_playlists import raw_playlists
from tunemeld_pipeline.assets.steps import (
    UPSTREAM_RETRY,
    chart_preview,
    error_fields,
    give_back_memory,
    lacking_so_far,
    left_out_documents,
    mark_degraded,
    shares,
    step,
)
from tunemeld_pipeline.charts.catalog import Genre
from tunemeld_pipeline.charts.consensus import all_rows, recordings_of, track_playlists
from tunemeld_pipeline.charts.documents import Ranking, RawPlaylist, ServiceOutcome, counting_services
from tunemeld_pipeline.charts.identity import GenreRecording, contested_isrcs, refuse_shared_ids
from tunemeld_pipeline.charts.matching.group import idle_overrides
from tunemeld_pipeline.charts.matching.overrides import NO_OVERRIDES, Overrides, read_overrides
from tunemeld_pipeline.charts.movement import known_ids, with_memory
from tunemeld_pipeline.charts.observation import utc_day
from tunemeld_pipeline.charts.playlists import Listing
from tunemeld_pipeline.charts.ranking import is_charted, only_service
from tunemeld_pipeline.charts.tails import kept_rows, not_new, uncovered
from tunemeld_pipeline.errors import (
    MalformedResponse,
    NothingStored,
    NothingToPublish,
    PluginError,
    UnreadableDocument,
    degrading,
)
from tunemeld_pipeline.plugins.reading import whole_list
from tunemeld_pipeline.plugins.registry import folder_of, isrc_lookups, name_of, slug_of
from tunemeld_pipeline.resources.clients import ClientsResource
from tunemeld_pipeline.resources.mongo import MongoResource
from tunemeld_pipeline.resources.observation import ObservationResource
from tunemeld_pipeline.settings.choices import Upstreams
from tunemeld_pipeline.settings.configured import used_isrc_lookups
from tunemeld_pipeline.storage.store import Store
from tunemeld_pipeline.upstream import left_out
from tunemeld_pipeline.upstream.isrc_chain import Asked, Sought, look_up_in_turn
from tunemeld_pipeline.upstream.service_client import IsrcClient, begin_step, call_metadata


@dg.asset(
    partitions_def=genres, group_name="charts", kinds={"mongodb"}, deps=[raw_playlists], retry_policy=UPSTREAM_RETRY
)
def track_playlist(
    context: dg.AssetExecutionContext,
    observation: ObservationResource,
    mongo: MongoResource,
    clients: ClientsResource,
) -> dg.MaterializeResult:
    """One genre's rows, each with its recording, and the consensus of at least two services, or the list of the only one."""
    genre, store, as_of = context.partition_key, mongo.store, observation.as_of
    give_back_memory()
    with step(context) as measured:
        store.rollbacks.refuse(genre, as_of)
        chain = _isrc_chain(clients, observation)
        searched = [one.client for one in chain if one.client is not None]
        begin_step(store, genre, *searched)
        listed = catalog.genre(genre).services  # another's last list is no part of the genre any more
        raws = [raw for raw in store.playlists.raw_playlists(genre, as_of) if raw.service_name in listed]
        parsed, unread = _parsed(context, genre, raws, store.playlists.wider_lists(genre, as_of))
        overrides = read_overrides(observation.settings.match_overrides)
        unread = lacking_so_far(context) | unread
        published = genre in store.charts.materializations()
        _refuse_too_few_lists(catalog.genre(genre), observation.settings.ranking, parsed, unread, published=published)
        own = OwnIsrcs() if observation.defers_look_ups else own_isrcs(store, clients, raws, parsed, observation)
        said = {**known_isrcs(store, parsed.values(), as_of), **own.isrcs}
        recordings, sought = _recordings(mongo, chain, parsed, overrides, observation, said)
        first_seen = store.histories.first_seen(isrc for recording in recordings for isrc in recording.isrcs)
        ranking = with_counting_rows(
            store, catalog.genre(genre), observation.settings.ranking, raws, parsed, recordings, as_of
        )
        services, aggregate = track_playlists(
            genre,
            raws,
            parsed,
            recordings,
            first_seen,
            ranking,
            services=listed,
            addresses=_addresses(mongo, recordings),
            as_of=as_of,
            run_id=observation.run_id,
            upstream=observation.upstream,
        )
        counting = counting_services(aggregate.outcomes, aggregate.ranking)
        past = store.charts.past(genre, utc_day(as_of), known_ids(aggregate.tracks), counting)
        tracks = with_memory(aggregate.tracks, utc_day(as_of), past)
        before = lists_before(store, genre, past, aggregate.ranking)
        aggregate = aggregate.model_copy(
            update={
                "tracks": not_new(tracks, uncovered(tracks, aggregate.outcomes, before)),
                "outcomes": _explained(aggregate.outcomes, unread),
            }
        )
        if not aggregate.tracks:
            stays = "the last consensus stays" if _has_consensus(store, genre, as_of) else "there is no consensus yet"
            raise NothingToPublish(
                f"no two services agree on any recording of {genre}; {stays}",
                next_command=f"tunemeld match report --genre {genre}",
            )
        refuse_shared_ids(services, aggregate, name_of)
        store.playlists.put_track_playlists(services, aggregate)
        errors = (degrading(report.error, observation.upstream) for _, report in sought.reports)
        error = next(filter(None, errors), None)
        lacking = own.lacking | ({"ISRC look-ups": error.explained} if error else {})
        reasons = mark_degraded(context, lacking | left_out_documents(context, store))
        idle = _idle(context, genre, parsed, overrides)
    rows = all_rows(parsed)
    known = sum(len(recording.rows) for recording in recordings if recording.isrcs)
    return dg.MaterializeResult(
        metadata={
            "dagster/partition_row_count": len(rows),
            "agreed_tracks": len(aggregate.tracks),
            "recordings": len(recordings),
            "isrc_share": round(known / len(rows), 4) if rows else 0.0,
            **{f"rows/{slug_of(service)}": len(playlist.rows) for service, playlist in parsed.items()},
            **{f"kept_rows/{slug_of(service)}": kept for service, one in parsed.items() if (kept := kept_rows(one))},
            **left_out.of_playlists(parsed),
            **shares("matched_share", aggregate.matched_share),
            **_lookup_metadata(sought),
            **own.counts,
            **reasons,
            **({"idle_overrides": "; ".join(idle)} if idle else {}),
            **call_metadata(*searched, *own.asked),
            **measured.metadata(),
            "preview": chart_preview(aggregate.tracks),
        }
    )


def _parsed(
    context: dg.AssetExecutionContext, genre: str, raws: list[RawPlaylist], wider: Mapping[str, Sequence[RawPlaylist]]
) -> tuple[dict[str, Listing], dict[str, str]]:
    """The lists by service, with what their sources cannot show of them, and why others cannot be read."""
    parsed, unread = {}, {}
    for raw in raws:
        try:
            parsed[raw.service_name] = whole_list(raw, wider.get(raw.service_name, []))
        except (MalformedResponse, PluginError) as error:
            # What the older system saved unchecked, and what a source has left that is no longer installed.
            unread[f"{raw.service_name} playlist"] = getattr(error, "explained", str(error))
            context.log.warning("%s: a list is left out: %s", genre, error, extra=error_fields(error))
    if not parsed:
        raise NothingStored(
            f"{genre} has no readable playlists; run the stage before it first",
            next_command=f"tunemeld etl run extract --genre {genre}",
        )
    for service, playlist in parsed.items():
        for irregular in playlist.irregular:
            context.log.info("%s: %s", genre, irregular.sentence(name_of(service)))
    return parsed, unread


def _refuse_too_few_lists(
    genre: Genre, ranking: Ranking, parsed: dict[str, Listing], unread: dict[str, str], *, published: bool
) -> None:
    """Refuses to look anything up for a chart that cannot be.

    Raises:
        NothingToPublish: of several services that count, fewer than two have rows, or the only one has none.
    """
    with_rows = [service for service in genre.services if service in parsed and parsed[service].rows]
    alone = only_service(genre.services, ranking)
    if is_charted(with_rows, ranking, alone):
        return
    counting = [service for service in with_rows if ranking.weight_of(service) > 0]
    if counting:
        found = f"only {name_of(counting[0])} has a list of {genre.key}, and a chart needs two"
    else:
        found = f"no service has a list of {genre.key}" + (" that weighs anything" if with_rows else "")
    stays = "what was published before stays" if published else "there is no chart yet"
    others = [
        f"{name_of(service)}: {_why_missing(service, parsed, unread)}"
        for service in genre.services
        if service not in counting
    ]
    raise NothingToPublish(f"{found}; {stays}. {'; '.join(others)}", next_command="tunemeld system health --deep")


def _why_missing(service: str, parsed: dict[str, Listing], unread: dict[str, str]) -> str:
    if service in parsed:
        return "its list weighs nothing" if parsed[service].rows else "its list has no rows"
    why = unread.get(f"{service} playlist", "no list of it was ever fetched")
    return why.removeprefix(f"{name_of(service)}: ")


def _explained(outcomes: dict[str, ServiceOutcome], unread: dict[str, str]) -> dict[str, ServiceOutcome]:
    """The outcomes, those of absent services with the reason."""
    never = "no list of it was ever fetched; the next run tries again"
    return {
        name: one
        if one.state != "absent" or one.error
        else one.model_copy(update={"error": unread.get(f"{name} playlist", never)})
        for name, one in outcomes.items()
    }


def _has_consensus(store: Store, genre: str, as_of: datetime) -> bool:
    try:
        return bool(store.playlists.aggregate(genre, as_of).tracks)
    except (NothingStored, UnreadableDocument):
        return False


def _isrc_chain(clients: ClientsResource, observation: ObservationResource) -> list[Asked]:
    """What looks ISRCs up, in turn; none where that can wait. Outside live it is one, in live also what is not asked now or any more."""
    if observation.defers_look_ups:
        return []
    used = used_isrc_lookups(observation.settings)
    there = isrc_lookups() if observation.settings.upstreams is Upstreams.LIVE else used
    return [
        Asked(one, folder_of(one).named.key, clients.of(one) if one in used and not one.background else None)
        for one in there
    ]


def _recordings(
    mongo: MongoResource,
    chain: Sequence[Asked],
    parsed: dict[str, Listing],
    overrides: Overrides,
    observation: ObservationResource,
    own: Mapping[str, str],
) -> tuple[list[GenreRecording], Sought]:
    """The recordings, after looking up those for which no row has an ISRC; what is found may join two of them.

    Args:
        own: the ISRCs that services have at their tracks or once said, by the rows' keys.
    """
    recordings = recordings_of(parsed, own, overrides)
    unknown = sorted((recording for recording in recordings if not recording.isrcs), key=_priority)
    sought = look_up_in_turn(mongo.store, chain, [one.rows for one in unknown], observation.as_of)
    if not sought.isrcs:
        return recordings, sought
    recordings = recordings_of(parsed, {**sought.isrcs, **own}, overrides)
    contested = contested_isrcs(recordings)
    for asked, report in sought.reports:
        if isinstance(asked.client, IsrcClient):
            # Where two recordings carry an ISRC, nothing says whose track it names.
            found = {facts["isrc"]: facts for facts in report.new.values() if facts["isrc"] not in contested}
            asked.client.keep_found(found, observation.as_of)
    return recordings, sought


def _addresses(mongo: MongoResource, recordings: list[GenreRecording]) -> dict[str, set[str]]:
    """Where the recordings with the histories of contested ISRCs were listed."""
    contested = contested_isrcs(recordings)
    known = mongo.store.recordings.known(contested) if contested else {}
    return {isrc: set(facts.track_urls.values()) for isrc, facts in known.items()}


def _idle(context: dg.AssetExecutionContext, genre: str, parsed: dict[str, Listing], overrides: Overrides) -> list[str]:
    """A sentence on each override of this genre's rows that changes nothing."""
    rows = [row.described for row in all_rows(parsed)]
    concerned = overrides.about({row.key for row in rows})
    idle = [] if concerned == NO_OVERRIDES else idle_overrides(rows, concerned)
    sentences = [f"{one.override} ({one.why})" for one in idle]
    for sentence in sentences:
        context.log.warning("%s: an override changes nothing any more: %s", genre, sentence)
    return sentences


def _priority(recording: GenreRecording) -> tuple[int, int, str]:
    return (-len(recording.ranks), min(recording.ranks.values()), recording.provisional_id)


def _lookup_metadata(sought: Sought) -> dict[str, int | str]:
    counts: dict[str, int | str] = {
        f"isrc_lookups/{name}": sought.total(name) for name in ("known", "asked", "found", "deferred", "verified")
    }
    stopped = "; ".join(str(report.error) for _, report in sought.reports if report.error)
    return counts | ({"isrc_lookups/stopped_by": stopped} if stopped else {})
