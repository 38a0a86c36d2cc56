"""The one `Rendered` of this process, which the layer in front, the views, health and metrics share.

Nothing else belongs here.
"""

from django.conf import settings

from django_backend.rendered import Rendered

RENDERED = Rendered(settings.TUNEMELD, settings.CATALOG)
