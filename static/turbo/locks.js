/**
 * Takes the lock `name`, shared by all tabs of the browser: resolves to a function that releases it, or to null when
 * another tab has it, or when there are no locks at all (browsers offer them only over https and on localhost).
 */
export function take(name) {
  if (!navigator.locks) return Promise.resolve(null)
  return new Promise((resolve) => {
    const hold = (lock) => (lock ? new Promise(resolve) : resolve(null))
    navigator.locks.request(name, { ifAvailable: true }, hold).catch(() => resolve(null))
  })
}

/**
 * Runs `task` while no other tab runs one under the same name. It waits 30 s for that at most, because a phone may have put
 * the other tab to sleep; without locks it just runs. So `task` has to be harmless when it runs twice.
 */
export async function exclusively(name, task) {
  if (!navigator.locks) return task()
  const signal = AbortSignal.timeout(30_000)
  try {
    return await navigator.locks.request(name, { signal }, task)
  } catch (error) {
    if (error !== signal.reason) throw error
    return task()
  }
}
