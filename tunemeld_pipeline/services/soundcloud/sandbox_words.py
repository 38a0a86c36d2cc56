"""How uploaders word a recording on SoundCloud, in the sandbox's answers."""

from tunemeld_pipeline.sandbox.world import Recording


def title(recording: Recording) -> str:
    """A title as uploaders word it: "Artist - Song ft. Guest (Somebody Remix)", "Song (feat. Guest)", and other ways."""
    form = recording.chance("soundcloud title")
    guests = " & ".join(artist.name for artist in recording.featured)
    song = recording.title
    if guests:
        song += f" ft. {guests}" if form < 0.35 else f" (feat. {guests})"
    if recording.version:
        song += f" ({recording.version})"
    if form > 0.92:
        song = song.upper() if form > 0.96 else song.lower()
    joint = ", " if recording.chance("soundcloud joint") < 0.5 else " & "
    artists = joint.join(artist.name for artist in recording.artists)
    if form < 0.52 or recording.chance("uploaded by the label") < 0.12:
        return f"{artists} - {song}"
    if form < 0.54:
        return f"{song} - {artists}"
    return song


def duration_ms(recording: Recording) -> int:
    """The length of the file uploaded here: up to 2 s longer or shorter than on Spotify."""
    return recording.duration_ms + int((recording.chance("soundcloud length") - 0.5) * 4000)
