// The page: a form, a button, a level, and what is going on.
import { openMicrophone } from "./microphone.js";
import { obstacle, refusal } from "./obstacles.js";
import { Uplink } from "./uplink.js";

const WORDS = {
  off: "Off",
  opening: "Waiting for the microphone: allow it in the browser's question",
  connecting: "Connecting",
  recording: "Recording",
  waiting: "Not connected; audio is kept here and sent later",
  refused: "The receiver refused it",
  ending: "Sending what is left",
  trouble: "This does not work",
};
const FRAME_S = 0.02;

const element = (id) => document.getElementById(id);
// A link can fill the form: ?receiver=wss://recorder.example:5096&name=kitchen. A token does not belong into one.
const asked = new URLSearchParams(location.search);
for (const id of ["receiver", "name"]) element(id).value = asked.get(id) ?? element(id).value;

let current;

function show(state, why = "") {
  element("state").dataset.state = state;
  element("state").textContent = why === "" ? WORDS[state] : `${WORDS[state]}: ${why}`;
}

function setRunning(isRunning) {
  for (const id of ["receiver", "name", "token", "start"]) element(id).disabled = isRunning;
  element("stop").disabled = !isRunning;
}

function address() {
  const { href } = new URL(`/ws/${encodeURIComponent(element("name").value)}`, element("receiver").value);
  const token = element("token").value;
  return token === "" ? href : `${href}?token=${encodeURIComponent(token)}`;
}

function showProgress(peak, { stored, waiting, dropped }) {
  element("level").value = 20 * Math.log10(Math.max(peak, 0.001));
  const seconds = (frames) => `${(frames * FRAME_S).toFixed(1)} s`;
  const lost = dropped === 0 ? "" : `, ${seconds(dropped)} lost`;
  element("stored").textContent =
    `${seconds(stored)} on the receiver's disk, ${seconds(waiting)} wait here${lost}`;
}

async function start() {
  const why = obstacle(element("receiver").value);
  if (why !== undefined) return show("trouble", why);
  setRunning(true);
  show("opening");
  try {
    let uplink;
    const early = []; // frames that come before the sample rate is known
    const onFrame = ({ frame, peak }) => {
      if (uplink === undefined) return early.push(frame);
      uplink.push(frame);
      showProgress(peak, uplink);
    };
    const microphone = await openMicrophone(onFrame, () => stop("trouble", "the microphone is gone"));
    uplink = new Uplink(address(), microphone.sampleRate, (state, reason) =>
      state === "refused" ? stop(state, reason) : show(state, reason),
    );
    for (const frame of early) uplink.push(frame);
    current = { microphone, uplink };
  } catch (error) {
    setRunning(false);
    show("trouble", refusal(error));
  }
}

async function stop(state = "off", why = "") {
  if (current === undefined) return;
  const { microphone, uplink } = current;
  current = undefined;
  show("ending");
  await microphone.stop();
  await uplink.end();
  showProgress(0, uplink);
  setRunning(false);
  show(state, why);
}

element("form").onsubmit = (event) => {
  event.preventDefault();
  start();
};
element("stop").onclick = () => stop();
addEventListener("beforeunload", (event) => {
  if (current !== undefined) event.preventDefault(); // audio that is kept here would be lost
});
