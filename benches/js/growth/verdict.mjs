import { exponent } from "../statistics.mjs";

/** Above 1 by less than the error of measurement. */
const LINEAR = 1.1;

/** The unit by which WebAssembly memory grows, in kilobytes. */
const PAGE = 64;

/** The result for one kind of input: do time and memory grow at most linearly, and does the ratio stay? */
export function judge({ points, ...rest }) {
  const along = (timeOf) => exponent(points.map((point) => [point.size, timeOf(point).median]));
  const ours = along(({ microseconds }) => microseconds);
  const peer = along(({ peers: [peer] }) => peer.microseconds);
  const [first, last] = [points[0], points.at(-1)].map(({ peers: [peer] }) => peer.faster);
  return {
    ...rest,
    linear: { ours, peer, met: ours <= LINEAR },
    holds: { first: first.median, last: last.median, met: last.high >= first.low },
    memory: { met: isLinear(points.slice(-2).map(({ memory }) => memory)) },
    points,
  };
}

/** The last step grows no more than the input, plus one page that may have been empty before. */
function isLinear([last, largest]) {
  const grown = ({ before, after }) => after - before;
  return grown(largest) <= (grown(last) + PAGE) * (largest.input / last.input);
}
