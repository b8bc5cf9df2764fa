// Takes the place of "@hotwired/stimulus" in scripts that only some pages load, such as portrait.js. They join the
// application that application.js has started, or will start if the network brings it later.
const STARTED = "plainwire:started"

export const { application, Controller } = globalThis.Stimulus ?? (await started())

function started() {
  return new Promise((resolve) => addEventListener(STARTED, () => resolve(globalThis.Stimulus), { once: true }))
}
