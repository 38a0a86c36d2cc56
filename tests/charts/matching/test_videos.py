"""Which video is a recording's own."""

import pytest

from tunemeld_pipeline.charts.matching.judge import Verdict
from tunemeld_pipeline.charts.matching.rows import Row
from tunemeld_pipeline.charts.matching.videos import Video, best_video, judge_video

SONG = Row("Glass Rivers (feat. Ona Vale)", "Marrow & Kestrel", 188_000, isrc="QZAAA2400001")


def test_the_artists_own_video_is_best() -> None:
    candidates = [
        Video("1", "Marrow &amp; Kestrel - Glass Rivers (Lyrics)", "Lyric Planet"),
        Video("2", "Marrow & Kestrel - Glass Rivers ft. Ona Vale (Official Video)", "MarrowVEVO"),
        Video("3", "Marrow & Kestrel - Glass Rivers [Official Audio]", "Tidal Dock"),
    ]
    choice = best_video(SONG, candidates)
    assert choice is not None
    assert choice.video.video_id == "2"


@pytest.mark.parametrize(
    ("title", "channel"),
    [
        ("Glass Rivers", "Marrow - Topic"),
        ("Glass Rivers (feat. Ona Vale)", "Kestrel"),
        ("Marrow & Kestrel 'Glass Rivers' MV", "Marrow Official"),
        ("Marrow &amp; Kestrel - Glass Rivers | Official Music Video | Tidal Dock", "Marrow"),
        ("MARROW & KESTREL - GLASS RIVERS (VISUALIZER)", "Ona Vale"),
    ],
)
def test_every_shape_of_an_artists_video(title: str, channel: str) -> None:
    found = judge_video(SONG, title, channel)
    assert (found.verdict, found.confidence) == (Verdict.SAME, 0.97)


def test_uploaders_rank_from_artist_to_stranger() -> None:
    own = judge_video(SONG, "Marrow - Glass Rivers", "Marrow")
    label = judge_video(SONG, "Marrow - Glass Rivers (Official Video)", "Tidal Dock")
    other = judge_video(SONG, "Marrow - Glass Rivers", "Tidal Dock")
    lyrics = judge_video(SONG, "Marrow - Glass Rivers (Lyrics)", "Lyric Planet")
    assert own.confidence > label.confidence > other.confidence > lyrics.confidence


@pytest.mark.parametrize(
    ("title", "channel", "why"),
    [
        ("Marrow - Glass Rivers", "Marrow", "the artist's channel"),
        ("Marrow - Glass Rivers (Official Video)", "Tidal Dock", "called official"),
        ("Marrow - Glass Rivers (Lyrics)", "Lyric Planet", "a stranger's lyric video"),
        ("Marrow - Glass Rivers", "Tidal Dock", "another channel"),
        ("Marrow - Glass Rivers reaction", "Marrow", "video says 'reaction'"),
    ],
)
def test_a_judgement_on_a_video_says_whose_it_is(title: str, channel: str, why: str) -> None:
    evidence = judge_video(SONG, title, channel).evidence
    assert evidence.startswith("title ")
    assert evidence.split("; ")[-1] == why


@pytest.mark.parametrize(
    "title",
    [
        "Glass Rivers - Marrow (cover by Jo)",
        "REACTING to Marrow - Glass Rivers",
        "Marrow - Glass Rivers (Live at Pier 9)",
        "Marrow - Glass Rivers (Sped Up)",
        "Marrow - Glass Rivers (Odile Remix)",
        "Marrow - Glass Rivers [1 Hour]",
        "Marrow - Glass Rivers | Harbour Music Awards 2024 | Official",
        "Marrow - Glass Rivers (Karaoke Version)",
        "Marrow - Paper Moon Motel (Official Video)",
        "Quiet Ukulele Society - Glass Rivers (Official Video)",
    ],
)
def test_what_is_not_the_recording_is_not_taken(title: str) -> None:
    assert judge_video(SONG, title, "Marrow").verdict is not Verdict.SAME
    assert best_video(SONG, [Video("1", title, "Jo Covers Things")]) is None


def test_a_strangers_video_that_names_no_artist_is_not_taken() -> None:
    assert judge_video(SONG, "Glass Rivers", "Somebody").verdict is Verdict.UNSURE


def test_a_remixs_video_is_the_remixs_own() -> None:
    remix = Row("Glass Rivers (Odile Remix)", "Marrow")
    assert judge_video(remix, "Marrow - Glass Rivers (Odile Remix) [Official Audio]", "Marrow").verdict is Verdict.SAME
    assert judge_video(remix, "Marrow - Glass Rivers (Official Video)", "Marrow").verdict is Verdict.DIFFERENT


def test_a_song_about_covers_can_have_a_video() -> None:
    assert judge_video(Row("Cover Me", "Marrow"), "Marrow - Cover Me", "Marrow").verdict is Verdict.SAME


def test_no_candidates_no_video() -> None:
    assert best_video(SONG, []) is None


def test_the_row_can_name_its_artist_by_its_uploader_or_its_title() -> None:
    row = Row("Marrow - Glass Rivers", "Tidal Dock", uploader="Marrow")
    assert judge_video(row, "Glass Rivers", "Marrow").evidence.endswith("the artist's channel")


def test_a_channels_own_words_make_it_no_other_artist() -> None:
    song = Row("Glass Rivers", "Ona Vale")
    assert (
        judge_video(song, "Glass Rivers", "OnaValeChannel").confidence
        <= judge_video(song, "Glass Rivers", "Ona Vale").confidence
    )
    assert judge_video(song, "Ona Vale - Glass Rivers | Quay Records | 2024", "Ona Vale").verdict is Verdict.SAME
    assert judge_video(song, "Ona Vale - Glass Rivers | Quay Awards", "Tidal Dock").verdict is not Verdict.SAME
    assert (
        judge_video(song, "Ona Vale - Glass Rivers (Official Video) | Quay | 2024", "Tidal Dock").verdict
        is Verdict.SAME
    )
