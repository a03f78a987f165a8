"""One process that pulls streams and looks for motion, or does it the plain way: started by `pull`, told on stdin.

Reads one line of JSON, {"way": "full" | "keyframes" | "plain", "urls": […], "windows": n, "window_s": s}; answers one
line with the CPU of this process (and of its ffmpeg children, the plain way) per stream-second of each window, how many
pictures were looked at, and memory.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
import psutil

from camera_hub.stream.decode import Decoder
from camera_hub.stream.source import open_source
from detectors.motion import MotionDetector
from registry.errors import HubError

FPS = 5.0
WIDTH, HEIGHT = 320, 180
_STAGGER_S = 0.05
_SETTLE_S = 5.0


@dataclass
class Counts:
    """Shared by all threads; each adds to its own slot."""

    looked: list[int]
    failed: list[str] = field(default_factory=list)
    children: list[subprocess.Popen[bytes]] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)


def ours(number: int, url: str, counts: Counts, *, keyframes_only: bool) -> None:
    """Pull, decode and look for motion, as a worker does."""
    try:
        source = open_source(url, allow_loopback=True)
    except HubError as err:
        counts.failed.append(err.hint)
        return
    decoder = Decoder(source.params, keyframes_only=keyframes_only, rate=FPS)
    motion = MotionDetector()
    try:
        for packet in source.packets():
            for frame in decoder.decode(packet):
                motion.look(frame.luma, frame.at)
                counts.looked[number] += 1
            if counts.stop.is_set():
                return
    except HubError as err:
        counts.failed.append(err.hint)
    finally:
        decoder.close()
        source.close()


def plain(number: int, url: str, counts: Counts) -> None:
    """An ffmpeg process for the camera, scaling to small grey pictures; OpenCV's MOG2 on what its pipe brings."""
    command = ["ffmpeg", "-nostdin", "-loglevel", "quiet", "-rtsp_transport", "tcp", "-threads", "1", "-i", url]
    command += [
        "-an",
        "-r",
        f"{FPS:g}",
        "-vf",
        f"scale={WIDTH}:{HEIGHT}",
        "-pix_fmt",
        "gray",
        "-f",
        "rawvideo",
        "pipe:1",
    ]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    counts.children.append(child)
    assert child.stdout is not None
    mog2 = cv2.createBackgroundSubtractorMOG2()
    size = WIDTH * HEIGHT
    while not counts.stop.is_set():
        picture = child.stdout.read(size)
        if len(picture) < size:
            break
        mask = mog2.apply(np.frombuffer(picture, np.uint8).reshape(HEIGHT, WIDTH))
        cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        counts.looked[number] += 1


def cpu_s(counts: Counts) -> float:
    """CPU seconds of this process and its live children."""
    own = time.process_time()
    for child in counts.children:
        times = psutil.Process(child.pid).cpu_times()
        own += times.user + times.system
    return own


def memory_mb(counts: Counts) -> float:
    """Memory that would come free if this process (and its children) went."""
    processes = [psutil.Process(), *(psutil.Process(child.pid) for child in counts.children)]
    return float(sum(process.memory_full_info().uss for process in processes)) / 2**20


def main() -> None:
    """Pull, measure, answer."""
    cv2.setNumThreads(1)
    order: dict[str, Any] = json.loads(sys.stdin.readline())
    urls, way = order["urls"], order["way"]
    counts = Counts([0] * len(urls))
    memory = [(0, memory_mb(counts))]
    threads: list[threading.Thread] = []
    for number, url in enumerate(urls):
        keywords = {} if way == "plain" else {"keyframes_only": way == "keyframes"}
        work = plain if way == "plain" else ours
        threads.append(threading.Thread(target=work, args=(number, url, counts), kwargs=keywords))
        threads[-1].start()
        time.sleep(_STAGGER_S)
        if number + 1 == len(urls) // 4:
            time.sleep(_SETTLE_S)
            memory.append((number + 1, memory_mb(counts)))
    time.sleep(_SETTLE_S)
    windows = []
    for _ in range(order["windows"]):
        cpu, at, looked = cpu_s(counts), time.monotonic(), sum(counts.looked)
        time.sleep(order["window_s"])
        seconds = (time.monotonic() - at) * len(urls)
        windows.append(((cpu_s(counts) - cpu) * 1000 / seconds, (sum(counts.looked) - looked) / seconds))
    memory.append((len(urls), memory_mb(counts)))
    answer = {"windows": windows, "memory": memory, "failed": counts.failed, "idle": counts.looked.count(0)}
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()
    counts.stop.set()
    for child in counts.children:
        child.kill()
        child.wait()
    # A thread still inside FFmpeg when the interpreter goes would ask a dead interpreter for the time, and crash.
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main()
