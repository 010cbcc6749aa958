"""Export the torchvision families to ONNX at random, calibrated weights, with PyTorch's own copy beside each.

For every NAME: NAME.onnx (input 'input', N×3×S×S; output 'logits', N×1000; N dynamic) and NAME.pt (the state
dictionary of the same weights). Runs on Debian's python3-torch and python3-torchvision.
"""

import argparse
import os
import pathlib
import warnings

import torch

from families import FAMILIES, build, calibrate, random_images, seed_of


def export(name, folder, opset):
    """Write NAME.pt and NAME.onnx (NAME-opsetK.onnx for another operator set than 13) into the folder."""
    torch.manual_seed(seed_of(name))
    side, _ = FAMILIES[name]
    model = build(name)
    state = folder / f"{name}.pt"
    if state.exists():
        model.load_state_dict(torch.load(state))
    else:
        calibrate(model, name)
        _whole(state, lambda path: torch.save(model.state_dict(), path))
    target = folder / (f"{name}.onnx" if opset == 13 else f"{name}-opset{opset}.onnx")
    example = random_images(2, side, torch.Generator().manual_seed(0))
    options = {
        "input_names": ["input"],
        "output_names": ["logits"],
        "opset_version": opset,
        "dynamic_axes": {"input": {0: "N"}, "logits": {0: "N"}},
    }
    _whole(target, lambda path: torch.onnx.export(model, example, path, **options))
    return target


def _whole(target, write):
    """Write under a temporary name, then rename: an interrupted export leaves no half file."""
    partial = target.with_name(target.name + ".part")
    write(str(partial))
    os.replace(partial, target)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", nargs="*", help="names (default: all)")
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path(__file__).parent.parent / "cache")
    parser.add_argument("--opset", type=int, default=13)
    parser.add_argument("--force", action="store_true", help="export again what is already there")
    arguments = parser.parse_args()
    unknown = [name for name in arguments.models if name not in FAMILIES]
    if unknown:
        parser.error(f"no such model: {', '.join(unknown)}; there are {', '.join(FAMILIES)}")
    warnings.simplefilter("ignore")
    arguments.out.mkdir(parents=True, exist_ok=True)
    for name in arguments.models or FAMILIES:
        suffix = "" if arguments.opset == 13 else f"-opset{arguments.opset}"
        if arguments.force or not (arguments.out / f"{name}{suffix}.onnx").exists():
            target = export(name, arguments.out, arguments.opset)
            print(f"{name}: {target.stat().st_size / 1e6:.1f} MB", flush=True)


if __name__ == "__main__":
    main()
