"""Dumps: all charts, lists and histories as Parquet files by month, for other people's research.

`tables.py` says which rows and columns there are, `parquet.py` writes them, and `dump.py` keeps the folder: its manifest with checksums,
what is made, and what is removed. All is read as visitors may see it; what the services themselves sent is never in a dump.
"""
