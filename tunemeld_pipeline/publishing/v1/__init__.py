"""The answers of `/v1`, made from documents by pure functions: one module per resource, each with the models of what it answers.

`values.py` has what all of them share: the base of the models, and the one form of times and days. `links.py` says which address leads
where. `pages.py` lists the answers that are rendered once per version; all others are made on demand. Every field has a description,
from which `/openapi.json` is made. Unknown is null; there is no envelope.
"""
