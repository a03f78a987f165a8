/** The shown moment as a picture to take away: from the main stream's recording where there is one, else the frame one sees. */

import { request } from "../../api/client";
import { openPlayback, type PlayedSegment } from "../../api/recordings";
import { t } from "../../i18n";
import { stamp } from "../../i18n/time";
import type { PlaySession } from "../../store/playsession";
import { save } from "../../ui/save";
import { toast } from "../../ui/toast";
import type { Played } from "./tile";

const API = "/api/v1";

export async function saveShown(session: PlaySession, camera: Played, n: number): Promise<void> {
  const at = session.player.position.peek() + session.late(camera.id);
  const track = session.player.tracks[n]!;
  const main = session.stream === "sub" && (session.known()[n]?.streams.includes("main") ?? false);
  const shows = track.state.peek().shows;
  const larger = main ? await segmentAt(camera.id, at, "main") : null;
  if (larger) keep(await fetched(larger, at), camera, at);
  else if (shows === "video") keep(await drawn(track.video), camera, at);
  else {
    const piece = shows === "picture" ? await session.windows.find(camera.id, at) : null;
    if (piece) keep(await fetched(piece, at), camera, at);
    else toast(t("still.none"), { tone: "bad" });
  }
}

async function segmentAt(camera: string, at: number, stream: "main"): Promise<PlayedSegment | null> {
  const told = await openPlayback([camera], at, at + 1, stream);
  return told.cameras[0]?.segments[0] ?? null;
}

const fetched = (segment: PlayedSegment, at: number): Promise<Blob> =>
  request("GET", `${segment.picture_url.slice(segment.picture_url.indexOf(API) + API.length)}&at=${Math.round(at)}&width=full`, (answer) => answer.blob());

async function drawn(video: HTMLVideoElement): Promise<Blob> {
  const canvas = document.createElement("canvas");
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  canvas.getContext("2d")!.drawImage(video, 0, 0);
  const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/jpeg", 0.95));
  return blob!;
}

function keep(blob: Blob, camera: Played, at: number): void {
  const name = `${camera.village_name}_${camera.name}_${stamp(at).replace(" ", "_").replaceAll(":", "-")}.jpg`;
  save(blob, name);
  toast(t("still.saved", { name }), { tone: "ok" });
}
