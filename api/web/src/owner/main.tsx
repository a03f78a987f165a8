import { render } from "preact";
import { Owner } from "./page";
import "./owner.css";

render(<Owner />, document.getElementById("owner")!);
