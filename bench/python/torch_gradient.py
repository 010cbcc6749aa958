"""PyTorch's side of the comparison: a process that answers JSON lines on stdin with JSON lines on stdout.

One request is one repetition, so that the caller can alternate ours and theirs:

    {"do": "versions"}                                   -> versions, threads, matrix product in GFLOP/s
    {"do": "inputs", "model", "batch", "x", "labels"}    -> writes noise images and labels to the .npy paths
    {"do": "load", "model", "threads"}                   -> the family with the weights that were exported
    {"do": "time", "what": "forward" | "gradient", "x", "labels"}  -> "milliseconds" of one repetition
    {"do": "gradient", "dtype": "float32" | "float64", "x", "labels", "out"}  -> "loss"; writes d(loss)/dx

The loss is the mean cross-entropy. Every answer has "ok"; a failed request answers with "error".
"""

import pathlib
import time

import numpy
import torch
import torchvision

from families import FAMILIES, build, random_images, seed_of
from serve import gemm_rate, serve

CACHE = pathlib.Path(__file__).parent.parent / "cache"
CLASSES = 1000


class Session:
    """The model in hand and its last images."""

    def __init__(self):
        self.model = None
        self.read = {}

    def versions(self, _request):
        return {
            "torch": torch.__version__,
            "torchvision": torchvision.__version__,
            "onednn": bool(torch.backends.mkldnn.is_available()),
            "gemmGflops": gemm_rate(),
        }

    def inputs(self, request):
        side, _ = FAMILIES[request["model"]]
        generator = torch.Generator().manual_seed(seed_of(request["model"]) + 1)
        images = random_images(request["batch"], side, generator)
        labels = torch.randint(CLASSES, (request["batch"],), generator=generator)
        numpy.save(request["x"], images.numpy())
        numpy.save(request["labels"], labels.numpy())
        return {}

    def load(self, request):
        torch.set_num_threads(request["threads"])
        self.read = {}
        self.model = build(request["model"])
        self.model.load_state_dict(torch.load(CACHE / f"{request['model']}.pt"))
        # The gradient at the input alone is compared: no time for the weights' own.
        self.model.requires_grad_(False)
        return {}

    def time(self, request):
        x, labels = self._arrays(request)
        start = time.perf_counter()
        if request["what"] == "forward":
            with torch.no_grad():
                self.model(x)
        else:
            _gradient(self.model, x, labels)
        return {"milliseconds": (time.perf_counter() - start) * 1000}

    def gradient(self, request):
        x, labels = self._arrays(request)
        dtype = getattr(torch, request["dtype"])
        loss, gradient = _gradient(self.model.to(dtype), x.to(dtype), labels)
        self.model.to(torch.float32)
        numpy.save(request["out"], gradient.numpy())
        return {"loss": loss}

    def _arrays(self, request):
        for key in ("x", "labels"):
            path = request[key]
            if path not in self.read:
                self.read[path] = torch.from_numpy(numpy.load(path))
        return self.read[request["x"]], self.read[request["labels"]]


def _gradient(model, x, labels):
    x = x.clone().requires_grad_(True)
    loss = torch.nn.functional.cross_entropy(model(x), labels)
    (gradient,) = torch.autograd.grad(loss, x)
    return loss.item(), gradient


if __name__ == "__main__":
    serve(Session(), ("versions", "inputs", "load", "time", "gradient"))
