// MediaPipe's three tasks behind one function each: load a model, ask it, close it.

import {
  FilesetResolver,
  ImageClassifier,
  ImageSegmenter,
  ObjectDetector,
} from "./vision/vision_bundle.mjs";

const LEAST = 0.05; // scores below are not even asked for

const TASKS = {
  detector: [ObjectDetector, { scoreThreshold: LEAST, maxResults: 100 }],
  classifier: [ImageClassifier, { maxResults: 5 }],
  segmenter: [ImageSegmenter, { outputCategoryMask: true, outputConfidenceMasks: false }],
};

let fileset;

/** Load a model as /models.json describes it; for pictures and for a camera alike. */
export async function loadTask({ kind, url, labels, letterbox }) {
  fileset ??= await FilesetResolver.forVisionTasks("/vision/wasm");
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
  const modelAssetBuffer = new Uint8Array(await answer.arrayBuffer());
  const [Task, options] = TASKS[kind];
  const task = await Task.createFromOptions(fileset, {
    baseOptions: { modelAssetBuffer, delegate: "CPU" },
    runningMode: "IMAGE",
    ...options,
  });
  return {
    ask: (source) => ASK[kind](task, source, labels, letterbox),
    close: () => task.close(),
  };
}

/** Return a picture padded at bottom and right to a square, for models that want that. */
function squared(source, width, height, color) {
  const canvas = new OffscreenCanvas(Math.max(width, height), Math.max(width, height));
  const pen = canvas.getContext("2d");
  pen.fillStyle = `rgb(${color.map(Math.round).join(" ")})`;
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(source, 0, 0);
  return canvas;
}

/** Return a box of MediaPipe as [x, y, width, height] within the picture. */
function clipped({ originX, originY, width, height }, wide, high) {
  const [x, y] = [Math.max(0, originX), Math.max(0, originY)];
  return [x, y, Math.min(wide, originX + width) - x, Math.min(high, originY + height) - y];
}

const ASK = {
  detector(task, source, labels, letterbox) {
    const width = source.videoWidth || source.width;
    const height = source.videoHeight || source.height;
    const seen = letterbox.length ? squared(source, width, height, letterbox) : source;
    const rows = task.detect(seen).detections.map(({ categories: [best], boundingBox }) => ({
      label: best.categoryName,
      color: labels.indexOf(best.categoryName),
      score: best.score,
      box: clipped(boundingBox, width, height),
    }));
    // on the padding there is nothing
    return { rows: rows.filter(({ box }) => box[2] > 0 && box[3] > 0) };
  },
  classifier(task, source, labels) {
    const [{ categories }] = task.classify(source).classifications;
    return {
      rows: categories.map(({ categoryName, score }) => ({
        label: categoryName,
        color: labels.indexOf(categoryName),
        score,
      })),
    };
  },
  segmenter(task, source, labels) {
    const { categoryMask } = task.segment(source);
    const mask = { width: categoryMask.width, height: categoryMask.height,
      classes: categoryMask.getAsUint8Array().slice() };
    categoryMask.close();
    const counts = new Array(labels.length).fill(0);
    for (const place of mask.classes) counts[place] += 1;
    const rows = labels.map((label, i) => ({
      label, color: i - 1, score: counts[i] / mask.classes.length }));
    return { rows, mask };
  },
};
