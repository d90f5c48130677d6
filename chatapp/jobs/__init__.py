"""The time edge: what happens because time has passed, not because somebody asked.

``plan`` decides, ``cleanup`` does it, ``app`` is the Celery app that rings. ``plan`` and
``cleanup`` know nothing of Celery: a web node runs them too when nobody else does.
"""
