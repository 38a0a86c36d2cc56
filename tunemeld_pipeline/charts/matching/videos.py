"""Which YouTube video is a recording's own?

This module judges a video by its title and channel, and chooses among search results; `upstream/lookups.py` does the searching. The
words and lengths of a video are its uploader's, so what counts besides the same title, artist and version is who uploaded it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from tunemeld_pipeline.charts.matching.artists import Name, same_name, split_names
from tunemeld_pipeline.charts.matching.folding import compact, fold, repair
from tunemeld_pipeline.charts.matching.judge import NEAREST_FIRST, Judgement, Verdict, judge
from tunemeld_pipeline.charts.matching.rows import Row
from tunemeld_pipeline.charts.matching.titles import parse_title


@dataclass(frozen=True, slots=True)
class Video:
    """One search result: the video's id, its title (HTML entities and all), and the name of its channel."""

    video_id: str
    title: str
    channel: str


@dataclass(frozen=True, slots=True)
class VideoChoice:
    """The chosen video and why it is taken for the recording's."""

    video: Video
    judgement: Judgement


ARTISTS_CHANNEL = 0.97
OFFICIAL_ELSEWHERE = 0.9
OTHER_CHANNEL = 0.75
LYRICS_ELSEWHERE = 0.6
"""Confidence by who uploaded: the artist; somebody who calls it official, such as a label; anybody; a stranger, with lyrics."""

# What people do to a song on YouTube that no service's title says. Folded words, searched outside the song's own title.
_NOT_THE_RECORDING = re.compile(
    r"\breact(?:s|ion|ing)?\b|\breview\b|\btutorial\b|\blesson\b|\bhow to (?:play|sing)\b|\bguitar tabs?\b|\bdrum cover\b"
    r"|\bbehind the scenes\b|\bmaking of\b|\bteaser\b|\btrailer\b|\bpreview\b|\bsnippet\b|\binterview\b|\bparody\b"
    r"|\bdance practice\b|\bchoreography\b|\bperformance video\b|\b(?:full|dj) (?:album|set)\b|\bplaylist\b|\bcompilation\b"
    r"|\bshorts\b|\bcovers?\b|\bkaraoke\b|\bnightcore\b|\bsped up\b|\bslowed\b|\b8d\b|\b\d+ hours?\b"
    r"|\bawards?\b|\bfestival\b|\bconcert\b|\b(?:world|arena|stadium) tour\b|\b(?:tonight|late|late night) show\b"
    r"|\blive (?:at|from|in|on|performance)\b"
)
_BRACKETS = re.compile(r"\s*[(\[].*?[)\]]")
_OFFICIAL = re.compile(r"\bofficial\b|\bm ?v\b|\bmusic video\b|\bvisuali[sz]er\b")
_LYRICS = re.compile(r"\blyrics?\b|\bletra\b|\bparoles\b|\bkaraoke\b")
_TOPIC_OR_VEVO = re.compile(r"(?i)\s*-\s*topic$|vevo$")
_CHANNEL_WORDS = re.compile(r"\b(?:official|music|channel|tv|band|oficial|artist)\b")
_QUOTED_TITLE = re.compile(r"^(?P<artist>[^'\"‘“「]+?)(?:\s+['\"‘“]|\s*[「『])(?P<title>.+?)['\"’”」』](?P<rest>.*)$")


def judge_video(row: Row, video_title: str, channel: str) -> Judgement:
    """Whether a video plays this recording, and how surely it is the upload to count.

    Same title, artist and version make it `SAME`, with the confidence of its uploader's class (see above). A cover, a reaction,
    a live take or another version is `DIFFERENT`. The judgement is made without lengths.
    """
    words = fold(video_title)
    owned = _is_artists_channel(row, channel)
    official = _OFFICIAL.search(words) is not None
    titles = _ways_to_read(repair(video_title), cut=owned or official)
    # On the artist's own channel the title need not name the artist.
    artist = row.artist if owned else ""
    found = min(
        (
            judge(replace(row, isrc=None), Row(title, artist, uploader=None if owned else _plain_channel(channel)))
            for title in titles
        ),
        key=lambda judgement: (NEAREST_FIRST.index(judgement.verdict), -judgement.confidence, judgement.evidence),
    )
    foreign = _NOT_THE_RECORDING.search(words.replace(parse_title(row.title, row.artist, row.uploader).key, " "))
    if foreign is not None and not _NOT_THE_RECORDING.search(fold(row.title)):
        return Judgement(Verdict.DIFFERENT, 0.95, f"{found.evidence}; video says {foreign[0]!r}")
    if found.verdict is not Verdict.SAME:
        return found
    if owned:
        uploader, confidence = "the artist's channel", ARTISTS_CHANNEL
    elif official:
        uploader, confidence = "called official", OFFICIAL_ELSEWHERE
    elif _LYRICS.search(words):
        uploader, confidence = "a stranger's lyric video", LYRICS_ELSEWHERE
    else:
        uploader, confidence = "another channel", OTHER_CHANNEL
    return Judgement(Verdict.SAME, confidence, f"{found.evidence}; {uploader}")


def _ways_to_read(title: str, *, cut: bool) -> list[str]:
    """A video's title as rows are titled: unchanged, taken apart as "ARTIST 'Title' MV", and without what follows "|".

    Labels list cast and label after "|". Only an official video is read without them, since elsewhere they name the occasion.
    """
    titles = [title]
    quoted = _QUOTED_TITLE.match(title)
    if quoted is not None:
        artist = _BRACKETS.sub("", quoted["artist"])
        titles.append(f"{artist} - {quoted['title']} ({quoted['rest']})")
    if cut and "|" in title:
        titles.append(title.partition("|")[0])
    return titles


def best_video(row: Row, candidates: Iterable[Video]) -> VideoChoice | None:
    """The video to count for a recording: the surest of those that are `SAME`, the first of equals; None where no video is."""
    choices = [VideoChoice(video, judge_video(row, video.title, video.channel)) for video in candidates]
    same = [choice for choice in choices if choice.judgement.verdict is Verdict.SAME]
    return max(same, key=lambda choice: choice.judgement.confidence, default=None)


def _is_artists_channel(row: Row, channel: str) -> bool:
    plain = split_names(_plain_channel(channel))
    return any(
        _owns(name, owner) for name in parse_title(row.title, row.artist, row.uploader).credits for owner in plain
    )


def _owns(name: Name, owner: Name) -> bool:
    return same_name(name, owner) or compact(name.folded) == compact(_CHANNEL_WORDS.sub(" ", owner.folded))


def _plain_channel(channel: str) -> str:
    """The channel's name without "- Topic", which YouTube adds to channels that it makes itself, and "VEVO"."""
    return _TOPIC_OR_VEVO.sub("", repair(channel)).strip()
