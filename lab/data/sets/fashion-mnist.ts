import { addedIdxSet, type IdxSet } from './idx-set.ts';

const summary = 'Fashion-MNIST, articles of clothing. H. Xiao, K. Rasul, R. Vollgraf 2017';
const names = [
  'T-shirt/top',
  'Trouser',
  'Pullover',
  'Dress',
  'Coat',
  'Sandal',
  'Shirt',
  'Sneaker',
  'Bag',
  'Ankle boot',
];

const set: IdxSet = {
  name: 'fashion-mnist',
  summary,
  classes: names.map((name) => ({ name })),
  height: 28,
  width: 28,
  counts: { train: 60_000, test: 10_000 },
  balanced: true,
  // As the README of the authors' repository gives them.
  md5: {
    'train-images-idx3-ubyte': '8d4fb7e6c68d591d4c3dfef9ec88bf0d',
    'train-labels-idx1-ubyte': '25c81989df183df01b3e8a0aad5dffbe',
    't10k-images-idx3-ubyte': 'bef4ecab320f06d8554ea6380940ec79',
    't10k-labels-idx1-ubyte': 'bb300cfdad3c16e7a12a480ee83cd310',
  },
};

/** Fashion-MNIST, from its four original files. */
export const fashionMnist = addedIdxSet(set, {
  home: 'https://github.com/zalandoresearch/fashion-mnist',
  files: 'http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/',
  bytes: {
    'train-images-idx3-ubyte': 26_421_880,
    'train-labels-idx1-ubyte': 29_515,
    't10k-images-idx3-ubyte': 4_422_102,
    't10k-labels-idx1-ubyte': 5_148,
  },
});
