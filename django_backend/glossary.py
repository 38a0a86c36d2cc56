"""What the fields of the paths outside `/v1` mean, for their schemas: the older dialect is frozen, and its models are the documents' own.

The models of `/v1` describe their fields themselves.
"""

from typing import Any

GLOSSARY = {
    "action": "What to do; null if there is nothing to do.",
    "additional_sources": "By service, the recording's address on the services other than `source_name`.",
    "aggregate_service_name": "The service whose position is `raw_aggregate_rank`.",
    "album_cover_url": "A picture of the album's cover; null if unknown.",
    "album_id": "The service's own id of the album; null if it gives none.",
    "artist_name": "The artists as the service credits them.",
    "checks": "By part of the product, the outcome of its check.",
    "confidence": "How sure the match is, from 0 to 1.",
    "contributions": "By service, its share of the score, from 0 to 1.",
    "count_errors": "By source of counts, why it could not count everything.",
    "coverage": "By source of counts, the share of the tracks that it counted, from 0 to 1.",
    "current_count_json": "The last count.",
    "current_timestamp": "When the last count was read; null if it is unknown.",
    "current_view_count": "The last count; the empty string if it is unknown.",
    "data": "What may help: known values, nearest days; null where there is none.",
    "days_on_chart": "The days on which the recording was on the chart, this one included.",
    "degraded": "What the chart lacks.",
    "details": "What the check found.",
    "display_name": "The genre's name for people.",
    "documentation": "The address of the page to try the API.",
    "duration_ms": "The length in milliseconds; null if unknown.",
    "counting_rows": "By service, how many rows of its list count where not all do yet.",
    "country": "The market that the list was read for, as two letters; null if unknown.",
    "edited_at": "When the list was last edited; null if unknown.",
    "error": "Why the last try failed; null if it did not.",
    "fetched_at": "When the service last answered; null if it never did.",
    "gain_7d": "By source of counts, the gain of seven days; null where a count is missing.",
    "genre_name": "The genre's key.",
    "held": "Whether an operator holds this chart, so that no run replaces it.",
    "initial_count_json": "The first count of the chart week.",
    "initial_timestamp": "When the first count of the chart week was read; null if it is unknown.",
    "initial_view_count": "The first count of the chart week; the empty string if it is unknown.",
    "insert_timestamp": "When the data were observed.",
    "isrc": "The recording's ISRC; null while none is known.",
    "isrcs": "All ISRCs of the recording, where it has several.",
    "kept": "The number of rows at the end that stay from an earlier read, since the source cannot show them.",
    "last_seen_at": "When an earlier read showed the row, where the source cannot show it; otherwise null.",
    "last_updated": "When the genre was last observed; null if it never was.",
    "latency_ms": "How long the check took, in milliseconds.",
    "live": "Always true.",
    "match": "How the row was matched with rows of other lists.",
    "matched_share": "By service, the share of its rows that another service's list has too, from 0 to 1.",
    "method": "How the row was matched: isrc, text, override, alone, or isrc_lookup.",
    "missing": "The genres for which this worker has no answer.",
    "movement": "The ranks gained against the chart that is compared with; null if the recording was not there.",
    "observed_at": "When the list was observed; null if it never was.",
    "only_service": "The service whose list this is, where no second one counts, so that it is no consensus; otherwise null.",
    "openapi": "The address of the OpenAPI document.",
    "other_ids": "What else the recording may be known by on another day.",
    "outcomes": "By service, what the run saw of it.",
    "peak_date": "The first day at the best rank.",
    "peak_rank": "The best rank up to this day.",
    "phi": "The chance that an imagined reader goes on to the next row of a list.",
    "play_count": "The plays that the list itself shows; null if it shows none.",
    "playlist_cover_description_text": "What the editors say of the list; empty if unknown.",
    "playlist_cover_url": "The list's cover; empty if unknown, and for Apple Music always with the end `.m3u8`.",
    "playlist_name": "The list's name.",
    "playlist_url": "The list's address on the service.",
    "previous_rank": "The rank on the chart that is compared with; null if the recording was not there.",
    "quota": "By budget, the units left after the run.",
    "rank": "The position, from 1.",
    "ranking": "How the lists were weighed against each other.",
    "raw_aggregate_rank": "The position by the older rule.",
    "readings": "By source of counts, `[time, total]`, oldest first.",
    "ready": "Whether this worker can answer for every genre.",
    "rolled_back_to": "When what is shown was observed, after a rollback; otherwise null.",
    "rows": "The number of rows that were read.",
    "rows_total": "The number of rows that the service says the list has; null if unknown.",
    "rule": "What the consensus is ordered by.",
    "run_id": "The run that wrote the document.",
    "schema_version": "The version of this shape.",
    "score": "What the consensus is ordered by under the rule `centroids`.",
    "service_name": "The service's key, or `Aggregate` for the consensus.",
    "service_track_id": "The service's own id of the track; null if it gives none.",
    "source": "The source that the list was read from; null if unknown.",
    "source_name": "The service whose row names the recording and gives its address.",
    "sources": "By service, the recording's position on its list.",
    "stale": "Whether the list is an older one, because a later try failed.",
    "stale_discount": "What the weight of a list is multiplied by while it is stale.",
    "stale_services": "The services whose lists are not fresh.",
    "stale_since": "Since when the list could not be read; null if it could.",
    "state": "How it is.",
    "status": "How the recording moved: new, re, up, down or same; of an answer, success or error.",
    "timestamp": "When the report was made.",
    "track_id": "What the recording is known by: its ISRC, or `Service:id` while none is known.",
    "track_name": "The recording's title.",
    "track_url": "The recording's address on the service `source_name`.",
    "tracks": "The rows in order.",
    "upstream": "Where the data come from: live, sandbox or replay.",
    "view_count_data_json": "By source of counts, the first count of the chart week and the last.",
    "view_counts": "By source of counts, `[time, gain on the reading before]`, oldest first.",
    "weeks_on_chart": "The chart weeks in which the recording was on the chart, this one included.",
    "weights": "By service, the weight of its list.",
    "youtube_url": "The recording's video on YouTube; null if unknown.",
}

FORMATS = {
    "current_timestamp": "date-time",
    "initial_timestamp": "date-time",
    "peak_date": "date",
    "timestamp": "date-time",
}
"""The formats of texts that the documents' models leave open."""


def describe(schemas: dict[str, dict[str, Any]]) -> None:
    """Gives each property of these schemas without a description or a format the one of these lists."""
    for schema in schemas.values():
        for name, one in schema.get("properties", {}).items():
            if name in GLOSSARY:
                one.setdefault("description", GLOSSARY[name])
            for variant in (one, *one.get("anyOf", [])):
                if name in FORMATS and variant.get("type") == "string":
                    variant.setdefault("format", FORMATS[name])
