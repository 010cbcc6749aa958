"""What both of PyTorch's sides share: JSON lines on stdin answered on stdout, and how fast its BLAS is."""

import json
import sys
import time

import torch


def serve(session, actions):
    """Answer requests {"do": action, …} by the session's methods of these names, until stdin ends."""
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if request["do"] not in actions:
                raise ValueError(f"no such action: {request['do']}")
            answer = {"ok": True, **getattr(session, request["do"])(request)}
        except Exception as error:  # Every failure belongs to one request; the caller decides.
            answer = {"ok": False, "error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


def gemm_rate(size=768):
    """A matrix product in GFLOP/s: tells a tuned BLAS (tens and more) from the reference one (2 or 3)."""
    matrix = torch.rand(size, size)
    best = float("inf")
    for _ in range(3):
        start = time.perf_counter()
        matrix @ matrix
        best = min(best, time.perf_counter() - start)
    return 2 * size**3 / best / 1e9
