"use strict";

const SHRUNK_SIDE = 2000; // pixels of a photograph that was too large to send
const ASPECTS = [0.25, 8]; // narrower or wider pictures are shown stretched
const part = (id) => document.getElementById(id);
const form = part("form");
let running = null; // the request on its way
let detections = [];

// --- choosing a picture

part("file").addEventListener("change", (event) => take(event.target.files));

for (const kind of ["dragenter", "dragover"]) {
  document.addEventListener(kind, (event) => {
    event.preventDefault();
    part("drop").classList.add("over");
  });
}
document.addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) part("drop").classList.remove("over");
});
document.addEventListener("drop", (event) => {
  event.preventDefault();
  part("drop").classList.remove("over");
  take(event.dataTransfer.files);
});
document.addEventListener("paste", (event) => take(event.clipboardData.files));

async function take(files) {
  if (!files.length) return;
  if (files.length > 1) return refuse(`Choose one picture; these are ${files.length} files.`);
  clear();
  running = new AbortController();
  const { signal } = running;
  const file = files[0];
  // the same file again must count as a change
  part("file").value = "";
  await show(file);
  if (signal.aborted) return;
  say("Sending the picture", true);
  try {
    const picture = await smallEnough(file);
    const result = await ask(picture, signal);
    if (signal.aborted) return;
    present[result.kind](result);
    part("answer").scrollIntoView({ block: "nearest" }); // a phone's window is low
  } catch (error) {
    if (!signal.aborted) refuse(error.message);
  }
}

function clear() {
  running?.abort();
  detections = [];
  part("message").textContent = "";
  part("note").textContent = "";
  part("rows").replaceChildren();
  part("boxes").replaceChildren();
  part("mask").hidden = true;
  part("least").hidden = true;
}

async function show(file) {
  const preview = part("preview");
  if (preview.src) URL.revokeObjectURL(preview.src);
  preview.src = URL.createObjectURL(file);
  // what the browser cannot show gets its reason from the server
  const shown = await preview.decode().then(() => true, () => false);
  const { naturalWidth: width, naturalHeight: height } = preview;
  const aspect = Math.min(Math.max(width / height || 1, ASPECTS[0]), ASPECTS[1]);
  part("stage").style.setProperty("--aspect", aspect);
  preview.classList.toggle("tiny", width < 128);
  part("answer").hidden = !shown;
}

// --- asking the server

async function smallEnough(file) {
  const limit = Number(form.dataset.bytes);
  if (file.size <= limit) return file;
  const large = new Error(
    `This is too large: ${megabytes(file.size)}, at most ${megabytes(limit)} are taken.`
  );
  if (part("answer").hidden) throw large;
  // the colors as they are stored: training knows no profiles
  const picture = await shrink(await createImageBitmap(file, { colorSpaceConversion: "none" }));
  if (!picture || picture.size > limit) throw large;
  part("note").textContent =
    `Made smaller before it was sent: it has ${megabytes(file.size)}, ` +
    `and at most ${megabytes(limit)} are taken.`;
  return picture;
}

function shrink(image) {
  const canvas = document.createElement("canvas");
  const side = Math.max(image.width, image.height);
  const scale = Math.min(1, SHRUNK_SIDE / side);
  canvas.width = Math.max(1, Math.round(image.width * scale));
  canvas.height = Math.max(1, Math.round(image.height * scale));
  const pen = canvas.getContext("2d");
  pen.imageSmoothingQuality = "high"; // else it looks at single pixels
  pen.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.92));
}

async function ask(picture, signal) {
  const body = new FormData();
  body.append("picture", picture, "picture"); // the file's own name stays here
  let response;
  try {
    const url = `${form.dataset.url}?threshold=0.1`;
    response = await fetch(url, { method: "POST", body, signal });
  } catch {
    throw new Error("The server does not answer. Is it still running?");
  }
  const answer = await response.json().catch(() => null);
  if (response.ok && answer) return answer;
  throw new Error(answer?.error?.message ?? `The server answered ${response.status}.`);
}

// --- showing the answer

const present = {
  classifier: presentClasses,
  detector: presentBoxes,
  segmenter: presentMask,
  anomaly: presentAnomaly,
};

function presentClasses(result) {
  const said = result.classes.find((row) => row.label === result.label);
  // of two classes one may be said below a half: its threshold was chosen so in training
  const words = said === result.classes[0] ? "Most likely" : "From its threshold on";
  say(`${words}: ${said.label}, ${percent(said.score)}.`);
  part("rows").replaceChildren(...result.classes.map((row) => bar(row, row.score)));
}

function presentMask(result) {
  part("mask").src = result.mask;
  part("mask").hidden = false;
  const found = result.classes.filter((row, i) => i > 0 && row.share > 0);
  say(
    found.length
      ? `Found: ${found.map((row) => `${row.label} on ${percent(row.share)}`).join(", ")}.`
      : "Found nothing but background."
  );
  const rows = result.classes.map((row, i) =>
    bar(i ? row : { label: row.label }, row.share)
  );
  part("rows").replaceChildren(...rows);
}

function presentAnomaly(result) {
  presentMask(result);
  say(`This part: ${result.label}, score ${result.score.toFixed(2)} (alarm over 0.50).`);
}

function presentBoxes(result) {
  detections = result.detections;
  part("least").hidden = false;
  drawBoxes();
}

part("threshold").addEventListener("input", drawBoxes);

function drawBoxes() {
  const least = part("threshold").value / 100;
  part("shown").textContent = percent(least);
  const shown = detections.filter((one) => one.score >= least);
  const hidden = detections.length - shown.length;
  const weaker = hidden ? `, ${hidden} more below this score` : "";
  say(`${shown.length || "No"} ${shown.length === 1 ? "box" : "boxes"}${weaker}.`);
  part("rows").replaceChildren(...shown.map((one) => bar(one, one.score)));
  // the best box is drawn last, on top
  part("boxes").replaceChildren(...shown.toReversed().map(outline));
}

function outline(one) {
  const { xmin, ymin, xmax, ymax } = one.box;
  const box = document.createElement("div");
  box.className = xmin > 0.7 ? "box right" : "box";
  box.style.left = `${100 * xmin}%`;
  box.style.top = `${100 * ymin}%`;
  box.style.width = `${100 * Math.max(0, xmax - xmin)}%`;
  box.style.height = `${100 * Math.max(0, ymax - ymin)}%`;
  box.style.borderColor = one.color;
  const label = span("", `${one.label} ${percent(one.score)}`);
  label.style.background = one.color;
  label.style.color = isLight(one.color) ? "#000" : "#fff";
  box.append(label);
  return box;
}

function isLight(color) {
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16));
  return 0.299 * red + 0.587 * green + 0.114 * blue > 140;
}

function bar(row, share) {
  const item = document.createElement("li");
  const length = span("bar", "");
  length.style.width = `${100 * share}%`;
  const name = span("name", row.label);
  if (row.color) {
    const swatch = span("swatch", "");
    swatch.style.background = row.color;
    name.prepend(swatch);
  }
  item.append(length, name, span("value", percent(share)));
  return item;
}

function span(kind, text) {
  const element = document.createElement("span");
  element.className = kind;
  element.textContent = text;
  return element;
}

// --- words

function say(text, waiting = false) {
  part("status").textContent = text;
  part("status").classList.toggle("waiting", waiting);
}

function refuse(text) {
  say("");
  part("answer").hidden = part("answer").hidden || !part("rows").children.length;
  part("message").textContent = text;
}

function percent(share) {
  if (share > 0 && share < 0.01) return "under 1 %";
  if (share < 1 && share > 0.99) return "over 99 %";
  return `${Math.round(100 * share)} %`;
}

function megabytes(bytes) {
  return `${(bytes / 2 ** 20).toFixed(1).replace(".0", "")} MB`;
}
