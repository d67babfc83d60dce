/** The measured flower from above, to scale: one unit of the drawing is a centimetre. */

/**
 * @param {SVGElement} svg
 * @param {number[]} measures sepal length and width, petal length and width
 */
export function drawFlower(svg, [sepalLength, sepalWidth, petalLength, petalWidth]) {
  svg.replaceChildren(
    ...[60, 180, 300].map((turn) => leaf("sepal", sepalLength, sepalWidth, turn)),
    ...[0, 120, 240].map((turn) => leaf("petal", petalLength, petalWidth, turn)),
  );
}

/** @type {(className: string, length: number, width: number, turn: number) => SVGElement} */
function leaf(className, length, width, turn) {
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  const side = (width * 2) / 3; // makes the curve's widest place as wide as asked
  const [near, far] = [length * 0.4, length * 0.85];
  path.setAttribute("class", className);
  path.setAttribute("transform", `rotate(${turn})`);
  path.setAttribute(
    "d",
    `M0 0C${-side} ${-near} ${-side} ${-far} 0 ${-length}C${side} ${-far} ${side} ${-near} 0 0Z`,
  );
  return path;
}
