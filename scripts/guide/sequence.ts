/** A scenario as a sequence diagram in SVG: who sends what to whom, and what is refused. */
import { type Html, html } from './html.ts';

export interface Message {
  readonly from: string;
  readonly to: string;
  readonly text: string;
  /** Name of the rule that refuses it. */
  readonly refusedBy?: string;
}

export interface Scenario {
  readonly id: string;
  readonly title: string;
  readonly story: string;
  readonly lanes: readonly string[];
  readonly messages: readonly Message[];
}

const LANE_WIDTH = 320;
const ROW_HEIGHT = 46;
const TOP = 64;

export function sequenceDiagram(scenario: Scenario): Html {
  const width = scenario.lanes.length * LANE_WIDTH;
  const height = TOP + scenario.messages.length * ROW_HEIGHT + 20;
  const x = (lane: string): number => scenario.lanes.indexOf(lane) * LANE_WIDTH + LANE_WIDTH / 2;
  return html`<svg viewBox="0 0 ${width} ${height}" width="${width}" role="img" aria-label="${scenario.title}">
<defs><marker id="head" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0 8 4 0 8" fill="none"/></marker></defs>
${scenario.lanes.map(
  (
    lane,
  ) => html`<rect x="${x(lane) - 90}" y="8" width="180" height="32" rx="4"/><text x="${x(lane)}" y="29" text-anchor="middle">${lane}</text>
<line x1="${x(lane)}" y1="40" x2="${x(lane)}" y2="${height - 8}" stroke-dasharray="2 4"/>`,
)}
${scenario.messages.map((message, i) => arrow(message, TOP + i * ROW_HEIGHT, x))}
</svg>`;
}

function arrow(message: Message, y: number, x: (lane: string) => number): Html {
  const [from, to] = [x(message.from), x(message.to)];
  const isRefused = message.refusedBy !== undefined;
  const line = isRefused ? html`class="fail" stroke-dasharray="6 3"` : html``;
  const label = isRefused ? `${message.text} - refused: ${message.refusedBy}` : message.text;
  const words = isRefused ? html`class="failtext"` : html``;
  if (from === to) {
    return html`<path d="M${from} ${y} h28 v18 h-26" fill="none" marker-end="url(#head)" ${line}/><text x="${from + 34}" y="${y + 14}" ${words}>${label}</text>`;
  }
  return html`<line x1="${from}" y1="${y + 12}" x2="${to}" y2="${y + 12}" marker-end="url(#head)" ${line}/><text x="${Math.min(from, to) + 10}" y="${y + 4}" ${words}>${label}</text>`;
}

export function scenarioBody(scenario: Scenario): Html {
  return html`<p>${scenario.story}</p><div class="scroll">${sequenceDiagram(scenario)}</div>
<ol>${scenario.messages.map(
    (one) =>
      html`<li><strong>${one.from}</strong> to ${one.to}: ${one.text}${
        one.refusedBy !== undefined && html` <span class="badge error">refused: ${one.refusedBy}</span>`
      }</li>`,
  )}</ol>`;
}
