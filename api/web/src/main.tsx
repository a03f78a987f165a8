import { render } from "preact";
import { App } from "./app";
import { start } from "./store/session";
import "./styles/tokens.css";
import "./styles/ui.css";
import "./styles/page.css";
import "./styles/events.css";

render(<App />, document.getElementById("app")!);
void start();
