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
export async function loadTask({ kind, url, labels }) {
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
  return { ask: (source) => ASK[kind](task, source, labels), close: () => task.close() };
}

const ASK = {
  detector(task, source, labels) {
    const { detections } = task.detect(source);
    return {
      rows: detections.map(({ categories: [best], boundingBox: box }) => ({
        label: best.categoryName,
        color: labels.indexOf(best.categoryName),
        score: best.score,
        box: [box.originX, box.originY, box.width, box.height],
      })),
    };
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
