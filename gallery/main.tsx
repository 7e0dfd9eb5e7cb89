import { render } from "preact";
import "./style/page.css";
import { App } from "./view/app.tsx";

const root = document.getElementById("page");
if (root) render(<App />, root);
