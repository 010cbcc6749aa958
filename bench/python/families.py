"""The torchvision classifiers that the bench compares, and how each is built at random, calibrated weights."""

import zlib

import torch
import torchvision

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)
LOGIT_STD = 2.0

# name -> (side of the square input in pixels, keyword arguments of the factory)
FAMILIES = {
    "squeezenet1_1": (224, {}),
    "resnet18": (224, {}),
    "mobilenet_v2": (224, {}),
    "efficientnet_b0": (224, {}),
    "inception_v3": (299, {"aux_logits": False, "init_weights": True}),
    "convnext_tiny": (224, {}),
    "vit_b_16": (224, {}),
    "resnet50": (224, {}),
    "swin_t": (224, {}),
    "mobilenet_v3_small": (224, {}),
    "mobilenet_v3_large": (224, {}),
    "densenet121": (224, {}),
    "googlenet": (224, {"aux_logits": False, "init_weights": True}),
    "shufflenet_v2_x1_0": (224, {}),
    "mnasnet0_5": (224, {}),
    "mnasnet1_0": (224, {}),
    "regnet_y_400mf": (224, {}),
    "alexnet": (224, {}),
    "vgg11": (224, {}),
}


def seed_of(name):
    """The seed of a family: the same weights on every machine."""
    return zlib.crc32(name.encode())


def build(name):
    """The network of a family as its factory makes it, without downloaded weights; evaluation mode."""
    _, options = FAMILIES[name]
    return getattr(torchvision.models, name)(weights=None, **options).eval()


def random_images(batch, side, generator):
    """Images of noise at several scales (float32 NCHW, standardised as ImageNet's are): rough and smooth parts."""
    image = torch.zeros(batch, 3, side, side)
    for cells in (4, 16, 64, side):
        noise = torch.rand(batch, 3, cells, cells, generator=generator)
        image += torch.nn.functional.interpolate(noise, size=(side, side), mode="bilinear", align_corners=False)
    image /= 4
    image = ((image - 0.5) * 3 + 0.5).clamp(0, 1)
    mean = torch.tensor(IMAGENET_MEAN).view(1, 3, 1, 1)
    std = torch.tensor(IMAGENET_STD).view(1, 3, 1, 1)
    return (image - mean) / std


def _has_norm(model):
    kinds = (torch.nn.modules.batchnorm._BatchNorm, torch.nn.LayerNorm)
    return any(isinstance(module, kinds) for module in model.modules())


def _weighted(model):
    return [m for m in model.modules() if isinstance(m, (torch.nn.Conv2d, torch.nn.Linear))]


def _unit_variance(model, images):
    """For networks without normalisation: scale each layer's weights so that it answers with unit variance."""

    def rescale(module, _inputs, output):
        scale = output.std().item() or 1.0
        module.weight.data /= scale
        if module.bias is not None:
            module.bias.data /= scale
        return output / scale

    hooks = [module.register_forward_hook(rescale) for module in _weighted(model)]
    model(images)
    for hook in hooks:
        hook.remove()


def _fit_statistics(model, batches):
    """Let the running statistics of batch normalisation be the average over the batches."""
    norms = [m for m in model.modules() if isinstance(m, torch.nn.modules.batchnorm._BatchNorm)]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None
        norm.train()
    for images in batches:
        model(images)
    model.eval()


def _wake(model, generator):
    """Give effect to what the factories start at (nearly) zero: ConvNeXt's layer scale, ViT's head."""
    for name, parameter in model.named_parameters():
        if name.endswith("layer_scale"):
            parameter.data = 0.2 + 0.2 * torch.rand(parameter.shape, generator=generator)
        elif parameter.dim() >= 2 and not parameter.data.any():
            parameter.data = torch.randn(parameter.shape, generator=generator) * 0.02


def calibrate(model, name, batch=8, batches=2):
    """Make activations sane: fit statistics or scales on noise images, then bring the logits to LOGIT_STD."""
    side, _ = FAMILIES[name]
    generator = torch.Generator().manual_seed(seed_of(name))
    images = [random_images(batch, side, generator) for _ in range(batches)]
    with torch.no_grad():
        _wake(model, generator)
        if _has_norm(model):
            _fit_statistics(model, images)
        else:
            _unit_variance(model, images[0])
        last = _weighted(model)[-1]
        scale = LOGIT_STD / model(images[0]).std().item()
        last.weight.data *= scale
        if last.bias is not None:
            last.bias.data *= scale
    return model
