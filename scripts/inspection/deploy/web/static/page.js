// The page: which model, which picture, what was found. tasks.js asks, draw.js shows.

import { colorOf, draw } from "./draw.js";
import { loadTask } from "./tasks.js";

const at = (id) => document.getElementById(id);
const SVG = "http://www.w3.org/2000/svg";

let models = [];
let model = null; // the entry of models.json that is loaded
let task = null;
let shown = null; // the last picture and what was found in it
let stream = null;

function say(text) {
  at("message").textContent = text;
  at("message").hidden = !text;
}

function setState(name) {
  document.body.dataset.state = name; // loading, ready, done or failed
}

async function start() {
  if (typeof WebAssembly === "undefined") {
    throw new Error("This browser cannot run WebAssembly; a current Chrome, Edge, Firefox or Safari can.");
  }
  models = await (await fetch("models.json")).json();
  at("models").append(...models.map(({ name }, i) => new Option(name, i)));
  at("choice").hidden = models.length < 2;
  await choose(models[0]);
}

async function choose(entry) {
  setState("loading");
  at("model").textContent = "One moment, the model is being loaded.";
  at("camera").disabled = true;
  task?.close();
  task = null;
  try {
    task = await loadTask(entry);
  } catch (error) {
    throw new Error(`The model ${entry.name} could not be loaded: ${error.message.split("\n")[0]}`);
  }
  model = entry;
  const classes = entry.labels.length === 1 ? "class" : "classes";
  at("model").textContent =
    `${entry.name}, ${entry.kind === "anomaly" ? "an anomaly model" : `a ${entry.kind}`} of ${entry.labels.length} ${classes}: ${entry.labels.join(", ")}.`;
  at("limit").hidden = entry.kind !== "detector";
  if (entry.kind === "detector") at("threshold").value = entry.threshold ?? 0.5;
  at("camera").disabled = false;
  setState("ready");
  if (shown && !stream) ask(shown.source);
}

function ask(source) {
  const began = performance.now();
  shown = { source, found: task.ask(source) };
  const took = performance.now() - began;
  const width = source.videoWidth || source.width;
  const height = source.videoHeight || source.height;
  at("pace").textContent = `${width} × ${height} pixels, ${took.toFixed(0)} ms`;
  show();
  setState("done");
}

function show() {
  const least = Number(at("threshold").value);
  at("least").textContent = least.toFixed(2);
  if (!shown) return;
  const { rows, mask } = shown.found;
  const kept = model.kind === "detector" ? rows.filter((row) => row.score >= least) : rows;
  draw(at("view"), shown.source, { rows: kept, mask });
  at("results").replaceChildren(...(kept.length ? kept.map(describe) : [nothing()]));
}

function describe({ label, score, box, color }) {
  const item = document.createElement("li");
  const dot = document.createElementNS(SVG, "svg");
  const circle = document.createElementNS(SVG, "circle");
  for (const [name, value] of Object.entries({ cx: "50%", cy: "50%", r: "50%" })) {
    circle.setAttribute(name, value);
  }
  circle.setAttribute("fill", colorOf(color));
  dot.append(circle);
  const name = document.createElement("strong");
  name.textContent = label;
  const value = document.createElement("span");
  value.textContent = model.kind === "segmenter" ? `${(100 * score).toFixed(1)} %` : score.toFixed(2);
  Object.assign(item.dataset, { label, score, box: box ? box.join(" ") : "" });
  item.append(dot, name, value);
  return item;
}

function nothing() {
  const item = document.createElement("li");
  item.textContent = "Nothing above this score.";
  return item;
}

async function take(file) {
  say("");
  stopCamera();
  let picture;
  try {
    // the colors as they are stored: training knows no profiles
    picture = await createImageBitmap(file, { colorSpaceConversion: "none" });
  } catch {
    return say(`${file.name || "This"} is no picture that this browser can read; take JPEG or PNG.`);
  }
  if (!task) return say("One moment: the model is not loaded yet.");
  try {
    ask(picture);
  } catch (error) {
    fail(error);
  }
}

const CAMERA = {
  NotAllowedError: "The camera was refused. Allow it in the address bar of the browser, then try again.",
  NotFoundError: "No camera was found on this device.",
  NotReadableError: "The camera is there, but another program is using it.",
};

async function startCamera() {
  say("");
  if (!navigator.mediaDevices) {
    return say("Browsers give the camera only to pages of this machine (localhost) or over https. " +
      "Choose a picture instead: a phone offers to take one.");
  }
  const video = document.createElement("video");
  video.playsInline = video.muted = true;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  } catch (error) {
    return say(CAMERA[error.name] || `The camera could not be started: ${error.message}`);
  }
  video.srcObject = stream;
  await video.play();
  at("camera").textContent = "Stop the camera";
  const mine = stream;
  const step = () => {
    if (stream !== mine) return;
    if (task && video.videoWidth) ask(video);
    requestAnimationFrame(step);
  };
  step();
}

function stopCamera() {
  stream?.getTracks().forEach((track) => track.stop());
  stream = null;
  at("camera").textContent = "Start the camera";
}

function fail(error) {
  setState("failed");
  stopCamera();
  say(error.message.split("\n")[0]);
}

at("file").addEventListener("change", ({ target }) => {
  if (target.files[0]) take(target.files[0]);
  target.value = ""; // the same picture may be chosen again
});
at("camera").addEventListener("click", () => (stream ? stopCamera() : startCamera().catch(fail)));
at("threshold").addEventListener("input", show);
at("models").addEventListener("change", ({ target }) => choose(models[target.value]).catch(fail));
document.addEventListener("paste", ({ clipboardData }) => {
  if (clipboardData.files[0]) take(clipboardData.files[0]);
});
for (const name of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(name, (event) => {
    event.preventDefault();
    document.body.classList.toggle("over", name === "dragover");
    if (name === "drop" && event.dataTransfer.files[0]) take(event.dataTransfer.files[0]);
  });
}

start().catch(fail);
