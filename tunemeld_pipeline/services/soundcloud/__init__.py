"""SoundCloud."""
