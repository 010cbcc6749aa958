"""PyTorch's side of the training comparison: a process that answers JSON lines on stdin with JSON lines on stdout.

    {"do": "versions"}                          -> versions, matrix product in GFLOP/s
    {"do": "open", "recipe", "input", "classes", "threads", "count"}
                                                -> the recipe's network and optimizer, `count` images of noise
    {"do": "train", "steps", "batch"}           -> "milliseconds" of so many steps in a row, and the last "loss"

A step is what a plain PyTorch loop does: draw the next shuffled batch, forward, mean cross-entropy, backward,
optimizer step. Every answer has "ok"; a failed request answers with "error".
"""

import time

import torch
from torch import nn
from torch.nn import functional

from serve import gemm_rate, serve

ACTIVATIONS = {
    "relu": nn.ReLU,
    "relu6": nn.ReLU6,
    "leaky-relu": lambda: nn.LeakyReLU(0.2),
    "elu": nn.ELU,
    "sigmoid": nn.Sigmoid,
    "tanh": nn.Tanh,
    "swish": nn.SiLU,
    "hard-swish": nn.Hardswish,
    "gelu": nn.GELU,
}


class SamePad(nn.Module):
    """Zeros around the image so that a window gives ceil(size / stride), the odd pixel at the end."""

    def __init__(self, sizes, kernel, stride):
        super().__init__()
        total = [max(0, (-(-size // stride) - 1) * stride + kernel - size) for size in sizes]
        before = [pad // 2 for pad in total]
        self.pads = (before[1], total[1] - before[1], before[0], total[0] - before[0])

    def forward(self, x):
        return functional.pad(x, self.pads)


class Residual(nn.Module):
    def __init__(self, body, shortcut):
        super().__init__()
        self.body = body
        self.shortcut = shortcut

    def forward(self, x):
        return self.body(x) + self.shortcut(x)


def convolution(layer, shape):
    """A convolution; padding that is equal on all sides is left to the operator, as people write it."""
    channels, *sizes = shape
    depthwise = layer["type"] == "depthwise-conv"
    filters = channels if depthwise else layer["filters"]
    groups = channels if depthwise else layer.get("groups", 1)
    kernel, stride = layer["kernel"], layer.get("stride", 1)
    options = {"stride": stride, "groups": groups, "bias": layer.get("bias", True)}
    if layer.get("padding", "valid") == "valid":
        return [nn.Conv2d(channels, filters, kernel, **options)]
    pad = SamePad(sizes, kernel, stride)
    left, right, top, bottom = pad.pads
    if left == right and top == bottom:
        return [nn.Conv2d(channels, filters, kernel, padding=(top, left), **options)]
    return [pad, nn.Conv2d(channels, filters, kernel, **options)]


def modules(layer, shape):
    """The modules of one layer of a recipe."""
    kind = layer["type"]
    if kind in ("conv", "depthwise-conv"):
        return convolution(layer, shape)
    if kind == "dense":
        flat = torch.Size(shape).numel()
        return [nn.Flatten(), nn.Linear(flat, layer["units"], bias=layer.get("bias", True))]
    if kind == "batch-norm":
        norm = nn.BatchNorm2d if len(shape) == 3 else nn.BatchNorm1d
        return [norm(shape[0], eps=layer.get("epsilon", 1e-5), momentum=1 - layer.get("momentum", 0.9))]
    if kind in ("max-pool", "average-pool") and layer.get("padding", "valid") == "valid":
        pool = nn.MaxPool2d if kind == "max-pool" else nn.AvgPool2d
        return [pool(layer["kernel"], layer.get("stride", layer["kernel"]))]
    if kind == "global-average-pool":
        return [nn.AdaptiveAvgPool2d(1), nn.Flatten()]
    if kind == "flatten":
        return [nn.Flatten()]
    if kind == "dropout":
        return [nn.Dropout(layer["rate"])]
    if kind == "activation":
        return [ACTIVATIONS[layer["function"]]()]
    if kind == "residual":
        return [Residual(build(layer["body"], shape), build(layer.get("shortcut", []), shape))]
    raise ValueError(f"the comparison has no layer {kind}")


def build(layers, shape):
    """The network of a recipe for inputs C×H×W; shapes are found by running it."""
    network = nn.Sequential()
    for layer in layers:
        for module in modules(layer, shape):
            network.append(module)
            with torch.no_grad():
                shape = tuple(module.eval()(torch.zeros(1, *shape)).shape[1:])
    return network


def optimizer(spec, parameters, decay):
    if spec["type"] == "adam":
        betas = (spec.get("beta1", 0.9), spec.get("beta2", 0.999))
        kind = torch.optim.AdamW if decay else torch.optim.Adam
        return kind(parameters, lr=spec["rate"], betas=betas, weight_decay=decay)
    momentum, nesterov = spec.get("momentum", 0), spec.get("nesterov", False)
    return torch.optim.SGD(parameters, lr=spec["rate"], momentum=momentum, nesterov=nesterov, weight_decay=decay)


class Session:
    """The training in hand."""

    def __init__(self):
        self.network = self.optimizer = self.images = self.labels = self.smoothing = None

    def versions(self, _request):
        return {
            "torch": torch.__version__,
            "onednn": bool(torch.backends.mkldnn.is_available()),
            "gemmGflops": gemm_rate(),
        }

    def open(self, request):
        torch.set_num_threads(request["threads"])
        torch.manual_seed(1)
        recipe = request["recipe"]
        shape = [request["input"][axis] for axis in ("channels", "height", "width")]
        self.network = build(recipe["network"]["layers"], shape).train()
        decay = recipe.get("weightDecay", 0)
        self.optimizer = optimizer(recipe["optimizer"], self.network.parameters(), decay)
        self.smoothing = recipe.get("labelSmoothing", 0)
        self.images = torch.rand(request["count"], *shape)
        self.labels = torch.randint(request["classes"], (request["count"],))
        return {"weights": sum(weight.numel() for weight in self.network.parameters())}

    def train(self, request):
        start = time.perf_counter()
        order = torch.randperm(len(self.images))
        loss = None
        for step in range(request["steps"]):
            first = step * request["batch"] % max(1, len(order) - request["batch"] + 1)
            chosen = order[first : first + request["batch"]]
            self.optimizer.zero_grad()
            logits = self.network(self.images[chosen])
            loss = functional.cross_entropy(logits, self.labels[chosen], label_smoothing=self.smoothing)
            loss.backward()
            self.optimizer.step()
        return {"milliseconds": (time.perf_counter() - start) * 1000, "loss": loss.item()}


if __name__ == "__main__":
    serve(Session(), ("versions", "open", "train"))
