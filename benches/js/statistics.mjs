// Statistics of measured times.

/** A quantile of sorted values, with interpolation. */
function quantile(sorted, part) {
  const at = (sorted.length - 1) * part;
  const below = Math.floor(at);
  const above = sorted[Math.min(below + 1, sorted.length - 1)];
  return sorted[below] + (above - sorted[below]) * (at - below);
}

/** The median, and the quartiles as its spread. */
export function summary(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return { median: quantile(sorted, 0.5), low: quantile(sorted, 0.25), high: quantile(sorted, 0.75) };
}

/**
 * One row of a result: the rounds' times (milliseconds) by contender, ours first. Each round has its own ratio, because
 * other work on the machine slows both sides. Above 1, ours is faster.
 */
export function compare(rounds, { goals = {}, floors = [] } = {}) {
  const [ours, ...peers] = Object.keys(rounds[0]);
  const time = (name) => summary(rounds.map((round) => round[name] * 1000));
  return {
    microseconds: time(ours),
    peers: peers.map((name) => {
      const faster = summary(rounds.map((round) => round[name] / round[ours]));
      const floor = floors.includes(name) && { floor: true };
      return { name, ...floor, microseconds: time(name), faster, ...verdict(goals[name], faster.median) };
    }),
  };
}

/** `faster`: at least this ratio of speed. `within`: at most this ratio of time. */
function verdict(goal, median) {
  if (!goal) return {};
  const least = goal.faster ?? 1 / goal.within;
  return { goal: { ...goal, met: median >= least } };
}

/**
 * The growth of time with size: the exponent k in time ~ size^k. It uses the upper half of the sizes, where the
 * constant part is small. 1 is linear, 2 is quadratic.
 */
export function exponent(points) {
  const upper = points.slice(Math.floor((points.length - 1) / 2)).map(([x, y]) => [Math.log(x), Math.log(y)]);
  const mean = (at) => upper.reduce((sum, point) => sum + point[at], 0) / upper.length;
  const [x, y] = [mean(0), mean(1)];
  const [up, along] = upper.reduce(
    ([up, along], point) => [up + (point[0] - x) * (point[1] - y), along + (point[0] - x) ** 2],
    [0, 0],
  );
  return up / along;
}
