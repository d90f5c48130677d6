"""The time edge: what happens because time has passed, not because somebody asked.

``plan`` decides, ``cleanup`` does it (``claimed`` is how, ``removal`` what, ``report`` what came of it), and
``app`` is the Celery app that rings. What cleans up knows nothing of Celery: a web node runs it too when
nobody else does.
"""
