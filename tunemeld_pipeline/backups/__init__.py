"""Backups: a copy of the collections in a folder, and the way back.

`backup.py` writes a folder and restores one, signed with the installation's key (`signing.py`). `kept.py` makes the backups that nobody
has to think of: into BACKUP_DIR, tried out in a scratch database, and the oldest removed. A command, and a job of Dagster, call it.
"""
