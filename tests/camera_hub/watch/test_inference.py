"""The shared detector: answers, drops the oldest, keeps its rate, survives a failure."""

import threading

import numpy as np
import pytest

from camera_hub.watch.inference import DirectInference, Inference, answer
from detectors.facts import Box, Detection, ModelError
from detectors.geometry import WHOLE

PICTURE = np.zeros((100, 200, 3), np.uint8)
BOX = Box(0.25, 0.25, 0.5, 0.5)


class Still:
    """A detector that finds one person in the middle of whatever it gets, when let."""

    name = "still"

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.gate.set()
        self.entered = threading.Semaphore(0)
        self.shapes = []
        self.fail = False

    def detect(self, rgb):
        self.shapes.append(rgb.shape)
        self.entered.release()
        assert self.gate.wait(10)
        if self.fail:
            raise ModelError("outputs do not fit")
        return [Detection("person", 0.8, BOX)]


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def settled(look):
    """The answer, waited for."""
    assert look._done.wait(10)
    return look.result()


@pytest.fixture
def detector():
    return Still()


def test_a_crops_boxes_are_placed_in_the_picture(detector):
    (found,) = answer(detector, [(PICTURE, Box(0.5, 0.0, 1.0, 0.5))])
    assert found.box == Box(0.625, 0.125, 0.75, 0.25)


@pytest.mark.parametrize(
    ("box", "place", "kept"),
    [
        (Box(0.0, 0.2, 0.3, 0.6), Box(0.0, 0.0, 0.5, 1.0), True),
        (Box(0.0, 0.2, 0.3, 0.6), Box(0.2, 0.0, 0.7, 1.0), False),
        (Box(0.8, 0.2, 1.0, 0.6), Box(0.2, 0.0, 0.7, 1.0), False),
        (Box(0.8, 0.2, 1.0, 0.6), Box(0.5, 0.0, 1.0, 1.0), True),
        (Box(0.2, 0.7, 0.4, 1.0), Box(0.0, 0.0, 1.0, 0.5), False),
        (Box(0.2, 0.0, 0.4, 0.3), Box(0.0, 0.5, 1.0, 1.0), False),
        (Box(0.0, 0.0, 1.0, 1.0), WHOLE, True),
    ],
)
def test_what_an_inner_edge_cuts_is_left_to_another_look(box, place, kept):
    class Cut:
        name = "cut"

        def detect(self, rgb):
            return [Detection("person", 0.8, box)]

    assert bool(answer(Cut(), [(PICTURE, place)])) == kept


def test_a_look_is_answered(detector):
    inference = Inference(detector, 100)
    look = inference.submit([(PICTURE, WHOLE)])
    assert settled(look) == [Detection("person", 0.8, BOX)]
    assert look.done()
    assert look.crops == ()
    inference.close()
    assert (inference.name, inference.counts.calls, inference.counts.looks) == ("still", 1, 1)


def test_a_full_queue_drops_its_oldest(detector):
    detector.gate.clear()
    inference = Inference(detector, 4, patience=0.5)
    first = inference.submit([(PICTURE, WHOLE)])
    assert detector.entered.acquire(timeout=10)
    waiting = [inference.submit([(PICTURE, WHOLE)]) for _ in range(3)]
    assert waiting[0].done()
    assert waiting[0].result() is None
    assert not waiting[1].done()
    detector.gate.set()
    assert all(settled(look) for look in (first, *waiting[1:]))
    inference.close()
    assert inference.counts.dropped == 1


def test_the_rate_holds_over_all_cameras(detector):
    clock = Clock()
    inference = Inference(detector, 4, patience=10, clock=clock)
    looks = [inference.submit([(PICTURE, WHOLE)]) for _ in range(6)]
    assert all(settled(look) for look in looks[:4])
    assert detector.entered.acquire(timeout=10)
    assert not looks[4].done()
    assert inference.counts.calls == 4
    clock.now += 0.5
    with inference._wake:
        inference._wake.notify()
    assert settled(looks[4])
    assert settled(looks[5])
    assert inference.counts.calls == 6
    inference.close()


def test_a_failing_look_ends_nothing(detector):
    errors = []
    inference = Inference(detector, 100, on_error=errors.append)
    detector.fail = True
    assert settled(inference.submit([(PICTURE, WHOLE)])) is None
    detector.fail = False
    assert settled(inference.submit([(PICTURE, WHOLE)]))
    inference.close()
    assert [str(e) for e in errors] == ["outputs do not fit"]
    assert inference.counts.failed == 1


def test_closing_settles_what_waits_and_refuses_more(detector):
    detector.gate.clear()
    inference = Inference(detector, 1000)
    running = inference.submit([(PICTURE, WHOLE)])
    assert detector.entered.acquire(timeout=10)
    waiting = inference.submit([(PICTURE, WHOLE)])
    closer = threading.Thread(target=inference.close)
    closer.start()
    assert settled(waiting) is None
    detector.gate.set()
    closer.join(10)
    assert settled(running)
    assert settled(inference.submit([(PICTURE, WHOLE)])) is None
    inference.close()


def test_the_direct_form_answers_at_once_and_keeps_the_rate_in_stream_time(detector):
    now = [0.0]
    inference = DirectInference(detector, 2, lambda: now[0])
    looks = [inference.submit([(PICTURE, WHOLE)]) for _ in range(3)]
    assert [bool(look.result()) for look in looks] == [True, True, False]
    assert all(look.done() for look in looks)
    now[0] = 0.5
    assert inference.submit([(PICTURE, WHOLE)]).result()
    assert (inference.counts.calls, inference.counts.dropped) == (3, 1)
