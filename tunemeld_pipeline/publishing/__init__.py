"""What visitors get: the API's responses as bytes, and the shared cache that keeps them.

The last step of a run has `responses.py` render a genre's new version (`playlist_data.py` in the shape of the older page) and write it to
the cache of `cache.py`. A worker of the API looks there first, and else renders the same response from the database. `past_days.py` puts
the charts of past days together, for requests and for rollbacks.
"""
