import { render } from "preact";
import "./style/base.css";
import "./style/controls.css";
import "./style/states.css";
import { App } from "./shell/app.js";

const place = document.getElementById("app");
if (place !== null) render(<App />, place);
