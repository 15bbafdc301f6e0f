// MediaPipe's three tasks behind one function each: load a model, ask it, close it.

import {
  FilesetResolver,
  ImageClassifier,
  ImageSegmenter,
  ObjectDetector,
} from "./vision/vision_bundle.mjs";
import { antialiased, area, enlarged, pixelsOf } from "./resize.js";

const LEAST = 0.05; // scores below are not even asked for
const MASK_SIDE = 1024; // masks of larger pictures are made in this size

const TASKS = {
  detector: [ObjectDetector, { scoreThreshold: LEAST, maxResults: 100 }],
  classifier: [ImageClassifier, { maxResults: 5 }],
  segmenter: [ImageSegmenter, { outputCategoryMask: false, outputConfidenceMasks: true }],
  anomaly: [ImageSegmenter, { outputCategoryMask: false, outputConfidenceMasks: true }],
};

let fileset;

/** Load a model as /models.json describes it; for pictures and for a camera alike. */
export async function loadTask(entry) {
  const { kind, url } = entry;
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
    ask: (source) => ASK[kind](task, source, entry),
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
  detector(task, source, { labels, letterbox }) {
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
  classifier(task, source, { labels, size, threshold }) {
    const seen = antialiased(pixelsOf(source), size);
    const [{ categories }] = task.classify(seen).classifications;
    const rows = categories.map(({ categoryName, score }) => ({
      label: categoryName,
      color: labels.indexOf(categoryName),
      score,
    }));
    // the class that is said comes first: of two, the last from its threshold on
    const said = threshold !== null && labels.length === 2 && saidOfTwo(rows, labels, threshold);
    return { rows: said ? [said, ...rows.filter((row) => row !== said)] : rows };
  },
  segmenter(task, source, { labels, size, threshold }) {
    const pixels = pixelsOf(source);
    const { confidenceMasks } = task.segment(area(pixels, size));
    const mask = bestClasses(confidenceMasks, shownSize(pixels), threshold);
    const counts = new Array(labels.length).fill(0);
    for (const place of mask.classes) counts[place] += 1;
    const rows = labels.map((label, i) => ({
      label, color: i - 1, score: counts[i] / mask.classes.length }));
    return { rows, mask };
  },
  anomaly(task, source, { labels, size, threshold, topShare }) {
    const pixels = pixelsOf(source);
    const { confidenceMasks } = task.segment(area(pixels, size));
    const score = anomalyScore(confidenceMasks[1].getAsFloat32Array(), topShare);
    const mask = bestClasses(confidenceMasks, shownSize(pixels), threshold);
    const said = score > threshold ? 1 : 0;
    return { rows: [{ label: labels[said], color: said - 1, score }], mask };
  },
};

/** Return the score of a picture: the mean of its worst places, as the service counts it. */
function anomalyScore(scores, topShare) {
  const odds = Float64Array.from(scores, (score) => {
    const chance = Math.min(Math.max(score, 0), 1 - 1e-7);
    return chance / (1 - chance);
  }).sort();
  const worst = odds.subarray(odds.length - Math.max(1, Math.round(topShare * odds.length)));
  const distance = worst.reduce((sum, one) => sum + one, 0) / worst.length;
  return distance / (1 + distance);
}

function saidOfTwo(rows, labels, threshold) {
  const last = rows.find((row) => row.label === labels[1]);
  return last.score >= threshold ? last : rows.find((row) => row !== last);
}

function shownSize({ width, height }) {
  const scale = Math.min(1, MASK_SIDE / Math.max(width, height));
  return [height, width].map((side) => Math.max(1, Math.round(scale * side)));
}

/** Return the class of each pixel; scores are smooth, so they are enlarged and not classes. */
function bestClasses(planes, [height, width], threshold) {
  const scoresOf = (plane) =>
    enlarged(plane.getAsFloat32Array(), [plane.height, plane.width], [height, width]);
  let classes = new Uint8Array(width * height);
  if (threshold !== null && planes.length === 2) {
    classes = Uint8Array.from(scoresOf(planes[1]), (score) => score >= threshold);
  } else {
    const best = scoresOf(planes[0]);
    for (let number = 1; number < planes.length; number += 1) {
      scoresOf(planes[number]).forEach((score, i) => {
        if (score > best[i]) [best[i], classes[i]] = [score, number];
      });
    }
  }
  planes.forEach((plane) => plane.close());
  return { width, height, classes };
}
