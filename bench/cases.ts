/** The models of the comparison, as `python/families.py` exports them. */

export interface Case {
  /** torchvision's name, and that of the file in `cache/`. */
  readonly name: string;
  /** Side of the square input in pixels. */
  readonly side: number;
  /** Is it among the models for which a speed is aimed at? Compared by default. */
  readonly goal: boolean;
}

export const CASES: readonly Case[] = [
  { name: 'squeezenet1_1', side: 224, goal: true },
  { name: 'resnet18', side: 224, goal: true },
  { name: 'resnet50', side: 224, goal: true },
  { name: 'mobilenet_v2', side: 224, goal: true },
  { name: 'efficientnet_b0', side: 224, goal: true },
  { name: 'inception_v3', side: 299, goal: true },
  { name: 'convnext_tiny', side: 224, goal: true },
  { name: 'vit_b_16', side: 224, goal: true },
  { name: 'swin_t', side: 224, goal: false },
  { name: 'mobilenet_v3_small', side: 224, goal: false },
  { name: 'mobilenet_v3_large', side: 224, goal: false },
  { name: 'densenet121', side: 224, goal: false },
  { name: 'googlenet', side: 224, goal: false },
  { name: 'shufflenet_v2_x1_0', side: 224, goal: false },
  { name: 'mnasnet0_5', side: 224, goal: false },
  { name: 'mnasnet1_0', side: 224, goal: false },
  { name: 'regnet_y_400mf', side: 224, goal: false },
  { name: 'alexnet', side: 224, goal: false },
  { name: 'vgg11', side: 224, goal: false },
];
