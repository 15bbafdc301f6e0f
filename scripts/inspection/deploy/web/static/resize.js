// Make pictures as small as the network sees them, as training did: datasets/images/resizing.py.
// What a browser or MediaPipe does by itself looks at single pixels of a large photograph.

/** Return the pixels, RGBA, of a picture, an image or a frame of a camera. */
export function pixelsOf(source) {
  const width = source.videoWidth || source.width;
  const height = source.videoHeight || source.height;
  const pen = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  pen.drawImage(source, 0, 0);
  return pen.getImageData(0, 0, width, height);
}

/** Return a picture, as classifiers want it: bilinear over all pixels that an output covers. */
export function antialiased({ data, width, height }, [rows, columns]) {
  // Pillow rounds to whole values in between
  const wide = new Uint8ClampedArray(4 * columns * height);
  across(data, wide, height, 4, triangles(width, columns));
  return small(wide, columns, height, rows, triangles(height, rows));
}

/** Return a picture, as segmenters want it: each output the mean of the area it covers. */
export function area({ data, width, height }, [rows, columns]) {
  const weights = width >= columns && height >= rows ? shares : enlarging;
  const wide = new Float32Array(4 * columns * height);
  across(data, wide, height, 4, weights(width, columns));
  return small(wide, columns, height, rows, weights(height, rows));
}

/** Return a plane of scores in another size, bilinear between the centres of its pixels. */
export function enlarged(plane, [height, width], [rows, columns]) {
  const wide = new Float32Array(columns * height);
  across(plane, wide, height, 1, centred(width, columns));
  const whole = new Float32Array(columns * rows);
  down(wide, whole, columns, centred(height, rows));
  return whole;
}

function small(wide, columns, height, rows, weights) {
  const image = new ImageData(columns, rows);
  down(wide, image.data, 4 * columns, weights); // a clamped array rounds by itself
  return image;
}

/** For each output of one axis: the first input it looks at, and the weights from there on. */
function triangles(length, count) {
  const scale = length / count;
  const reach = Math.max(1, scale);
  return Array.from({ length: count }, (_, place) => {
    const centre = (place + 0.5) * scale;
    const first = Math.max(0, Math.trunc(centre - reach + 0.5));
    const end = Math.min(length, Math.trunc(centre + reach + 0.5));
    const weights = Array.from({ length: end - first }, (_, i) =>
      Math.max(0, 1 - Math.abs((first + i + 0.5 - centre) / reach)));
    const sum = weights.reduce((one, other) => one + other, 0);
    return [first, weights.map((weight) => weight / sum)];
  });
}

function shares(length, count) {
  const scale = length / count;
  return Array.from({ length: count }, (_, place) => {
    const [begin, end] = [place * scale, Math.min(length, (place + 1) * scale)];
    const first = Math.min(length - 1, Math.floor(begin + 1e-6));
    const weights = [];
    for (let i = first; i < end - 1e-6; i += 1) {
      weights.push((Math.min(end, i + 1) - Math.max(begin, i)) / (end - begin));
    }
    return [first, weights];
  });
}

/** As OpenCV's INTER_AREA enlarges. */
function enlarging(length, count) {
  const scale = length / count;
  return Array.from({ length: count }, (_, place) => {
    const first = Math.floor(place * scale);
    const ahead = place + 1 - (first + 1) / scale;
    return pair(first, ahead <= 0 ? 0 : ahead - Math.floor(ahead), length);
  });
}

function centred(length, count) {
  return Array.from({ length: count }, (_, place) => {
    const at = Math.min(length - 1, Math.max(0, ((place + 0.5) * length) / count - 0.5));
    return pair(Math.floor(at), at - Math.floor(at), length);
  });
}

function pair(first, share, length) {
  return first + 1 < length ? [first, [1 - share, share]] : [length - 1, [1]];
}

function across(from, into, height, channels, weights) {
  const step = from.length / height;
  let place = 0;
  for (let row = 0; row < height; row += 1) {
    for (const [first, parts] of weights) {
      for (let channel = 0; channel < channels; channel += 1) {
        let sum = 0;
        let at = row * step + first * channels + channel;
        for (let i = 0; i < parts.length; i += 1, at += channels) sum += parts[i] * from[at];
        into[place] = sum;
        place += 1;
      }
    }
  }
}

function down(from, into, step, weights) {
  let place = 0;
  for (const [first, parts] of weights) {
    for (let column = 0; column < step; column += 1) {
      let sum = 0;
      let at = first * step + column;
      for (let i = 0; i < parts.length; i += 1, at += step) sum += parts[i] * from[at];
      into[place] = sum;
      place += 1;
    }
  }
}
