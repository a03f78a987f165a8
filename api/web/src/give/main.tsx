import { render } from "preact";
import { Give } from "./page";
import "../owner/owner.css";
import "./give.css";

render(<Give />, document.getElementById("give")!);
