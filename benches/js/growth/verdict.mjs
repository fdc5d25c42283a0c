import { exponent } from "../statistics.mjs";

/** Above 1 by no more than what measuring is off by. */
const LINEAR = 1.1;

/** WebAssembly's memory grows by these, in kilobytes. */
const PAGE = 64;

/** What the points of one kind of input say: whether time and memory grow in a line, and whether the ratio holds. */
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

/** The last step is no steeper than the input's, but for the page that may have been empty before it. */
function isLinear([last, largest]) {
  const grown = ({ before, after }) => after - before;
  return grown(largest) <= (grown(last) + PAGE) * (largest.input / last.input);
}
