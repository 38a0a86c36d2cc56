"""The only code that touches collections.

A caller opens a store through `connection.py`, asks it for one thing by name, and gets documents of `charts/documents.py` back; the
driver's errors come out as those of `errors.py`.
"""
