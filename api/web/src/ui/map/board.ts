/**
 * The part of the map that needs Leaflet: panning, zooming and handles to drag. What is shown is painted on one canvas
 * below Leaflet's own layers, without tiles: nothing is ever fetched.
 */

import { control, divIcon, latLngBounds, type LeafletMouseEvent, map as open, marker, type Map, type Marker } from "leaflet";
import "leaflet/dist/leaflet.css";
import { bearing, distance, extent, rounded, travel, written } from "./geo";
import { Painter } from "./painter";
import { type Circle, type Cone, type LonLat, MOST_HANDLES, type Picked, type Scene } from "./shapes";

/** What somebody does on the map. */
export interface Said {
  pick(picked: Picked): void;
  /** A click that hit nothing, or, while drawing, any click. */
  point(at: LonLat): void;
  /** Corner `index` of what is drawn was dragged. */
  corner(index: number, at: LonLat): void;
  /** A circle while it is dragged, and when it is let go. */
  circle(circle: Circle, done: boolean): void;
  cone(cone: Cone): void;
  undo(): void;
  cancel(): void;
}

const CHINA: [LonLat, LonLat] = [
  [74, 18],
  [134, 53],
];
const TURN_M = 70;

export interface Words {
  map: string;
  zoomIn: string;
  zoomOut: string;
  handle: string;
}

export class Board {
  private readonly map: Map;
  private readonly painter: Painter;
  private readonly canvas = document.createElement("canvas");
  private readonly readout = document.createElement("div");
  private readonly watcher: ResizeObserver;
  private readonly dark = matchMedia("(prefers-color-scheme: dark)");
  private scene: Scene | null = null;
  private frame = 0;
  private handles: Marker[] = [];
  private circling = false;
  private from: LonLat | null = null;

  constructor(
    private readonly host: HTMLElement,
    private readonly said: Said,
    private readonly words: Words,
  ) {
    this.map = open(host, {
      attributionControl: false,
      zoomControl: false,
      zoomAnimation: false,
      fadeAnimation: false,
      markerZoomAnimation: false,
      zoomSnap: 0.5,
      minZoom: 3,
      maxZoom: 20,
      doubleClickZoom: false,
      maxBounds: [
        [-86, -400],
        [86, 400],
      ],
    });
    this.canvas.className = "map-canvas";
    this.canvas.setAttribute("aria-hidden", "true");
    host.prepend(this.canvas);
    this.painter = new Painter(this.canvas);
    this.readout.className = "map-readout";
    this.readout.setAttribute("aria-hidden", "true");
    host.append(this.readout);
    host.setAttribute("role", "application");
    host.setAttribute("aria-label", words.map);
    control.scale({ imperial: false, position: "bottomleft", maxWidth: 120 }).addTo(this.map);
    control.zoom({ position: "topright", zoomInTitle: words.zoomIn, zoomOutTitle: words.zoomOut }).addTo(this.map);
    this.map.fitBounds(latLngBounds(CHINA.map(([lon, lat]) => [lat, lon])));
    this.map.on("move zoom viewreset resize", this.later);
    this.map.on("click", (event: LeafletMouseEvent) => this.clicked(event));
    this.map.on("mousemove", (event: LeafletMouseEvent) => this.hovered(event));
    host.addEventListener("keydown", this.typed);
    host.addEventListener("pointerdown", this.pressed);
    host.addEventListener("pointermove", this.dragged);
    host.addEventListener("pointerup", this.released);
    host.addEventListener("pointercancel", this.released);
    this.watcher = new ResizeObserver(() => this.map.invalidateSize({ pan: false }));
    this.watcher.observe(host);
    this.dark.addEventListener("change", this.recolour);
  }

  close(): void {
    cancelAnimationFrame(this.frame);
    this.watcher.disconnect();
    this.dark.removeEventListener("change", this.recolour);
    this.map.remove();
  }

  readonly recolour = (): void => {
    this.painter.recolour();
    this.later();
  };

  /** Shows a scene; the window stays where it is. `movable` says which things have handles. */
  show(scene: Scene, movable: { circle: boolean; cone: boolean }): void {
    this.scene = scene;
    this.place(this.grips(scene, movable));
    this.later();
  }

  /** Moves the window to hold everything there is; where there is nothing yet, to where it may come. */
  fit(near: Iterable<LonLat>): void {
    const found = extent(this.everything()) ?? extent(near);
    if (!found) return;
    const [west, south, east, north] = found;
    this.map.fitBounds(
      [
        [south, west],
        [north, east],
      ],
      { padding: [48, 48], maxZoom: 17 },
    );
  }

  /** From now on a press and a drag make a circle instead of moving the map. */
  startCircle(): void {
    this.circling = true;
    this.map.dragging.disable();
  }

  centre(): LonLat {
    const { lng, lat } = this.map.getCenter();
    return rounded([lng, lat]);
  }

  /** The positions within the window: west, south, east, north. */
  window(): [number, number, number, number] {
    const bounds = this.map.getBounds();
    return [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()];
  }

  onMoved(then: () => void): void {
    this.map.on("moveend", then);
  }

  private *everything(): Generator<LonLat> {
    if (!this.scene) return;
    const { areas, roads, entrances, cameras, circle, cone, drawn, trail } = this.scene;
    for (const one of areas) {
      if (one.boundary) yield* one.boundary;
      else if (one.lat !== null && one.lon !== null) yield [one.lon, one.lat];
    }
    for (const one of roads) yield* one.path;
    for (const one of entrances) yield [one.lon, one.lat];
    for (const one of cameras) if (one.lat !== null && one.lon !== null) yield [one.lon, one.lat];
    yield* drawn;
    for (const one of trail?.sightings ?? []) yield one.at;
    if (cone) yield [cone.lon, cone.lat];
    if (circle) for (const to of [0, 90, 180, 270]) yield travel([circle.lon, circle.lat], to, circle.radius_m);
  }

  private readonly later = (): void => {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => {
      if (!this.scene) return;
      const { min } = this.map.getPixelBounds();
      const { x: width, y: height } = this.map.getSize();
      if (!min || width === 0 || height === 0) return;
      const lat = this.map.getCenter().lat;
      this.painter.paint(this.scene, { zoom: this.map.getZoom(), left: min.x, top: min.y, width, height, lat });
    });
  };

  private clicked(event: LeafletMouseEvent): void {
    if (this.circling || this.from) return;
    const at = rounded([event.latlng.lng, event.latlng.lat]);
    const hit = this.scene?.draw ? null : this.painter.pickAt(event.containerPoint.x, event.containerPoint.y);
    if (hit === "cluster") this.map.setZoomAround(event.latlng, Math.min(this.map.getZoom() + 2, 20));
    else if (hit) this.said.pick(hit);
    else this.said.point(at);
  }

  private hovered(event: LeafletMouseEvent): void {
    this.readout.textContent = written([event.latlng.lng, event.latlng.lat]);
    const over = this.painter.pickAt(event.containerPoint.x, event.containerPoint.y);
    this.host.classList.toggle("map-over", over !== null && !this.scene?.draw);
  }

  /** Enter sets a point in the middle of the window, where the cross is: arrow keys have moved it there. */
  private readonly typed = (event: KeyboardEvent): void => {
    if (event.target !== this.host) return;
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      if (this.circling) this.finishCircle({ lat: this.centre()[1], lon: this.centre()[0], radius_m: 500 });
      else this.enter();
    } else if (event.key === "Backspace") this.said.undo();
    else if (event.key === "Escape" && (this.circling || this.scene?.draw)) {
      event.stopPropagation();
      if (this.circling) this.endCircle();
      this.said.cancel();
    }
  };

  private enter(): void {
    const { x, y } = this.map.getSize();
    const hit = this.scene?.draw ? null : this.painter.pickAt(x / 2, y / 2);
    if (hit && hit !== "cluster") this.said.pick(hit);
    else this.said.point(this.centre());
  }

  private readonly pressed = (event: PointerEvent): void => {
    if (!this.circling || event.button !== 0) return;
    this.from = this.positionOf(event);
    this.host.setPointerCapture(event.pointerId);
    event.preventDefault();
  };

  private readonly dragged = (event: PointerEvent): void => {
    if (this.from) this.said.circle(this.circleTo(event, this.from), false);
  };

  private readonly released = (event: PointerEvent): void => {
    if (!this.from) return;
    const made = this.circleTo(event, this.from);
    // A click without a drag means "around here".
    this.finishCircle(made.radius_m < 5 ? { ...made, radius_m: 500 } : made);
  };

  private finishCircle(made: Circle): void {
    this.said.circle(made, true);
    this.endCircle();
  }

  private endCircle(): void {
    this.map.dragging.enable();
    this.circling = false;
    // The click that follows this release is the drag's end, no click of its own.
    setTimeout(() => {
      this.from = null;
    });
  }

  private positionOf(event: PointerEvent): LonLat {
    const { lng, lat } = this.map.mouseEventToLatLng(event);
    return rounded([lng, lat]);
  }

  private circleTo(event: PointerEvent, from: LonLat): Circle {
    return { lat: from[1], lon: from[0], radius_m: Math.round(distance(from, this.positionOf(event))) };
  }

  /** What can be dragged: where it is, and what a drag means. */
  private grips(scene: Scene, movable: { circle: boolean; cone: boolean }): Grip[] {
    const grips: Grip[] = [];
    if (scene.draw && scene.drawn.length <= MOST_HANDLES) {
      scene.drawn.forEach((at, index) => {
        const kind = scene.draw === "point" ? "point" : "corner";
        grips.push({ at, kind, drag: (to) => this.said.corner(index, to) });
      });
    }
    const { circle, cone } = scene;
    if (circle && movable.circle) {
      const middle: LonLat = [circle.lon, circle.lat];
      grips.push({
        at: middle,
        kind: "middle",
        drag: ([lon, lat], done) => this.said.circle({ ...circle, lat, lon }, done),
      });
      grips.push({
        at: travel(middle, 90, circle.radius_m),
        kind: "edge",
        drag: (to, done) =>
          this.said.circle({ ...circle, radius_m: Math.max(10, Math.round(distance(middle, to))) }, done),
      });
    }
    if (cone && movable.cone) {
      const foot: LonLat = [cone.lon, cone.lat];
      grips.push({ at: foot, kind: "middle", drag: ([lon, lat]) => this.said.cone({ ...cone, lat, lon }) });
      grips.push({
        at: travel(foot, cone.bearing_deg ?? 0, TURN_M),
        kind: "edge",
        drag: (to) => this.said.cone({ ...cone, bearing_deg: Math.round(bearing(foot, to)) % 360 }),
      });
    }
    return grips;
  }

  private place(grips: Grip[]): void {
    for (const surplus of this.handles.splice(grips.length)) surplus.remove();
    grips.forEach((grip, index) => {
      const at: [number, number] = [grip.at[1], grip.at[0]];
      let handle = this.handles[index];
      if (!handle) {
        handle = marker(at, {
          draggable: true,
          keyboard: false,
          icon: divIcon({ className: "map-handle", iconSize: [18, 18] }),
          title: this.words.handle,
        }).addTo(this.map);
        this.handles[index] = handle;
      }
      handle.getElement()?.setAttribute("data-kind", grip.kind);
      // Setting where it is while a finger holds it would pull it away.
      if (!handle.getElement()?.classList.contains("leaflet-drag-target")) handle.setLatLng(at);
      const told = (done: boolean): void => {
        const { lng, lat } = handle.getLatLng();
        grip.drag(rounded([lng, lat]), done);
      };
      handle.off("drag dragend");
      handle.on("drag", () => told(false));
      handle.on("dragend", () => told(true));
    });
  }
}

interface Grip {
  at: LonLat;
  kind: "corner" | "point" | "middle" | "edge";
  drag: (to: LonLat, done: boolean) => void;
}
