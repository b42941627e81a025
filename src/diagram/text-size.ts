/** Advance widths of Helvetica's ASCII from the space on, in thousandths of the font size (Adobe AFM). */
const widths = [
  278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556,
  556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278,
  500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469,
  556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500,
  278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
];

/** The widest of the usual system fonts (DejaVu, Verdana) run this much wider. */
const slack = 1.16;

/** Room that a line of text takes in a sans-serif font of this size, pixels; there is no font to ask here. */
export function textWidth(text: string, fontSizePx: number): number {
  let thousandths = 0;
  for (const char of text) thousandths += widths[char.charCodeAt(0) - 32] ?? 700;
  return (thousandths / 1000) * fontSizePx * slack;
}
