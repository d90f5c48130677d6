"""What web nodes ring the worker for, as both know it."""

LOOK_TASK = "chatapp.look"
LOOK_RING_SECONDS = 60.0  # by then web nodes have looked themselves
