"""How much of a picture is too much, and what one look may take."""

from __future__ import annotations

MAX_PIXELS = 50_000_000  # of a still picture, and of one frame
MAX_MOVING_PIXELS = 150_000_000  # of all frames of a moving one together
MAX_FRAMES = 2000
MAX_SIDE = 16_383  # of what WebP can hold
MEMORY_BYTES = 1536 * 1024**2  # of addresses; a picture of 50 megapixels takes half of it
PROCESSOR_SECONDS = 40
WALL_SECONDS = 90
OUTPUT_BYTES = 64 * 1024**2
THUMBNAILS = (360, 1080)  # the longer side, in pixels
