// Draw a picture and what was found in it on a canvas.

// the "colorblind" palette of seaborn, in its order
const PALETTE = ["#0173b2", "#de8f05", "#029e73", "#d55e00", "#cc78bc",
  "#ca9161", "#fbafe4", "#949494", "#ece133", "#56b4e9"];
const LIGHT = new Set(["#de8f05", "#fbafe4", "#ece133", "#56b4e9", "#949494", "#ca9161"]);

/** Return the colour of a class by its place in the labels; -1 is the background. */
export function colorOf(place) {
  return place < 0 ? "transparent" : PALETTE[place % PALETTE.length];
}

/** Draw a picture in its own size, then boxes or a mask over it. */
export function draw(canvas, source, { rows, mask }) {
  canvas.width = source.videoWidth || source.width;
  canvas.height = source.videoHeight || source.height;
  const pen = canvas.getContext("2d");
  pen.drawImage(source, 0, 0);
  if (mask) drawMask(pen, mask);
  const unit = Math.max(2, Math.min(canvas.width, canvas.height) / 200);
  // the best on top
  for (const row of rows.filter((one) => one.box).reverse()) drawBox(pen, row, unit);
}

function drawBox(pen, { label, score, box, color }, unit) {
  const [x, y, width, height] = box;
  const text = `${label} ${score.toFixed(2)}`;
  pen.lineWidth = 2 * unit;
  pen.strokeStyle = "#202020";
  pen.strokeRect(x, y, width, height);
  pen.lineWidth = unit;
  pen.strokeStyle = pen.fillStyle = colorOf(color);
  pen.strokeRect(x, y, width, height);
  pen.font = `600 ${7 * unit}px system-ui, sans-serif`;
  const high = 10 * unit;
  const wide = pen.measureText(text).width + 4 * unit;
  const left = Math.max(0, Math.min(x, pen.canvas.width - wide));
  const top = y >= high ? y - high : Math.max(0, y);
  pen.fillRect(left, top, wide, high);
  pen.fillStyle = LIGHT.has(colorOf(color)) ? "#000" : "#fff";
  pen.fillText(text, left + 2 * unit, top + 7.5 * unit);
}

function drawMask(pen, { width, height, classes }) {
  const image = new ImageData(width, height);
  classes.forEach((place, i) => {
    if (!place) return;
    const color = parseInt(colorOf(place - 1).slice(1), 16);
    image.data.set([color >> 16, (color >> 8) & 255, color & 255, 140], 4 * i);
  });
  const layer = new OffscreenCanvas(width, height);
  layer.getContext("2d").putImageData(image, 0, 0);
  pen.drawImage(layer, 0, 0, pen.canvas.width, pen.canvas.height);
}
