"""What the worker is rung for, as it and web nodes know it."""

CLEANUP_TASK = "chatapp.cleanup"
LOOK_TASK = "chatapp.look"
LOOK_RING_SECONDS = 60.0  # by then web nodes have looked themselves
