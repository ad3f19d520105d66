import { render } from "preact";
import { App } from "./shell/app.js";
import "./style/base.css";

const place = document.getElementById("app");
if (place !== null) render(<App />, place);
