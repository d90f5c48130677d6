"""What is counted of pictures that people send: what became of each, and when."""

from __future__ import annotations

from chatapp.metrics.registry import Registry

OUTCOMES = ("ready", "damaged", "too_large", "gone")
_LOOK_SECONDS = (0.5, 1, 2, 5, 10, 20, 60, 300)


class PictureMetrics(Registry):
    def __init__(self) -> None:
        super().__init__()
        self._looks = self._counter(
            "chat_looks", "Pictures that came to this node, by what became of them.", outcome=OUTCOMES
        )
        self._look_seconds = self._histogram(
            "chat_look_seconds", "From a picture's last byte to what became of it.", _LOOK_SECONDS
        )

    def looked(self, outcome: str, seconds: float) -> None:
        """``outcome`` is one of ``OUTCOMES``."""
        self._looks.labels(outcome).inc()
        self._look_seconds.observe(seconds)
