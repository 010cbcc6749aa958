"""Carlini and Wagner's L2 attack in PyTorch, after their published code, on a network of dense layers.

torch_cw.py MODEL.onnx COUNT STEPS ROUNDS IMAGES LABELS

Targeted: image i towards class (label + 1 + i mod 9) mod 10. Prints one JSON line: distances, successes, gradients.
"""

import json
import sys

import numpy as np
import onnx
import torch
from onnx import numpy_helper

RATE, FIRST, HUGE = 0.01, 1e-3, 1e10


def network(path):
    graph = onnx.load(path).graph
    arrays = {one.name: torch.tensor(numpy_helper.to_array(one)) for one in graph.initializer}
    layers = [node for node in graph.node if node.op_type == "Gemm"]
    assert all(a.i == 0 for node in layers for a in node.attribute if a.name in ("transA", "transB"))

    def logits(x):
        for index, node in enumerate(layers):
            x = x @ arrays[node.input[1]] + arrays[node.input[2]]
            if index < len(layers) - 1:
                x = torch.relu(x)
        return x

    return logits


def attack(logits, origin, targets, steps, rounds):
    """The nearest success of each image; constants by binary search, every descent from the image itself."""
    count = len(origin)
    low, high, constant = torch.zeros(count), torch.full((count,), HUGE), torch.full((count,), FIRST)
    start = torch.atanh((2 * origin - 1) * 0.999999)
    reference = (torch.tanh(start) + 1) / 2
    nearest, best, gradients = torch.full((count,), HUGE), origin.clone(), 0
    wanted = torch.nn.functional.one_hot(targets, 10).bool()
    for number in range(rounds):
        move = torch.zeros_like(origin, requires_grad=True)
        adam = torch.optim.Adam([move], lr=RATE)
        if rounds >= 10 and number == rounds - 1:
            constant = high.clone()
        reached, before = torch.zeros(count, dtype=torch.bool), float("inf")
        for step in range(steps):
            x = (torch.tanh(start + move) + 1) / 2
            z = logits(x)
            gradients += count
            behind = z.masked_fill(wanted, -1e4).max(1).values - z[wanted]
            square = ((x - reference) ** 2).sum(1)
            loss = (constant * torch.clamp(behind, min=0) + square).sum()
            adam.zero_grad()
            loss.backward()
            adam.step()
            if step % (steps // 10) == 0:
                if loss.item() > before * 0.9999:
                    break
                before = loss.item()
            success = behind.detach() < 0
            reached |= success
            nearer = success & (square.detach() < nearest)
            nearest[nearer] = square.detach()[nearer]
            best[nearer] = x.detach()[nearer]
        high = torch.where(reached, torch.minimum(high, constant), high)
        low = torch.where(reached, low, torch.maximum(low, constant))
        constant = torch.where(high < HUGE, (low + high) / 2, constant * 10)
    return best, gradients


def main():
    model, count, steps, rounds, images, labels = sys.argv[1:]
    count = int(count)
    origin = np.fromfile(images, dtype=np.uint8)[16:].reshape(-1, 784)[:count] / 255.0
    classes = np.fromfile(labels, dtype=np.uint8)[8:][:count].astype(int)
    targets = torch.tensor([(label + 1 + i % 9) % 10 for i, label in enumerate(classes)])
    logits = network(model)
    origin = torch.tensor(origin, dtype=torch.float32)
    made, gradients = attack(logits, origin, targets, int(steps), int(rounds))
    with torch.no_grad():
        success = (logits(made).argmax(1) == targets).tolist()
    distances = torch.linalg.vector_norm(made - origin, dim=1).tolist()
    print(json.dumps({"distances": distances, "success": success, "gradients": gradients}))


main()
