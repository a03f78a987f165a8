"""What a masked camera's tap gets in place of the camera's packets: its masked pictures, encoded anew."""

from __future__ import annotations

from collections.abc import Callable

from camera_hub.live.tap import Tap
from camera_hub.stream.encode import Encoder
from detectors.facts import Rgb


class Masked:
    """Encodes one pull's analysed pictures while somebody draws video from the tap. Used in the pull's thread."""

    def __init__(self, tap: Tap, *, rate: float) -> None:
        self._tap = tap
        self._rate = rate
        self._encoder: Encoder | None = None
        self._size: tuple[int, int] | None = None

    def show(self, picture: Callable[[], Rgb], size: tuple[int, int], at: float, received: float) -> None:
        """Hand on a masked picture of `size` (width, height), which is made only if it is wanted."""
        if not self._tap.wants_packets:
            if self._encoder is not None:
                self._encoder = None
                self._tap.forget()
            return
        if self._encoder is None or size != self._size:
            self._encoder, self._size = Encoder(*size, rate=self._rate), size
        packet = self._encoder.encode(picture(), at, received)
        if packet is not None:
            self._tap.packet(packet)
