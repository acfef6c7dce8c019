/** A chart as a picture that stands without the window: its colours and letters written into it. */

/** What the style sheets say of a shape or a letter that an SVG file must say itself. */
const PROPERTIES = [
  "fill",
  "fill-opacity",
  "stroke",
  "stroke-width",
  "stroke-dasharray",
  "stroke-opacity",
  "stroke-linecap",
  "opacity",
  "overflow",
  "paint-order",
  "font-family",
  "font-size",
  "font-weight",
  "text-anchor",
  "visibility",
];

const SHAPES = "svg, g, path, line, rect, circle, text, tspan, polygon";

/** Room for the title above the chart, and around it, in pixels. */
const HEAD = 32;
const MARGIN = 12;

export type Picture = { svg: string; width: number; height: number };

/** What a mark of the chart means. */
export type LegendEntry = { name: string; mark: SVGElement };

/** The chart that the window shows, under its title and over its legend, as a file of SVG. */
export function pictureOf(chart: SVGSVGElement, title: string, legend: readonly LegendEntry[] = []): Picture {
  const inner = { width: Number(chart.getAttribute("width")), height: Number(chart.getAttribute("height")) };
  const width = inner.width + 2 * MARGIN;
  const places = lined(legend, inner.width);
  const lines = legend.length === 0 ? 0 : (places.at(-1)?.line ?? 0) + 1;
  const height = inner.height + HEAD + 2 * MARGIN + lines * LINE_HEIGHT;
  const copy = copied(chart);
  copy.setAttribute("x", String(MARGIN));
  copy.setAttribute("y", String(HEAD + MARGIN));

  const file = document.createElementNS(SVG, "svg");
  for (const [name, value] of Object.entries({ width, height, viewBox: `0 0 ${width} ${height}` })) {
    file.setAttribute(name, String(value));
  }
  const { color, fontFamily } = getComputedStyle(chart);
  const ground = element("rect", { width: "100%", height: "100%", fill: groundBehind(chart) });
  const head = element("text", {
    x: MARGIN,
    y: HEAD - 6,
    fill: color,
    "font-family": fontFamily,
    "font-size": "15px",
    "font-weight": "600",
  });
  head.textContent = title;
  file.append(ground, head, copy);
  for (const [index, { name, mark }] of legend.entries()) {
    const { x, line } = places[index] ?? { x: 0, line: 0 };
    const y = HEAD + MARGIN + inner.height + line * LINE_HEIGHT;
    const drawn = copied(mark);
    drawn.setAttribute("x", String(MARGIN + x));
    drawn.setAttribute("y", String(y));
    const words = element("text", {
      x: MARGIN + x + MARK,
      y: y + 10,
      fill: color,
      "font-family": fontFamily,
      "font-size": "11px",
    });
    words.textContent = name;
    file.append(drawn, words);
  }
  return { svg: new XMLSerializer().serializeToString(file), width, height };
}

/** Of a line of the legend, of the room for a mark, and of a letter on the average, in pixels. */
const LINE_HEIGHT = 18;
const MARK = 18;
const LETTER = 6.4;

/** Where the entries of a legend begin, line after line in so much width. */
function lined(legend: readonly LegendEntry[], width: number): { x: number; line: number }[] {
  let [x, line] = [0, 0];
  return legend.map(({ name }) => {
    const needed = MARK + LETTER * name.length;
    if (x > 0 && x + needed > width) [x, line] = [0, line + 1];
    const place = { x, line };
    x += needed + MARK;
    return place;
  });
}

/** The same with all that the style sheets say of it, and nothing that means something in the window only. */
function copied<Drawn extends SVGElement>(drawn: Drawn): Drawn {
  const copy = drawn.cloneNode(true) as Drawn;
  const [shown, made] = [drawn, copy].map((root) => [...root.querySelectorAll<SVGElement>(SHAPES)]);
  for (const [index, element] of (shown ?? []).entries()) write(element, made?.[index]);
  for (const mark of copy.querySelectorAll("[data-focus]")) mark.remove();
  for (const element of [copy, ...copy.querySelectorAll("*")]) strip(element);
  return copy;
}

const SVG = "http://www.w3.org/2000/svg";

function element(name: string, attributes: Record<string, string | number>): SVGElement {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  return made;
}

function write(shown: SVGElement, copy: SVGElement | undefined): void {
  const style = getComputedStyle(shown);
  for (const property of PROPERTIES) {
    const value = style.getPropertyValue(property);
    if (value !== "") copy?.setAttribute(property, value);
  }
}

/** What means something in the window only. */
function strip(element: Element): void {
  for (const name of element.getAttributeNames()) {
    if (/^(class|style|tabindex|role|aria-.*|data-.*)$/.test(name)) element.removeAttribute(name);
  }
}

/** The colour of the first thing beneath the chart that has one. */
function groundBehind(chart: Element): string {
  for (let at: Element | null = chart; at !== null; at = at.parentElement) {
    const { backgroundColor } = getComputedStyle(at);
    if (backgroundColor !== "" && !/^(transparent|rgba\(.*, 0\))$/.test(backgroundColor)) return backgroundColor;
  }
  return "white";
}

/** Pixels of the picture for each of the window's, so that it is sharp in a document. */
const SCALE = 2;

/** The picture as PNG. */
export async function pngOf({ svg, width, height }: Picture): Promise<Blob> {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [width * SCALE, height * SCALE];
  canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob === null ? reject(new Error("the picture could not be drawn")) : resolve(blob))),
  );
}
