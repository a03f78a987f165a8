import { List } from "./list";
import { Single } from "./single";

/** Incidents by state, or one of them. */
export const Incidents = ({ id }: { id: string | null }) => (id === null ? <List /> : <Single key={id} id={id} />);
