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

/** The chart that the window shows, under its title, as a file of SVG. */
export function pictureOf(chart: SVGSVGElement, title: string): Picture {
  const inner = { width: Number(chart.getAttribute("width")), height: Number(chart.getAttribute("height")) };
  const [width, height] = [inner.width + 2 * MARGIN, inner.height + HEAD + 2 * MARGIN];
  const copy = chart.cloneNode(true) as SVGSVGElement;
  const [shown, copied] = [chart, copy].map((root) => [...root.querySelectorAll<SVGElement>(SHAPES)]);
  for (const [index, element] of (shown ?? []).entries()) write(element, copied?.[index]);
  for (const mark of copy.querySelectorAll("[data-focus]")) mark.remove();
  for (const element of [copy, ...copy.querySelectorAll("*")]) strip(element);
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
  return { svg: new XMLSerializer().serializeToString(file), width, height };
}

const SVG = "http://www.w3.org/2000/svg";

function element(name: string, attributes: Record<string, string | number>): SVGElement {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  return made;
}

function write(shown: SVGElement, copied: SVGElement | undefined): void {
  const style = getComputedStyle(shown);
  for (const property of PROPERTIES) {
    const value = style.getPropertyValue(property);
    if (value !== "") copied?.setAttribute(property, value);
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
