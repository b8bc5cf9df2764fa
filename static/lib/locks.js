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

/** Runs `task` while no other tab runs one under the same name. Without locks it just runs. */
export function exclusively(name, task) {
  return navigator.locks ? navigator.locks.request(name, task) : task()
}
