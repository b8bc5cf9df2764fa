const FIRST = 1_000 // ms
const LONGEST = 30_000 // ms

/** ms to wait after that many failures: 1 s, 2 s, 4 s … 30 s, each with up to half taken off by chance. */
export function backoff(failures) {
  const delay = Math.min(LONGEST, FIRST * 2 ** Math.min(failures, 10))
  return delay * (1 - Math.random() / 2)
}
